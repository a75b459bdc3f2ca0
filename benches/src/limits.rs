//! The smallest programs that do what the library promises of a call. Where a row of the table misses its target, they
//! show how near to it a call can come.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, RwLock};
use std::task::{Context, Poll};
use std::time::Instant;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use stackfuture::StackFuture;

use crate::hazard_cell::HazardCell;
use crate::pairs::{Measure, Work, loop_by_hand, pair, total};
use crate::{
    AsyncCall, AsyncLayer, AsyncLoop, AsyncPlugin, ByHand, Layer, Plugin, Step, async_by_hand, by_hand,
    layers_by_hand, ready,
};

const COLLECTING: [(u64, &str, &str); 3] =
    [(1, "collecting/1", "1.3"), (10, "collecting/10", "1.1"), (100, "collecting/100", "1.0")];
const LOOP: &str = "a loop";
const ASYNC_LOOP: &str = "a loop over `#[async_trait]` objects";
const LAYERS: &str = "nested `Box<dyn Fn>` layers";
const BOXED: &str = "boxed layers";
const CELL: &str = "HazardCell";

/// Shows every program, beside the same work by hand, to `to`.
///
/// # Panics
///
/// If the sides differ.
pub fn all(to: &mut impl Measure) {
    behind::<HazardCell<Plugins>>(to, CELL);
    behind::<RwLock<Arc<Plugins>>>(to, "RwLock<Arc<_>>");
    behind::<ArcSwap<Plugins>>(to, "arc-swap");
    one_struct(to);
    look_up(to);
    wrappers(to);
    asynchronous(to);
    async_wrappers(to);
    guarded(to);
    observed(to);
}

fn work(row: &str, program: &str, against: &'static str, target: &'static str) -> Work {
    Work {
        name: format!("limit/{row}/{program}").leak(),
        work: format!("{row}: {program}").leak(),
        against,
        target,
    }
}

type Plugins = Vec<Box<dyn ByHand>>;

/// A snapshot that other threads may replace while a call works on it.
trait Cell {
    fn of(plugins: Plugins) -> Self;
    fn with<O>(&self, call: impl FnOnce(&[Box<dyn ByHand>]) -> O) -> O;
}

impl Cell for HazardCell<Plugins> {
    fn of(plugins: Plugins) -> Self {
        Self::new(Arc::new(plugins))
    }
    fn with<O>(&self, call: impl FnOnce(&[Box<dyn ByHand>]) -> O) -> O {
        call(&self.load())
    }
}

impl Cell for RwLock<Arc<Plugins>> {
    fn of(plugins: Plugins) -> Self {
        Self::new(Arc::new(plugins))
    }
    fn with<O>(&self, call: impl FnOnce(&[Box<dyn ByHand>]) -> O) -> O {
        // The lock is not held during the call.
        let plugins = Arc::clone(&self.read().expect("nobody panics"));
        call(&plugins)
    }
}

impl Cell for ArcSwap<Plugins> {
    fn of(plugins: Plugins) -> Self {
        Self::from_pointee(plugins)
    }
    fn with<O>(&self, call: impl FnOnce(&[Box<dyn ByHand>]) -> O) -> O {
        call(&self.load())
    }
}

/// A loop by hand over a snapshot in a cell.
fn behind<C: Cell>(to: &mut impl Measure, program: &str) {
    for (count, row, target) in COLLECTING {
        let (cell, plugins) = (C::of(by_hand(count)), by_hand(count));
        pair(
            to,
            work(row, program, LOOP, target),
            || black_box(&cell).with(|plugins| loop_by_hand(plugins, black_box("text"), black_box(3))),
            || loop_by_hand(&plugins, black_box("text"), black_box(3)),
        );
    }
    let (cell, plugins) = (C::of(by_hand(10)), by_hand(10));
    pair(
        to,
        work("firstresult/10", program, LOOP, "1.15"),
        || black_box(&cell).with(find),
        || find(&plugins),
    );
    pair(
        to,
        work("pipeline/10", program, LOOP, "1.15"),
        || black_box(&cell).with(|plugins| thread(plugins, black_box(5))),
        || thread(&plugins, black_box(5)),
    );
    let (mut one, mut two) = (vec![0], vec![0]);
    pair(
        to,
        work("unit/10", program, LOOP, "1.15"),
        || {
            black_box(&cell).with(|plugins| visit(plugins, black_box(&mut one)));
            one[0]
        },
        || {
            visit(&plugins, black_box(&mut two));
            two[0]
        },
    );
}

