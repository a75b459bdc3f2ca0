//! Plugins that come, go, and are switched.

use pluginkit::insight::Metrics;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;

use crate::plugins::{Late, Living, Plain, Specs, Waiting, async_manager, full, manager, name, names, ready};
use crate::{ARRAY, FEW, Row};

pub(crate) const ROWS: [Row; 20] = [
    ("register, one by one", FEW, |n| {
        let (pm, names) = (manager(), names(n));
        Box::new(move || names.iter().for_each(|name| drop(pm.register_as(name, Plain).unwrap())))
    }),
    ("register_fn, one by one", FEW, |n| {
        let (pm, names) = (manager(), names(n));
        Box::new(move || {
            for name in &names {
                pm.register_fn(name, Specs::score, |_| 1).unwrap();
            }
        })
    }),
    ("register_all", FEW, |n| {
        let (pm, names) = (manager(), names(n));
        Box::new(move || {
            pm.register_all(names.iter().map(|name| (name, Plain))).unwrap();
        })
    }),
    ("register_all, refused at its end", FEW, |n| {
        let (pm, mut names) = (manager(), names(n));
        names.push(name(0));
        Box::new(move || assert!(pm.register_all(names.iter().map(|name| (name, Plain))).is_err()))
    }),
    ("register, of taken names", FEW, |n| {
        let (pm, names) = (full(n, || Plain), names(n));
        Box::new(move || names.iter().for_each(|name| assert!(pm.register_as(name, Plain).is_err())))
    }),
    ("register_all_and_replay", FEW, |n| {
        let (pm, names) = (async_manager(), names(n));
        Box::new(move || {
            ready(pm.register_all_and_replay(names.iter().map(|name| (name, Plain)))).unwrap();
        })
    }),
    ("transaction, register_and_start", FEW, |n| {
        let pm = manager();
        let mut names = Some(names(n));
        Box::new(move || {
            let names = names.take().unwrap();
            let all = names.into_iter();
            let all = all.fold(pm.transaction(), |all, name| all.plugin_as(name, Living));
            all.register_and_start().unwrap();
        })
    }),
    ("transaction, taken back", FEW, |n| {
        let pm = manager();
        let mut names = Some(names(n));
        Box::new(move || {
            let names = names.take().unwrap();
            let all = names.into_iter();
            let all = all.fold(pm.transaction(), |all, name| all.plugin_as(name, Living));
            let needy = PluginMetadata::new("needy").requires(["nobody"]);
            let needy = PluginBuilder::new(Living).metadata(needy).extends(Lifecycle);
            assert!(all.built(needy).register_and_start().is_err());
        })
    }),
    ("unregister, the first first", FEW, |n| {
        let (pm, names) = (full(n, || Plain), names(n));
        Box::new(move || names.iter().for_each(|name| drop(pm.unregister(name).unwrap())))
    }),
    ("unregister, the last first", FEW, |n| {
        let (pm, names) = (full(n, || Plain), names(n));
        Box::new(move || names.iter().rev().for_each(|name| drop(pm.unregister(name).unwrap())))
    }),
    ("unregister_plugin", FEW, |n| {
        let pm = full(n, || Plain);
        let all: Vec<_> = names(n).iter().map(|name| pm.plugin_as::<Plain>(name).unwrap()).collect();
        Box::new(move || all.iter().for_each(|plugin| drop(pm.unregister_plugin(plugin).unwrap())))
    }),
    ("set_enabled, off and on", FEW, |n| {
        let (pm, names) = (full(n, || Plain), names(n));
        Box::new(move || {
            names.iter().for_each(|name| pm.set_enabled(name, false).unwrap());
            names.iter().for_each(|name| pm.set_enabled(name, true).unwrap());
        })
    }),
    ("register and disable, one by one", FEW, |n| {
        let (pm, names) = (manager(), names(n));
        Box::new(move || {
            for name in &names {
                pm.register_as(name, Plain).unwrap();
                pm.set_enabled(name, false).unwrap();
            }
        })
    }),
    ("disable", FEW, |n| {
        let (pm, names) = (full(n, || Plain), names(n));
        Box::new(move || names.iter().for_each(|name| pm.disable(name, "why not").unwrap()))
    }),
    ("set_blocked and unblock", FEW, |n| {
        let (pm, names) = (full(n, || Plain), names(n));
        Box::new(move || {
            names.iter().for_each(|name| drop(pm.set_blocked(name).unwrap()));
            names.iter().for_each(|name| assert!(pm.unblock(name)));
        })
    }),
    ("set_plugin_timeout, set_plugin_concurrency, configure", ARRAY, |n| {
        let (pm, names) = (async_manager(), names(n));
        pm.register_all(names.iter().map(|name| (name, Plain))).unwrap();
        Box::new(move || {
            for name in &names {
                pm.set_plugin_timeout(name, std::time::Duration::from_secs(1)).unwrap();
                pm.set_plugin_concurrency(name, Some(2)).unwrap();
                drop(pm.configure(name, 7_u32).unwrap());
            }
        })
    }),
    ("register, before the specs, and add_extension_points", FEW, |n| {
        let (pm, names) = (manager(), names(n));
        Box::new(move || {
            names.iter().for_each(|name| drop(pm.register_as(name, Waiting).unwrap()));
            pm.add_extension_points(Late).unwrap();
        })
    }),
    ("observe, and no more", FEW, |n| {
        let pm = full(n, || Plain);
        Box::new(move || drop(pm.observe(Metrics::new())))
    }),
    ("set_point_timeout, set_point_failure_policy", FEW, |n| {
        let pm = full(n, || Plain);
        Box::new(move || {
            pm.set_point_timeout(Specs::score, std::time::Duration::from_secs(1)).unwrap();
            pm.set_point_failure_policy(Specs::score, pluginkit::limits::FailurePolicy::Collect).unwrap();
        })
    }),
    ("drop of a manager", FEW, |n| {
        let mut pm = Some(full(n, || Living));
        Box::new(move || drop(pm.take()))
    }),
];
