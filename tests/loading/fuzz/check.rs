//! The guarantees of every configuration.

use std::sync::Arc;

use pluginkit::config::{Location, PluginConfig, Profile};
use pluginkit::loading::{SkipReason, Skipped};
use pluginkit::metadata::PluginState;
use pluginkit::{Error, PluginManager};

use super::plugins::{DeepSettings, PickySettings, StrictSettings, TextSettings};
use super::{Document, Input};
use crate::plugins::Specs;

/// What became of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// One of its sources, or the environment, is none.
    Unread,
    /// It is one, and the manager did not take it.
    Refused,
    Loaded,
}

impl Verdict {
    pub(super) const ALL: [Self; 3] = [Self::Unread, Self::Refused, Self::Loaded];
}

/// What may refuse a configuration for what was there before it, and not for what it says.
const FORMER: [&str; 6] =
    ["has_dependents", "start", "stop", "dependency_not_started", "unmet_dependencies", "several"];

pub(super) fn check(input: &Input) -> Verdict {
    let Some(config) = read(input) else { return Verdict::Unread };
    look_through(&config);
    let pm = manager();
    if let Some(before) = source(&input.before) {
        // If it cannot be, nothing was there before.
        let _ = pm.load_config(&before);
    }
    if input.started {
        // Those that can.
        let _ = pm.start_all_with(pluginkit::lifecycle::StartPolicy::Continue);
    }
    if input.switched {
        for name in ["text", "lives"].into_iter().filter(|name| pm.is_registered(name)) {
            pm.disable(name, "it is switched off").expect("it is there");
        }
    }
    let before = state(&pm);
    let fresh = manager();
    let alone = fresh.load_config(&config);
    match pm.load_config(&config) {
        Err(error) => {
            assert_eq!(state(&pm), before, "what was refused has changed the manager: {error}");
            told(&error);
            if alone.is_ok() {
                assert!(FORMER.contains(&error.code()), "only a new manager takes it: {error}");
            }
            Verdict::Refused
        }
        Ok(report) => {
            let mut there = [report.added(), report.unchanged(), report.reconfigured()].concat();
            let mut names = pm.plugin_names();
            // What the host has registered is told of only if it is listed.
            there.retain(|name| *name != "mine");
            names.retain(|name| *name != "mine");
            there.sort();
            names.sort();
            assert_eq!(there, names, "the report tells of others than there are");
            let is_off = |skipped: &Skipped| matches!(skipped.reason, SkipReason::Disabled);
            assert!(report.skipped().iter().all(is_off));
            let after = state(&pm);
            let again = pm.load_config(&config).expect("it was just loaded");
            assert!(again.is_unchanged(), "loaded again, it does something: {again}");
            assert_eq!(state(&pm), after, "loaded again, it changes the manager");
            if let Err(error) = alone {
                panic!("only a manager with a past takes it: {error}");
            }
            if !input.switched {
                for manager in [&pm, &fresh] {
                    let _ = manager.start_all_with(pluginkit::lifecycle::StartPolicy::Continue);
                }
                assert_eq!(answers(&pm), answers(&fresh), "the past shows");
            }
            Verdict::Loaded
        }
    }
}

fn manager() -> PluginManager {
    let pm = PluginManager::new("fuzzing");
    pm.add_extension_points(Specs).expect("they are new");
    pm.register_fn("mine", Specs::transform, |args| args.text + "?").expect("its name is free");
    pm
}

/// One source, unless it is none: then what is wrong is told, and where.
fn source(document: &Document) -> Option<PluginConfig> {
    let text = &document.0;
    let error = match PluginConfig::from_toml_str(text) {
        Ok(config) => return Some(config),
        Err(error) => error,
    };
    assert!(!error.problems().is_empty() && !error.to_string().is_empty());
    for problem in error.problems() {
        let span = problem.location().and_then(Location::span).expect("it is in the text");
        assert!(text.get(span.clone()).is_some(), "{span:?} is no part of the text");
    }
    None
}

fn read(input: &Input) -> Option<PluginConfig> {
    let sources: Option<Vec<_>> = input.sources.iter().map(source).collect();
    let merged = sources?.into_iter().reduce(|config, later| config.merge(later))?;
    let config = match input.profile {
        Some("development") => merged.with_profile(Profile::Development),
        Some("staging") => merged.with_profile(Profile::Staging),
        Some(_) => merged.with_profile(Profile::Production),
        None => merged,
    };
    match config.with_env_vars("FUZZ", input.variables.clone()) {
        Ok(config) => Some(config),
        Err(error) => {
            let named = error.problems().iter().all(|problem| {
                problem.location().and_then(Location::variable).is_some_and(|name| name.starts_with("FUZZ_"))
            });
            assert!(named && !error.problems().is_empty(), "{error}");
            None
        }
    }
}

/// All that can be read of it, of the right types and of others.
fn look_through(config: &PluginConfig) {
    for name in config.section_names() {
        let section = config.section(name);
        let errors = [
            section.deserialize::<TextSettings>().err(),
            section.deserialize::<DeepSettings>().err(),
            section.deserialize::<StrictSettings>().err(),
            section.deserialize::<PickySettings>().err(),
        ];
        assert!(errors.iter().flatten().all(|error| !error.problems().is_empty()));
    }
    for entry in config.enabled_entries() {
        let _ = entry.deserialize::<DeepSettings>().map_err(|error| error.to_string());
    }
    assert!(!format!("{config:?}").is_empty());
}

/// An error says something, and so does whatever it stands for.
fn told(error: &Error) {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        assert!(!error.to_string().is_empty());
        next = error.source();
    }
}

/// All that can be seen of a manager.
fn state(pm: &PluginManager) -> Vec<String> {
    let mut lines = Vec::new();
    for descriptor in pm.descriptors() {
        let id = &descriptor.id;
        let plugin = pm.plugin(id).expect("it is there");
        // What a start that failed has left is taken back before what it uses is replaced, for good: then it is stopped.
        let state = match descriptor.state {
            PluginState::Failed => PluginState::Stopped,
            state => state,
        };
        lines.push(format!(
            "{id} {state:?} enabled {} {:?} at {:p}, extends {:?}, is {:?}",
            pm.is_enabled(id),
            pm.disabled_reason(id),
            Arc::as_ptr(&plugin),
            pm.extension_points_of(id),
            descriptor.metadata,
        ));
    }
    lines.push(format!("{:?}", pm.caller(Specs::fetch).implementations()));
    lines.extend(answers(pm));
    lines
}

/// What the plugins of a manager are and answer, also by groups, and in which order.
fn answers(pm: &PluginManager) -> Vec<String> {
    let mut lines = Vec::new();
    for group in pm.groups() {
        let members: Vec<_> =
            group.iter().map(|member| format!("{}={}", member.reference(), member.id())).collect();
        let fetched = pm.caller(Specs::fetch).within_group(group.name()).call("topic");
        let transformed = pm.caller(Specs::transform).within_group(group.name()).call("text".to_owned());
        lines.push(format!("{}: {members:?} {fetched:?} {transformed}", group.name()));
    }
    lines.push(pm.caller(Specs::fetch).call("topic").join("; "));
    lines.push(pm.caller(Specs::transform).call("text".to_owned()));
    lines.push(format!("{:?}", pm.plugin_names()));
    lines
}
