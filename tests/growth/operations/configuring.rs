//! Configurations as such.

use std::fmt::Write as _;

use pluginkit::config::EntryBuilder;
use pluginkit::config::PluginConfig;

use crate::plugins::{listing, name, names};
use crate::{FEW, Row};

pub(crate) const ROWS: [Row; 13] = [
    ("from_toml_str", FEW, |n| {
        let text = document(n, |own| format!("'{}'", name(own)));
        Box::new(move || assert_eq!(PluginConfig::from_toml_str(&text).unwrap().group("all").len(), n))
    }),
    ("from_toml_str, each before the next", FEW, |n| {
        let text = document(n, |own| format!("{{ id = '{}', before = '{}' }}", name(own), name(own + 1)));
        Box::new(move || assert_eq!(PluginConfig::from_toml_str(&text).unwrap().group("all").len(), n))
    }),
    ("from_toml_str, each after the next", FEW, |n| {
        let text = document(n, |own| format!("{{ id = '{}', after = '{}' }}", name(own), name(own + 1)));
        Box::new(move || assert_eq!(PluginConfig::from_toml_str(&text).unwrap().group("all").len(), n))
    }),
    ("from_toml_str, each before the next, in a circle", FEW, |n| {
        let text =
            document(n, |own| format!("{{ id = '{}', before = '{}' }}", name(own), name((own + 1) % n)));
        Box::new(move || assert!(PluginConfig::from_toml_str(&text).is_err()))
    }),
    ("merge, with the order of all turned round", FEW, |n| {
        let before = |all, own: usize, other: usize| -> pluginkit::config::ConfigBuilder {
            let all: pluginkit::config::ConfigBuilder = all;
            all.entry("all", EntryBuilder::new(name(own)).before([name(other)]))
        };
        let first = (0..n).fold(PluginConfig::builder(), |all, own| before(all, own, own + 1));
        let second = (0..n).fold(PluginConfig::builder(), |all, own| before(all, own + 1, own));
        let (first, second) = (first.build().unwrap(), second.build().unwrap());
        Box::new(move || assert_eq!(first.merge(&second).group("all").len(), n + 1))
    }),
    ("from_toml_str, settings of all, and sections", FEW, |n| {
        let names = names(n);
        let mut text = document(n, |own| format!("'{}'", name(own)));
        names.iter().for_each(|name| writeln!(text, "[plugin.{name}]\nkey = 1").unwrap());
        Box::new(move || {
            let config = PluginConfig::from_toml_str(&text).unwrap();
            assert!(names.iter().all(|name| config.section(name).is_given()));
            assert!(names.iter().all(|name| config.groups()[0].entry(name).is_some()));
            assert!(config.enabled_entries().all(|entry| entry.section().is_given()));
            config.check_sections(names.iter().map(String::as_str)).unwrap();
        })
    }),
    ("from_toml_str, each in a group of its own", FEW, |n| {
        let text = (0..n).fold(String::from("[plugins]\n"), |mut text, own| {
            writeln!(text, "{0} = ['{0}']", name(own)).unwrap();
            text
        });
        Box::new(move || {
            let config = PluginConfig::from_toml_str(&text).unwrap();
            assert_eq!(config.references().count(), config.groups().len());
            assert!(config.groups().iter().all(|group| config.group(group.name()).len() == 1));
        })
    }),
    ("builder, each in a group of its own", FEW, |n| {
        let names = names(n);
        Box::new(move || {
            let config = names.iter().fold(PluginConfig::builder(), |all, id| all.group(id, [id]));
            assert_eq!(config.build().unwrap().groups().len(), n);
        })
    }),
    ("builder, entries and settings", FEW, |n| {
        let names = names(n);
        Box::new(move || {
            let config = names.iter().fold(PluginConfig::builder(), |all, id| {
                all.entry("all", EntryBuilder::new(id).priority(1)).set(id, "key", 1).disable(id)
            });
            assert_eq!(config.build().unwrap().disabled().len(), n);
        })
    }),
    ("merge, one by one", FEW, |n| {
        let all: Vec<_> = names(n).into_iter().map(|name| listing([name])).collect();
        Box::new(move || {
            let merged = all.iter().fold(PluginConfig::default(), |merged, config| merged.merge(config));
            assert_eq!(merged.group("all").len(), n);
        })
    }),
    ("merge, and disabled in many groups", FEW, |n| {
        let grouped = names(n).iter().fold(PluginConfig::builder(), |all, id| all.group(id, [id]));
        let disabled = names(n).iter().fold(PluginConfig::builder(), |all, id| all.disable(id));
        let (grouped, disabled) = (grouped.build().unwrap(), disabled.build().unwrap());
        Box::new(move || assert_eq!(grouped.merge(&disabled).disabled().len(), n))
    }),
    ("with_env_vars, and sections", FEW, |n| {
        let (config, names) = (listing(names(n)), names(n));
        let variables: Vec<_> = (0..n).map(|own| (format!("FEED_PLUGIN__P{own:05}__KEY"), "1")).collect();
        Box::new(move || {
            let config = config.with_env_vars("FEED", variables.iter().cloned()).unwrap();
            assert!(names.iter().all(|name| config.section(name).is_given()));
        })
    }),
    ("with_env_vars, each in a group of its own", FEW, |n| {
        let config = names(n).iter().fold(PluginConfig::builder(), |all, id| all.group(id, [id]));
        let config = config.build().unwrap();
        let variables: Vec<_> = (0..n).map(|own| (format!("FEED_PLUGINS__P{own:05}"), name(own))).collect();
        Box::new(move || {
            let config = config.with_env_vars("FEED", variables.iter().cloned()).unwrap();
            assert_eq!(config.groups().len(), n);
        })
    }),
];

fn document(count: usize, entry: impl Fn(usize) -> String) -> String {
    let entries: Vec<_> = (0..count).map(entry).collect();
    format!("[plugins]\nall = [\n{}\n]\n", entries.join(",\n"))
}
