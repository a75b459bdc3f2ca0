//! Questions to a manager.

use pluginkit::Options;
use pluginkit::insight::Metrics;

use crate::plugins::{Plain, Specs, chain, full, manager, name, names};
use crate::{ARRAY, FEW, Row};

pub(crate) const ROWS: [Row; 10] = [
    ("plugin_names, descriptors", FEW, |n| {
        let pm = full(n, || Plain);
        Box::new(move || assert_eq!(pm.plugin_names().len(), pm.descriptors().len()))
    }),
    ("look-ups by name", FEW, |n| {
        let (pm, names) = (full(n, || Plain), names(n));
        Box::new(move || {
            for name in &names {
                assert!(pm.is_registered(name) && pm.is_enabled(name) && !pm.is_blocked(name));
                assert_eq!(pm.extension_points_of(name).unwrap().len(), 1);
                let plugin = pm.plugin_as::<Plain>(name).unwrap();
                assert_eq!(pm.plugin_name(&plugin).unwrap(), *name);
                assert!(pm.descriptor(name).is_some() && pm.overruns(name) == Some(0));
                assert!(pm.disabled_reason(name).is_none() && pm.plugin(name).is_some());
            }
        })
    }),
    ("implementations", ARRAY, |n| {
        let pm = full(n, || Plain);
        Box::new(move || assert_eq!(pm.caller(Specs::score).implementations().len(), n))
    }),
    ("report, as a text", FEW, |n| {
        let pm = full(n, || Plain);
        std::mem::forget(pm.observe(Metrics::new()));
        pm.caller(Specs::score).call("");
        Box::new(move || assert!(pm.report().to_string().contains(&name(n - 1))))
    }),
    ("graph", FEW, |n| {
        let pm = chain(n);
        Box::new(move || assert!(pm.graph().plugins.len() == n))
    }),
    ("graph, as texts", FEW, |n| {
        let graph = chain(n).graph();
        Box::new(move || assert!(graph.to_mermaid().len() > graph.to_dot().len() / 9))
    }),
    ("validate", FEW, |n| {
        let pm = chain(n);
        Box::new(move || assert!(pm.validate().unwrap().is_empty()))
    }),
    ("validate and report, names that bind nothing", FEW, |n| {
        let pm = manager();
        for own in 0..n {
            let options = Options::new().before(["nobody"]);
            pm.register_fn_with(name(own), Specs::score, options, |_| 1).unwrap();
        }
        Box::new(move || {
            assert_eq!(pm.validate().unwrap().len(), n);
            assert_eq!(pm.report().unbound.len(), n);
        })
    }),
    ("without, names that bind nothing", FEW, |n| {
        let pm = full(n, || Plain);
        Box::new(move || {
            let caller = pm.caller(Specs::score);
            (0..n).for_each(|own| drop(caller.without([format!("nobody-{own}")])));
            assert!(pm.report().unbound.len() <= n);
        })
    }),
    ("Debug", FEW, |n| {
        let pm = full(n, || Plain);
        let caller = pm.caller(Specs::score);
        Box::new(move || assert!(format!("{pm:?} {caller:?} {:?}", pm.report()).len() > n))
    }),
];
