//! The contents of one source: a document, a builder or the environment, each read into the same form.
#![forbid(unsafe_code)]

mod document;
mod entry;
pub(super) mod environment;
mod fields;
mod limits;

pub(super) use document::layers;
pub(super) use entry::group_entries;

use indexmap::IndexMap;

use super::limits::PluginLimits;
use super::location::Location;
use super::profile::Profile;
use super::reference::PluginRef;
use super::value::{Node, Table};

/// The contents of one source, or the part of it for one profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    /// The profile it is for; all of them, if none.
    pub(super) scope: Option<Profile>,
    pub(super) is_environment: bool,
    pub(super) active_profile: Option<Profile>,
    /// Whether there are to be plugins at all.
    pub(super) enabled: Option<bool>,
    pub(super) groups: IndexMap<String, GroupPart>,
    /// Plugins that are off in every group.
    pub(super) disabled: Vec<(PluginRef, Location)>,
    /// A table for each plugin that has settings.
    pub(super) sections: Table,
    /// The limits of each plugin that has some.
    pub(super) limits: IndexMap<String, PluginLimits>,
}

/// The contents of a group in one source.
#[derive(Clone, Debug)]
pub(super) struct GroupPart {
    pub(super) name: String,
    pub(super) at: Location,
    pub(super) entries: Vec<EntryPart>,
}

/// The contents of a plugin's entry in one source.
#[derive(Clone, Debug)]
pub(super) struct EntryPart {
    pub(super) reference: PluginRef,
    pub(super) at: Location,
    pub(super) enabled: Option<bool>,
    pub(super) priority: Option<i32>,
    pub(super) before: Option<Vec<PluginRef>>,
    pub(super) after: Option<Vec<PluginRef>>,
    pub(super) config: Option<Node>,
}

impl EntryPart {
    pub(super) fn new(reference: PluginRef, at: Location) -> Self {
        Self { reference, at, enabled: None, priority: None, before: None, after: None, config: None }
    }
}

impl Layer {
    /// Returns the contents of a group, to add to.
    pub(super) fn group_mut(&mut self, name: &str, at: &Location) -> &mut GroupPart {
        let new = || GroupPart { name: name.to_owned(), at: at.clone(), entries: Vec::new() };
        self.groups.entry(name.to_owned()).or_insert_with(new)
    }
}
