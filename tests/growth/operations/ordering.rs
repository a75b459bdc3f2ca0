//! `before` and `after` of extensions.

use pluginkit::Options;
use pluginkit::prelude::*;

use crate::plugins::{Specs, manager, name, order};
use crate::{FEW, Operation, Row};

pub(crate) const ROWS: [Row; 12] = [
    ("register, each after the last", FEW, |n| {
        registering((0..n).map(|own| (own, order(&[], &previous(own)))).collect())
    }),
    ("register, each before the last", FEW, |n| {
        registering((0..n).map(|own| (own, order(&previous(own), &[]))).collect())
    }),
    ("register, each after the next", FEW, |n| {
        registering((0..n).map(|own| (own, order(&[], &[name(own + 1)]))).collect())
    }),
    ("register, each between its neighbours, every other one first", FEW, |n| {
        let all = (0..n).step_by(2).chain((1..n).step_by(2));
        registering(all.map(|own| (own, order(&[name(own + 1)], &previous(own)))).collect())
    }),
    ("register, each between its neighbours, from the middle", FEW, |n| {
        let all = (0..n / 2).flat_map(|step| [n / 2 + step, n / 2 - 1 - step]);
        registering(all.map(|own| (own, order(&[name(own + 1)], &previous(own)))).collect())
    }),
    ("register, all after one and before another", FEW, |n| {
        registering((0..n).map(|own| (own, order(&[name(n - 1)], &[name(0)]))).map(only_inner(n)).collect())
    }),
    ("register, all into the middle of a chain", FEW, |n| {
        let chain = (0..n).map(|own| (own, order(&[], &previous(own))));
        let inside = (n..2 * n).map(|own| (own, order(&[name(n / 2)], &[name(n / 2 - 1)])));
        registering(chain.chain(inside).collect())
    }),
    ("register_all, each after the last", FEW, |n| {
        let pm = manager();
        let mut all = Some(n);
        Box::new(move || {
            let mut all = (0..all.take().unwrap()).fold(pm.transaction(), |all, own| {
                let options = order(&[], &previous(own));
                let builder = pm.plugin(own).named(name(own));
                all.built(builder.extension(Specs::score, options, |_, _| 1))
            });
            all = all.plugin_as("last", crate::plugins::Plain);
            all.register().unwrap();
        })
    }),
    ("the first call, each after the next", FEW, |n| {
        let pm = ordered((0..n).map(|own| (own, order(&[], &[name(own + 1)]))));
        Box::new(move || assert_eq!(pm.caller(Specs::score).call("").len(), n))
    }),
    ("the first call, each before the last", FEW, |n| {
        let pm = ordered((0..n).map(|own| (own, order(&previous(own), &[]))));
        Box::new(move || assert_eq!(pm.caller(Specs::score).call("").len(), n))
    }),
    ("the first call, all after one", FEW, |n| {
        let pm = ordered((0..n).map(|own| (own, order(&[], &[name(n / 2)]))).map(only_others(n / 2)));
        Box::new(move || assert_eq!(pm.caller(Specs::score).call("").len(), n))
    }),
    ("unregister, each after the last", FEW, |n| {
        let pm = ordered((0..n).map(|own| (own, order(&[], &previous(own)))));
        Box::new(move || (0..n).for_each(|own| drop(pm.unregister(name(own)).unwrap())))
    }),
];

fn previous(own: usize) -> Vec<String> {
    own.checked_sub(1).map(name).into_iter().collect()
}

fn only_inner(n: usize) -> impl Fn((usize, Options)) -> (usize, Options) {
    move |(own, options)| (own, if own == 0 || own == n - 1 { Options::new() } else { options })
}

fn only_others(one: usize) -> impl Fn((usize, Options)) -> (usize, Options) {
    move |(own, options)| (own, if own == one { Options::new() } else { options })
}

fn register(pm: &PluginManager, own: usize, options: Options) {
    pm.register_fn_with(name(own), Specs::score, options, |_| 1).unwrap();
}

fn registering(all: Vec<(usize, Options)>) -> Operation {
    let pm = manager();
    Box::new(move || all.iter().for_each(|(own, options)| register(&pm, *own, *options)))
}

fn ordered(all: impl Iterator<Item = (usize, Options)>) -> PluginManager {
    let pm = manager();
    all.for_each(|(own, options)| register(&pm, own, options));
    pm
}
