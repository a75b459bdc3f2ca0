//! One program: made from its number, run, and checked when all of it is over.

use std::fs;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use pluginkit_tests::Random;

use crate::actions;
use crate::kept::recall;
use crate::plugins::settle_in;
use crate::violations::{begin, must, quietly};
use crate::world::{Traits, World};

/// What programs are like that are left as they come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Whether destructors of plugins may panic.
    pub(crate) drops_panic: bool,
}

/// How long a program waits for changes that go on after it.
const FOR_REST: Duration = Duration::from_secs(20);

/// Runs the program of this number.
pub(crate) fn run(number: u64, limits: Limits) {
    begin(number);
    let threads_before = threads();
    let mut random = Random::new(number, 0);
    let threads = if random.once_in(3) { 1 } else { 2 + random.below(3) };
    let traits = Traits {
        threads,
        drops_panic: limits.drops_panic && random.once_in(2),
        forgets: random.once_in(4),
        actions: 60 + 60 * i64::try_from(random.below(6)).unwrap_or(0),
    };
    let world = World::new(traits, &mut random);
    settle_in(&world);
    let workers: Vec<_> = (0..threads as u64)
        .map(|worker| {
            let (world, mut random) = (Arc::clone(&world), Random::new(number, 1 + worker));
            thread::spawn(move || actions::work(&world, &mut random, usize::MAX))
        })
        .collect();
    for worker in workers {
        must(worker.join().is_ok(), format_args!("a thread panicked"));
    }
    end(world, random, threads_before);
}

/// Waits until there are no more threads than these: a change whose future was dropped goes on to its end on a thread.
fn wait_for_rest(before: usize) {
    let waited = Instant::now();
    while threads() > before && waited.elapsed() < FOR_REST {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Returns the number of threads; 0 where the system has no list of them.
fn threads() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Drops all that is left, one after another, and counts.
fn end(world: Arc<World>, mut random: Random, threads_before: usize) {
    let ledger = Arc::clone(&world.ledger);
    while let Some(kept) = world.take(&mut random) {
        quietly(|| drop(kept));
    }
    while let Some(host) = world.close() {
        quietly(|| drop(host));
        actions::drop_local();
        while let Some(kept) = world.take(&mut random) {
            quietly(|| drop(kept));
        }
    }
    actions::drop_local();
    wait_for_rest(threads_before);
    let Traits { forgets, drops_panic, .. } = world.traits;
    let remembers = random.once_in(2);
    let left = Arc::try_unwrap(world);
    must(left.is_ok(), format_args!("something still has the program"));
    drop(left);
    if forgets && !remembers {
        must(ledger.dropped() <= ledger.made(), format_args!("more was dropped than was made"));
        return;
    }
    while let Some(kept) = recall() {
        quietly(|| drop(kept));
    }
    let mut left = ledger.left();
    if drops_panic {
        // The compiler leaks a value that is being returned while a destructor panics.
        left.retain(|name| !name.starts_with("token"));
    }
    must(left.is_empty(), format_args!("of {}, these were not dropped: {left:?}", ledger.made()));
}
