//! What the tests of the examples share: programs are run, and what they print is compared with a file.

use std::path::Path;
use std::process::{Child, Command};
use std::{env, fs};

/// How a program ended, and what it printed.
#[derive(Debug)]
pub struct Ran {
    /// The exit code, unless a signal ended the program.
    pub code: Option<i32>,
    /// The standard output.
    pub stdout: String,
    /// The standard error.
    pub stderr: String,
}

/// Runs a program to its end.
///
/// # Panics
///
/// Panics if the program cannot be run, or prints something that is not text.
pub fn run(command: &mut Command) -> Ran {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let text = |bytes| String::from_utf8(bytes).expect("the examples print text");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs a program that must succeed, and returns what it prints.
///
/// # Panics
///
/// Panics if the program fails, or if one of its threads panics.
pub fn prints(command: &mut Command) -> String {
    let Ran { code, stdout, stderr } = run(command);
    assert_eq!(code, Some(0), "{command:?} printed\n{stdout}{stderr}");
    assert!(!stderr.contains("panicked"), "{command:?} reported\n{stderr}");
    stdout
}

/// Returns the text of a file, with the line ends of Unix.
///
/// # Panics
///
/// Panics if the file cannot be read.
pub fn read(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("\r\n", "\n")
}

/// Compares what a program printed with a file. With `UPDATE_EXPECTED=1` in the environment, it writes the file instead.
///
/// # Panics
///
/// Panics if they differ.
pub fn assert_expected(printed: &str, path: &Path) {
    if env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, printed).expect("the folder is there");
    }
    assert_eq!(printed, read(path), "`{}`; if it is right, run with UPDATE_EXPECTED=1", path.display());
}

/// Sends a signal, such as `INT` of a terminal or `TERM` of a supervisor. Ends the process where there are no signals.
///
/// # Panics
///
/// Panics if the process has ended.
pub fn signal(child: &mut Child, name: &str) {
    if cfg!(unix) {
        let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
        assert!(sent.expect("`kill` is there").success());
    } else {
        child.kill().expect("it runs");
    }
}