fn find(plugins: &[Box<dyn ByHand>]) -> Option<u64> {
    plugins.iter().find_map(|plugin| plugin.find(black_box("ninechars")))
}

fn thread(plugins: &[Box<dyn ByHand>], value: u64) -> u64 {
    plugins.iter().fold(value, |value, plugin| plugin.thread(value))
}

fn visit(plugins: &[Box<dyn ByHand>], seen: &mut Vec<u64>) {
    for plugin in plugins {
        plugin.visit(seen);
    }
}

/// Three words, which are passed in memory.
#[derive(Clone, Copy)]
struct Args<'a> {
    text: &'a str,
    weight: u64,
}

trait OneStruct: Send + Sync {
    fn score(&self, args: Args<'_>) -> u64;
}

impl OneStruct for Plugin {
    fn score(&self, args: Args<'_>) -> u64 {
        ByHand::score(self, args.text, args.weight)
    }
}

/// The arguments as one struct.
fn one_struct(to: &mut impl Measure) {
    for (count, row, target) in COLLECTING {
        let plugins = by_hand(count);
        let by_struct: Vec<_> = (0..count).map(|n| Box::new(Plugin(n)) as Box<dyn OneStruct>).collect();
        let by_struct = HazardCell::new(Arc::new(by_struct));
        pair(
            to,
            work(row, "HazardCell, arguments as one struct", LOOP, target),
            || {
                let by_struct = black_box(&by_struct).load();
                let args = Args { text: black_box("text"), weight: black_box(3) };
                let mut out = Vec::with_capacity(by_struct.len());
                for plugin in by_struct.iter() {
                    out.push(plugin.score(args));
                }
                out
            },
            || loop_by_hand(&plugins, black_box("text"), black_box(3)),
        );
    }
}

/// The hash of a `TypeId` is the `TypeId`.
#[derive(Default)]
struct Id(u64);

impl Hasher for Id {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("a `TypeId` is written as a number");
    }
    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }
}

/// The points of a manager, where points may be added between calls.
type Points = HazardCell<HashMap<TypeId, HazardCell<Plugins>, BuildHasherDefault<Id>>>;

fn look_up(to: &mut impl Measure) {
    for (count, row, target) in [(1, "look-up/1", "1.5"), (10, "look-up/10", "1.2")] {
        let all = [(TypeId::of::<Plugin>(), Cell::of(by_hand(count)))];
        let (points, plugins) = (Points::new(Arc::new(all.into_iter().collect())), by_hand(count));
        pair(
            to,
            work(row, "HazardCell, found in a hash table in another", LOOP, target),
            || {
                let points = black_box(&points).load();
                let point = points.get(&TypeId::of::<Plugin>()).expect("the point is there");
                point.with(|plugins| loop_by_hand(plugins, black_box("text"), black_box(3)))
            },
            || loop_by_hand(&plugins, black_box("text"), black_box(3)),
        );
    }
}

/// A wrapper that may change what it gets, leave out the rest of the call, and come and go.
trait Around: Send + Sync {
    fn thread(&self, value: u64, next: Rest<'_>) -> u64;
}

impl Around for Layer {
    fn thread(&self, value: u64, next: Rest<'_>) -> u64 {
        next.run(value ^ self.0).wrapping_add(1)
    }
}

struct Chain {
    wrappers: Vec<Box<dyn Around>>,
    plugins: Plugins,
}

struct Rest<'c> {
    chain: &'c Chain,
    depth: usize,
}

