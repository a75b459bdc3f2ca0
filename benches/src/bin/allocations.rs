//! What each side of a pair allocates in a call. A program of its own, because the allocator that counts is a
//! little slower than the one that does not.
//!
//! `cargo run --release -p pluginkit-benches --bin allocations`

use std::fmt;
use std::hint::black_box;

use pluginkit_benches::pairs::{self, Call, Measure, Work};

fn main() {
    pairs::all(&mut Counts);
    pairs::beyond(&mut Counts);
}

struct Counts;

impl Measure for Counts {
    fn pair<A>(&mut self, work: Work, library: impl FnMut() -> A, other: impl FnMut() -> A) {
        println!("{}\t{} / {}", work.name, Count::of(library), Count::of(other));
    }

    fn layers(&mut self, work: Work, [library, _]: [Call<'_>; 2], [other, _]: [Call<'_>; 2]) {
        self.pair(work, library, other);
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
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, bytes } = self;
        if *number == 0 { f.write_str("0") } else { write!(f, "{number} ({bytes} B)") }
    }
}
