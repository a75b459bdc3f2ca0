//! [`Section`]: the settings of one plugin.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::fmt;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use super::de;
use super::error::ConfigError;
#[cfg(feature = "macros")]
use super::error::{ConfigProblem, ProblemKind, Problems, Shown};
use super::layer::Layer;
use super::layer::environment::variable_name;
use super::location::Location;
use super::value::Node;

/// The settings of one plugin, merged from all sources.
///
/// Two sections are equal if they have the same values, even from different sources. If several sources have settings,
/// each of them has the same values: a source that names another variant of an enum replaces the settings of earlier
/// ones.
#[derive(Clone)]
pub struct Section {
    /// The tables of all sources, the later over the earlier: always a table.
    node: Node,
    /// The table of each source, if there are several.
    layers: Vec<Node>,
    plugin: Option<String>,
    group: Option<String>,
    is_given: bool,
    /// Whether it is written nowhere.
    is_nowhere: bool,
}

impl Section {
    fn new(mut layers: Vec<Node>, at: &Location) -> Self {
        let node = de::joined(&layers);
        if layers.len() < 2 {
            layers.clear();
        }
        let is_given = node.is_some();
        let node = node.unwrap_or_else(|| Node::empty_table(at.clone()));
        Self { node, layers, plugin: None, group: None, is_given, is_nowhere: false }
    }

    pub(super) fn for_plugin(mut self, plugin: &str, group: &str) -> Self {
        self.plugin = Some(plugin.to_owned());
        self.group = Some(group.to_owned());
        self
    }

    pub(super) fn named(mut self, plugin: &str) -> Self {
        self.plugin = Some(plugin.to_owned());
        self
    }

    /// Returns the same without a place.
    #[cfg(feature = "macros")]
    pub(super) fn nowhere(self) -> Self {
        Self { is_nowhere: true, ..self }
    }

    /// Returns whether a source has a table of settings for the plugin, even an empty table.
    pub fn is_given(&self) -> bool {
        self.is_given
    }

    /// Returns whether the section has no keys.
    pub fn is_empty(&self) -> bool {
        self.keys().next().is_none()
    }

    /// Returns the keys, in the order of their first mention.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.node.as_table().into_iter().flat_map(|table| table.0.keys().map(String::as_str))
    }

    /// Returns the place of the value of a key, in the last source that sets the key.
    pub fn location_of(&self, key: &str) -> Option<&Location> {
        Some(&self.node.as_table()?.0.get(key)?.node.at)
    }

    /// Returns the place of the table in the first source. If no source has a table, returns the place of the entry
    /// that names the plugin.
    pub fn location(&self) -> &Location {
        &self.node.at
    }

    /// Reads the settings into a value of the plugin's own type.
    ///
    /// Every field of `T` without a default must be set, and every key must be a field of `T`. A date or a time is read
    /// as a string, unless the field has a type of the crate `toml`. A value from the environment is read as the type
    /// of its field.
    ///
    /// # Errors
    ///
    /// Returns every mistake, such as a key that is not a field of `T`.
    ///
    /// There is an exception for `flatten`ed structs, and for enums that are `untagged` or internally tagged. Inside
    /// these, unknown keys are refused only if they come from the environment. A mistake hides further ones there if no
    /// simple value would be right in its place, such as a number or a text. The place of a mistake inside of an
    /// `untagged` enum is the whole value.
    ///
    /// # Variants of enums
    ///
    /// A source that names another variant of an enum than earlier sources replaces what they say of that enum. A
    /// source that names the same variant, or none, changes only the fields that it has. In an `untagged` enum nothing
    /// names the variant: a source names the variant that its table is by itself, and none if its table is no variant.
    ///
    /// ```
    /// use pluginkit::config::{PluginConfig, ProblemKind};
    ///
    /// #[derive(Debug, serde::Deserialize)]
    /// #[serde(default)]
    /// struct RateLimiter {
    ///     max_requests: u32,
    ///     window: u64,
    /// }
    ///
    /// impl Default for RateLimiter {
    ///     fn default() -> Self {
    ///         Self { max_requests: 100, window: 3600 }
    ///     }
    /// }
    ///
    /// let config = PluginConfig::from_toml_str("[plugin.rate-limiter]\nmax_requests = 1000")?;
    /// let settings: RateLimiter = config.section("rate-limiter").deserialize()?;
    /// assert_eq!((settings.max_requests, settings.window), (1000, 3600));
    ///
    /// let config = PluginConfig::from_toml_str("[plugin.rate-limiter]\nmax_request = 5\nwindow = '1h'")?;
    /// let error = config.section("rate-limiter").deserialize::<RateLimiter>().unwrap_err();
    /// let kinds: Vec<_> = error.problems().iter().map(|problem| problem.kind()).collect();
    /// assert_eq!(kinds, [ProblemKind::UnknownKey, ProblemKind::WrongType]);
    /// assert_eq!(error.problems()[0].suggestion(), Some("max_requests"));
    /// # Ok::<(), pluginkit::config::ConfigError>(())
    /// ```
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        de::deserialize(&self.layers, &self.node).map_err(|error| self.named_in(error))
    }

    /// Refuses every key.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn refuse(&self, why: &str) -> Result<(), ConfigError> {
        let mut problems = Problems::default();
        for (key, entry) in self.node.as_table().into_iter().flat_map(|table| &table.0) {
            let message = format!("{why}; remove `{}`", Shown(key));
            problems
                .push(ConfigProblem::new(ProblemKind::UnknownKey, entry.key_at.clone(), message).at_key(key));
        }
        problems.or(()).map_err(|error| self.named_in(error))
    }

    /// Returns the error with the plugin of these settings.
    fn named_in(&self, mut error: ConfigError) -> ConfigError {
        for problem in error.iter_mut() {
            problem.plugin.clone_from(&self.plugin);
            problem.group.clone_from(&self.group);
            if self.is_nowhere {
                problem.location = None;
            }
        }
        error
    }
}

