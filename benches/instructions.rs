//! What each side of a pair costs in instructions, which no other work on the machine can blur: for what must
//! not drift from one change to the next. Counted under `valgrind` by `gungraun`; see `README.md`.
#![allow(
    missing_docs,
    unused_qualifications,
    reason = "the harness writes undocumented functions, and paths of its own"
)]

use gungraun::{
    Callgrind, EntryPoint, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group,
    main,
};
use pluginkit_benches::counted::count;

macro_rules! pairs {
    ($($id:ident: $name:literal,)*) => {
        #[library_benchmark]
        $(#[bench::$id($name)])*
        fn library(name: &'static str) {
            count(name, 0);
        }

        #[library_benchmark]
        $(#[bench::$id($name)])*
        fn by_hand(name: &'static str) {
            count(name, 1);
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
    try_call_sync: "try_call/sync",
    try_call_async: "try_call/async",
    observed_sync: "observed/sync",
    observed_async: "observed/async",
    axum_from_fn: "axum/from_fn",
    axum_stack: "axum/stack",
    absent_observer: "absent/observer",
    absent_wrapper: "absent/wrapper",
    register_10: "register/10",
    register_100: "register/100",
    change_collecting: "change/collecting",
    change_pipeline: "change/pipeline",
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
