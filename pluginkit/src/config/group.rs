//! [`ConfigGroup`] and [`ConfigEntry`]: which plugins there are to be, in which order.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::error::ConfigError;
use super::location::Location;
use super::reference::PluginRef;
use super::section::{Section, Sections};
use super::value::Node;

/// A group of plugins, in their order.
///
/// Higher priority comes first, equal ones in the order of their first mention; then `before` and `after` of an
/// entry move it next to the entry it names, if that is there.
#[derive(Clone, Debug)]
pub struct ConfigGroup {
    pub(super) name: Arc<str>,
    pub(super) location: Location,
    pub(super) entries: Vec<ConfigEntry>,
    /// The index of the entry with each reference.
    pub(super) places: HashMap<PluginRef, usize>,
}

impl ConfigGroup {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the place where it is first mentioned.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// All of its entries in order, those that are not enabled as well.
    pub fn entries(&self) -> &[ConfigEntry] {
        &self.entries
    }

    /// Returns the entry with that reference.
    pub fn entry(&self, reference: &str) -> Option<&ConfigEntry> {
        self.places.get(reference).map(|&place| &self.entries[place])
    }
}

/// A plugin in a group.
#[derive(Clone, Debug)]
pub struct ConfigEntry {
    pub(super) reference: PluginRef,
    pub(super) group: Arc<str>,
    pub(super) enabled: bool,
    pub(super) priority: i32,
    pub(super) location: Location,
    /// The settings that only this entry has.
    pub(super) config: Option<Node>,
    pub(super) sections: Arc<Sections>,
}

impl ConfigEntry {
    /// Returns the plugin it names.
    pub fn reference(&self) -> &PluginRef {
        &self.reference
    }

    /// Returns the group it is in.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Returns whether the plugin is enabled, regardless of `plugins.enabled`.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Its priority within the group: higher comes first.
    pub fn priority(&self) -> i32 {
        self.priority
    }

    /// Returns the place where it is first mentioned.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Returns the settings of the plugin: its `[plugin.<reference>]` table, over it the entry's own `config`, over
    /// both the variables of the environment.
    pub fn section(&self) -> Section {
        self.section_of(&[self.reference.as_str()])
    }

    /// As [`section`](Self::section), of a plugin that has several names, each of which may have a table: the
    /// tables are laid over each other in the order of the names.
    pub fn section_of(&self, names: &[&str]) -> Section {
        let section = self.sections.section(names, self.config.as_ref(), &self.location);
        section.for_plugin(self.reference.as_str(), &self.group)
    }

    /// Returns the settings of the plugin as a value of its type: see [`Section::deserialize`].
    ///
    /// # Errors
    ///
    /// All that is wrong with them.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        self.section().deserialize()
    }
}
