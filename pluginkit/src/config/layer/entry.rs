//! The entries of a group.
#![forbid(unsafe_code)]

use super::super::error::{ConfigProblem, ProblemKind, Problems, Shown};
use super::super::value::{Node, Table, Value};
use super::EntryPart;
use super::fields::{self, About, keep};

const KEYS: [&str; 6] = ["id", "enabled", "priority", "before", "after", "config"];

/// Reads the entries of a document under the name of a group.
pub(in super::super) fn group_entries(group: &str, node: &Node, problems: &mut Problems) -> Vec<EntryPart> {
    let about = About { group: Some(group), plugin: None };
    let Value::Array(items) = &node.value else {
        let expected = "an array of plugins: each a string, or a table with an `id`";
        let mut problem = fields::wrong_type(node, group, expected);
        if let Value::Table(_) = node.value {
            let message = &problem.message;
            problem.message =
                format!("{message}; the settings of a plugin stand in `plugin.{}`", Shown(group));
        }
        problems.push(about.on(problem));
        return Vec::new();
    };
    let items = items.iter().enumerate();
    items.filter_map(|(index, item)| entry(&format!("{group}[{index}]"), item, about, problems)).collect()
}

fn entry(key: &str, node: &Node, about: About<'_>, problems: &mut Problems) -> Option<EntryPart> {
    match &node.value {
        Value::String(_) => {
            let reference = keep(fields::reference(node, key), about, problems)?;
            Some(EntryPart::new(reference, node.at.clone()))
        }
        Value::Table(table) => detailed(key, node, table, about, problems),
        _ => {
            let expected = "a string that names a plugin, or a table with an `id`";
            problems.push(about.on(fields::wrong_type(node, key, expected)));
            None
        }
    }
}

fn detailed(
    key: &str,
    node: &Node,
    table: &Table,
    about: About<'_>,
    problems: &mut Problems,
) -> Option<EntryPart> {
    let id = table.0.get("id").map(|id| fields::reference(&id.node, &format!("{key}.id")));
    let written = table.0.get("id").and_then(|id| match &id.node.value {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    });
    let about = About { plugin: written, ..about };
    let mut enabled = None;
    let mut priority = None;
    let mut before = None;
    let mut after = None;
    let mut config = None;
    for (name, entry) in &table.0 {
        let (node, full) = (&entry.node, format!("{key}.{name}"));
        match name.as_str() {
            "id" => {}
            "enabled" => enabled = keep(fields::boolean(node, &full), about, problems),
            "priority" => priority = keep(fields::priority(node, &full), about, problems),
            "before" => before = Some(fields::references(node, &full, about, problems)),
            "after" => after = Some(fields::references(node, &full, about, problems)),
            "config" => config = fields::table(node, &full, about, problems).map(|_| node.clone()),
            _ => problems.push(about.on(fields::unknown(name, entry, &KEYS))),
        }
    }
    let Some(id) = id else {
        let message = "the entry names no plugin; give it an `id`";
        let problem = ConfigProblem::new(ProblemKind::Missing, node.at.clone(), message);
        problems.push(about.on(problem.at_key(format!("{key}.id"))));
        return None;
    };
    let reference = keep(id, about, problems)?;
    let bare = EntryPart::new(reference, node.at.clone());
    Some(EntryPart { enabled, priority, before, after, config, ..bare })
}