impl Rest<'_> {
    fn run(self, value: u64) -> u64 {
        match self.chain.wrappers.get(self.depth) {
            Some(wrapper) => wrapper.thread(value, Rest { depth: self.depth + 1, ..self }),
            None => thread(&self.chain.plugins, value),
        }
    }
}

fn wrappers(to: &mut impl Measure) {
    let chain = |count| {
        let wrappers = (0..count).map(|n| Box::new(Layer(n)) as Box<dyn Around>).collect();
        Chain { wrappers, plugins: by_hand(1) }
    };
    let (with, without) = (chain(10), chain(0));
    let (hand, hand_without) = (layers_by_hand(10, by_hand(1)), layers_by_hand(0, by_hand(1)));
    let call = |chain| Rest { chain: black_box(chain), depth: 0 }.run(black_box(5));
    assert_eq!(call(&with), hand(5));
    to.layers(
        work("wrappers/each", "objects in an array", LAYERS, "1.3"),
        [&mut || call(&with), &mut || call(&without)],
        [&mut || hand(black_box(5)), &mut || hand_without(black_box(5))],
    );
}

/// Has its future in place instead of in a box.
trait InPlace: Send + Sync {
    fn score<'c>(&'c self, text: &'c str, weight: u64) -> StackFuture<'c, u64, 64>;
}

impl InPlace for AsyncPlugin {
    fn score<'c>(&'c self, text: &'c str, weight: u64) -> StackFuture<'c, u64, 64> {
        StackFuture::from(async move { (self.0 ^ weight).wrapping_add(text.len() as u64) })
    }
}

fn asynchronous(to: &mut impl Measure) {
    for (count, row, target) in [(10, "async/10", "0.5"), (100, "async/100", "0.35")] {
        let in_place = (0..count).map(|n| Box::new(AsyncPlugin(n)) as Box<dyn InPlace>).collect::<Vec<_>>();
        let in_place = HazardCell::new(Arc::new(in_place));
        let plugins = AsyncLoop(async_by_hand(count));
        let all = async |text: &str, weight| {
            let plugins = black_box(&in_place).load();
            let mut out = Vec::with_capacity(plugins.len());
            for plugin in plugins.iter() {
                out.push(plugin.score(text, weight).await);
            }
            out
        };
        pair(
            to,
            work(row, "HazardCell, `stackfuture`s", ASYNC_LOOP, target),
            || ready(all(black_box("text"), black_box(3))),
            || ready(plugins.all(black_box("text"), black_box(3))),
        );
    }
    let (awaited, called) = (HazardCell::of(by_hand(10)), HazardCell::of(by_hand(10)));
    let all = async |text: &str, weight| {
        let plugins = black_box(&awaited).load();
        loop_by_hand(&plugins, text, weight)
    };
    pair(
        to,
        work("async/fn", "HazardCell, the loop in an `async fn`", "the same, sync", "1.2"),
        || ready(all(black_box("text"), black_box(3))),
        || black_box(&called).with(|plugins| loop_by_hand(plugins, black_box("text"), black_box(3))),
    );
}

