//! Runs the program and checks what it prints.

use std::path::Path;
use std::process::Command;

use pluginkit_examples::{Ran, assert_expected, prints, run};

fn tool(arguments: &[&str]) -> Command {
    let mut tool = Command::new(env!("CARGO_BIN_EXE_example-subcommands"));
    tool.args(arguments);
    tool
}

#[test]
fn the_help_lists_the_commands_of_all_plugins() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help.txt");
    assert_expected(&prints(&mut tool(&["--help"])), &file);
}

#[test]
fn each_command_runs_in_its_plugin() {
    assert_eq!(prints(&mut tool(&["greet", "ada"])), "hello ada\n");
    assert_eq!(prints(&mut tool(&["greet", "--loud", "ada"])), "HELLO ADA\n");
    assert_eq!(prints(&mut tool(&["sum", "1", "-2", "40"])), "39\n");
    assert_eq!(prints(&mut tool(&["max", "1", "-2", "40"])), "40\n");
}

#[test]
fn mistakes_are_told() {
    let Ran { code, stderr, .. } = run(&mut tool(&["great"]));
    assert!(code == Some(2) && stderr.contains("greet"), "{stderr}");
    let Ran { code, stderr, .. } = run(&mut tool(&["sum", "9223372036854775807", "1"]));
    assert_eq!((code, stderr.as_str()), (Some(1), "error: the sum is too large\n"));
}
