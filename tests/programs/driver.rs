//! Runs programs in processes of their own, so that one that ends its process is named.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use crate::program::{self, Limits};
use crate::{actions, violations};

/// How many programs a process runs.
const CHUNK: u64 = 25;
/// How many seconds a program may take until it counts as stuck.
const STUCK: u64 = 60;

const USAGE: &str = "usage: programs [--programs N] [--seed N] [--quiet-drops]

--programs N     how many programs are run, 200 unless it is said
--seed N         the number of the first program, 1 unless it is said; the others follow
--quiet-drops    no destructor panics";

#[derive(Clone, Copy)]
struct Options {
    programs: u64,
    first: u64,
    limits: Limits,
    /// Whether this process runs the programs itself.
    is_child: bool,
}

pub(crate) fn main() -> ExitCode {
    match options(std::env::args().skip(1)) {
        Ok(options) if options.is_child => child(options),
        Ok(options) => parent(options),
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let limits = Limits { drops_panic: true };
    let mut options = Options { programs: 200, first: 1, limits, is_child: false };
    while let Some(option) = arguments.next() {
        let mut number = || {
            let value = arguments.next().ok_or_else(|| format!("`{option}` needs a number after it"))?;
            value.parse::<u64>().map_err(|_| format!("`{value}` is no whole number"))
        };
        match option.as_str() {
            "--programs" => options.programs = number()?,
            "--seed" => options.first = number()?,
            "--quiet-drops" => options.limits.drops_panic = false,
            "--child" => options.is_child = true,
            _ => return Err(format!("there is no option `{option}`")),
        }
    }
    Ok(options)
}

/// Runs the programs, and says before each which it is.
fn child(options: Options) -> ExitCode {
    violations::watch_panics();
    watch();
    for number in options.first..options.first + options.programs {
        println!("program {number}");
        let _ = std::io::stdout().flush();
        STARTED.fetch_add(1, Relaxed);
        program::run(number, options.limits);
        if violations::count() > 0 {
            return ExitCode::FAILURE;
        }
    }
    for (kind, times) in actions::done() {
        println!("did {times} {kind}");
    }
    ExitCode::SUCCESS
}

static STARTED: AtomicU64 = AtomicU64::new(0);

/// Ends the process if a program does not end.
fn watch() {
    thread::spawn(|| {
        let (mut last, mut since) = (0, Instant::now());
        loop {
            thread::sleep(Duration::from_millis(500));
            let started = STARTED.load(Relaxed);
            if started != last {
                (last, since) = (started, Instant::now());
            } else if since.elapsed().as_secs() > STUCK {
                eprintln!("VIOLATION: a program has not ended in {STUCK} seconds");
                std::process::abort();
            }
        }
    });
}

/// Runs the programs in processes, until one of these fails.
fn parent(options: Options) -> ExitCode {
    let started = Instant::now();
    let mut done = BTreeMap::new();
    let mut first = options.first;
    let end = options.first + options.programs;
    while first < end {
        let programs = CHUNK.min(end - first);
        let (last, outcome) = chunk(Options { programs, first, ..options }, &mut done);
        if let Err(problem) = outcome {
            let seconds = started.elapsed().as_secs_f32();
            eprintln!("program {last}: {problem}, after {seconds:.1} seconds");
            eprintln!("to run it again: programs --seed {last} --programs 1");
            return ExitCode::FAILURE;
        }
        first += programs;
    }
    for (kind, times) in &done {
        println!("{kind:<34}{times:>14}");
    }
    let actions: u64 = done.values().sum();
    println!(
        "\n{} programs from seed {} in {:.1} seconds",
        options.programs,
        options.first,
        started.elapsed().as_secs_f32()
    );
    println!("{actions} actions, 0 violations");
    ExitCode::SUCCESS
}

/// Runs some programs in one process, and adds up what they did. The last program that began, and what became of it.
fn chunk(options: Options, done: &mut BTreeMap<String, u64>) -> (u64, Result<(), String>) {
    let mut last = options.first;
    let spawned = std::env::current_exe().and_then(|own| {
        let (seed, programs) = (options.first.to_string(), options.programs.to_string());
        let mut command = Command::new(own);
        command.args(["--child", "--seed", &seed, "--programs", &programs]).stdout(Stdio::piped());
        if !options.limits.drops_panic {
            command.arg("--quiet-drops");
        }
        command.spawn()
    });
    let mut process = match spawned {
        Ok(process) => process,
        Err(error) => return (last, Err(format!("no process can be started: {error}"))),
    };
    let output = process.stdout.take().map(BufReader::new);
    for line in output.into_iter().flat_map(BufRead::lines).map_while(Result::ok) {
        if let Some(number) = line.strip_prefix("program ") {
            last = number.parse().unwrap_or(last);
        } else if let Some((times, kind)) = line.strip_prefix("did ").and_then(|did| did.split_once(' ')) {
            *done.entry(kind.to_owned()).or_default() += times.parse::<u64>().unwrap_or(0);
        }
    }
    let outcome = match process.wait() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("its process failed with {status}")),
        Err(error) => Err(format!("its process is lost: {error}")),
    };
    (last, outcome)
}
