//! What the library costs beside the same work by hand, as a table of ratios.
//!
//! `cargo run --release -p pluginkit-benches --bin table`. The two sides of a ratio take turns in short
//! batches, as other work on the machine slows both alike, and the median of many turns counts. Where code and
//! data happen to lie favours one side for the whole life of a process: calls are measured in several, and
//! the median of theirs is shown. `-- --spread` adds the quartiles.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::process::{Command, Output};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use pluginkit::PluginManager;
use pluginkit_benches::pairs::{self, Call, Measure, Work, named};
use pluginkit_benches::{Plugin, Specs, by_hand, manager};

/// The argument of the processes that measure calls.
const CALLS: &str = "--calls";
const PROCESSES: usize = 9;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let [mode, process] = &arguments[..]
        && mode == CALLS
    {
        // Each process has what follows elsewhere in its pages.
        let elsewhere = vec![1_u8; 1000 + 336 * process.parse::<usize>()?];
        pairs::all(&mut Times);
        drop(black_box(elsewhere));
        return Ok(());
    }
    let spread = arguments.iter().any(|each| each == "--spread");
    let mut table = Table { ratios: ratios()?, allocations: allocations()?, spread };
    println!("| work | against | target | measured ratio | allocations per call, library / other |");
    println!("|---|---|---|---|---|");
    pairs::all(&mut table);
    registration(&table);
    threads(&table);
    meanwhile(&table);
    memory();
    Ok(())
}

/// What each process has measured.
fn ratios() -> Result<HashMap<String, Vec<f64>>, Box<dyn Error>> {
    let mut ratios: HashMap<_, Vec<_>> = HashMap::new();
    for process in 0..PROCESSES {
        let output = Command::new(env::current_exe()?).args([CALLS, &process.to_string()]).output()?;
        for (name, ratio) in lines(output)? {
            ratios.entry(name).or_default().push(ratio.parse()?);
        }
    }
    Ok(ratios)
}

/// The lines of a process: a name and what was found.
fn lines(output: Output) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let lines = String::from_utf8(output.stdout)?;
    let named = lines.lines().filter_map(|line| line.split_once('\t'));
    Ok(named.map(|(name, found)| (name.to_owned(), found.to_owned())).collect())
}

/// What the program that counts has counted.
fn allocations() -> Result<HashMap<String, String>, Box<dyn Error>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--release", "--package", "pluginkit-benches", "--bin", "allocations"]);
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output()?;
    Ok(lines(output)?.into_iter().collect())
}

struct Table {
    ratios: HashMap<String, Vec<f64>>,
    allocations: HashMap<String, String>,
    /// Whether to show how far the turns are apart.
    spread: bool,
}

impl Table {
    fn row(&self, work: &Work) {
        let ratio = self.shown(self.ratios.get(work.name).cloned().unwrap_or_default());
        let allocations = self.allocations.get(work.name).map_or("", String::as_str);
        line(work.work, work.against, work.target, &ratio, allocations);
    }

    fn shown(&self, mut ratios: Vec<f64>) -> String {
        ratios.sort_by(f64::total_cmp);
        let at = |quarter: usize| ratios[ratios.len() * quarter / 4];
        if self.spread {
            format!("{:.2} ({:.2} to {:.2})", at(2), at(1), at(3))
        } else {
            format!("{:.2}", at(2))
        }
    }
}

fn line(work: &str, against: &str, target: &str, ratio: &str, allocations: &str) {
    let cells =
        [work, against, target, ratio, allocations].map(|cell| if cell.is_empty() { "–" } else { cell });
    println!("| {} |", cells.join(" | "));
}

/// Shows what the processes have measured.
impl Measure for Table {
    fn pair<A>(&mut self, work: Work, _: impl FnMut() -> A, _: impl FnMut() -> A) {
        self.row(&work);
    }

