//! The tables of a document.
#![forbid(unsafe_code)]

use super::super::error::{ConfigProblem, ProblemKind, Problems, Shown};
use super::super::profile::Profile;
use super::super::value::{Entry, Node, Value};
use super::entry::group_entries;
use super::extensions::extensions;
use super::fields::{self, About, keep, wrong_type};
use super::limits::limits;
use super::{Layer, near};
use crate::base::similar::closest;

const KEYS: [&str; 6] = ["plugins", "plugin", "limits", "extension", "profile", "active_profile"];

/// The contents of a document: the part that always holds, then the part of each profile. All of it holds for `scope`,
/// if there is one.
///
/// Profiles are those that every host has, and those that are `declared`.
pub(in super::super) fn layers(
    root: &Node,
    scope: Option<Profile>,
    declared: &[Profile],
    problems: &mut Problems,
) -> Vec<Layer> {
    let Some(table) = fields::table(root, "the configuration", About::default(), problems) else {
        return Vec::new();
    };
    let mut all = vec![Layer { scope, ..Layer::default() }];
    for (key, entry) in &table.0 {
        match key.as_str() {
            "profile" if scope.is_none() => profiles(&entry.node, declared, &mut all, problems),
            "active_profile" if scope.is_none() => {
                all[0].active_profile = keep(profile_name(&entry.node, declared), About::default(), problems);
            }
            _ if part(key, entry, &mut all[0], problems) => {}
            "profile" | "active_profile" => {
                let message = format!("`{key}` cannot be in a file for one profile; move it to another file");
                problems.push(ConfigProblem::new(ProblemKind::UnknownKey, entry.key_at.clone(), message));
            }
            _ => problems.append(misspelled(key, entry)),
        }
    }
    all
}

/// Reads `plugins`, `plugin`, `limits` and `extension`, and says whether it was one of those.
fn part(key: &str, entry: &Entry, layer: &mut Layer, problems: &mut Problems) -> bool {
    match key {
        "plugins" => plugins(&entry.node, layer, problems),
        "plugin" => sections(&entry.node, layer, problems),
        "limits" => limits(&entry.node, layer, problems),
        "extension" => extensions(&entry.node, layer, problems),
        _ => return false,
    }
    true
}

/// A key of the document may be the host's own, unless it nearly spells one of this library.
fn misspelled(key: &str, entry: &Entry) -> Option<ConfigProblem> {
    let known = near(key, &KEYS)?;
    let message = format!(
        "nothing reads `{}`; if it is the host's own, put the plugins' tables into a table of their own, and read that with `ConfigReader::within`",
        Shown(key)
    );
    let problem = ConfigProblem::new(ProblemKind::UnknownKey, entry.key_at.clone(), message);
    Some(problem.at_key(key).suggesting(Some(known)))
}

fn plugins(node: &Node, layer: &mut Layer, problems: &mut Problems) {
    let Some(table) = fields::table(node, "plugins", About::default(), problems) else { return };
    for (key, entry) in &table.0 {
        match key.as_str() {
            "enabled" => {
                layer.enabled =
                    keep(fields::boolean(&entry.node, "plugins.enabled"), About::default(), problems);
            }
            "discover" => {
                layer.discover =
                    keep(fields::boolean(&entry.node, "plugins.discover"), About::default(), problems);
            }
            "disabled" => {
                layer.disabled =
                    fields::placed_references(&entry.node, "plugins.disabled", About::default(), problems);
            }
            group => {
                let entries = group_entries(group, &entry.node, problems);
                layer.group_mut(group, &entry.key_at).entries.extend(entries);
            }
        }
    }
}

fn sections(node: &Node, layer: &mut Layer, problems: &mut Problems) {
    if let Some(problem) = groups_as_settings(node) {
        problems.push(problem);
        return;
    }
    fields::each_plugin(node, "plugin", problems, |id, entry, _, _| {
        layer.sections.0.insert(id.to_owned(), entry.clone());
    });
}

/// Returns the problem that `[plugin]` has nothing but arrays: they are groups, which `[plugins]` has.
fn groups_as_settings(node: &Node) -> Option<ConfigProblem> {
    let table = &node.as_table()?.0;
    let is_array = |entry: &Entry| matches!(entry.node.value, Value::Array(_));
    if table.is_empty() || !table.values().all(is_array) {
        return None;
    }
    let (group, first) = table.iter().next()?;
    let message = format!(
        "`plugin` has a table with the settings of each plugin, but `{}` is an array; groups of plugins stand in `plugins`",
        Shown(group)
    );
    let problem = ConfigProblem::new(ProblemKind::WrongType, first.key_at.clone(), message);
    Some(problem.at_key("plugin").suggesting(Some("plugins")))
}

fn profiles(node: &Node, declared: &[Profile], all: &mut Vec<Layer>, problems: &mut Problems) {
    let Some(table) = fields::table(node, "profile", About::default(), problems) else {
        return;
    };
    for (name, entry) in &table.0 {
        let scope = keep(parse_profile(name, declared, &entry.key_at), About::default(), problems);
        let full = format!("profile.{name}");
        let Some(table) = fields::table(&entry.node, &full, About::default(), problems) else { continue };
        let mut layer = Layer { scope, ..Layer::default() };
        for (key, entry) in &table.0 {
            if !part(key, entry, &mut layer, problems) {
                problems.push(fields::unknown(key, entry, &["plugins", "plugin", "limits", "extension"]));
            }
        }
        if scope.is_some() {
            all.push(layer);
        }
    }
}

fn profile_name(node: &Node, declared: &[Profile]) -> Result<Profile, Box<ConfigProblem>> {
    match &node.value {
        Value::String(name) => parse_profile(name, declared, &node.at),
        _ => Err(wrong_type(node, "active_profile", "the name of a profile").into()),
    }
}

pub(super) fn parse_profile(
    name: &str,
    declared: &[Profile],
    at: &super::super::location::Location,
) -> Result<Profile, Box<ConfigProblem>> {
    Profile::find(name, declared).map_err(|error| {
        let names = Profile::ALL.iter().chain(declared).map(|profile| profile.as_str());
        ConfigProblem::new(ProblemKind::UnknownProfile, at.clone(), error.to_string())
            .suggesting(closest(name, names))
            .caused_by(error)
            .into()
    })
}
