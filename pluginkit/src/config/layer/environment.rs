//! The environment as a source.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::ffi::OsString;

use super::super::error::{ConfigProblem, ProblemKind, Problems, Shown};
use super::super::location::Location;
use super::super::parse;
use super::super::profile::Profile;
use super::super::value::{Entry, Node, Table, Value};
use super::document::parse_profile;
use super::extensions::extensions;
use super::fields::{About, keep, placed_references};
use super::limits::limits;
use super::{Layer, group_entries, near};
use crate::base::similar::closest;

const FIXED: [&str; 4] = ["PROFILE", "PLUGINS_ENABLED", "PLUGINS_DISCOVER", "PLUGINS_DISABLED"];
/// The first parts of variables that set something within a table.
const TABLES: [&str; 4] = ["PLUGIN", "PLUGINS", "LIMITS", "EXTENSION"];

/// Reads the variables that begin with `prefix` and an underscore.
pub(in super::super) fn layer(
    prefix: &str,
    declared: &[Profile],
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    problems: &mut Problems,
) -> Layer {
    let mut own: Vec<(String, OsString)> = Vec::new();
    for (name, value) in variables {
        // A name that is not Unicode cannot begin with the prefix and mean something.
        let Ok(name) = name.into_string() else { continue };
        if name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('_')) {
            own.push((name, value));
        }
    }
    own.sort();
    let mut layer = Layer { is_environment: true, ..Layer::default() };
    let (mut limited, mut extended) = (Table::default(), Table::default());
    for (name, value) in own {
        let rest = &name[prefix.len() + 1..];
        let is_own = |start| rest.starts_with(start);
        if !(FIXED.contains(&rest)
            || ["PLUGIN_", "PLUGINS_", "LIMITS_", "EXTENSION_"].into_iter().any(is_own))
        {
            problems.append(misspelled(rest, &name));
            continue;
        }
        let at = Location::environment(&name);
        match value.into_string() {
            Ok(value) => {
                let path = |start, least| rest.strip_prefix(start).filter(|path| is_path(path, least));
                match (path("LIMITS__", 2), path("EXTENSION__", 3)) {
                    (Some(path), _) => set(path, limit(&value, &at), &mut limited, problems),
                    (_, Some(path)) => set(path, option(path, &value, &at), &mut extended, problems),
                    _ => variable(rest, &value, &at, declared, &mut layer, problems),
                }
            }
            Err(_) => problems.push(ConfigProblem::new(
                ProblemKind::InvalidValue,
                at,
                "the variable must be Unicode, but it is not",
            )),
        }
    }
    for (plugin, entry) in limited.0 {
        // Each at its own variable, should it be no table.
        let (at, table) = (entry.key_at.clone(), Table([(plugin, entry)].into_iter().collect()));
        limits(&Node { value: Value::Table(table), at }, &mut layer, problems);
    }
    for (plugin, entry) in extended.0 {
        let (at, table) = (entry.key_at.clone(), Table([(plugin, entry)].into_iter().collect()));
        extensions(&Node { value: Value::Table(table), at }, &mut layer, problems);
    }
    layer
}

/// Returns the value of a limit: a number or a truth value as it is written in TOML, or else text.
fn limit(value: &str, at: &Location) -> Node {
    let is_plain = |node: &Node| matches!(node.value, Value::Integer(_) | Value::Float(_) | Value::Bool(_));
    parse::text_value(value, at)
        .filter(is_plain)
        .unwrap_or_else(|| Node { value: Value::String(value.trim().to_owned()), at: at.clone() })
}

/// Returns the value of an option of an extension: a list of plugins, or what [`limit`] reads.
fn option(path: &str, value: &str, at: &Location) -> Node {
    if ["__BEFORE", "__AFTER"].iter().any(|key| path.ends_with(key)) {
        list(value, at)
    } else {
        limit(value, at)
    }
}

/// Returns the spelling of a plugin or a group in a variable.
pub fn variable_name(name: &str) -> String {
    let upper = |character: char| {
        if character.is_alphanumeric() { character.to_uppercase().collect() } else { "_".to_owned() }
    };
    name.chars().map(upper).collect()
}

/// Returns names by their spelling in variables.
pub(in super::super) fn spelled<'n>(names: impl Iterator<Item = &'n String>) -> HashMap<String, String> {
    let mut spelled = HashMap::new();
    for name in names {
        spelled.entry(variable_name(name)).or_insert_with(|| name.clone());
    }
    spelled
}