    fn layers(&mut self, work: Work, _: [Call<'_>; 2], _: [Call<'_>; 2]) {
        self.row(&work);
    }
}

const TURNS: u32 = 31;
const BATCH: Duration = Duration::from_millis(1);

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
    let ratio = |turn| {
        let [one, two] = in_turn(turn, &mut library, &mut other);
        one / two
    };
    let mut ratios: Vec<_> = (0..TURNS).map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    println!("{}\t{}", work.name, ratios[ratios.len() / 2]);
}

/// How many calls make a batch.
fn calls<A>(call: &mut (impl FnMut() -> A + ?Sized)) -> u32 {
    let mut calls = 1;
    while time(calls, call) < BATCH.as_secs_f64() {
        calls *= 2;
    }
    calls
}

/// The seconds that so many calls take.
#[inline(never)]
fn time<A>(calls: u32, call: &mut (impl FnMut() -> A + ?Sized)) -> f64 {
    let started = Instant::now();
    for _ in 0..calls {
        black_box(call());
    }
    started.elapsed().as_secs_f64()
}

/// Both, in an order that alternates.
fn in_turn(turn: u32, one: impl FnOnce() -> f64, two: impl FnOnce() -> f64) -> [f64; 2] {
    if turn.is_multiple_of(2) {
        let one = one();
        [one, two()]
    } else {
        let two = two();
        [one(), two]
    }
}

/// Time per plugin in a large manager over time per plugin in one of 100.
fn registration(table: &Table) {
    type Do = fn(u64) -> f64;
    const TOGETHER: u64 = 100_000;
    const ONE_BY_ONE: u64 = 10_000;
    let rows: [(&str, u64, u32, Do); 3] = [
        ("`register_all` of 100,000 plugins, per plugin", TOGETHER, 5, |count| registered(count, true).0),
        ("registering 10,000 one by one, per plugin", ONE_BY_ONE, 3, |count| registered(count, false).0),
        ("unregistering 10,000 one by one, per plugin", ONE_BY_ONE, 3, |count| {
            let (_, pm) = registered(count, true);
            let names = pm.plugin_names();
            let started = Instant::now();
            for name in &names {
                pm.unregister(name).expect("it is there");
            }
            assert!(pm.plugin_names().is_empty());
            started.elapsed().as_secs_f64() / float(count)
        }),
    ];
    for (work, count, turns, per_plugin) in rows {
        let ratios = (0..turns).map(|turn| {
            let small = || {
                let mut times: Vec<_> = (0..101).map(|_| per_plugin(100)).collect();
                times.sort_by(f64::total_cmp);
                times[50]
            };
            let [one, two] = in_turn(turn, || per_plugin(count), small);
            one / two
        });
        line(work, "100 plugins", "2", &table.shown(ratios.collect()), "");
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn float(count: u64) -> f64 {
    count as f64
}

/// A manager of so many plugins, and the seconds that each of them took.
fn registered(count: u64, together: bool) -> (f64, PluginManager) {
    let pm = manager(0);
    let plugins = named(count);
    let started = Instant::now();
    if together {
        pm.register_all(plugins).expect("the plugins fit");
    } else {
        for (name, plugin) in plugins {
            pm.register_as(name, plugin).expect("the plugin fits");
        }
    }
    let each = started.elapsed().as_secs_f64() / float(count);
    assert_eq!(pm.caller(Specs::thread).implementations().len() as u64, count);
    (each, pm)
}

const WHILE: Duration = Duration::from_millis(100);

/// Calls per second of so many threads at once.
fn rate(threads: usize, call: impl Fn() + Sync) -> f64 {
    let barrier = Barrier::new(threads);
    thread::scope(|scope| {
        let rates: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let (started, mut calls) = (Instant::now(), 0);
                    while started.elapsed() < WHILE {
                        for _ in 0..256 {
                            call();
                        }
                        calls += 256;
                    }
                    f64::from(calls) / started.elapsed().as_secs_f64()
                })
            })
            .collect();
        rates.into_iter().map(|thread| thread.join().expect("nothing panics here")).sum()
    })
}

