//! What one source says: a document, a builder or the environment, each read into the same form.
#![forbid(unsafe_code)]

mod document;
mod entry;
pub(super) mod environment;
mod fields;

pub(super) use document::layers;
pub(super) use entry::group_entries;

use indexmap::IndexMap;

use super::location::Location;
use super::profile::Profile;
use super::reference::PluginRef;
use super::value::{Node, Table};

/// What one source says, or the part of it that is for one profile.
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
}

/// What one source says of a group.
#[derive(Clone, Debug)]
pub(super) struct GroupPart {
    pub(super) name: String,
    pub(super) at: Location,
    pub(super) entries: Vec<EntryPart>,
}

/// What one source says of a plugin in a group.
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
    /// What it says of a group, to add to.
    pub(super) fn group_mut(&mut self, name: &str, at: &Location) -> &mut GroupPart {
        let new = || GroupPart { name: name.to_owned(), at: at.clone(), entries: Vec::new() };
        self.groups.entry(name.to_owned()).or_insert_with(new)
    }
}
