//! The pairs of the table in nanoseconds: each call through the library beside the same work by hand, in one
//! group.
#![allow(missing_docs, reason = "the harness writes undocumented functions")]

use criterion::{Criterion, criterion_group, criterion_main};
use pluginkit_benches::pairs::{self, Call, Measure, Work};

struct Groups<'c>(&'c mut Criterion);

impl Measure for Groups<'_> {
    fn pair<A>(&mut self, work: Work, mut library: impl FnMut() -> A, mut other: impl FnMut() -> A) {
        let mut group = self.0.benchmark_group(work.name);
        group.bench_function("against", |b| b.iter(&mut other));
        group.bench_function("pluginkit", |b| b.iter(&mut library));
        group.finish();
    }

    /// The pair with the layers and the one without have groups of their own.
    fn layers(&mut self, _: Work, _: [Call<'_>; 2], _: [Call<'_>; 2]) {}
}

fn dispatch(criterion: &mut Criterion) {
    pairs::all(&mut Groups(criterion));
}

criterion_group!(benches, dispatch);
criterion_main!(benches);