/// The future of the rest of a call, wherever it is.
type RestFuture<'c> = Pin<&'c mut (dyn Future<Output = Vec<u64>> + Send + 'c)>;

async fn layer(rest: RestFuture<'_>) -> Vec<u64> {
    rest.await
}

async fn one_layer(plugins: &AsyncLoop, text: &str, weight: u64) -> Vec<u64> {
    layer(pin!(plugins.all(text, weight))).await
}

/// All ten in the frame of the call, made before it starts.
async fn ten_layers(plugins: &AsyncLoop, text: &str, weight: u64) -> Vec<u64> {
    let rest: RestFuture<'_> = pin!(plugins.all(text, weight));
    let rest: RestFuture<'_> = pin!(layer(rest));
    let rest: RestFuture<'_> = pin!(layer(rest));
    let rest: RestFuture<'_> = pin!(layer(rest));
    let rest: RestFuture<'_> = pin!(layer(rest));
    let rest: RestFuture<'_> = pin!(layer(rest));
    let rest: RestFuture<'_> = pin!(layer(rest));
    let rest: RestFuture<'_> = pin!(layer(rest));
    let rest: RestFuture<'_> = pin!(layer(rest));
    let rest: RestFuture<'_> = pin!(layer(rest));
    layer(rest).await
}

fn boxed(layers: u64, plugins: u64) -> Box<dyn AsyncCall> {
    let plugins: Box<dyn AsyncCall> = Box::new(AsyncLoop(async_by_hand(plugins)));
    (0..layers).fold(plugins, |rest, _| Box::new(AsyncLayer(rest)))
}

fn async_wrappers(to: &mut impl Measure) {
    const PROGRAM: &str = "futures pinned in one frame";
    let plugins = AsyncLoop(async_by_hand(10));
    let mut plain = || total(&ready(plugins.all(black_box("text"), black_box(3))));
    let mut one = || total(&ready(one_layer(&plugins, black_box("text"), black_box(3))));
    let mut ten = || total(&ready(ten_layers(&plugins, black_box("text"), black_box(3))));
    let [plain_by_hand, boxed_one, boxed_ten] = [0, 1, 10].map(|layers| boxed(layers, 10));
    let mut plain_by_hand = || total(&ready(plain_by_hand.score(black_box("text"), black_box(3))));
    to.layers(
        work("async-wrapper/1", PROGRAM, BOXED, "1.0, 0 a"),
        [&mut one, &mut plain],
        [&mut || total(&ready(boxed_one.score(black_box("text"), black_box(3)))), &mut plain_by_hand],
    );
    to.layers(
        work("async-wrapper/10", PROGRAM, BOXED, "1.0, 0 a"),
        [&mut ten, &mut plain],
        [&mut || total(&ready(boxed_ten.score(black_box("text"), black_box(3)))), &mut plain_by_hand],
    );
}

/// Which implementation has failed: what an unwind finds out, so that a call that succeeds has nothing to do for it.
struct Blame {
    failed: AtomicUsize,
    /// The implementation that the unwind has left last.
    left: AtomicUsize,
}

impl Blame {
    const fn new() -> Self {
        Self { failed: AtomicUsize::new(usize::MAX), left: AtomicUsize::new(usize::MAX) }
    }
}

/// The implementation that failed, and its panic.
type Failed = (usize, Box<dyn Any + Send>);

/// An implementation that runs, at its position.
struct Running<'b>(&'b Blame, usize);

impl Drop for Running<'_> {
    /// Only an unwind drops it. One that comes from further inside has been there.
    #[cold]
    fn drop(&mut self) {
        let Self(blame, position) = *self;
        if blame.left.swap(position, Relaxed) != position + 1 {
            blame.failed.store(position, Relaxed);
        }
    }
}

/// Runs `rest` as the implementation at `position`.
fn at<O>(blame: &Blame, position: usize, rest: impl FnOnce() -> O) -> O {
    let running = Running(blame, position);
    let outcome = rest();
    mem::forget(running);
    outcome
}

fn blaming<O>(blame: &Blame, call: impl FnOnce() -> O) -> Result<O, Failed> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| (blame.failed.load(Relaxed), panic))
}

type GuardedStep = Box<dyn Fn(u64, &Blame) -> u64 + Send + Sync>;