impl PartialEq for Section {
    fn eq(&self, other: &Self) -> bool {
        let same = |one: &[Node], two: &[Node]| {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same_value(two))
        };
        self.node.same_value(&other.node) && same(&self.layers, &other.layers)
    }
}

impl fmt::Debug for Section {
    /// Does not show the values, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("plugin", &self.plugin)
            .field("location", self.location())
            .field("keys", &self.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The tables of settings by plugin: those of documents and code, and those of variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Sections {
    base: IndexMap<String, Layers>,
    environment: IndexMap<String, Layers>,
    /// The names in the environment, by how a variable spells them.
    spelled: HashMap<String, String>,
}

/// The tables of one plugin, each of one source.
#[derive(Clone, Debug)]
struct Layers {
    key_at: Location,
    nodes: Vec<Node>,
}

impl Sections {
    pub(super) fn add(&mut self, layer: &Layer) {
        let table = if layer.is_environment { &mut self.environment } else { &mut self.base };
        for (id, entry) in &layer.sections.0 {
            if layer.is_environment {
                self.spelled.entry(variable_name(id)).or_insert_with(|| id.clone());
            }
            let new = || Layers { key_at: entry.key_at.clone(), nodes: Vec::new() };
            table.entry(id.clone()).or_insert_with(new).nodes.push(entry.node.clone());
        }
    }

    /// Returns the settings of a plugin with these names. Without any they are an empty table `at` a place.
    pub(super) fn section(&self, names: &[&str], own: &[Node], at: &Location) -> Section {
        let of_names = names.iter().filter_map(|name| self.base.get(*name)).flat_map(|layers| &layers.nodes);
        let of_variables = names.iter().filter_map(|name| self.of_variable(name));
        let of_variables = of_variables.flat_map(|layers| &layers.nodes);
        Section::new(of_names.chain(own).chain(of_variables).cloned().collect(), at)
    }

    /// Returns the settings in variables of the plugin of that name.
    fn of_variable(&self, name: &str) -> Option<&Layers> {
        self.environment.get(self.spelled.get(&variable_name(name))?)
    }

    /// Returns the names with a table in a document or in code, and the places.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &Location)> {
        self.base.iter().map(|(name, entry)| (name.as_str(), &entry.key_at))
    }

    /// Returns the names that only variables have, as they are spelled there, and the places.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, &Location)> {
        self.environment.iter().map(|(name, entry)| (name.as_str(), &entry.key_at))
    }
}
