//! `before` and `after` of extensions.

use pluginkit::Options;
use pluginkit::prelude::*;

use crate::plugins::{Specs, manager, name, order};
use crate::{ARRAY, FEW, FILLED, Operation, Row};

/// Each row has [`FILLED`] plugins more than it is counted over, which are there at its beginning and at its end.
pub(crate) const ROWS: [Row; 12] = [
    ("register, each after the last", FEW, |n| {
        registering((0..n + FILLED).map(|own| (own, order(&[], &previous(own)))).collect())
    }),
    ("register, each before the last", FEW, |n| {
        registering((0..n + FILLED).map(|own| (own, order(&previous(own), &[]))).collect())
    }),
    ("register, each after the next", FEW, |n| {
        registering((0..n + FILLED).map(|own| (own, order(&[], &[name(own + 1)]))).collect())
    }),
    ("register, each between its neighbours, every other one first", FEW, |n| {
        let all = (0..n + FILLED).step_by(2).chain((1..n + FILLED).step_by(2));
        registering(all.map(|own| (own, order(&[name(own + 1)], &previous(own)))).collect())
    }),
    ("register, each between its neighbours, from the middle", FEW, |n| {
        let half = n.midpoint(FILLED);
        let all = (0..half).flat_map(|step| [half + step, half - 1 - step]);
        registering(all.map(|own| (own, order(&[name(own + 1)], &previous(own)))).collect())
    }),
    ("register, all after one and before another", FEW, |n| {
        let ends = [(0, Options::new()), (1, Options::new())];
        let inside = (2..n + FILLED).map(|own| (own, order(&[name(1)], &[name(0)])));
        registering(ends.into_iter().chain(inside).collect())
    }),
    ("register, all into the middle of a chain", FEW, |n| {
        let chain = (0..FILLED + n / 2).map(|own| (own, order(&[], &previous(own))));
        let middle = FILLED / 2;
        let inside =
            (FILLED + n / 2..FILLED + n).map(|own| (own, order(&[name(middle)], &[name(middle - 1)])));
        registering(chain.chain(inside).collect())
    }),
    ("register_all, each after the last", FEW, |n| {
        let pm = manager();
        let mut all = Some(n);
        Box::new(move || {
            let mut all = (0..all.take().unwrap()).fold(pm.transaction(), |all, own| {
                let options = order(&[], &previous(own));
                let builder = PluginBuilder::new(own).named(name(own));
                all.built(builder.extension(Specs::score, options, |_, _| 1))
            });
            all = all.plugin_as("last", crate::plugins::Plain);
            all.register().unwrap();
        })
    }),
    ("the first call, each after the next", ARRAY, |n| {
        let pm = ordered((0..n).map(|own| (own, order(&[], &[name(own + 1)]))));
        Box::new(move || assert_eq!(pm.caller(Specs::score).call("").len(), n))
    }),
    ("the first call, each before the last", ARRAY, |n| {
        let pm = ordered((0..n).map(|own| (own, order(&previous(own), &[]))));
        Box::new(move || assert_eq!(pm.caller(Specs::score).call("").len(), n))
    }),
    ("the first call, all after one", ARRAY, |n| {
        let pm = ordered((0..n).map(|own| (own, order(&[], &[name(n / 2)]))).map(only_others(n / 2)));
        Box::new(move || assert_eq!(pm.caller(Specs::score).call("").len(), n))
    }),
    ("unregister, each after the last", FEW, |n| {
        let pm = ordered((0..n + FILLED).map(|own| (own, order(&[], &previous(own)))));
        Box::new(move || (0..n).for_each(|own| drop(pm.unregister(name(own)).unwrap())))
    }),
];

fn previous(own: usize) -> Vec<String> {
    own.checked_sub(1).map(name).into_iter().collect()
}

fn only_others(one: usize) -> impl Fn((usize, Options)) -> (usize, Options) {
    move |(own, options)| (own, if own == one { Options::new() } else { options })
}

fn registering(mut all: Vec<(usize, Options)>) -> Operation {
    let counted = all.split_off(FILLED);
    let pm = ordered(all.into_iter());
    Box::new(move || {
        for (own, options) in &counted {
            pm.register_fn_with(name(*own), Specs::score, options.clone(), |_| 1).unwrap();
        }
    })
}

/// A manager of these plugins, which it got at once: one by one, a short array is put in order for each.
fn ordered(all: impl Iterator<Item = (usize, Options)>) -> PluginManager {
    let pm = manager();
    let transaction = all.fold(pm.transaction(), |transaction, (own, options)| {
        let builder = PluginBuilder::new(own).named(name(own));
        transaction.built(builder.extension(Specs::score, options, |_, _| 1))
    });
    transaction.register().unwrap();
    pm
}
