//! The contents of one source: a document, a builder or the environment, each read into the same form.
#![forbid(unsafe_code)]

mod document;
mod entry;
pub(super) mod environment;
mod extensions;
mod fields;
mod limits;
#[cfg(feature = "macros")]
mod named;

pub(super) use document::layers;
pub(super) use entry::group_entries;
#[cfg(feature = "macros")]
pub(super) use named::{Key, Told};

use indexmap::IndexMap;

use super::by_plugin::ByPlugin;
use super::error::Problems;
use super::extensions::PluginExtensions;
use super::limits::PluginLimits;
use super::location::{ConfigSource, Location};
use super::profile::Profile;
use super::reference::PluginRef;
use super::value::{Node, Table};
use crate::base::similar::closest;

/// Returns the known name that a name nearly spells: all but a letter of it.
fn near<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let closest = closest(name, known.iter().copied())?;
    let is_near = name.chars().count().abs_diff(closest.chars().count()) <= 1
        && name.chars().next() == closest.chars().next();
    is_near.then_some(closest)
}

/// The contents of one source, or the part of it for one profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    /// The profile it is for; all of them, if none.
    pub(super) scope: Option<Profile>,
    pub(super) is_environment: bool,
    pub(super) active_profile: Option<Profile>,
    /// Whether there are to be plugins at all.
    pub(super) enabled: Option<bool>,
    /// Whether there are to be all linked plugins.
    pub(super) discover: Option<bool>,
    pub(super) groups: IndexMap<String, GroupPart>,
    /// Plugins that are off in every group.
    pub(super) disabled: Vec<(PluginRef, Location)>,
    /// A table for each plugin that has settings.
    pub(super) sections: Table,
    /// The limits of each plugin that has some.
    pub(super) limits: ByPlugin<PluginLimits>,
    /// The options of the extensions of each plugin that has some.
    pub(super) extensions: ByPlugin<PluginExtensions>,
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
    /// The name under which it is merged: its id, once that is known.
    pub(super) name: PluginRef,
    pub(super) at: Location,
    pub(super) enabled: Option<bool>,
    pub(super) priority: Option<i32>,
    pub(super) before: Option<Vec<PluginRef>>,
    pub(super) after: Option<Vec<PluginRef>>,
    pub(super) config: Option<Node>,
}

impl EntryPart {
    pub(super) fn new(reference: PluginRef, at: Location) -> Self {
        let name = reference.clone();
        Self { reference, name, at, enabled: None, priority: None, before: None, after: None, config: None }
    }
}

impl EntryPart {
    /// Returns whether a second entry in one source is one too many. In code, an entry may change an earlier one.
    pub(super) fn is_repetition(&self) -> bool {
        let Self { enabled, priority, before, after, config, .. } = self;
        let is_bare = enabled.is_none()
            && priority.is_none()
            && before.is_none()
            && after.is_none()
            && config.is_none();
        is_bare || self.at.source() != ConfigSource::Code
    }
}

impl Layer {
    /// Lays a table of limits, as `[limits]` is, over those that the layer has.
    pub(super) fn lay_limits(&mut self, node: &Node, problems: &mut Problems) {
        limits::limits(node, self, problems);
    }

    /// Lays a table of options, as `[extension]` is, over those that the layer has.
    pub(super) fn lay_extensions(&mut self, node: &Node, problems: &mut Problems) {
        extensions::extensions(node, self, problems);
    }

    /// Returns the contents of a group, to add to.
    pub(super) fn group_mut(&mut self, name: &str, at: &Location) -> &mut GroupPart {
        let new = || GroupPart { name: name.to_owned(), at: at.clone(), entries: Vec::new() };
        self.groups.entry(name.to_owned()).or_insert_with(new)
    }
}
