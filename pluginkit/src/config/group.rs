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
/// Entries of higher priority come first. Entries of the same priority are in the order of their first mention. After
/// this sorting, `before` and `after` move an entry next to the named entry, if the group has that entry.
#[derive(Clone, Debug)]
pub struct ConfigGroup {
    pub(super) name: Arc<str>,
    pub(super) location: Location,
    pub(super) entries: Vec<ConfigEntry>,
    /// The index of the entry with each reference.
    pub(super) places: HashMap<PluginRef, usize>,
}

impl ConfigGroup {
    /// Returns the name of the group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the place of the first mention.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Returns all entries in order, including entries that are not enabled.
    pub fn entries(&self) -> &[ConfigEntry] {
        &self.entries
    }

    /// Returns the entry with this reference.
    pub fn entry(&self, reference: &str) -> Option<&ConfigEntry> {
        self.places.get(reference).map(|&place| &self.entries[place])
    }
}

/// A plugin in a group.
#[derive(Clone, Debug)]
pub struct ConfigEntry {
    pub(super) reference: PluginRef,
    /// The name under which it was merged.
    pub(super) name: PluginRef,
    pub(super) group: Arc<str>,
    pub(super) enabled: bool,
    pub(super) priority: i32,
    pub(super) location: Location,
    /// The settings that only this entry has, of each source.
    pub(super) config: Vec<Node>,
    pub(super) sections: Arc<Sections>,
}

impl ConfigEntry {
    /// Returns the reference to the plugin: its id, or the path of its type.
    pub fn reference(&self) -> &PluginRef {
        &self.reference
    }

    /// Returns the id of the plugin in a configuration that names plugins by their ids.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn id(&self) -> &PluginRef {
        &self.name
    }

    /// Returns the name of the group.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Returns whether the plugin is enabled in this group. `plugins.enabled` is not considered.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Returns the priority within the group: higher comes first.
    pub fn priority(&self) -> i32 {
        self.priority
    }

    /// Returns the place of the first mention.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Returns the settings of the plugin.
    ///
    /// The settings come from three sources, in this order: the table `[plugin.<reference>]`, the `config` of this
    /// entry, and the variables of the environment. If several sources set a key, the last source wins.
    pub fn section(&self) -> Section {
        self.section_of(&[self.reference.as_str()])
    }

    /// Returns the settings as [`section`](Self::section) does, for a plugin with several names: its id and its path.
    ///
    /// Each of `names` may have a `[plugin]` table. If several tables set a key, the table of the last name wins.
    pub fn section_of(&self, names: &[&str]) -> Section {
        let section = self.sections.section(names, &self.config, &self.location);
        section.for_plugin(self.reference.as_str(), &self.group)
    }

    /// Returns the settings of the plugin as a value of its type: see [`Section::deserialize`].
    ///
    /// # Errors
    ///
    /// Every problem of the settings.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        self.section().deserialize()
    }
}
