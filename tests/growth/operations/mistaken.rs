//! Mistakes and their reports.

use pluginkit::config::PluginConfig;
use pluginkit::loading::{Discovery, LoadPolicy};
use pluginkit::prelude::*;

use crate::plugins::{Plain, full, listing, makers, name, names};
use crate::{FEW, Row};

/// The number of names on the other side: a misspelled name is compared with each known name.
const SOME: usize = 8;

/// More problems than elsewhere: a problem is cheap to write, and quadratic texts show late.
const PROBLEMS: usize = 200;

pub(crate) const ROWS: [Row; 14] = [
    ("misspelled names among some", FEW, |n| {
        let (pm, wrong) = (full(SOME, || Plain), misspelled(n));
        Box::new(move || {
            for name in &wrong {
                assert!(pm.set_enabled(name, false).unwrap_err().to_string().len() < 200);
                assert!(pm.start_plugin(name).is_err() && pm.configure(name, 1).is_err());
            }
        })
    }),
    ("some misspelled names among many", FEW, |n| {
        let (pm, wrong) = (full(n, || Plain), misspelled(SOME));
        Box::new(move || {
            for name in &wrong {
                assert!(pm.set_enabled(name, false).unwrap_err().to_string().len() < 200);
                assert!(pm.stop_plugin(name).is_err());
            }
        })
    }),
    ("load_config, misspelled names among some", FEW, |n| {
        let (pm, config) = (makers(SOME), listing(misspelled(n)));
        Box::new(move || {
            let text = pm.load_config(&config).unwrap_err().to_string();
            assert!(text.len() < 500 * n, "{text}");
        })
    }),
    ("load_config, some misspelled names among many", FEW, |n| {
        let config = listing(names(n).into_iter().chain(misspelled(SOME)));
        let pm = makers(n);
        Box::new(move || assert!(pm.load_config(&config).is_err()))
    }),
    ("load_config, misspelled names among as many", FEW, |n| {
        let (pm, config) = (makers(n), listing(misspelled(n)));
        Box::new(move || assert!(pm.load_config(&config).unwrap_err().to_string().len() > n))
    }),
    ("discover_with, misspelled names among as many", FEW, |n| {
        let pm = makers(n);
        Box::new(move || assert!(pm.discover_with(Discovery::new().only(misspelled(n))).is_err()))
    }),
    ("load_config_with, misspelled names left out", FEW, |n| {
        let (pm, config) = (makers(SOME), listing(misspelled(n)));
        Box::new(move || {
            let report = pm.load_config_with(&config, LoadPolicy::Skip).unwrap();
            assert_eq!(report.skipped().len(), n);
        })
    }),
    ("load_config, misspelled names turned off", FEW, |n| {
        let pm = makers(SOME);
        let config = misspelled(n).iter().fold(PluginConfig::builder(), |all, id| all.disable(id));
        let config = config.build().unwrap();
        Box::new(move || assert!(pm.load_config(&config).is_err()))
    }),
    ("discover_with, misspelled names among some", FEW, |n| {
        let pm = makers(SOME);
        Box::new(move || assert!(pm.discover_with(Discovery::new().only(misspelled(n))).is_err()))
    }),
    ("discover, where all factories fail", FEW, |n| {
        let pm = PluginManager::new("growth");
        for own in 0..n {
            let metadata = pluginkit::metadata::PluginMetadata::new(name(own));
            pm.add_factory(pluginkit::loading::PluginFactory::try_new(metadata, || {
                Err::<Plain, _>("failing")
            }));
        }
        Box::new(move || assert!(pm.discover().is_err()))
    }),
    ("check_sections, of settings for nobody", FEW, |n| {
        let wrong = misspelled(n).iter().fold(PluginConfig::builder(), |all, id| all.set(id, "key", 1));
        let (wrong, known) = (wrong.build().unwrap(), names(SOME));
        Box::new(move || {
            let error = wrong.check_sections(known.iter().map(String::as_str)).unwrap_err();
            assert_eq!(error.problems().len(), n);
        })
    }),
    ("load_config, settings for nobody", FEW, |n| {
        let wrong = misspelled(n).iter().fold(PluginConfig::builder(), |all, id| all.set(id, "key", 1));
        let (pm, wrong) = (makers(SOME), wrong.build().unwrap());
        Box::new(move || assert!(pm.load_config(&wrong).is_err()))
    }),
    ("a document with many problems, as a text", PROBLEMS, |n| {
        let entries: Vec<_> = names(n).iter().map(|id| format!("{{ id = '{id}', enabeld = 1 }}")).collect();
        let text = format!("[plugins]\nall = [\n{}\n]", entries.join(",\n"));
        Box::new(move || {
            let error = PluginConfig::from_toml_str(&text).unwrap_err();
            assert!(error.to_string().len() > n);
        })
    }),
    ("an environment with many problems, as a text", PROBLEMS, |n| {
        let variables: Vec<_> = (0..n).map(|own| (format!("FEED_PLUGIN_{own:05}"), "1")).collect();
        Box::new(move || {
            let error = PluginConfig::default().with_env_vars("FEED", variables.iter().cloned()).unwrap_err();
            assert!(error.to_string().len() > n);
        })
    }),
];

/// Names that are nobody's, some of them close to one that is.
fn misspelled(count: usize) -> Vec<String> {
    // Scattered, so that many are no further from the known ones than few.
    (0..count).map(|number| format!("{}x", name(number * 7919 % 100_000))).collect()
}
