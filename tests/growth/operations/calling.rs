//! Calls, and views of them.

use pluginkit::insight::Metrics;
use pluginkit::limits::BreakerPolicy;
use pluginkit::{Options, PluginBuilder};

use crate::plugins::{
    Layer, Listener, Plain, Specs, async_manager, chain, chained, full, listing, makers, manager, name,
    names, ready,
};
use crate::{ARRAY, FEW, Row};

pub(crate) const ROWS: [Row; 19] = [
    ("the first call after a change", ARRAY, |n| {
        let pm = full(n, || Plain);
        Box::new(move || assert_eq!(pm.caller(Specs::score).call("").len(), n))
    }),
    ("try_call", ARRAY, |n| {
        let pm = full(n, || Plain);
        Box::new(move || assert_eq!(pm.caller(Specs::score).try_call("").unwrap().len(), n))
    }),
    ("settle", ARRAY, |n| {
        let pm = full(n, || Plain);
        Box::new(move || assert_eq!(pm.caller(Specs::score).settle("").len(), n))
    }),
    ("iter", ARRAY, |n| {
        let pm = full(n, || Plain);
        Box::new(move || assert_eq!(pm.caller(Specs::score).iter("").count(), n))
    }),
    ("without many", ARRAY, |n| {
        let (pm, half) = (full(n, || Plain), names(n / 2));
        Box::new(move || {
            assert_eq!(pm.caller(Specs::score).without(&half).call("").len(), n - half.len());
        })
    }),
    ("only many, twice", ARRAY, |n| {
        let (pm, half) = (full(n, || Plain), names(n / 2));
        Box::new(move || {
            let caller = pm.caller(Specs::score).only(&half).only(&half);
            assert_eq!(caller.call("").len(), half.len());
        })
    }),
    ("within_group", ARRAY, |n| {
        let pm = makers(n);
        pm.load_config(&listing((0..n).rev().map(name))).unwrap();
        Box::new(move || assert_eq!(pm.caller(Specs::score).within_group("all").call("").len(), n))
    }),
    ("fast_first", ARRAY, |n| {
        let pm = full(n, || Plain);
        Box::new(move || {
            assert_eq!(pm.caller(Specs::score).fast_first(&Metrics::new()).call("").len(), n);
        })
    }),
    ("fast_first, each requires the last", ARRAY, |n| {
        let pm = chain(n);
        pm.start_all().unwrap();
        Box::new(move || {
            assert_eq!(pm.caller(Specs::score).fast_first(&Metrics::new()).call("").len(), n);
        })
    }),
    ("fast_first, half of them disabled", 2 * ARRAY, |n| {
        let pm = manager();
        for own in 0..n {
            let options = if own % 2 == 0 {
                Options::new()
            } else {
                crate::plugins::order(&[name(own + 1)], &[name(own - 1)])
            };
            pm.register_fn_with(name(own), Specs::score, options, |_| 1).unwrap();
            pm.set_enabled(name(own), own % 2 == 0).unwrap();
        }
        Box::new(move || {
            assert_eq!(pm.caller(Specs::score).fast_first(&Metrics::new()).call("").len(), n.div_ceil(2));
        })
    }),
    ("a call through wrappers", ARRAY, |n| {
        let pm = full(n, || Layer);
        Box::new(move || assert_eq!(pm.caller(Specs::layered).call(1), 1))
    }),
    ("an observed call", ARRAY, |n| {
        let pm = full(n, || Plain);
        std::mem::forget(pm.observe(Metrics::new()));
        Box::new(move || assert_eq!(pm.caller(Specs::score).call("").len(), n))
    }),
    ("a call that trips circuits", FEW, |n| {
        let pm = manager();
        for own in 0..n {
            pm.register_fn(name(own), Specs::score, |_| -> u64 { panic!("broken") }).unwrap();
        }
        std::panic::set_hook(Box::new(|_| ()));
        std::mem::forget(pm.break_circuits(BreakerPolicy::new(1).required([name(0)])));
        Box::new(move || assert_eq!(pm.caller(Specs::score).settle("").len(), n))
    }),
    ("a call that trips circuits of a chain, the last of which is required", FEW, |n| {
        let pm = manager();
        for own in 0..n {
            let builder = PluginBuilder::new(own).metadata(chained(own));
            let broken = builder.extension(Specs::score, Options::new(), |_, _| -> u64 { panic!("broken") });
            broken.register(&pm).unwrap();
        }
        std::panic::set_hook(Box::new(|_| ()));
        std::mem::forget(pm.break_circuits(BreakerPolicy::new(1).required([name(n - 1)])));
        Box::new(move || {
            assert_eq!(pm.caller(Specs::score).settle("").len(), n);
            assert!(pm.is_enabled(name(0)));
        })
    }),
    ("an async call, one by one and at once", ARRAY, |n| {
        let pm = async_manager();
        pm.register_all(names(n).into_iter().map(|name| (name, Plain))).unwrap();
        Box::new(move || {
            let caller = pm.caller(Specs::score);
            assert_eq!(ready(caller.call("")).len(), ready(caller.settle("")).len());
            assert_eq!(ready(caller.call_concurrent("")).len(), n);
        })
    }),
    ("call_historic", ARRAY, |n| {
        let pm = full(n, || Listener);
        Box::new(move || pm.caller(Specs::configure).call_historic(1))
    }),
    ("register, with a past of its own", FEW, |n| {
        let pm = manager();
        (0..4).for_each(|level| pm.caller(Specs::configure).call_historic(level));
        let names = names(n);
        Box::new(move || names.iter().for_each(|name| drop(pm.register_as(name, Listener).unwrap())))
    }),
    ("register, with a growing past of others", FEW, |n| {
        let pm = manager();
        (0..u32::try_from(n).unwrap()).for_each(|level| pm.caller(Specs::configure).call_historic(level));
        pm.caller(Specs::other).call_historic(1);
        let names = names(n);
        Box::new(move || {
            for name in &names {
                let builder = PluginBuilder::new(Plain).named(name);
                builder.extension(Specs::other, Options::new(), |_, _| ()).register(&pm).unwrap();
            }
        })
    }),
    ("an async historic call, and replay", FEW, |n| {
        let (pm, names) = (async_manager(), names(n));
        pm.register_all(names.iter().map(|name| (name, Listener))).unwrap();
        Box::new(move || {
            ready(pm.caller(Specs::configure).call_historic(1));
            let more = names.iter().map(|name| (format!("{name}-later"), Listener));
            ready(pm.register_all_and_replay(more)).unwrap();
        })
    }),
];
