//! Sync wrappers.

use std::hint::black_box;

use crate::{LAYERS, Plugins, thread, work};
use pluginkit_benches::pairs::Measure;
use pluginkit_benches::{Layer, by_hand, layers_by_hand};

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

pub(super) fn all(to: &mut impl Measure) {
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
