//! Calls through the library, each beside the loop one would write by hand, in one group.
#![allow(missing_docs, reason = "the harness writes undocumented functions")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pluginkit_benches::{Layer, Specs, by_hand, layers_by_hand, manager};

fn collecting(criterion: &mut Criterion) {
    for count in [1, 10, 100] {
        let pm = manager(count);
        let caller = pm.caller(Specs::score);
        let plugins = by_hand(count);
        let hand = |text: &str, weight| {
            let mut out = Vec::with_capacity(plugins.len());
            for plugin in &plugins {
                out.push(plugin.score(text, weight));
            }
            out
        };
        assert_eq!(caller.call("text", 3), hand("text", 3));
        let mut group = criterion.benchmark_group(format!("collecting/{count}"));
        group.bench_function("by hand", |b| b.iter(|| hand(black_box("text"), black_box(3))));
        group.bench_function("held caller", |b| b.iter(|| caller.call(black_box("text"), black_box(3))));
        group.bench_function("look-up", |b| {
            b.iter(|| pm.caller(Specs::score).call(black_box("text"), black_box(3)));
        });
        group.finish();
    }
}

fn others(criterion: &mut Criterion) {
    let pm = manager(10);
    let plugins = by_hand(10);

    let find = pm.caller(Specs::find);
    let hand = |text: &str| plugins.iter().find_map(|plugin| plugin.find(text));
    assert_eq!(find.call("ninechars"), hand("ninechars"));
    let mut group = criterion.benchmark_group("firstresult/10");
    group.bench_function("by hand", |b| b.iter(|| hand(black_box("ninechars"))));
    group.bench_function("held caller", |b| b.iter(|| find.call(black_box("ninechars"))));
    group.finish();

    let thread = pm.caller(Specs::thread);
    let hand = |value| plugins.iter().fold(value, |value, plugin| plugin.thread(value));
    assert_eq!(thread.call(5), hand(5));
    let mut group = criterion.benchmark_group("pipeline/10");
    group.bench_function("by hand", |b| b.iter(|| hand(black_box(5))));
    group.bench_function("held caller", |b| b.iter(|| thread.call(black_box(5))));
    group.finish();

    let visit = pm.caller(Specs::visit);
    let (mut one, mut two) = (vec![0], vec![0]);
    let mut group = criterion.benchmark_group("unit/10");
    group.bench_function("by hand", |b| {
        b.iter(|| plugins.iter().for_each(|plugin| plugin.visit(black_box(&mut one))));
    });
    group.bench_function("held caller", |b| b.iter(|| visit.call(black_box(&mut two))));
    group.finish();
}

fn wrappers(criterion: &mut Criterion) {
    for layers in [1, 10] {
        let pm = manager(1);
        pm.register_all((0..layers).map(|n| (format!("layer{n}"), Layer(n)))).expect("the layers fit");
        let thread = pm.caller(Specs::thread);
        let hand = layers_by_hand(layers, by_hand(1));
        assert_eq!(thread.call(5), hand(5));
        let mut group = criterion.benchmark_group(format!("wrappers/{layers}"));
        group.bench_function("by hand", |b| b.iter(|| hand(black_box(5))));
        group.bench_function("held caller", |b| b.iter(|| thread.call(black_box(5))));
        group.finish();
    }
}

criterion_group!(benches, collecting, others, wrappers);
criterion_main!(benches);
