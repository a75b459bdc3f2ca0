//! The names of plugins in a layer, replaced by ids.
#![forbid(unsafe_code)]

use std::collections::HashSet;

use super::super::by_plugin::{Named, Names, Spelling};
use super::super::error::{ConfigProblem, ProblemKind, Problems};
use super::super::extensions::keep_each;
use super::super::location::Location;
use super::super::reference::PluginRef;
use super::Layer;

/// What is wrong with names, and what may be a mistake.
#[derive(Default)]
pub(in super::super) struct Told {
    pub(in super::super) problems: Problems,
    pub(in super::super) remarks: Vec<ConfigProblem>,
    /// The names with a remark, each of which is remarked on once.
    remarked: HashSet<String>,
}

/// The name of a table of a plugin.
pub(in super::super) enum Key {
    Stays,
    Is(PluginRef),
    /// Several plugins have the name, so that the table is nobody's.
    Dropped,
}

/// Tables by their new names.
type Keyed<T> = Vec<(String, T)>;

impl Key {
    /// Returns the tables with other names than before, then the tables that keep their names.
    pub(in super::super) fn sort<T>(all: impl Iterator<Item = (Self, String, T)>) -> (Keyed<T>, Keyed<T>) {
        let (mut others, mut own) = (Vec::new(), Vec::new());
        for (key, name, table) in all {
            match key {
                Self::Stays => own.push((name, table)),
                Self::Is(id) => others.push((id.as_str().to_owned(), table)),
                Self::Dropped => {}
            }
        }
        (others, own)
    }
}

/// Replaces names by ids.
struct Naming<'n> {
    names: &'n Names<'n>,
    told: &'n mut Told,
}

impl Naming<'_> {
    fn problem(&mut self, name: &str, at: &Location, group: Option<&str>, message: String) {
        let problem = ConfigProblem::new(ProblemKind::InvalidReference, at.clone(), message).of_plugin(name);
        self.told.problems.push(group.into_iter().fold(problem, ConfigProblem::in_group));
    }

    fn remark(&mut self, name: &str, at: &Location, group: Option<&str>, message: Option<String>) {
        let Some(message) = message else { return };
        if self.told.remarked.insert(name.to_owned()) {
            let remark = ConfigProblem::new(ProblemKind::Ambiguous, at.clone(), message).of_plugin(name);
            self.told.remarks.push(group.into_iter().fold(remark, ConfigProblem::in_group));
        }
    }

    /// Replaces a reference by the id of its plugin. Returns whether it means one plugin at most.
    fn reference(&mut self, name: &mut PluginRef, at: &Location, group: Option<&str>) -> bool {
        match (self.names)(name.as_str(), Spelling::Exact) {
            Named::Nothing => true,
            Named::Plugin { id, remark } => {
                self.remark(name.as_str(), at, group, remark);
                *name = id;
                true
            }
            Named::Several(message) => {
                self.problem(name.as_str(), at, group, message);
                false
            }
        }
    }

    fn key(&mut self, name: &str, at: &Location, spelling: Spelling) -> Key {
        match (self.names)(name, spelling) {
            Named::Nothing => Key::Stays,
            Named::Plugin { id, remark } => {
                self.remark(name, at, None, remark);
                if id == *name { Key::Stays } else { Key::Is(id) }
            }
            Named::Several(message) => {
                self.problem(name, at, None, message);
                Key::Dropped
            }
        }
    }
}

impl Layer {
    /// Returns the same with ids in place of other names, if there are any. A name of several plugins is told of, and
    /// stays only as the name of an entry.
    pub(in super::super) fn named_by(&self, names: &Names<'_>, told: &mut Told) -> Option<Self> {
        let keys = if self.is_environment { Spelling::Variable } else { Spelling::Exact };
        if self.has_only_ids(names, keys) {
            return None;
        }
        let mut named = self.clone();
        let mut naming = Naming { names, told };
        for group in named.groups.values_mut() {
            let name = Some(group.name.as_str());
            for part in &mut group.entries {
                let at = &part.at;
                let _ = naming.reference(&mut part.name, at, name);
                for list in [&mut part.before, &mut part.after] {
                    keep_each(list, |other| naming.reference(other, at, name));
                }
            }
        }
        named.disabled.retain_mut(|(name, at)| naming.reference(name, at, None));
        named.extensions.each(|own| own.keep_names(|name, at| naming.reference(name, at, None)));
        named.limits.rename(|name, at| naming.key(name, at, keys));
        named.extensions.rename(|name, at| naming.key(name, at, keys));
        // What is written under the id lies over what is written under other names.
        let sections = std::mem::take(&mut named.sections.0).into_iter();
        let (others, own) =
            Key::sort(sections.map(|(name, entry)| (naming.key(&name, &entry.key_at, keys), name, entry)));
        for (name, entry) in others.into_iter().chain(own) {
            match named.sections.0.get_mut(&name) {
                Some(lower) => lower.node.overlay(&entry.node),
                None => {
                    named.sections.0.insert(name, entry);
                }
            }
        }
        Some(named)
    }

    /// Returns whether all names are ids, or of no plugin, and need no remark.
    fn has_only_ids(&self, names: &Names<'_>, keys: Spelling) -> bool {
        let is_id = |name: &str, spelling| match names(name, spelling) {
            Named::Nothing => true,
            Named::Plugin { id, remark } => id == *name && remark.is_none(),
            Named::Several(_) => false,
        };
        let entries = || self.groups.values().flat_map(|group| &group.entries);
        let ordered = entries().flat_map(|entry| entry.before.iter().chain(&entry.after)).flatten();
        let disabled = self.disabled.iter().map(|(name, _)| name);
        let options = self.extensions.iter().flat_map(|(_, own)| own.names());
        let mut references = entries().map(|entry| &entry.name).chain(ordered).chain(disabled).chain(options);
        let tables =
            self.limits.iter().map(|(name, _)| name).chain(self.extensions.iter().map(|(name, _)| name));
        let mut tables = tables.chain(self.sections.0.keys().map(String::as_str));
        references.all(|name| is_id(name.as_str(), Spelling::Exact)) && tables.all(|name| is_id(name, keys))
    }
}
