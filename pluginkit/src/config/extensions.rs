//! [`PluginExtensions`]: the options of a plugin's extensions, as a configuration has them.
#![forbid(unsafe_code)]

use std::time::Duration;

use indexmap::IndexMap;

use super::Location;
use super::by_plugin::OfPlugin;
use super::layer::environment::variable_name;
#[cfg(feature = "macros")]
use super::plugin_config::PluginConfig;
use super::reference::PluginRef;
use crate::spec::options::Bucket;

/// The options of the extensions of a plugin, merged from all sources.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "macros"), expect(dead_code, reason = "for loads, which only macros have"))]
pub struct PluginExtensions {
    /// The place in the first source.
    pub(crate) at: Location,
    /// The options at each point, by the names that the sources use.
    pub points: IndexMap<String, ExtensionOptions>,
}

/// The options of a plugin's extensions at one point. Those that are not set stay as the plugin has them.
#[derive(Clone, Debug)]
pub struct ExtensionOptions {
    /// The place in the first source.
    pub at: Location,
    /// The bucket.
    pub bucket: Option<Bucket>,
    /// The priority.
    pub priority: Option<i32>,
    /// The plugins that it comes before, each with its place in the configuration.
    pub before: Option<Vec<(PluginRef, Location)>>,
    /// The plugins that it comes after, each with its place in the configuration.
    pub after: Option<Vec<(PluginRef, Location)>>,
    /// The time limit.
    pub timeout: Option<Duration>,
    /// Whether calls run it.
    pub enabled: Option<bool>,
}

impl PluginExtensions {
    pub(super) fn new(at: Location) -> Self {
        Self { at, points: IndexMap::new() }
    }

    /// Returns the names in `before` and `after`.
    #[cfg(feature = "macros")]
    pub(super) fn names(&self) -> impl Iterator<Item = &PluginRef> {
        let lists = self.points.values().flat_map(|options| options.before.iter().chain(&options.after));
        lists.flatten().map(|(name, _)| name)
    }

    /// Keeps those of the names for which `keep` returns `true`, and which it may change. A list of which none is kept is not
    /// set.
    #[cfg(feature = "macros")]
    pub(super) fn keep_names(&mut self, mut keep: impl FnMut(&mut PluginRef, &Location) -> bool) {
        let options = self.points.values_mut();
        for list in options.flat_map(|options| [&mut options.before, &mut options.after]) {
            keep_each(list, |(name, at)| keep(name, at));
        }
    }
}

/// Keeps the items for which `keep` returns `true`. A list of which none is kept is `None`.
#[cfg(feature = "macros")]
pub(super) fn keep_each<T>(list: &mut Option<Vec<T>>, keep: impl FnMut(&mut T) -> bool) {
    let Some(items) = list else { return };
    let was_empty = items.is_empty();
    items.retain_mut(keep);
    if items.is_empty() && !was_empty {
        *list = None;
    }
}

impl OfPlugin for PluginExtensions {
    #[cfg(feature = "macros")]
    const CONTENTS: &'static str = "options of extensions of";

    #[cfg(feature = "macros")]
    fn at(&self) -> &Location {
        &self.at
    }

    fn update(&mut self, upper: &Self) {
        for (name, upper) in &upper.points {
            // The environment writes no name as it is.
            let spelled = upper.is_of_environment().then(|| variable_name(name));
            let same = |own: &&String| spelled.as_ref().is_some_and(|spelled| *spelled == variable_name(own));
            let name = self.points.keys().find(same).unwrap_or(name).clone();
            self.points.entry(name).and_modify(|lower| lower.update(upper)).or_insert_with(|| upper.clone());
        }
    }
}

impl ExtensionOptions {
    pub(super) fn new(at: Location) -> Self {
        Self { at, bucket: None, priority: None, before: None, after: None, timeout: None, enabled: None }
    }

    /// Returns whether only the environment has them.
    pub fn is_of_environment(&self) -> bool {
        self.at.variable().is_some()
    }

    fn update(&mut self, upper: &Self) {
        self.bucket = upper.bucket.or(self.bucket);
        self.priority = upper.priority.or(self.priority);
        self.timeout = upper.timeout.or(self.timeout);
        self.enabled = upper.enabled.or(self.enabled);
        for (lower, upper) in [(&mut self.before, &upper.before), (&mut self.after, &upper.after)] {
            if upper.is_some() {
                lower.clone_from(upper);
            }
        }
    }
}

#[cfg(feature = "macros")]
impl PluginConfig {
    /// Returns the options of the extensions of each plugin, by the names that the sources use.
    #[doc(hidden)]
    pub fn extensions(&self) -> impl Iterator<Item = (&str, &PluginExtensions)> {
        self.resolved().extensions.iter()
    }
}
