//! The rows of single calls: times, instructions and allocations.
//!
//! The two sides of a ratio take turns in short batches, as other work on the machine slows both alike, and the
//! median of many turns counts. Times are processor time of the thread, so that no wait for a core is in them. Where code and data happen to lie favours one side for the whole life of a process:
//! calls are measured in several, and the median of theirs is shown.

use std::collections::HashMap;
use std::env;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, Output};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use pluginkit_benches::pairs::{Call, Measure, Work};

use crate::report::{Failure, Row, median};

/// The first argument of the processes that measure times, and of those that are counted.
const TIMES: &str = "--times";
const COUNT: &str = "--count";
const PROCESSES: usize = 9;
const TURNS: u32 = 31;
const BATCH: Duration = Duration::from_millis(1);

/// Whether this is a process that measures, which has done so.
pub(crate) fn measured(arguments: &[String]) -> Result<bool, Failure> {
    match arguments {
        [mode, process] if mode == TIMES => {
            // Each process has what follows elsewhere in its pages.
            let elsewhere = vec![1_u8; 1000 + 336 * process.parse::<usize>()?];
            crate::show(&mut Times);
            drop(black_box(elsewhere));
        }
        [mode, name, side] if mode == COUNT => crate::count(name, side.parse()?),
        _ => return Ok(false),
    }
    Ok(true)
}

pub(crate) fn rows(spread: bool) -> Result<(), Failure> {
    crate::show(&mut Table { times: times()?, counts: Counts::new()?, spread });
    Ok(())
}

/// What the processes have measured: for each pair the ratio and the nanoseconds of both sides, once for each process.
fn times() -> Result<HashMap<String, Vec<[f64; 3]>>, Failure> {
    let mut times: HashMap<_, Vec<_>> = HashMap::new();
    for process in 0..PROCESSES {
        let output = Command::new(env::current_exe()?).args([TIMES, &process.to_string()]).output()?;
        for (name, figures) in lines(output)? {
            let figures: Vec<f64> = figures.split('\t').map(str::parse).collect::<Result<_, _>>()?;
            let figures = figures.try_into().map_err(|_| format!("{name} has not three figures"))?;
            times.entry(name).or_default().push(figures);
        }
    }
    Ok(times)
}

/// The lines of a process: a name and what was found.
fn lines(output: Output) -> Result<Vec<(String, String)>, Failure> {
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let lines = String::from_utf8(output.stdout)?;
    let named = lines.lines().filter_map(|line| line.split_once('\t'));
    Ok(named.map(|(name, found)| (name.to_owned(), found.to_owned())).collect())
}

/// Instructions and allocations of either side.
pub(crate) struct Counts {
    allocations: HashMap<String, String>,
    /// Whether `valgrind` is there to count them.
    instructions: bool,
}

impl Counts {
    pub(crate) fn new() -> Result<Self, Failure> {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["run", "--quiet", "--release", "-p", "pluginkit-benches", "--bin", "allocations"]);
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
        let instructions = Command::new("valgrind").arg("--version").output();
        Ok(Self {
            allocations: lines(output)?.into_iter().collect(),
            instructions: instructions.is_ok_and(|output| output.status.success()),
        })
    }

    /// The allocations of both sides under a name.
    pub(crate) fn allocations(&self, name: &str) -> (&str, &str) {
        self.allocations.get(name).and_then(|both| both.split_once(" / ")).unwrap_or_default()
    }

    /// The instructions of both sides, and of layers alone.
    pub(crate) fn instructions(&self, name: &str, layers: bool) -> Option<[i64; 2]> {
        if !self.instructions {
            return None;
        }
        // One process for each side.
        let sides = Mutex::new([0; 4]);
        thread::scope(|scope| {
            for side in 0..if layers { 4 } else { 2 } {
                let sides = &sides;
                scope.spawn(move || {
                    let counted = instructions(name, side).unwrap_or_else(|error| panic!("{name}: {error}"));
                    sides.lock().expect("no thread has panicked")[side] = counted;
                });
            }
        });
        let [library, other, without, other_without] = sides.into_inner().ok()?;
        Some([library - without, other - other_without])
    }
}

/// The instructions of one call of one side.
fn instructions(name: &str, side: usize) -> Result<i64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=pluginkit_benches::counted::counted_call")
        .arg(env::current_exe()?)
        .args([COUNT, name, &side.to_string()])
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report.lines().find_map(|line| line.split_once("Collected : "));
    let (_, count) = collected.filter(|_| output.status.success()).ok_or_else(|| report.clone())?;
    Ok(count.trim().parse()?)
}

