//! Starting, stopping, removing and replacing.

use pluginkit::lifecycle::StartPolicy;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;

use crate::plugins::{
    Broken, Living, Plain, Specs, Stuck, chain, chained, full, manager, name, names, ready,
};
use crate::{FEW, Row};

pub(crate) const ROWS: [Row; 24] = [
    ("start_all", FEW, |n| {
        let pm = full(n, || Living);
        Box::new(move || pm.start_all().unwrap())
    }),
    ("start_all, each requires the last", FEW, |n| {
        let pm = chain(n);
        Box::new(move || pm.start_all().unwrap())
    }),
    ("start_all, and back after a failure", FEW, |n| {
        let pm = full(n, || Living);
        pm.register_as("broken", Broken).unwrap();
        Box::new(move || assert!(pm.start_all().is_err()))
    }),
    // What the others look through is short: only many of them show that they do.
    ("start_all_with(Continue), the first of a chain is broken", 8 * FEW, |n| {
        let pm = manager();
        PluginBuilder::new(Broken).metadata(chained(0)).extends(Lifecycle).register(&pm).unwrap();
        for own in 1..n {
            PluginBuilder::new(Living).metadata(chained(own)).extends(Lifecycle).register(&pm).unwrap();
        }
        Box::new(move || assert!(pm.start_all_with(StartPolicy::Continue).is_err()))
    }),
    ("start_all_with(Continue), the last of a chain requires nobody there", FEW, |n| {
        let pm = chain(n);
        let needy = PluginMetadata::new("needy").requires(["nobody"]);
        PluginBuilder::new(Living).metadata(needy).extends(Lifecycle).register(&pm).unwrap();
        Box::new(move || assert!(pm.start_all_with(StartPolicy::Continue).is_err()))
    }),
    ("start_all_with(Continue), all are broken", FEW, |n| {
        let pm = full(n, || Broken);
        Box::new(move || assert!(pm.start_all_with(StartPolicy::Continue).is_err()))
    }),
    ("start_plugins", FEW, |n| {
        let (pm, names) = (full(n, || Living), names(n));
        Box::new(move || pm.start_plugins(&names, StartPolicy::Rollback).unwrap())
    }),
    ("start_plugin, the last of a chain", FEW, |n| {
        let pm = chain(n);
        Box::new(move || pm.start_plugin(name(n - 1)).unwrap())
    }),
    ("start_plugin, one by one", FEW, |n| {
        let (pm, names) = (full(n, || Living), names(n));
        Box::new(move || names.iter().for_each(|name| pm.start_plugin(name).unwrap()))
    }),
    ("stop_all", FEW, |n| {
        let pm = full(n, || Living);
        pm.start_all().unwrap();
        Box::new(move || pm.stop_all().unwrap())
    }),
    ("stop_all, each requires the last", FEW, |n| {
        let pm = chain(n);
        pm.start_all().unwrap();
        Box::new(move || pm.stop_all().unwrap())
    }),
    ("stop_plugin, the first of a chain", FEW, |n| {
        let pm = chain(n);
        pm.start_all().unwrap();
        Box::new(move || pm.stop_plugin(name(0)).unwrap())
    }),
    ("stop_plugin, one by one", FEW, |n| {
        let (pm, names) = (full(n, || Living), names(n));
        pm.start_all().unwrap();
        Box::new(move || names.iter().for_each(|name| pm.stop_plugin(name).unwrap()))
    }),
    ("unload_all", FEW, |n| {
        let pm = full(n, || Living);
        pm.start_all().unwrap();
        Box::new(move || pm.unload_all().unwrap())
    }),
    ("unload_all, where all fail to stop", FEW, |n| {
        let pm = full(n, || Stuck);
        pm.start_all().unwrap();
        Box::new(move || assert!(pm.unload_all().is_err()))
    }),
    ("remove, one by one", FEW, |n| {
        let (pm, names) = (full(n, || Living), names(n));
        pm.start_all().unwrap();
        Box::new(move || names.iter().for_each(|name| drop(pm.remove(name).unwrap())))
    }),
    ("remove_with_dependents, the first of a chain", FEW, |n| {
        let pm = chain(n);
        pm.start_all().unwrap();
        Box::new(move || drop(pm.remove_with_dependents(name(0)).unwrap()))
    }),
    ("replace, one by one", FEW, |n| {
        let pm = manager();
        let builder = |own| PluginBuilder::new(Living).metadata(PluginMetadata::new(name(own)));
        (0..n).for_each(|own| drop(builder(own).extends(Specs).extends(Lifecycle).register(&pm).unwrap()));
        pm.register_as("Plain", Plain).unwrap();
        pm.start_all().unwrap();
        Box::new(move || (0..n).for_each(|_| drop(pm.replace(Plain).unwrap())))
    }),
    ("run", FEW, |n| {
        let pm = full(n, || Living);
        Box::new(move || pm.run(|| ()).unwrap())
    }),
    ("drop of a manager that runs", FEW, |n| {
        let pm = full(n, || Living);
        pm.start_all().unwrap();
        let mut pm = Some(pm);
        Box::new(move || drop(pm.take()))
    }),
    ("stop_all, of plugins that all fail to", FEW, |n| {
        let pm = full(n, || Stuck);
        pm.start_all().unwrap();
        Box::new(move || assert!(pm.stop_all().is_err()))
    }),
    ("a failed stop_all, as a text", FEW, |n| {
        let pm = full(n, || Stuck);
        pm.start_all().unwrap();
        let error = pm.stop_all().unwrap_err();
        Box::new(move || assert!(format!("{error:?}").len() > n))
    }),
    ("an async start_all and stop_all", FEW, |n| {
        let pm = crate::plugins::async_manager();
        pm.register_all(names(n).into_iter().map(|name| (name, Living))).unwrap();
        Box::new(move || {
            ready(pm.start_all()).unwrap();
            ready(pm.stop_all()).unwrap();
        })
    }),
    ("an async unload_all", FEW, |n| {
        let pm = crate::plugins::async_manager();
        pm.register_all(names(n).into_iter().map(|name| (name, Living))).unwrap();
        ready(pm.start_all()).unwrap();
        Box::new(move || ready(pm.unload_all()).unwrap())
    }),
];
