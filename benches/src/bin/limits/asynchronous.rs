//! Async calls and wrappers.

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;

use stackfuture::StackFuture;

use crate::hazard_cell::HazardCell;
use crate::snapshots::Cell;
use crate::{BOXED, boxed, work};
use pluginkit_benches::pairs::{Measure, loop_by_hand, pair, total};
use pluginkit_benches::{AsyncLoop, AsyncPlugin, async_by_hand, by_hand, ready};

const ASYNC_LOOP: &str = "a loop over `#[async_trait]` objects";

pub(super) fn all(to: &mut impl Measure) {
    extensions(to);
    wrappers(to);
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

fn extensions(to: &mut impl Measure) {
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

fn wrappers(to: &mut impl Measure) {
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
