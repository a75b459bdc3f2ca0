//! What each side of a pair allocates in a call. A program of its own, because the allocator that counts is a
//! little slower than the one that does not.
//!
//! `cargo run --release -p pluginkit-benches --bin allocations`

use std::collections::HashMap;
use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use pluginkit::prelude::*;
use pluginkit_benches::pairs::{self, Call, Measure, Work};

fn main() {
    pairs::all(&mut Counts);
    pairs::beyond(&mut Counts);
    memory();
}

struct Counts;

impl Measure for Counts {
    fn pair<A>(&mut self, work: Work, library: impl FnMut() -> A, other: impl FnMut() -> A) {
        println!("{}\t{} / {}", work.name, Count::of(library), Count::of(other));
    }

    fn layers(&mut self, work: Work, library: [Call<'_>; 2], other: [Call<'_>; 2]) {
        let alone = |[with, without]: [Call<'_>; 2]| Count::of(with).beyond(&Count::of(without));
        let (library, other) = (alone(library), alone(other));
        println!("{}\t{library} / {other}", work.name);
    }
}

/// The allocations of one call.
struct Count {
    number: u64,
    bytes: u64,
}

impl Count {
    fn of<A>(mut call: impl FnMut() -> A) -> Self {
        // What a first call sets up for good is not its own.
        for _ in 0..3 {
            black_box(call());
        }
        let counted = allocation_counter::measure(|| drop(black_box(call())));
        Self { number: counted.count_total, bytes: counted.bytes_total }
    }

    fn beyond(&self, other: &Self) -> Self {
        let number = self.number.saturating_sub(other.number);
        Self { number, bytes: self.bytes.saturating_sub(other.bytes) }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, bytes } = self;
        if *number == 0 { f.write_str("0") } else { write!(f, "{number} ({bytes} B)") }
    }
}

#[extension_point]
trait Single {
    fn score(&self, text: &str) -> u64;
}

struct One;

#[extension]
impl Single for One {
    fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
}

trait SingleByHand: Send + Sync {
    fn score(&self, text: &str) -> u64;
}

impl SingleByHand for One {
    fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
}

/// What plugins with one extension keep allocated: their names, and what makes them extend their point.
fn memory() {
    const COUNT: usize = 10_000;
    let each = |fill: &mut dyn FnMut()| allocation_counter::measure(fill).bytes_current / 10_000;

    let pm = PluginManager::new("memory");
    pm.add_extension_points(Single).expect("the specs fit the manager");
    let library = each(&mut || {
        pm.register_all((0..COUNT).map(|n| (format!("p{n}"), One))).expect("the plugins fit the manager");
        // The first call may fill arrays of its own.
        assert_eq!(pm.caller(Single::score).call("text").len(), COUNT);
    });

    let (mut names, mut list): (HashMap<String, Arc<dyn SingleByHand>>, Vec<_>) = Default::default();
    let other = each(&mut || {
        for n in 0..COUNT {
            let plugin: Arc<dyn SingleByHand> = Arc::new(One);
            list.push(plugin.clone());
            names.insert(format!("p{n}"), plugin);
        }
        assert_eq!(list.iter().map(|plugin| plugin.score("text")).sum::<u64>(), 4 * COUNT as u64);
    });
    println!("memory/plugin\t{library} B / {other} B");
}
