//! The growth of operations over many plugins, where `valgrind` is there to count their instructions: counts that no
//! other work on the machine can blur. Elsewhere the test passes, and says that it has not counted.
//!
//! The program `operations` makes each operation ready over few plugins and does it, and again over four times as
//! many. Only the instructions of the operation itself are counted. In linear time the second takes 4 times as many
//! as the first, with a sort somewhat more, in quadratic time 16 times as many. Few are 40 plugins, at which the
//! quadratic operations of the past are above the limit; `PLUGINKIT_GROWTH=4` takes four times as many.
#![cfg(not(miri))]

use std::env;
use std::fs;
use std::num::NonZeroUsize;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use pluginkit::__private::HAS_FAST_PATH;

/// How many times as many instructions four times as many plugins may take.
const ALLOWED: f64 = 5.0;

/// The number of operations that one `valgrind` counts: it takes half a second to start.
const TOGETHER: usize = 17;

const PROGRAM: &str = env!("CARGO_BIN_EXE_operations");

#[test]
fn no_operation_over_many_plugins_takes_more_than_its_share_for_each() {
    if let Err(why) = can_count() {
        eprintln!("instructions are not counted: {why}");
        return;
    }
    let output = Command::new(PROGRAM).output().expect("the program starts");
    let list = String::from_utf8(output.stdout).expect("names are text");
    let operations: Vec<_> = list.lines().collect();
    assert!(operations.len() > 100, "only {} operations", operations.len());
    // Neighbours in the table take long together.
    let parts = operations.len().div_ceil(TOGETHER);
    let part = |first| operations.iter().skip(first).step_by(parts).copied().collect::<Vec<_>>();
    let waiting = Mutex::new((0..parts).map(part));
    let next = || waiting.lock().expect("no thread panics while it takes one").next();
    let work = || std::iter::from_fn(next).flat_map(|part| over(&part)).collect::<Vec<_>>();
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let over: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("the operations were counted")).collect()
    });
    assert!(over.is_empty(), "more than {ALLOWED} times as many instructions:\n{}", over.join("\n"));
}

/// Whether the limit is about this build, and `valgrind` is on this machine.
fn can_count() -> Result<(), String> {
    if HAS_FAST_PATH && cfg!(debug_assertions) {
        return Err("this build is neither optimized nor without the fast path".to_owned());
    }
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("`valgrind --version` failed: {}", output.status)),
        Err(error) => Err(format!("`valgrind` does not start: {error}")),
    }
}

/// The growth of those of the operations that grow too much.
fn over(operations: &[&str]) -> Vec<String> {
    let mut over = Vec::new();
    for (operation, [few, many]) in operations.iter().zip(instructions(operations)) {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        let ratio = many as f64 / few as f64;
        let line = format!("{ratio:6.2}  {operation}: {few} and {many} instructions");
        println!("{line}");
        over.extend((ratio > ALLOWED).then_some(line));
    }
    over
}

/// The instructions of each operation over few and over many plugins.
fn instructions(operations: &[&str]) -> Vec<[u64; 2]> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("counts");
    let counted = "operations::counted_operation";
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--combine-dumps=yes", "--dump-line=no"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .args([format!("--zero-before={counted}"), format!("--dump-after={counted}")])
        .args([PROGRAM, "--times", &env::var("PLUGINKIT_GROWTH").unwrap_or_else(|_| "1".to_owned())])
        .args(operations)
        .output()
        .expect("valgrind has just started");
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "valgrind could not count {operations:?}: {report}");
    let counts = fs::read_to_string(&file).expect("valgrind writes the file");
    let totals: Vec<u64> = counts
        .lines()
        .filter_map(|line| line.strip_prefix("summary: "))
        .map(|total| total.trim().parse().expect("a number"))
        .collect();
    // The rest of the program is the last part.
    assert_eq!(totals.len(), 2 * operations.len() + 1, "{operations:?}: {report}");
    totals.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect()
}