fn threads(table: &Table) {
    let caller = manager(10).caller(Specs::score);
    let call = || drop(black_box(caller.call(black_box("text"), black_box(3))));
    let plugins = by_hand(10);
    let by_hand = || {
        let mut out = Vec::with_capacity(plugins.len());
        for plugin in &plugins {
            out.push(plugin.score(black_box("text"), black_box(3)));
        }
        drop(black_box(out));
    };
    let mut ratios = [Vec::new(), Vec::new()];
    for turn in 0..9 {
        // Another program may take a core for a while: that shows in both.
        let [two, one] = in_turn(turn, || rate(2, call), || rate(1, call));
        ratios[0].push(two / one);
        let [two, one] = in_turn(turn, || rate(2, by_hand), || rate(1, by_hand));
        ratios[1].push(two / one);
    }
    let [library, hand] = ratios.map(|ratios| table.shown(ratios));
    let work = "two threads calling at once through one caller, 10";
    line(work, "one thread", "1.9 times the calls", &library, "");
    line("two threads with the loop by hand, for comparison", "one thread", "", &hand, "");
}

/// Registers a plugin and unregisters it, again and again while `work` runs.
fn changing<R>(pm: &PluginManager, changes: &AtomicU64, work: impl FnOnce() -> R) -> R {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Relaxed) {
                change(pm);
                changes.fetch_add(2, Relaxed);
            }
        });
        let result = work();
        stop.store(true, Relaxed);
        result
    })
}

fn change(pm: &PluginManager) {
    pm.register_as("more", Plugin(99)).expect("the plugin fits");
    pm.unregister("more").expect("it is there");
}

/// Time per extension that was called, as a change makes it 10 or 11.
fn per_result(pm: &PluginManager) -> f64 {
    let caller = pm.caller(Specs::score);
    let mut results = 0;
    let started = Instant::now();
    while started.elapsed() < WHILE {
        for _ in 0..256 {
            results += black_box(caller.call(black_box("text"), black_box(3))).len() as u64;
        }
    }
    started.elapsed().as_secs_f64() / float(results)
}

fn meanwhile(table: &Table) {
    let (pm, other) = (manager(10), manager(10));
    let unseen = AtomicU64::new(0);
    let mut ratios = [Vec::new(), Vec::new()];
    for turn in 0..9 {
        let here = || changing(&pm, &unseen, || per_result(&pm));
        let [one, two] = in_turn(turn, here, || per_result(&pm));
        ratios[0].push(one / two);
        let [one, two] = in_turn(turn, here, || changing(&other, &unseen, || per_result(&pm)));
        ratios[1].push(one / two);
    }
    let [peace, elsewhere] = ratios.map(|ratios| table.shown(ratios));
    let work = "calls while another thread registers and unregisters without pause";
    line(work, "calls in peace", "1.2", &peace, "");
    line(work, "calls while it does so to another manager, for comparison", "", &elsewhere, "");
}

/// What the process holds after many changes that were called through meanwhile.
fn memory() {
    let pm = manager(10);
    let changes = AtomicU64::new(0);
    let call_until = |until| {
        changing(&pm, &changes, || {
            let caller = pm.caller(Specs::score);
            while changes.load(Relaxed) < until {
                black_box(caller.call(black_box("text"), black_box(3)));
            }
        });
    };
    call_until(50_000);
    let before = resident();
    call_until(250_000);
    let ratio = match (before, resident()) {
        (Some(before), Some(after)) => format!("{:.2}", float(after) / float(before)),
        _ => "only known on Linux".to_owned(),
    };
    line(
        "resident memory after 200,000 such changes, called through meanwhile",
        "before",
        "1.0: flat",
        &ratio,
        "",
    );
}

/// In kilobytes.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
}
