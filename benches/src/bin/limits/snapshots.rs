//! Loops by hand over snapshots that may be replaced.

use std::any::TypeId;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;
use std::sync::{Arc, RwLock};

use arc_swap::ArcSwap;

use crate::hazard_cell::HazardCell;
use crate::{Plugins, thread, work};
use pluginkit_benches::pairs::{Measure, loop_by_hand, pair};
use pluginkit_benches::{ByHand, Plugin, by_hand};

const COLLECTING: [(u64, &str, &str); 3] =
    [(1, "collecting/1", "1.3"), (10, "collecting/10", "1.1"), (100, "collecting/100", "1.0")];
const LOOP: &str = "a loop";

pub(super) fn all(to: &mut impl Measure) {
    behind::<HazardCell<Plugins>>(to, "HazardCell");
    behind::<RwLock<Arc<Plugins>>>(to, "RwLock<Arc<_>>");
    behind::<ArcSwap<Plugins>>(to, "arc-swap");
    one_struct(to);
    look_up(to);
}

/// A snapshot that other threads may replace while a call works on it.
pub(super) trait Cell {
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
