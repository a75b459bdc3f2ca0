//! The rows of changes: what registration costs, what calls cost after a change and during changes, and memory.

use std::fs;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use pluginkit::PluginManager;
use pluginkit_benches::pairs::{FIRST_COLLECTING, FIRST_PIPELINE, LATER, named};
use pluginkit_benches::{ByHand, Plugin, Specs, by_hand, manager};

use crate::calls::{Counts, in_turn, ratio_of};
use crate::{Failure, Row, float, median};

pub(crate) fn rows(spread: bool) -> Result<(), Failure> {
    let counts = Counts::new()?;
    first_calls(&counts, spread);
    a_change_among_many(spread);
    memory_of_a_plugin(&counts);
    registration(spread);
    threads(spread);
    meanwhile(spread);
    memory();
    Ok(())
}

/// A row with a ratio alone.
fn line(work: &str, against: &str, target: &str, ratio: String) {
    Row { work, against, target, ratio, library: String::new(), other: String::new() }.print();
}

/// The first call after a change over the calls that follow it.
fn first_calls(counts: &Counts, spread: bool) {
    type Do = fn(&PluginManager) -> u64;
    let rows: [(&str, &str, Do); 2] = [
        ("change/collecting", FIRST_COLLECTING, |pm| {
            pm.caller(Specs::score).call(black_box("text"), black_box(3)).len() as u64
        }),
        ("change/pipeline", FIRST_PIPELINE, |pm| pm.caller(Specs::thread).call(black_box(5))),
    ];
    for (name, work, call) in rows {
        let pm = manager(1000);
        let timed = || {
            let started = Instant::now();
            black_box(call(&pm));
            started.elapsed().as_secs_f64()
        };
        timed();
        let (mut firsts, mut laters, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..101 {
            change(&pm);
            let first = timed();
            timed();
            let later = timed();
            ratios.push(first / later);
            firsts.push(first * 1e9);
            laters.push(later * 1e9);
        }
        let mut ratio = median(ratios, spread);
        let [mut library, mut other] =
            [firsts, laters].map(|times| format!("{} ns", median(times, false).trim_end_matches(".00")));
        if let Some([first, later]) = counts.instructions(name, false) {
            ratio = format!("{ratio} ({:.2} i)", ratio_of(first, later));
            library = format!("{library}, {first} i");
            other = format!("{other}, {later} i");
        }
        Row { work, against: LATER, target: "1", ratio, library, other }.print();
    }
}

/// A change and a call at a point with 100,000 plugins.
fn a_change_among_many(spread: bool) {
    const MANY: u64 = 100_000;
    let pm = manager(MANY);
    let caller = pm.caller(Specs::score);
    let mut plugins = by_hand(MANY);
    let milliseconds = |work: &mut dyn FnMut() -> usize| {
        let started = Instant::now();
        black_box(work());
        started.elapsed().as_secs_f64() * 1e3
    };
    let (mut library, mut other, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    caller.call("text", 3);
    for _ in 0..15 {
        let one = milliseconds(&mut || {
            pm.register_as("more", Plugin(99)).expect("the plugin fits");
            caller.call(black_box("text"), black_box(3)).len()
        });
        pm.unregister("more").expect("it is there");
        let two = milliseconds(&mut || {
            plugins.push(Box::new(Plugin(99)) as Box<dyn ByHand>);
            let mut out = Vec::with_capacity(plugins.len());
            for plugin in &plugins {
                out.push(plugin.score(black_box("text"), black_box(3)));
            }
            out.len()
        });
        plugins.pop();
        ratios.push(one / two);
        library.push(one);
        other.push(two);
    }
    let [library, other] = [library, other].map(|times| format!("{} ms", median(times, false)));
    Row {
        work: "a change and a collecting call with 100,000 plugins",
        against: "a push and the loop",
        target: "1 ms",
        ratio: median(ratios, spread),
        library,
        other,
    }
    .print();
}

/// What a plugin with one extension keeps allocated.
fn memory_of_a_plugin(counts: &Counts) {
    let (library, other) = counts.allocations("memory/plugin");
    let bytes = |text: &str| text.trim_end_matches(" B").parse::<f64>().unwrap_or(f64::NAN);
    Row {
        work: "memory of a registered plugin with one extension",
        against: "a map of names and a list",
        target: "1 KB",
        ratio: format!("{:.2}", bytes(library) / bytes(other)),
        library: library.to_owned(),
        other: other.to_owned(),
    }
    .print();
}

/// Time per plugin in a large manager over time per plugin in one of 100.
fn registration(spread: bool) {
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
        line(work, "100 plugins", "2", median(ratios.collect(), spread));
    }
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

fn threads(spread: bool) {
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
    let [library, hand] = ratios.map(|ratios| median(ratios, spread));
    let work = "two threads calling at once through one caller, 10";
    line(work, "one thread", "1.9 times the calls", library);
    line("two threads with the loop by hand, for comparison", "one thread", "", hand);
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

fn meanwhile(spread: bool) {
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
    let [peace, elsewhere] = ratios.map(|ratios| median(ratios, spread));
    let work = "calls while another thread registers and unregisters without pause";
    line(work, "calls in peace", "1.2", peace);
    line(work, "calls while it does so to another manager, for comparison", "", elsewhere);
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
        ratio,
    );
}

/// In kilobytes.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok())
}
