//! What each side of a pair costs in instructions, which no other work on the machine can blur: for what must
//! not drift from one change to the next. Counted under `valgrind` by `gungraun`; see `README.md`.
#![allow(
    missing_docs,
    unused_qualifications,
    reason = "the harness writes undocumented functions, and paths of its own"
)]

use std::hint::black_box;

use gungraun::{
    Callgrind, EntryPoint, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group,
    main,
};
use pluginkit_benches::pairs::{self, Call, Measure, Work};

/// Calls one side of one pair, a last time in [`counted_call`].
struct Only {
    name: &'static str,
    library: bool,
    found: bool,
}

impl Only {
    fn count(name: &'static str, library: bool) {
        let mut only = Self { name, library, found: false };
        match name.split_once('/') {
            Some(("register", _)) => pairs::registration(&mut only),
            Some(("beyond", _)) => pairs::beyond(&mut only),
            _ => pairs::all(&mut only),
        }
        assert!(only.found, "no pair has the name {name}");
    }
}

impl Measure for Only {
    fn pair<A>(&mut self, work: Work, mut library: impl FnMut() -> A, mut other: impl FnMut() -> A) {
        if work.name == self.name {
            self.found = true;
            if self.library { once(&mut library) } else { once(&mut other) }
        }
    }

    /// Counts need no pair that is the difference of others.
    fn layers(&mut self, _: Work, _: [Call<'_>; 2], _: [Call<'_>; 2]) {}
}

fn once<A>(call: &mut impl FnMut() -> A) {
    // What a first call sets up for good is not counted.
    for _ in 0..3 {
        drop(black_box(call()));
    }
    let mut outcome = None;
    counted_call(&mut || outcome = Some(call()));
    drop(black_box(outcome));
}

/// What runs in here is counted, by the name of the function. The indirect call and the place for the outcome
/// are a few instructions on both sides.
#[inline(never)]
fn counted_call(call: &mut dyn FnMut()) {
    call();
}

macro_rules! pairs {
    ($($id:ident: $name:literal,)*) => {
        #[library_benchmark]
        $(#[bench::$id($name)])*
        fn library(name: &'static str) {
            Only::count(name, true);
        }

        #[library_benchmark]
        $(#[bench::$id($name)])*
        fn by_hand(name: &'static str) {
            Only::count(name, false);
        }
    };
}

pairs! {
    collecting_1: "collecting/1",
    collecting_10: "collecting/10",
    collecting_100: "collecting/100",
    look_up_1: "look-up/1",
    look_up_10: "look-up/10",
    firstresult_10: "firstresult/10",
    pipeline_10: "pipeline/10",
    unit_10: "unit/10",
    wrappers_1: "wrappers/1",
    wrappers_10: "wrappers/10",
    async_10: "async/10",
    async_100: "async/100",
    async_fn_10: "async/fn",
    absent_observer: "absent/observer",
    absent_wrapper: "absent/wrapper",
    register_10: "register/10",
    register_100: "register/100",
    observer: "beyond/observer",
    when: "beyond/when",
    without: "beyond/without",
    extra: "beyond/extra",
    wrapper: "beyond/wrapper",
    view: "beyond/view",
    iter: "beyond/iter",
    try_call: "beyond/try_call",
    settle: "beyond/settle",
    async_wrapper: "beyond/async-wrapper",
    concurrent: "beyond/concurrent",
}

library_benchmark_group!(name = calls, compare_by_id = true, benchmarks = [by_hand, library]);

main!(
    config = LibraryBenchmarkConfig::default().tool(
        Callgrind::with_args(["--cache-sim=no"])
            .entry_point(EntryPoint::Custom("*::counted_call".to_owned()))
            .format([EventKind::Ir])
    ),
    library_benchmark_groups = calls
);
