//! Runs the examples and checks what they print.
//!
//! `UPDATE_EXPECTED=1` writes what they print to the expected files instead.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pluginkit_examples::{Ran, read};

const INPUT: &str = "tests/input.log";

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// `cargo test` builds the examples next to the directory of this test; `cargo test --test examples`
/// builds none, so that they may be missing there.
fn command(example: &str) -> Command {
    let test = env::current_exe().expect("this test is a file");
    let profile = test.parent().and_then(Path::parent).expect("it is in target/<profile>/deps");
    let binary = profile.join("examples").join(format!("{example}{EXE_SUFFIX}"));
    if binary.exists() {
        return Command::new(binary);
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--package", env!("CARGO_PKG_NAME"), "--example", example, "--"]);
    cargo
}

fn run(example: &str, args: &[&str]) -> Ran {
    pluginkit_examples::run(command(example).args(args).current_dir(here("")))
}

/// What an example prints when all goes well.
fn prints(example: &str, args: &[&str]) -> String {
    pluginkit_examples::prints(command(example).args(args).current_dir(here("")))
}

/// The names that `tour list` prints.
fn steps() -> Vec<String> {
    let listed = prints("tour", &["list"]);
    listed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// The names of the files in a folder, without `extension`.
fn stems(folder: &str, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(here(folder)).expect("the folder is part of the package");
    let paths = entries.map(|entry| entry.expect("its entries can be read").path());
    let stems = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let mut stems: Vec<_> = stems.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    stems.sort();
    stems
}

fn assert_expected(printed: &str, file: &str) {
    pluginkit_examples::assert_expected(printed, &here(file));
}

#[test]
fn each_step_prints_what_is_expected() {
    for step in steps() {
        assert_expected(&prints("tour", &[&step, INPUT]), &format!("tests/expected/{step}.txt"));
    }
}

#[test]
fn the_list_names_exactly_the_steps_there_are() {
    let mut listed = steps();
    listed.sort();
    let mut modules = stems("tour/steps", "rs");
    modules.retain(|name| name != "mod");
    assert_eq!(listed, modules);
    if env::var_os("UPDATE_EXPECTED").is_none() {
        assert_eq!(listed, stems("tests/expected", "txt"));
    }
}

#[test]
fn the_whole_tour_is_its_steps_one_after_another() {
    let each: Vec<_> = steps().iter().map(|step| prints("tour", &[step, INPUT])).collect();
    assert_eq!(prints("tour", &[INPUT]), each.join("\n"));
}

#[test]
fn the_whole_tour_runs_over_the_readme() {
    let printed = prints("tour", &[]);
    assert!(printed.contains("README.md"));
    let headings = printed.lines().filter(|line| line.starts_with("== "));
    assert_eq!(headings.count(), steps().len());
    let last = steps().pop().expect("there are steps");
    assert!(printed.ends_with(&prints("tour", &[&last])));
}

#[test]
fn the_whole_tour_runs_over_an_empty_file_and_over_bytes_that_are_no_text() {
    for (name, bytes) in [("empty.log", &b""[..]), ("bytes.log", b"\xff\xfe\n\x00ok\xc3\x28\n")] {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, bytes).expect("cargo made the folder");
        prints("tour", &[path.to_str().expect("its path is text")]);
    }
}

#[test]
fn an_unknown_step_is_refused_with_the_steps_there_are() {
    for args in [&["wrapers"][..], &["wrapers", INPUT]] {
        let Ran { code, stdout, stderr } = run("tour", args);
        assert_eq!((code, stdout.as_str()), (Some(2), ""));
        let expected = format!("tour: `wrapers` is not a step; the steps are: {}\n", steps().join(", "));
        assert!(stderr.ends_with(&expected), "{stderr}");
    }
}

#[test]
fn more_than_a_step_and_a_file_is_refused_with_the_usage() {
    let Ran { code, stderr, .. } = run("tour", &["lazy", INPUT, INPUT]);
    assert_eq!(code, Some(2));
    assert!(stderr.ends_with(&prints("tour", &["help"])), "{stderr}");
}

#[test]
fn a_missing_file_is_named() {
    for args in [&["missing.log"][..], &["lazy", "missing.log"], &["lazy", "missing"]] {
        let Ran { code, stdout, stderr } = run("tour", args);
        assert_eq!((code, stdout.as_str()), (Some(1), ""));
        let expected = format!("tour: cannot read `{}`: ", args[args.len() - 1]);
        assert!(stderr.contains(&expected), "{stderr}");
    }
}

#[test]
fn the_quickstart_is_the_first_program_of_the_readme() {
    let readme = read(&here("../pluginkit/README.md"));
    let (_, block) = readme.split_once("```rust\n").expect("the README has a program");
    let (block, _) = block.split_once("```\n").expect("the program ends");
    assert_eq!(block, read(&here("quickstart.rs")));
}

#[test]
fn the_quickstart_prints_what_the_readme_says() {
    let printed = prints("quickstart", &[]);
    let expected = format!("```text\n{printed}```\n");
    assert!(read(&here("../pluginkit/README.md")).contains(&expected), "the README is without\n{expected}");
}

/// The programs of the cookbook that are examples of this package.
fn recipes() -> Vec<String> {
    let mut recipes = stems("cookbook", "rs");
    recipes.push("migrating_pluggy".to_owned());
    recipes
}

#[test]
fn each_recipe_of_the_cookbook_prints_what_is_expected() {
    for recipe in recipes() {
        assert_expected(&prints(&recipe, &[]), &format!("tests/cookbook/{recipe}.txt"));
    }
}

#[test]
fn the_cookbook_lists_every_recipe() {
    let readme = read(&here("cookbook/README.md"));
    for recipe in recipes() {
        assert!(readme.contains(&format!("`cargo run --example {recipe}`")), "{recipe}");
    }
}

#[test]
fn the_migrated_host_prints_what_the_host_of_pluggy_prints() {
    let python = Command::new("python3").arg(here("cookbook/migrating_pluggy/eggsample.py")).output();
    match python {
        Ok(output) if output.status.success() => {
            assert_eq!(String::from_utf8_lossy(&output.stdout), prints("migrating_pluggy", &[]));
        }
        _ => eprintln!("the two are not compared: there is no Python with pluggy"),
    }
}