/// [`layers_by_hand`] that know which of them has failed.
fn guarded_layers(count: u64, plugins: Plugins) -> GuardedStep {
    let mut position = usize::try_from(count).expect("a few");
    let mut step: GuardedStep = Box::new(move |value, blame| {
        let numbered = plugins.iter().zip(position..);
        numbered.fold(value, |value, (plugin, position)| at(blame, position, || plugin.thread(value)))
    });
    for n in (0..count).rev() {
        position -= 1;
        let (layer, rest) = (Layer(n), step);
        step = Box::new(move |value, blame| {
            at(blame, position, || rest(value ^ layer.0, blame).wrapping_add(1))
        });
    }
    step
}

/// The future of an implementation, at its position.
struct At<'c> {
    blame: &'c Blame,
    position: usize,
    future: Pin<Box<dyn Future<Output = Vec<u64>> + Send + 'c>>,
}

impl Future for At<'_> {
    type Output = Vec<u64>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        at(self.blame, self.position, || self.future.as_mut().poll(cx))
    }
}

/// A call whose panics are returned.
struct Blaming<'c>(At<'c>);

impl Future for Blaming<'_> {
    type Output = Result<Vec<u64>, Failed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let blame = self.0.blame;
        match blaming(blame, || Pin::new(&mut self.0).poll(cx)) {
            Ok(polled) => polled.map(Ok),
            Err(failed) => Poll::Ready(Err(failed)),
        }
    }
}

#[async_trait]
trait Guarded: Send + Sync {
    async fn score(&self, text: &str, weight: u64, blame: &Blame) -> Vec<u64>;
}

/// One plugin, at the position after those of the layers.
#[async_trait]
impl Guarded for AsyncLoop {
    async fn score(&self, text: &str, weight: u64, _blame: &Blame) -> Vec<u64> {
        self.all(text, weight).await
    }
}

struct GuardedLayer {
    position: usize,
    rest: Box<dyn Guarded>,
}

#[async_trait]
impl Guarded for GuardedLayer {
    async fn score(&self, text: &str, weight: u64, blame: &Blame) -> Vec<u64> {
        At { blame, position: self.position + 1, future: self.rest.score(text, weight, blame) }.await
    }
}

fn guarded(to: &mut impl Measure) {
    const PROGRAM: &str = "`catch_unwind`, and what an unwind records";
    let (guarded, hand) = (guarded_layers(10, by_hand(1)), layers_by_hand(10, by_hand(1)));
    pair(
        to,
        work("try_call/sync", PROGRAM, LAYERS, "1.1"),
        || {
            let blame = Blame::new();
            let outcome = blaming(&blame, || guarded(black_box(5), &blame));
            outcome.expect("nothing fails here")
        },
        || hand(black_box(5)),
    );
    let plugins: Box<dyn Guarded> = Box::new(AsyncLoop(async_by_hand(1)));
    let guarded =
        (0..10).rev().fold(plugins, |rest, position| Box::new(GuardedLayer { position, rest }) as Box<_>);
    let hand = boxed(10, 1);
    pair(
        to,
        work("try_call/async", PROGRAM, BOXED, "1.1"),
        || {
            let blame = Blame::new();
            let future = guarded.score(black_box("text"), black_box(3), &blame);
            ready(Blaming(At { blame: &blame, position: 0, future })).expect("nothing fails here")
        },
        || ready(hand.score(black_box("text"), black_box(3))),
    );
}

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

/// [`AsyncLayer`] that counts and times.
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

fn observed(to: &mut impl Measure) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_attributed_to_the_innermost_and_a_caught_one_is_over() {
        let blame = Blame::new();
        let panics = || at(&blame, 2, || panic!("on purpose"));
        let through = blaming(&blame, || at(&blame, 0, || at(&blame, 1, panics)));
        assert_eq!(through.expect_err("it panics").0, 2);

        let blame = Blame::new();
        let caught = || at(&blame, 1, || blaming(&blame, || at(&blame, 2, || panic!("on purpose"))).is_err());
        let later = blaming(&blame, || at(&blame, 0, || assert!(!caught(), "on purpose")));
        assert_eq!(later.expect_err("it panics").0, 0);
    }
}
