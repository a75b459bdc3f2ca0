//! The fields of a table of the configuration itself, with a problem for each that is not as it must be.
#![forbid(unsafe_code)]

use super::super::error::{ConfigProblem, ProblemKind, Problems, Shown};
use super::super::location::Location;
use super::super::reference::PluginRef;
use super::super::value::{Entry, Node, Table, Value};
use crate::base::similar::{Known, closest};

/// The owner of the fields, for problems.
#[derive(Clone, Copy, Default)]
pub(super) struct About<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) plugin: Option<&'a str>,
}

impl About<'_> {
    pub(super) fn on(&self, mut problem: ConfigProblem) -> ConfigProblem {
        problem.group = problem.group.or_else(|| self.group.map(str::to_owned));
        problem.plugin = problem.plugin.or_else(|| self.plugin.map(str::to_owned));
        problem
    }
}

/// Returns the problem that `node` is not `expected`.
pub(super) fn wrong_type(node: &Node, key: &str, expected: &str) -> ConfigProblem {
    let message = format!("`{}` must be {expected}, but it is {}", Shown(key), node.describe());
    ConfigProblem::new(ProblemKind::WrongType, node.at.clone(), message).at_key(key)
}

pub(super) fn boolean(node: &Node, key: &str) -> Result<bool, Box<ConfigProblem>> {
    match node.value {
        Value::Bool(value) => Ok(value),
        _ => Err(wrong_type(node, key, "`true` or `false`").into()),
    }
}

pub(super) fn priority(node: &Node, key: &str) -> Result<i32, Box<ConfigProblem>> {
    match node.value {
        Value::Integer(value) => i32::try_from(value).map_err(|error| {
            let message = format!("`{key}` must be from {} to {}, but it is {value}", i32::MIN, i32::MAX);
            ConfigProblem::new(ProblemKind::InvalidValue, node.at.clone(), message)
                .at_key(key)
                .caused_by(error)
                .into()
        }),
        _ => Err(wrong_type(node, key, "an integer").into()),
    }
}

pub(super) fn reference(node: &Node, key: &str) -> Result<PluginRef, Box<ConfigProblem>> {
    let Value::String(text) = &node.value else {
        return Err(wrong_type(node, key, "a string that names a plugin").into());
    };
    text.parse().map_err(|error: super::super::reference::InvalidReference| {
        ConfigProblem::new(ProblemKind::InvalidReference, node.at.clone(), error.to_string())
            .at_key(key)
            .caused_by(error)
            .into()
    })
}

/// One reference, or an array of them.
pub(super) fn references(
    node: &Node,
    key: &str,
    about: About<'_>,
    problems: &mut Problems,
) -> Vec<PluginRef> {
    placed_references(node, key, about, problems).into_iter().map(|(reference, _)| reference).collect()
}

/// One reference, or an array of them, and where each stands.
pub(super) fn placed_references(
    node: &Node,
    key: &str,
    about: About<'_>,
    problems: &mut Problems,
) -> Vec<(PluginRef, Location)> {
    let items = match &node.value {
        Value::Array(items) => items.as_slice(),
        Value::String(_) => std::slice::from_ref(node),
        _ => {
            problems.push(about.on(wrong_type(node, key, "an array of strings that name plugins")));
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for item in items {
        match reference(item, key) {
            Ok(reference) => found.push((reference, item.at.clone())),
            Err(problem) => problems.push(about.on(*problem)),
        }
    }
    found
}

pub(super) fn table<'n>(
    node: &'n Node,
    key: &str,
    about: About<'_>,
    problems: &mut Problems,
) -> Option<&'n Table> {
    let table = node.as_table();
    if table.is_none() {
        problems.push(about.on(wrong_type(node, key, "a table")));
    }
    table
}

/// Reads the table of each plugin in the table `name`.
pub(super) fn each_plugin<'n>(
    node: &'n Node,
    name: &str,
    problems: &mut Problems,
    mut read: impl FnMut(&'n str, &'n Entry, &'n Table, &mut Problems),
) {
    let Some(table) = table(node, name, About::default(), problems) else { return };
    for (id, entry) in &table.0 {
        let about = About { plugin: Some(id), group: None };
        if let Err(error) = id.parse::<PluginRef>() {
            let problem =
                ConfigProblem::new(ProblemKind::InvalidReference, entry.key_at.clone(), error.to_string());
            problems.push(about.on(problem.caused_by(error)));
        }
        if let Some(table) = self::table(&entry.node, &format!("{name}.{id}"), about, problems) {
            read(id, entry, table, problems);
        }
    }
}

/// Returns the problem that nothing reads `key`.
pub(super) fn unknown(key: &str, entry: &Entry, known: &[&str]) -> ConfigProblem {
    let list = Known::new(known.iter().copied()).nearest(key).quoted();
    let message = format!("unknown key `{}`; expected {list}", Shown(key));
    ConfigProblem::new(ProblemKind::UnknownKey, entry.key_at.clone(), message)
        .at_key(key)
        .suggesting(closest(key, known.iter().copied()))
}

/// `value`, or a problem.
pub(super) fn keep<T>(
    value: Result<T, Box<ConfigProblem>>,
    about: About<'_>,
    problems: &mut Problems,
) -> Option<T> {
    value.map_err(|problem| problems.push(about.on(*problem))).ok()
}