fn variable(
    name: &str,
    value: &str,
    at: &Location,
    declared: &[Profile],
    layer: &mut Layer,
    problems: &mut Problems,
) {
    let is_empty = value.trim().is_empty();
    match name {
        _ if is_empty && FIXED.contains(&name) => {}
        "PROFILE" => {
            layer.active_profile = keep(parse_profile(value, declared, at), About::default(), problems);
        }
        "PLUGINS_ENABLED" => layer.enabled = boolean(value, at, problems),
        "PLUGINS_DISCOVER" => layer.discover = boolean(value, at, problems),
        "PLUGINS_DISABLED" => {
            let key = "PLUGINS_DISABLED";
            layer.disabled = placed_references(&list(value, at), key, About::default(), problems);
        }
        _ => match (name.strip_prefix("PLUGIN__"), name.strip_prefix("PLUGINS__")) {
            (Some(path), _) if is_path(path, 2) => {
                let node = Node { value: Value::Text(value.to_owned()), at: at.clone() };
                set(path, node, &mut layer.sections, problems);
            }
            (_, Some(group)) if is_path(group, 1) => {
                let group = group.to_lowercase();
                let entries = group_entries(&group, &list(value, at), problems);
                layer.group_mut(&group, at).entries.extend(entries);
            }
            _ => problems.push(unfit(name, at)),
        },
    }
}

fn boolean(value: &str, at: &Location, problems: &mut Problems) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => {
            let message = format!("the variable must be `true` or `false`, but it is {value:?}");
            problems.push(ConfigProblem::new(ProblemKind::WrongType, at.clone(), message));
            None
        }
    }
}

/// Returns whether it has at least this many parts, none of them empty.
fn is_path(path: &str, least: usize) -> bool {
    path.split("__").count() >= least && path.split("__").all(|part| !part.is_empty())
}

/// A variable may be the host's own, unless it sets something within what is nearly a table of this library.
fn misspelled(rest: &str, name: &str) -> Option<ConfigProblem> {
    let (table, path) = rest.split_once("__")?;
    let known = near(table, &TABLES)?;
    Some(unfit(rest, &Location::environment(name)).suggesting(Some(&format!("{known}__{path}"))))
}

fn unfit(name: &str, at: &Location) -> ConfigProblem {
    let message = "nothing reads this variable; after the prefix come `PROFILE`, `PLUGINS_ENABLED`, `PLUGINS_DISCOVER`, `PLUGINS_DISABLED`, `PLUGINS__<GROUP>`, `PLUGIN__<ID>__<KEY>`, `LIMITS__<ID>__<KEY>` or `EXTENSION__<ID>__<POINT>__<KEY>`";
    ConfigProblem::new(ProblemKind::UnknownKey, at.clone(), message).suggesting(closest(name, FIXED))
}

/// Returns an array written in TOML, or the parts between commas.
fn list(value: &str, at: &Location) -> Node {
    if let Some(node) = parse::text_value(value, at).filter(|node| matches!(node.value, Value::Array(_))) {
        return node;
    }
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    let items = parts.map(|part| Node { value: Value::String(part.to_owned()), at: at.clone() });
    Node { value: Value::Array(items.collect()), at: at.clone() }
}

/// Sets the value at a path of keys.
fn set(path: &str, node: Node, mut table: &mut Table, problems: &mut Problems) {
    let at = &node.at;
    let mut parts: Vec<String> = path.split("__").map(str::to_lowercase).collect();
    let last = parts.pop().unwrap_or_default();
    if parts.len() > DEEPEST {
        let message = format!("the variable goes deeper than {DEEPEST} tables");
        problems.push(ConfigProblem::new(ProblemKind::InvalidValue, at.clone(), message));
        return;
    }
    for part in parts {
        let entry = table
            .0
            .entry(part)
            .or_insert_with(|| Entry { key_at: at.clone(), node: Node::empty_table(at.clone()) });
        match &mut entry.node.value {
            Value::Table(inner) => table = inner,
            _ => {
                let message = format!(
                    "the variable sets a part of what `{}` sets as a whole; set only one of the two",
                    Shown(entry.key_at.variable().unwrap_or_default())
                );
                problems.push(ConfigProblem::new(ProblemKind::InvalidValue, at.clone(), message));
                return;
            }
        }
    }
    table.0.insert(last, Entry { key_at: at.clone(), node });
}

/// As deep as a document may nest.
const DEEPEST: usize = 80;
