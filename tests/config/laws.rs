//! Laws that every configuration keeps.

use std::fmt::Write;

use pluginkit::config::PluginConfig;
use pluginkit::config::{EntryBuilder, Profile};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use crate::group;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const GROUPS: [&str; 2] = ["one", "two"];

#[derive(Clone, Debug)]
struct Said {
    group: &'static str,
    name: &'static str,
    enabled: Option<bool>,
    priority: Option<i32>,
    before: Option<&'static str>,
    count: Option<i64>,
}

fn said() -> impl Strategy<Value = Said> {
    let name = || prop::sample::select(&NAMES[..]);
    (
        prop::sample::select(&GROUPS[..]),
        name(),
        weighted(0.2, any::<bool>()),
        weighted(0.2, -2..3),
        weighted(0.2, name()),
        weighted(0.3, 0..9_i64),
    )
        .prop_map(|(group, name, enabled, priority, before, count)| Said {
            group,
            name,
            enabled,
            priority,
            before,
            count,
        })
}

#[derive(Clone, Debug)]
struct Source {
    said: Vec<Said>,
    disabled: Option<&'static str>,
    profile: Option<Profile>,
}

fn source() -> impl Strategy<Value = Source> {
    let disabled = weighted(0.2, prop::sample::select(&NAMES[..]));
    let profile = weighted(0.2, prop::sample::select(&Profile::ALL[..]));
    (vec(said(), 0..6), disabled, profile).prop_map(|(said, disabled, profile)| Source {
        said,
        disabled,
        profile,
    })
}

impl Source {
    /// The source, unless it contradicts itself.
    fn config(&self) -> Result<PluginConfig, TestCaseError> {
        let mut builder = PluginConfig::builder();
        for said in &self.said {
            let mut entry = EntryBuilder::new(said.name);
            if let Some(enabled) = said.enabled {
                entry = entry.enabled(enabled);
            }
            if let Some(priority) = said.priority {
                entry = entry.priority(priority);
            }
            if let Some(before) = said.before {
                entry = entry.before([before]);
            }
            builder = builder.entry(said.group, entry);
            if let Some(count) = said.count {
                builder = builder.set(said.name, "count", count).set(said.name, said.group, [count]);
            }
        }
        if let Some(disabled) = self.disabled {
            builder = builder.disable(disabled);
        }
        if let Some(profile) = self.profile {
            builder = builder.for_profile(profile);
        }
        builder.build().map_err(|_| TestCaseError::reject("it contradicts itself"))
    }

    /// What it lists, without wishes.
    fn plain(self) -> Self {
        let plain = |said: Said| Said { before: None, priority: None, ..said };
        Self { said: self.said.into_iter().map(plain).collect(), profile: None, ..self }
    }
}

/// Everything that a configuration says, under each profile.
fn shown(config: &PluginConfig) -> String {
    let mut shown = String::new();
    for profile in Profile::ALL {
        let config = config.with_profile(profile);
        for part in config.groups() {
            let entries = part.entries().iter();
            let entries: Vec<_> = entries
                .map(|entry| {
                    let settings: serde_json::Value = entry.deserialize().unwrap();
                    format!("{} {} {} {settings}", entry.reference(), entry.is_enabled(), entry.priority())
                })
                .collect();
            writeln!(shown, "{profile} {} {entries:?}", part.name()).unwrap();
        }
        writeln!(shown, "{:?}", config.disabled()).unwrap();
    }
    shown
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_source_that_is_merged_again_changes_nothing(one in source(), two in source()) {
        let one = one.config()?.merge(two.config()?);
        prop_assert_eq!(shown(&one.merge(&one)), shown(&one));
    }

    #[test]
    fn sources_are_merged_in_pairs_or_one_by_one(one in source(), two in source(), three in source()) {
        let (one, two, three) = (one.config()?, two.config()?, three.config()?);
        prop_assert_eq!(shown(&one.merge(&two).merge(&three)), shown(&one.merge(two.merge(&three))));
    }

    #[test]
    fn nothing_is_neutral(one in source()) {
        let one = one.config()?;
        let nothing = PluginConfig::default();
        prop_assert_eq!(shown(&one.merge(&nothing)), shown(&one));
        prop_assert_eq!(shown(&nothing.merge(&one)), shown(&one));
    }

    #[test]
    fn a_plain_list_is_the_first_mentions_in_order(sources in vec(source().prop_map(Source::plain), 1..4)) {
        let mut merged = PluginConfig::default();
        for source in &sources {
            merged = merged.merge(source.config()?);
        }
        for name in GROUPS {
            let mut expected: Vec<&str> = Vec::new();
            let all = sources.iter().flat_map(|source| &source.said).filter(|said| said.group == name);
            for said in all {
                if !expected.contains(&said.name) {
                    expected.push(said.name);
                }
            }
            prop_assert_eq!(group(&merged, name).replace(['(', ')'], ""), expected.join(" "));
        }
    }

    #[test]
    fn a_later_wish_always_comes_true(one in source(), name in 0..4_usize) {
        let wish = EntryBuilder::new(NAMES[name]).before([NAMES[name + 1]]);
        let late = PluginConfig::builder().entry("one", wish).build().unwrap();
        let merged = one.config()?.merge(late).with_profile(Profile::Development);
        let place = |name: &str| merged.group("one").iter().position(|entry| *entry.reference() == *name);
        if let (Some(own), Some(other)) = (place(NAMES[name]), place(NAMES[name + 1])) {
            // What profiles say is said later.
            prop_assert!(own < other || one.profile.is_some(), "{merged:?}");
        }
    }
}
