//! Threads and tasks that call, change and fail, for as long as one likes, while what must hold is checked.
//!
//! `cargo run --release -p pluginkit-tests --bin soak -- --minutes 10`
#![forbid(unsafe_code)]
#![allow(clippy::duplicate_mod, reason = "what both managers do is compiled for both")]
#![allow(clippy::unused_async, reason = "what is awaited of an async manager")]

mod checks;
mod fleet;
mod ledger;
mod lives;
mod plugins;

/// Threads that work on one sync manager.
#[path = "."]
mod threads {
    use pluginkit_tests::on_sync as kind;

    mod both;
    #[path = "threads.rs"]
    mod own;

    pub(crate) use own::round;
}

/// Tasks that work on one async manager.
#[path = "."]
mod tasks {
    use pluginkit_tests::on_async as kind;

    mod both;
    #[path = "tasks.rs"]
    mod own;

    pub(crate) use own::round;
}

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How long a round works before all stand still and everything is counted.
const ROUND: Duration = Duration::from_millis(1500);
/// How long a round may take until it counts as stuck.
const STUCK: u64 = 120;
/// The rounds after which memory counts, as caches and pools are as big then as they get.
const WARM: u64 = 8;
/// How many MiB allocators may add to memory that is as much as before.
const SLACK: u64 = 8;

/// What happens in every run that is long enough.
const EXPECTED: [&str; 9] = [
    "circuit closes",
    "circuit opens",
    "drain",
    "drain at its limit",
    "load a fleet",
    "load a fleet, dropped",
    "load a fleet, failing",
    "replace in a fleet",
    "stop and start all of a fleet",
];

const USAGE: &str = "usage: soak [--minutes N | --seconds N] [--seed N] [--slack MIB]";

static ROUNDS: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    let (time, seed, slack) = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = use_one_arena() {
        eprintln!("the program cannot run itself again: {error}");
        return ExitCode::FAILURE;
    }
    hush();
    watch();
    println!("seed {seed}, {} seconds", time.as_secs());
    let started = Instant::now();
    let (mut warm, mut most) = (0, 0);
    while started.elapsed() < time && ledger::violations() < 20 {
        let number = ROUNDS.fetch_add(1, Relaxed) + 1;
        let seed = seed.wrapping_add(number);
        let until = Instant::now() + ROUND;
        if number % 2 == 1 {
            threads::round(seed, until);
        } else {
            tasks::round(seed, until, number.is_multiple_of(4));
        }
        let (alive, under_way) = (ledger::alive(), ledger::under_way());
        ledger::must(alive == 0, format_args!("round {number}: {alive} plugins were never dropped"));
        ledger::must(
            under_way == 0,
            format_args!("round {number}: the destructors of {under_way} bodies never ran"),
        );
        let memory = memory();
        if number == WARM {
            warm = memory;
        } else if number > WARM {
            most = most.max(memory);
            ledger::must(
                memory <= warm + (slack << 20),
                format_args!("round {number}: memory grew from {warm} to {memory} bytes"),
            );
        }
        if number.is_multiple_of(20) {
            println!("round {number}: {} operations, {} MiB", ledger::operations(), memory >> 20);
        }
    }
    if ROUNDS.load(Relaxed) >= WARM {
        let missing = ledger::missing(&EXPECTED);
        ledger::must(missing.is_empty(), format_args!("these did not happen at all: {missing:?}"));
    }
    report(started.elapsed(), warm, most);
    if ledger::violations() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the program again with one arena of the allocator, if the system's has several: what is free in each of them would
/// count as memory that grew.
fn use_one_arena() -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt as _;

        const ARENAS: &str = "MALLOC_ARENA_MAX";
        if std::env::var_os(ARENAS).is_none() {
            let program = std::env::current_exe()?;
            return Err(std::process::Command::new(program)
                .args(std::env::args_os().skip(1))
                .env(ARENAS, "1")
                .exec());
        }
    }
    Ok(())
}

fn report(time: Duration, warm: u64, most: u64) {
    let (injected, survived) = ledger::faults();
    println!("\n{}", ledger::tables());
    println!("{} rounds in {} seconds", ROUNDS.load(Relaxed), time.as_secs());
    println!("{} operations", ledger::operations());
    println!("{injected} faults injected, {survived} survived");
    println!("{} plugins made, all but {} dropped", ledger::CONSTRUCTED.load(Relaxed), ledger::alive());
    println!("memory: {} KiB when warm, at most {} KiB after", warm >> 10, most >> 10);
    println!("{} violations", ledger::violations());
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<(Duration, u64, u64), String> {
    let (mut time, mut seed, mut slack) = (Duration::from_secs(60), 1, SLACK);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("`{option}` needs a number after it"))?;
        let number = value.parse::<u64>().map_err(|_| format!("`{value}` is no whole number"))?;
        match option.as_str() {
            "--minutes" => time = Duration::from_secs(number * 60),
            "--seconds" => time = Duration::from_secs(number),
            "--seed" => seed = number,
            "--slack" => slack = number,
            _ => return Err(format!("there is no option `{option}`")),
        }
    }
    Ok((time, seed, slack))
}

/// Keeps quiet about the panics that are meant.
fn hush() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        if !text.is_some_and(|text| text.starts_with("injected")) {
            ledger::violation(format!("a panic: {panic}"));
            others(panic);
        }
    }));
}

/// Ends the program if rounds no longer do.
fn watch() {
    std::thread::spawn(|| {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let round = ROUNDS.load(Relaxed);
            if round != last {
                (last, since) = (round, Instant::now());
            } else if since.elapsed().as_secs() > STUCK {
                eprintln!("VIOLATION: round {round} has not ended in {STUCK} seconds");
                std::process::exit(1);
            }
        }
    });
}

/// The memory that is resident, where the system tells; else nothing.
fn memory() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or(0) << 10
}