struct Table {
    times: HashMap<String, Vec<[f64; 3]>>,
    counts: Counts,
    spread: bool,
}

impl Table {
    fn row(&self, work: &Work, layers: bool) {
        let of = |figure: usize| -> Vec<f64> {
            self.times.get(work.name).into_iter().flatten().map(|figures| figures[figure]).collect()
        };
        let instructions = self.counts.instructions(work.name, layers);
        let allocations = self.counts.allocations(work.name);
        let side = |side: usize, allocations: &str| {
            let mut text = format!("{} ns", nanoseconds(of(side + 1)));
            if let Some(count) = instructions {
                let _ = write!(text, ", {} i", count[side]);
            }
            if !allocations.is_empty() {
                let _ = write!(text, ", {allocations} a");
            }
            text
        };
        let mut ratio = median(of(0), self.spread);
        if let Some([library, other]) = instructions {
            let _ = write!(ratio, " ({:.2} i)", ratio_of(library, other));
        }
        let (library, other) = (side(0, allocations.0), side(1, allocations.1));
        Row { work: work.work, against: work.against, target: work.target, ratio, library, other }.print();
    }
}

fn nanoseconds(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).map_or_else(|| "?".to_owned(), |time| format!("{time:.0}"))
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub(crate) fn ratio_of(library: i64, other: i64) -> f64 {
    library as f64 / other as f64
}

/// Shows what the processes have measured.
impl Measure for Table {
    fn pair<A>(&mut self, work: Work, _: impl FnMut() -> A, _: impl FnMut() -> A) {
        self.row(&work, false);
    }

    fn layers(&mut self, work: Work, _: [Call<'_>; 2], _: [Call<'_>; 2]) {
        self.row(&work, true);
    }
}

/// Measures, in a process of several.
struct Times;

impl Measure for Times {
    fn pair<A>(&mut self, work: Work, mut library: impl FnMut() -> A, mut other: impl FnMut() -> A) {
        let calls = calls(&mut other);
        turns(&work, || time(calls, &mut library), || time(calls, &mut other));
    }

    fn layers(&mut self, work: Work, library: [Call<'_>; 2], other: [Call<'_>; 2]) {
        let ([with, without], [with_by_hand, without_by_hand]) = (library, other);
        let calls = calls(&mut *with_by_hand);
        turns(
            &work,
            || time(calls, &mut *with) - time(calls, &mut *without),
            || time(calls, &mut *with_by_hand) - time(calls, &mut *without_by_hand),
        );
    }
}

fn turns(work: &Work, mut library: impl FnMut() -> f64, mut other: impl FnMut() -> f64) {
    let mut figures = [Vec::new(), Vec::new(), Vec::new()];
    for turn in 0..TURNS {
        let [one, two] = in_turn(turn, &mut library, &mut other);
        for (figures, figure) in figures.iter_mut().zip([one / two, one, two]) {
            figures.push(figure);
        }
    }
    let [ratio, one, two] = figures.map(|mut figures| {
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    });
    println!("{}\t{ratio}\t{}\t{}", work.name, one * 1e9, two * 1e9);
}

/// How many calls make a batch.
fn calls<A>(call: &mut (impl FnMut() -> A + ?Sized)) -> u32 {
    let mut calls = 1;
    while time(calls, call) * f64::from(calls) < BATCH.as_secs_f64() {
        calls *= 2;
    }
    calls
}

/// The seconds that each of so many calls takes.
#[inline(never)]
fn time<A>(calls: u32, call: &mut (impl FnMut() -> A + ?Sized)) -> f64 {
    let started = processor_time();
    for _ in 0..calls {
        black_box(call());
    }
    processor_time().saturating_sub(started).as_secs_f64() / f64::from(calls)
}

/// The time that this thread has had a core.
#[cfg(unix)]
fn processor_time() -> Duration {
    use nix::time::{ClockId, clock_gettime};

    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("a thread has a clock").into()
}

/// Returns the time of the clock, on systems that do not count that of the processor.
#[cfg(not(unix))]
fn processor_time() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;

    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    STARTED.elapsed()
}

/// Both, in an order that alternates.
pub(crate) fn in_turn(turn: u32, one: impl FnOnce() -> f64, two: impl FnOnce() -> f64) -> [f64; 2] {
    if turn.is_multiple_of(2) {
        let one = one();
        [one, two()]
    } else {
        let two = two();
        [one(), two]
    }
}
