//! How operations over many plugins grow with their number, where `valgrind` is there to count their instructions:
//! counts that no other work on the machine can blur. Elsewhere the test passes, and says that it has not counted.
//!
//! The program `operations` makes each operation ready over few plugins and does it, and again over four times as
//! many. Only the instructions of the operation itself are counted. In linear time the second takes 4 times as many
//! as the first, with a sort somewhat more, in quadratic time 16 times as many. To see one operation, or larger numbers:
//! `cargo run --release -p pluginkit-tests --bin operations -- "stop_all" 1000,20000`.
#![cfg(not(miri))]

use std::fs;
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

/// How many times as many instructions four times as many plugins may take.
const ALLOWED: f64 = 5.5;

const PROGRAM: &str = env!("CARGO_BIN_EXE_operations");

#[test]
fn no_operation_over_many_plugins_takes_more_than_its_share_for_each() {
    if let Err(why) = can_count() {
        eprintln!("instructions are not counted: {why}");
        return;
    }
    let output = Command::new(PROGRAM).output().expect("the program starts");
    let list = String::from_utf8(output.stdout).expect("names are text");
    let operations: Vec<_> = list.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    assert!(operations.len() > 100, "only {} operations", operations.len());
    let waiting = Mutex::new(operations.iter().rev());
    let next = || waiting.lock().expect("no thread panics while it takes one").next();
    let work = || std::iter::from_fn(next).filter_map(|operation| over(operation)).collect::<Vec<_>>();
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let over: Vec<_> = thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        parts.into_iter().flat_map(|part| part.join().expect("the part was counted")).collect()
    });
    assert!(over.is_empty(), "more than {ALLOWED} times as many instructions:\n{}", over.join("\n"));
}

/// Whether `valgrind` is on this machine.
fn can_count() -> Result<(), String> {
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("`valgrind --version` failed: {}", output.status)),
        Err(error) => Err(format!("`valgrind` does not start: {error}")),
    }
}

/// How an operation grows, if that is too much.
fn over(operation: &str) -> Option<String> {
    let [few, many] = instructions(operation);
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let ratio = many as f64 / few as f64;
    let line = format!("{ratio:6.2}  {operation}: {few} and {many} instructions");
    println!("{line}");
    (ratio > ALLOWED).then_some(line)
}

/// What an operation takes over few and over many plugins.
fn instructions(operation: &str) -> [u64; 2] {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("counts");
    let counted = "operations::counted_operation";
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--combine-dumps=yes"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .args([format!("--zero-before={counted}"), format!("--dump-after={counted}")])
        .args([PROGRAM, operation])
        .output()
        .expect("valgrind has just started");
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "valgrind could not count {operation}: {report}");
    let counts = fs::read_to_string(&file).expect("valgrind writes the file");
    let totals: Vec<u64> = counts
        .lines()
        .filter_map(|line| line.strip_prefix("summary: "))
        .map(|total| total.trim().parse().expect("a number"))
        .collect();
    // The rest of the program is the last part.
    let [few, many, ..] = totals[..] else { panic!("{operation}: {totals:?} in {report}") };
    [few, many]
}
