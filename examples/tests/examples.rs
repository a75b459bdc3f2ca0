//! Runs the examples and checks what they print.
//!
//! `UPDATE_EXPECTED=1` writes what they print to the expected files instead.

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};

const INPUT: &str = "tests/input.log";

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("\r\n", "\n")
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
    let output = command(example)
        .args(args)
        .current_dir(here(""))
        .output()
        .unwrap_or_else(|error| panic!("cannot run `{example}`: {error}"));
    let text = |bytes| String::from_utf8(bytes).expect("the examples print text");
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// What an example prints when all goes well.
fn prints(example: &str, args: &[&str]) -> String {
    let Ran { code, stdout, stderr } = run(example, args);
    assert_eq!(code, Some(0), "{example} {args:?} printed\n{stdout}{stderr}");
    assert!(!stderr.contains("panicked"), "{example} {args:?} reported\n{stderr}");
    stdout
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
    let path = here(file);
    if env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, printed).expect("the folder is there");
    }
    assert_eq!(printed, read(&path), "`{file}`; if it is right, run with UPDATE_EXPECTED=1");
}

#[test]
fn each_step_prints_what_is_expected() {
    for step in steps() {
        assert_expected(&prints("tour", &[&step, INPUT]), &format!("tests/expected/{step}.txt"));
    }
}

#[test]
fn the_feed_host_prints_what_is_expected() {
    assert_expected(&prints("async_fetch", &[]), "tests/async_fetch.txt");
}

#[test]
fn the_formatters_print_what_is_expected() {
    assert_expected(&prints("formatters", &[]), "tests/formatters.txt");
}

#[test]
fn the_bookings_print_what_is_expected() {
    assert_expected(&prints("booking", &[]), "tests/booking.txt");
}

#[test]
fn the_notes_print_what_is_expected() {
    assert_expected(&prints("sqlite_notes", &[]), "tests/sqlite_notes.txt");
}

/// Sends a signal, such as `INT` of a terminal or `TERM` of a supervisor, or ends the process where there are none.
fn signal(child: &mut Child, name: &str) {
    if cfg!(unix) {
        let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status();
        assert!(sent.expect("`kill` is there").success());
    } else {
        child.kill().expect("it runs");
    }
}

#[test]
fn the_rate_limiter_serves_until_it_is_interrupted() {
    let mut child = command("rate_limiter")
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run `rate_limiter`: {error}"));
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut line = || lines.next().expect("it prints a line").expect("it prints text");
    assert_eq!(line(), "plugins: rate-limiter, server-name");
    let serving = line();
    let address = serving.strip_prefix("serving http://").expect("it says where");
    let mut answers = Vec::new();
    for _ in 0..6 {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answers.push(answer.split_whitespace().nth(1).unwrap_or_default().to_owned());
    }
    assert_eq!(answers, ["200", "200", "200", "200", "200", "429"]);
    signal(&mut child, "INT");
    if cfg!(unix) {
        assert_eq!(line(), "clients that had a limit: 1");
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
}

/// Starts the service with its file, and the variables that a test needs.
fn service(database: &Path) -> (Child, String) {
    let mut child = command("service")
        .env("SERVICE_PLUGIN__STORE__FILE", database)
        .env("SERVICE_PLUGIN__BEACON__ADDRESS", "127.0.0.1:0")
        .env("SERVICE_PLUGIN__FORECAST__UPSTREAM", "127.0.0.1:1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run `service`: {error}"));
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    stdout.read_line(&mut line).expect("it prints text");
    let address = line.trim_end().strip_prefix("serving http://").map(str::to_owned);
    (child, address.unwrap_or_else(|| panic!("it printed {line:?}")))
}

#[test]
fn the_service_ends_at_a_signal_and_its_logs_are_json() {
    let database = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("notes-{}.db", process::id()));
    for name in ["INT", "TERM"] {
        let (mut child, address) = service(&database);
        for path in ["/hello", "/forecast", "/notes"] {
            let mut stream = TcpStream::connect(&address).expect("it listens");
            let request =
                format!("GET {path} HTTP/1.0\r\nhost: test\r\nauthorization: Bearer letmein\r\n\r\n");
            stream.write_all(request.as_bytes()).expect("it reads");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("it answers");
            assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
        }
        signal(&mut child, name);
        let output = child.wait_with_output().expect("it ends");
        let _ = fs::remove_file(&database);
        if !cfg!(unix) {
            continue;
        }
        let logs = String::from_utf8(output.stderr).expect("it logs text");
        assert_eq!(output.status.code(), Some(0), "{name}: {logs}");
        let lines = logs.lines().map(serde_json::from_str).collect::<Result<Vec<serde_json::Value>, _>>();
        let lines = lines.unwrap_or_else(|error| panic!("{error} in {logs}"));
        let answered: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "answered").collect();
        let paths: Vec<_> = answered.iter().map(|line| line["span"]["path"].as_str()).collect();
        assert_eq!(paths, [Some("/hello"), Some("/forecast"), Some("/notes")], "{logs}");
        let failed: Vec<_> = lines.iter().filter(|line| line["level"] == "WARN").collect();
        assert!(failed.len() == 1 && failed[0]["fields"]["plugin"] == "forecast", "{failed:?}");
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
