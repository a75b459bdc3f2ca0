//! Calls that are counted and timed.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use async_trait::async_trait;

use crate::{BOXED, LAYERS, Plugins, boxed, thread, work};
use pluginkit_benches::pairs::{Measure, pair};
use pluginkit_benches::{AsyncCall, AsyncLoop, Layer, Step, async_by_hand, by_hand, layers_by_hand, ready};

/// What is counted of an implementation, or of the whole call.
struct Counters {
    calls: AtomicU64,
    total: AtomicU64,
    max: AtomicU64,
    last: AtomicU64,
    times: [AtomicU64; 64],
}

impl Counters {
    const fn new() -> Self {
        Self {
            calls: AtomicU64::new(0),
            total: AtomicU64::new(0),
            max: AtomicU64::new(0),
            last: AtomicU64::new(0),
            times: [const { AtomicU64::new(0) }; 64],
        }
    }
}

/// Counts and times until it is dropped, so also what panics or is cancelled.
struct Timing<'c> {
    started: Instant,
    of: &'c [Counters],
}

impl<'c> Timing<'c> {
    fn new(of: &'c [Counters]) -> Self {
        Self { started: Instant::now(), of }
    }
}

impl Drop for Timing<'_> {
    fn drop(&mut self) {
        let elapsed = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        for counters in self.of {
            counters.total.fetch_add(elapsed, Relaxed);
            counters.max.fetch_max(elapsed, Relaxed);
            counters.last.store(elapsed, Relaxed);
            counters.times[elapsed.checked_ilog2().unwrap_or(0) as usize].fetch_add(1, Relaxed);
            counters.calls.fetch_add(1, Relaxed);
        }
    }
}

/// The counters of a layer. The outermost one also has those of the whole call, whose time is the same.
fn counters(is_outermost: bool) -> Vec<Counters> {
    (0..if is_outermost { 2 } else { 1 }).map(|_| Counters::new()).collect()
}

/// [`layers_by_hand`] that count and time.
fn timed_layers(count: u64, plugins: Plugins) -> Step {
    let own = counters(false);
    let mut step: Step = Box::new(move |value| {
        let _timing = Timing::new(&own);
        thread(&plugins, value)
    });
    for n in (0..count).rev() {
        let (layer, rest, own) = (Layer(n), step, counters(n == 0));
        step = Box::new(move |value| {
            let _timing = Timing::new(&own);
            rest(value ^ layer.0).wrapping_add(1)
        });
    }
    step
}

/// [`AsyncLoop`] over one plugin, which it counts and times.
struct TimedLoop {
    own: Vec<Counters>,
    plugins: AsyncLoop,
}

#[async_trait]
impl AsyncCall for TimedLoop {
    async fn score(&self, text: &str, weight: u64) -> Vec<u64> {
        let _timing = Timing::new(&self.own);
        self.plugins.all(text, weight).await
    }
}

/// `AsyncLayer` that counts and times.
struct TimedLayer {
    own: Vec<Counters>,
    rest: Box<dyn AsyncCall>,
}

#[async_trait]
impl AsyncCall for TimedLayer {
    async fn score(&self, text: &str, weight: u64) -> Vec<u64> {
        let _timing = Timing::new(&self.own);
        self.rest.score(text, weight).await
    }
}

pub(super) fn all(to: &mut impl Measure) {
    const PROGRAM: &str = "the clock and the counters alone";
    let (timed, hand) = (timed_layers(10, by_hand(1)), layers_by_hand(10, by_hand(1)));
    pair(to, work("observed/sync", PROGRAM, LAYERS, "1.5"), || timed(black_box(5)), || hand(black_box(5)));
    let plugins = AsyncLoop(async_by_hand(1));
    let innermost: Box<dyn AsyncCall> = Box::new(TimedLoop { own: counters(false), plugins });
    let timed =
        (0..10).rev().fold(innermost, |rest, n| Box::new(TimedLayer { own: counters(n == 0), rest }) as _);
    let hand = boxed(10, 1);
    pair(
        to,
        work("observed/async", PROGRAM, BOXED, "1.5"),
        || ready(timed.score(black_box("text"), black_box(3))),
        || ready(hand.score(black_box("text"), black_box(3))),
    );
}
