//! Factories, discoveries and loads.

use pluginkit::config::PluginConfig;
use pluginkit::loading::{Discovery, LoadPolicy};
use pluginkit::metadata::PluginMetadata;

use crate::plugins::{Plain, chained, factory, listing, makers, manager, name, names, ready};
use crate::{FEW, Row};

pub(crate) const ROWS: [Row; 23] = [
    ("add_factory, factories", FEW, |n| {
        let pm = manager();
        let mut factories = Some((0..n).map(factory).collect::<Vec<_>>());
        Box::new(move || {
            factories.take().unwrap().into_iter().for_each(|factory| drop(pm.add_factory(factory)));
            assert_eq!(pm.factories().len(), n);
        })
    }),
    ("discover", FEW, |n| {
        let pm = makers(n);
        Box::new(move || assert_eq!(pm.discover().unwrap().len(), n))
    }),
    ("discover_with, what fails left out", FEW, |n| {
        let pm = makers(n);
        Box::new(move || assert_eq!(pm.discover_with(true).unwrap().registered().len(), n))
    }),
    ("discover_with, only and except many, as configured", FEW, |n| {
        let (pm, config) = (makers(n), listing(names(n)));
        Box::new(move || {
            let discovery = Discovery::new().only(names(n)).except(names(n / 2)).config(&config);
            assert_eq!(pm.discover_with(discovery).unwrap().registered().len(), n - n / 2);
        })
    }),
    ("discover_with, all turned off", FEW, |n| {
        let pm = makers(n);
        let config = names(n).iter().fold(PluginConfig::builder(), |config, id| config.disable(id));
        let config = config.build().unwrap();
        Box::new(move || {
            let report = pm.discover_with(Discovery::new().config(&config)).unwrap();
            assert_eq!(report.skipped().len(), n);
        })
    }),
    ("load_config", FEW, |n| {
        let (pm, config) = (makers(n), listing(names(n)));
        Box::new(move || assert_eq!(pm.load_config(&config).unwrap().added().len(), n))
    }),
    ("load_config, by aliases over ids", FEW, |n| {
        let pm = manager();
        for own in 0..n {
            let metadata = PluginMetadata::new(name(own)).aliases([format!("alias-{own}")]);
            pm.add_factory(pluginkit::loading::PluginFactory::new(metadata, || Plain));
        }
        let config = listing(names(n)).merge(listing((0..n).map(|own| format!("alias-{own}"))));
        Box::new(move || {
            assert_eq!(pm.load_config(&config).unwrap().added().len(), n);
            assert_eq!(pm.group("all").len(), n);
        })
    }),
    ("load_config, names that bind nothing", FEW, |n| {
        let pm = makers(n);
        let entry = |config: pluginkit::config::ConfigBuilder, id: &String| {
            let entry = pluginkit::config::EntryBuilder::new(id).before([format!("{id}-x")]);
            config.entry("all", entry).group("all", [id])
        };
        let config = names(n).iter().fold(PluginConfig::builder(), entry).build().unwrap();
        Box::new(move || assert_eq!(pm.load_config(&config).unwrap().remarks().len(), 2 * n))
    }),
    ("load_config, again", FEW, |n| {
        let (pm, config) = (makers(n), listing(names(n)));
        pm.load_config(&config).unwrap();
        Box::new(move || assert!(pm.load_config(&config).unwrap().is_unchanged()))
    }),
    ("load_config, the other way round", FEW, |n| {
        let (pm, config) = (makers(n), listing((0..n).rev().map(name)));
        pm.load_config(&listing(names(n))).unwrap();
        Box::new(move || assert_eq!(pm.load_config(&config).unwrap().moved().len(), n - 1))
    }),
    ("load_config, with all taken out", FEW, |n| {
        let pm = makers(n);
        pm.load_config(&listing(names(n))).unwrap();
        Box::new(move || {
            assert_eq!(pm.load_config(&PluginConfig::default()).unwrap().removed().len(), n);
        })
    }),
    ("load_config, with all taken out while they run, each requires the last", FEW, |n| {
        let pm = manager();
        for own in 0..n {
            pm.add_factory(pluginkit::loading::PluginFactory::new(chained(own), || Plain));
        }
        pm.load_config(&listing(names(n))).unwrap();
        pm.start_all().unwrap();
        Box::new(move || {
            assert_eq!(pm.load_config(&PluginConfig::default()).unwrap().removed().len(), n);
        })
    }),
    ("load_config, with other settings of all", FEW, |n| {
        let (pm, first) = (makers(n), listing(names(n)));
        let second = names(n).iter().fold(PluginConfig::builder(), |all, id| all.set(id, "key", 1));
        let second = first.merge(second.build().unwrap());
        pm.load_config(&first).unwrap();
        pm.start_all().unwrap();
        Box::new(move || assert_eq!(pm.load_config(&second).unwrap().reconfigured().len(), n))
    }),
    ("load_config, each in a group of its own", FEW, |n| {
        let pm = makers(n);
        let config = names(n).iter().fold(PluginConfig::builder(), |all, id| all.group(id, [id]));
        let config = config.build().unwrap();
        Box::new(move || {
            assert_eq!(pm.load_config(&config).unwrap().added().len(), n);
            assert!(pm.load_config(&config).unwrap().is_unchanged());
            assert_eq!(pm.groups().len(), n);
        })
    }),
    ("load_config, with all turned off", FEW, |n| {
        let pm = makers(n);
        let config = names(n).iter().fold(PluginConfig::builder(), |config, id| config.disable(id));
        let config = listing(names(n)).merge(config.build().unwrap());
        Box::new(move || assert!(pm.load_config(&config).unwrap().added().is_empty()))
    }),
    ("load_config_with, what fails left out", FEW, |n| {
        let (pm, config) = (makers(n), listing(names(n)));
        Box::new(move || {
            let report = pm.load_config_with(&config, LoadPolicy::Skip).unwrap();
            assert_eq!(report.added().len(), n);
        })
    }),
    ("load_config_with, what fails left out, and an extension with options", FEW, |n| {
        let (pm, config) = (makers(n), with_options(&listing(names(n)), 1));
        Box::new(move || {
            let report = pm.load_config_with(&config, LoadPolicy::Skip).unwrap();
            assert_eq!(report.added().len(), n);
        })
    }),
    ("load_config, again, with other options of an extension", FEW, |n| {
        let (pm, config) = (makers(n), listing(names(n)));
        pm.load_config(&with_options(&config, 1)).unwrap();
        let config = with_options(&config, 2);
        Box::new(move || assert!(pm.load_config(&config).unwrap().added().is_empty()))
    }),
    ("load_config_with, half of it failing and left out", FEW, |n| {
        let (pm, config) = (makers(n), listing(names(n)));
        for own in 0..n / 2 {
            let metadata = PluginMetadata::new(name(own));
            let failing = pluginkit::loading::PluginFactory::try_new(metadata, || Err::<Plain, _>("failing"));
            pm.add_factory(failing);
        }
        Box::new(move || {
            let report = pm.load_config_with(&config, LoadPolicy::Skip).unwrap();
            assert_eq!((report.added().len(), report.skipped().len()), (n - n / 2, n / 2));
        })
    }),
    ("group, its members by name, groups", FEW, |n| {
        let pm = makers(n);
        pm.load_config(&listing(names(n))).unwrap();
        Box::new(move || {
            let group = pm.group("all");
            assert_eq!((group.len(), pm.groups()[0].all_as::<Plain>().len()), (n, n));
            assert!(names(n).iter().all(|name| group.get_as::<Plain>(name).is_some()));
            assert!(format!("{group:?}").len() > n);
        })
    }),
    ("config_schema", FEW, |n| {
        let pm = makers(n);
        Box::new(move || assert!(pm.config_schema().as_value().to_string().len() > n))
    }),
    ("load, start, load anew and stop", FEW, |n| {
        let (pm, first) = (makers(n), listing(names(n)));
        // A tenth has gone, a third of the rest has other settings, and all stand the other way round.
        let second = (0..n - n / 10).step_by(3).map(name);
        let second = second.fold(PluginConfig::builder(), |all, id| all.set(&id, "key", 1));
        let second = listing((0..n - n / 10).rev().map(name)).merge(second.build().unwrap());
        Box::new(move || {
            assert_eq!(pm.load_config(&first).unwrap().added().len(), n);
            pm.start_all().unwrap();
            assert_eq!(pm.load_config(&second).unwrap().removed().len(), n / 10);
            pm.stop_all().unwrap();
        })
    }),
    ("an async load_config, again, and with all taken out", FEW, |n| {
        let pm = crate::plugins::async_manager();
        (0..n).for_each(|own| drop(pm.add_factory(factory(own))));
        let config = listing(names(n));
        Box::new(move || {
            assert_eq!(ready(pm.load_config(&config)).unwrap().added().len(), n);
            assert!(ready(pm.load_config(&config)).unwrap().is_unchanged());
            let none = PluginConfig::default();
            assert_eq!(ready(pm.load_config(&none)).unwrap().removed().len(), n);
        })
    }),
];

/// Adds options of the extension of one plugin.
fn with_options(config: &PluginConfig, priority: i32) -> PluginConfig {
    let options = std::collections::BTreeMap::from([("priority", priority)]);
    config.clone().merge(PluginConfig::builder().extension(&name(0), "score", &options).build().unwrap())
}
