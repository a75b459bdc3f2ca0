//! Calls whose panics are caught and attributed.

use std::any::Any;
use std::hint::black_box;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};

use async_trait::async_trait;

use crate::{BOXED, LAYERS, Plugins, boxed, work};
use pluginkit_benches::pairs::{Measure, pair};
use pluginkit_benches::{AsyncLoop, Layer, async_by_hand, by_hand, layers_by_hand, ready};

/// Which implementation has failed: what an unwind finds out, so that a call that succeeds has nothing to do for it.
struct Blame {
    failed: AtomicUsize,
    /// How deep the implementation was that the unwind has left last.
    left: AtomicUsize,
}

impl Blame {
    const fn new() -> Self {
        Self { failed: AtomicUsize::new(usize::MAX), left: AtomicUsize::new(usize::MAX) }
    }
}

/// The implementation that failed, and its panic.
type Failed = (usize, Box<dyn Any + Send>);

/// An implementation that runs, so many layers deep and at its position among all.
struct Running<'b> {
    blame: &'b Blame,
    depth: usize,
    position: usize,
}

impl Drop for Running<'_> {
    /// Only an unwind drops it. One that comes from further inside has been there.
    #[cold]
    fn drop(&mut self) {
        let Self { blame, depth, position } = *self;
        if blame.left.swap(depth, Relaxed) != depth + 1 {
            blame.failed.store(position, Relaxed);
        }
    }
}

/// Runs `rest` as the layer or the extension at `position`.
fn at<O>(blame: &Blame, depth: usize, position: usize, rest: impl FnOnce() -> O) -> O {
    let running = Running { blame, depth, position };
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
    let mut depth = usize::try_from(count).expect("a few");
    let mut step: GuardedStep = Box::new(move |value, blame| {
        let numbered = plugins.iter().zip(depth..);
        numbered.fold(value, |value, (plugin, position)| at(blame, depth, position, || plugin.thread(value)))
    });
    for n in (0..count).rev() {
        depth -= 1;
        let (layer, rest) = (Layer(n), step);
        step = Box::new(move |value, blame| {
            at(blame, depth, depth, || rest(value ^ layer.0, blame).wrapping_add(1))
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
        at(self.blame, self.position, self.position, || self.future.as_mut().poll(cx))
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

pub(super) fn all(to: &mut impl Measure) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_attributed_to_the_innermost_and_a_caught_one_is_over() {
        let blame = Blame::new();
        let panics = || at(&blame, 2, 3, || panic!("on purpose"));
        let through = blaming(&blame, || at(&blame, 0, 0, || at(&blame, 1, 1, panics)));
        assert_eq!(through.expect_err("it panics").0, 3);

        let blame = Blame::new();
        let caught =
            || at(&blame, 1, 1, || blaming(&blame, || at(&blame, 2, 3, || panic!("on purpose"))).is_err());
        let later = blaming(&blame, || at(&blame, 0, 0, || assert!(!caught(), "on purpose")));
        assert_eq!(later.expect_err("it panics").0, 0);
    }
}
