//! Random times: `fast_first` breaks no declared order.

use std::collections::HashMap;
use std::time::Duration;

use pluginkit::Options;
use pluginkit::metadata::PluginMetadata;
use pluginkit::points::{Bucket, ImplementationInfo, PluginNames};
use pluginkit::prelude::*;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::generate::references;
use crate::plan::INDICES;

const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

#[extension_point]
trait Specs {
    fn call(&self) -> String;
}

/// A plugin, what it requires, and what it takes.
#[derive(Clone, Debug)]
struct Random {
    /// Of each extension or wrapper: whether it is a wrapper, and where it wants to be.
    entries: Vec<(bool, Options)>,
    requires: Vec<&'static str>,
    optional: bool,
    enabled: bool,
    time: Option<u64>,
}

fn entry() -> impl Strategy<Value = (bool, Options)> {
    let bucket = prop_oneof![6 => Just(Bucket::Normal), 1 => Just(Bucket::First), 1 => Just(Bucket::Last)];
    let priority = prop_oneof![6 => Just(0), 1 => -1..2];
    let is_wrapper = prop::bool::weighted(0.15);
    (is_wrapper, bucket, priority, references(), references()).prop_map(
        |(is_wrapper, bucket, priority, before, after)| {
            let mut options = Options::new().priority(priority).before(before).after(after);
            options.bucket = bucket;
            (is_wrapper, options)
        },
    )
}

fn random() -> impl Strategy<Value = Random> {
    let requires = vec(prop::sample::select(&NAMES[..]), 0..3);
    let enabled = prop::bool::weighted(0.9);
    let time = weighted(0.8, 0..5_u64);
    let entries = prop_oneof![4 => vec(entry(), 1..2), 1 => vec(entry(), 0..4)];
    (entries, requires, any::<bool>(), enabled, time).prop_map(
        |(entries, requires, optional, enabled, time)| Random { entries, requires, optional, enabled, time },
    )
}

fn register(pm: &PluginManager, name: &'static str, random: &Random) {
    let metadata = PluginMetadata::new(name);
    let requires = random.requires.iter().copied();
    let metadata =
        if random.optional { metadata.optional_requires(requires) } else { metadata.requires(requires) };
    let mut plugin = PluginBuilder::new(()).metadata(metadata);
    for (index, (is_wrapper, options)) in random.entries.iter().enumerate() {
        let options = options.clone().method(INDICES[index]);
        plugin = if *is_wrapper {
            plugin.wrapper(Specs::call, options, |_, _, next| next.run())
        } else {
            plugin.extension(Specs::call, options, move |_, _| format!("{name}{index}"))
        };
    }
    // It is left out where `before` and `after` cannot be kept.
    if plugin.register(pm).is_ok() {
        pm.set_enabled(name, random.enabled).unwrap();
    }
}

/// Who is required by each, directly or through others that are there.
fn required(pm: &PluginManager, plugins: &[Random]) -> HashMap<&'static str, Vec<&'static str>> {
    let direct = |name: &str| {
        let plugins =
            NAMES.iter().zip(plugins).filter(|(other, _)| **other == name && pm.is_registered(name));
        plugins.flat_map(|(_, random)| random.requires.clone()).collect::<Vec<_>>()
    };
    let all = |name| {
        let mut found = direct(name);
        for _ in NAMES {
            let further: Vec<_> = found.iter().flat_map(|name| direct(name)).collect();
            found.extend(further);
            found.sort_unstable();
            found.dedup();
        }
        found
    };
    NAMES.iter().map(|name| (*name, all(name))).collect()
}

fn ties(one: &ImplementationInfo, other: &ImplementationInfo) -> bool {
    let declared = |each: &ImplementationInfo| (each.is_wrapper, each.options.bucket, each.options.priority);
    !one.is_wrapper && declared(one) == declared(other)
}

fn names(one: &ImplementationInfo, other: &ImplementationInfo) -> bool {
    let named = |names: &PluginNames| names.contains(&other.plugin);
    named(&one.options.before) || named(&one.options.after)
}

/// Whether `before` or `after` of either wants `one` before `other`.
fn precedes(one: &ImplementationInfo, other: &ImplementationInfo) -> bool {
    one.is_wrapper == other.is_wrapper
        && (one.options.before.contains(&other.plugin) || other.options.after.contains(&one.plugin))
}

/// Every pair of `order`, in its order.
fn pairs(order: &[ImplementationInfo]) -> impl Iterator<Item = (&ImplementationInfo, &ImplementationInfo)> {
    order.iter().enumerate().flat_map(|(at, one)| order[at + 1..].iter().map(move |other| (one, other)))
}

fn check(plugins: &[Random], same: Option<u64>) -> TestCaseResult {
    let pm = PluginManager::new("model");
    pm.add_extension_points(Specs).unwrap();
    for (name, random) in NAMES.iter().zip(plugins) {
        register(&pm, name, random);
    }
    let times: HashMap<_, _> = NAMES.iter().zip(plugins).map(|(name, random)| (*name, random.time)).collect();
    let time = move |plugin: &str| times[plugin].map(Duration::from_millis);
    let time_of = time.clone();
    let caller = pm.caller(Specs::call);
    let declared = caller.implementations();

    for equal in [None, same.map(Duration::from_millis)] {
        prop_assert_eq!(&caller.fast_first_by(move |_| equal).implementations(), &declared);
    }

    let fast = caller.fast_first_by(move |plugin| time_of(plugin));
    let adapted = fast.implementations();
    let called: Vec<_> = adapted
        .iter()
        .filter(|each| !each.is_wrapper)
        .map(|each| format!("{}{}", each.plugin, each.options.method))
        .collect();
    prop_assert_eq!(fast.call(), called);

    prop_assert_eq!(adapted.len(), declared.len());
    let place = |each: &ImplementationInfo| declared.iter().position(|other| other == each);
    let required = required(&pm, plugins);
    for (one, other) in pairs(&adapted) {
        prop_assert!(place(one).is_some() && place(other).is_some());
        prop_assert!(!precedes(other, one), "{other} is to be before {one}: {adapted:?}");
        if place(one) > place(other) {
            prop_assert!(ties(one, other), "{one} and {other} do not tie: {adapted:?}");
            let needs = required[one.plugin.as_str()].contains(&other.plugin.as_str());
            prop_assert!(!needs, "{one} requires {other}: {adapted:?}");
        }
    }
    // Where nobody declares more, neighbours stand by time, then as declared, unless one requires the other.
    let declares = |each: &&ImplementationInfo| adapted.iter().any(|other| names(each, other));
    if adapted.iter().filter(declares).count() == 0 && plugins.iter().all(|random| random.enabled) {
        for pair in adapted.windows(2).filter(|pair| ties(&pair[0], &pair[1])) {
            let needs = required[pair[1].plugin.as_str()].contains(&pair[0].plugin.as_str());
            let by_time = |at: usize| (time(&pair[at].plugin), place(&pair[at]));
            let in_time = by_time(0) < by_time(1);
            prop_assert!(in_time || needs, "{} is quicker than {}: {adapted:?}", pair[1], pair[0]);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn the_quickest_come_first_and_nothing_that_is_declared_is_broken(
        plugins in vec(random(), 2..=NAMES.len()),
        same in weighted(0.9, 0..9_u64),
    ) {
        check(&plugins, same)?;
    }
}
