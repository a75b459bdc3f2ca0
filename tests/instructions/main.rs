//! How many instructions a call takes, where `valgrind` is there to count them: counts that no other work on the
//! machine can blur. Elsewhere the test passes, and says that it has not counted.
//!
//! The program `calls` runs with none and with many calls of a kind, and the difference is shared out among the
//! calls. One and a half times what was counted before is allowed, so that another compiler does not fail the test:
//! finer changes are seen with the bench `instructions`. When calls get cheaper, write down what they take then:
//! `.ci/slow-path -p pluginkit-tests --test instructions -- --nocapture` prints it, and `cargo test --release` with the same
//! options prints what optimized calls take.
#![cfg(not(miri))]

use std::num::NonZeroUsize;
use std::process::Command;
use std::thread;

use pluginkit::__private::HAS_FAST_PATH;

const CALLS: u64 = 1000;

/// A kind of call over ten extensions (and ten wrappers, if it is wrapped), and the instructions that one took when
/// that was written down: without optimization, and with.
type Kind = (&'static str, u64, u64);

const KINDS: [Kind; 23] = [
    ("collecting", 8_588, 479),
    ("looked up", 9_528, 524),
    ("firstresult", 7_693, 222),
    ("pipeline", 8_574, 289),
    ("unit", 8_159, 220),
    ("fallible", 9_538, 280),
    ("default body", 9_396, 288),
    ("spared default body", 10_073, 596),
    ("async default body", 20_411, 354),
    ("wrapped", 21_970, 614),
    ("try_call wrapped", 38_604, 820),
    ("async over fns", 12_051, 622),
    ("async collecting", 41_371, 1_546),
    ("async firstresult", 40_581, 1_198),
    ("async pipeline", 41_258, 1_284),
    ("async unit", 40_952, 1_247),
    ("async fallible", 42_581, 1_295),
    ("async wrapped", 92_417, 4_844),
    ("async try_call wrapped", 147_706, 5_858),
    ("local collecting", 8_101, 616),
    ("local wrapped", 17_073, 3_091),
    ("local &mut collecting", 9_501, 576),
    ("local &mut unit", 8_943, 473),
];

#[test]
fn a_call_takes_no_more_instructions_than_it_is_allowed() {
    if let Err(why) = can_count() {
        eprintln!("instructions are not counted: {why}");
        return;
    }
    let nothing = instructions(KINDS[0].0, 0);
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let over: Vec<_> = thread::scope(|scope| {
        let parts: Vec<_> = KINDS
            .chunks(KINDS.len().div_ceil(threads))
            .map(|part| scope.spawn(move || part.iter().filter_map(|kind| over(*kind, nothing)).collect()))
            .collect();
        parts.into_iter().flat_map(|part| -> Vec<_> { part.join().expect("the part was counted") }).collect()
    });
    assert!(over.is_empty(), "calls have become slower:\n{}", over.join("\n"));
}

/// What a kind of call takes too much, if it does.
fn over((kind, unoptimized, optimized): Kind, nothing: u64) -> Option<String> {
    let before = if HAS_FAST_PATH { optimized } else { unoptimized };
    let allowed = before + before / 2;
    let counted = instructions(kind, CALLS).saturating_sub(nothing) / CALLS;
    assert!(counted > 0, "{kind}: nothing was counted, so that any call would pass");
    let line = format!("{kind}: {counted} instructions a call, {allowed} allowed");
    println!("{line}");
    (counted > allowed).then_some(line)
}

/// Whether the numbers are about this build and this machine, and `valgrind` is on it.
fn can_count() -> Result<(), String> {
    if HAS_FAST_PATH && cfg!(debug_assertions) {
        return Err("this build is neither optimized nor without the fast path".to_owned());
    }
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Err("the numbers were counted on x86-64 Linux".to_owned());
    }
    match Command::new("valgrind").arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("`valgrind --version` failed: {}", output.status)),
        Err(error) => Err(format!("`valgrind` does not start: {error}")),
    }
}

/// What the program takes for so many calls, all in all.
fn instructions(kind: &str, calls: u64) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no"])
        .arg(format!(
            "--cachegrind-out-file={}/{}.out",
            env!("CARGO_TARGET_TMPDIR"),
            kind.replace([' ', '&'], "-")
        ))
        .arg(env!("CARGO_BIN_EXE_calls"))
        .args([kind, &calls.to_string()])
        .output()
        .expect("valgrind has just started");
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "valgrind could not count {kind}: {report}");
    let refs = report.lines().find_map(|line| line.split_once("refs:")).expect(&report).1;
    refs.trim().replace(',', "").parse().expect(&report)
}
