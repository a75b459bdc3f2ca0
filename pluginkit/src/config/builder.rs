//! [`ConfigBuilder`]: a configuration made in code.
#![forbid(unsafe_code)]

use serde::Serialize;

use super::error::{ConfigError, ConfigProblem, ProblemKind, Problems};
use super::layer::{EntryPart, Layer};
use super::location::Location;
use super::plugin_config::PluginConfig;
use super::profile::Profile;
use super::reference::PluginRef;
use super::resolve::check_order;
use super::value::{Entry, Node, Table, Value};

/// Builds a configuration in code; [`PluginConfig::builder`] returns an empty builder.
///
/// [`build`](Self::build) returns every problem, with the line of code that caused it.
///
/// ```
/// use pluginkit::config::{EntryBuilder, PluginConfig, Profile};
///
/// #[derive(serde::Serialize)]
/// struct RateLimiter {
///     max_requests: u32,
/// }
///
/// let config = PluginConfig::builder()
///     .group("middleware", ["cors", "auth"])
///     .entry("middleware", EntryBuilder::new("rate-limiter").priority(10))
///     .section("rate-limiter", &RateLimiter { max_requests: 1000 })
///     .build()?;
/// let production = PluginConfig::builder().for_profile(Profile::Production).disable("cors").build()?;
///
/// let config = config.merge(&production).with_profile(Profile::Production);
/// let names: Vec<_> = config.enabled_entries().map(|entry| entry.reference().as_str()).collect();
/// assert_eq!(names, ["rate-limiter", "auth"]);
/// # Ok::<(), pluginkit::config::ConfigError>(())
/// ```
#[must_use]
#[derive(Debug, Default)]
pub struct ConfigBuilder {
    layer: Layer,
    problems: Vec<ConfigProblem>,
}

impl ConfigBuilder {
    /// Applies the whole configuration under one profile only.
    pub fn for_profile(mut self, profile: Profile) -> Self {
        self.layer.scope = Some(profile);
        self
    }

    /// Adds plugins to a group. Without references, adds an empty group.
    #[track_caller]
    pub fn group<R: AsRef<str>>(mut self, group: &str, references: impl IntoIterator<Item = R>) -> Self {
        let at = Location::caller();
        self.layer.group_mut(group, &at);
        for reference in references {
            if let Some(reference) = self.reference(reference.as_ref(), Some(group), &at) {
                self.layer.group_mut(group, &at).entries.push(EntryPart::new(reference, at.clone()));
            }
        }
        self
    }

    /// Adds a plugin to a group, or changes its entry if the plugin is already in the group.
    #[track_caller]
    pub fn entry(mut self, group: &str, entry: EntryBuilder) -> Self {
        let at = Location::caller();
        let EntryBuilder { id, enabled, priority, before, after, config } = entry;
        let mut all = |names: Vec<String>| -> Vec<PluginRef> {
            names.iter().filter_map(|name| self.reference(name, Some(group), &at)).collect()
        };
        let before = before.map(&mut all);
        let after = after.map(&mut all);
        let config = config.and_then(|config| {
            let problem = match config.map(|config| Node { value: convert(config, &at), at: at.clone() }) {
                Ok(node) if node.as_table().is_some() => return Some(node),
                Ok(node) => not_a_table(&node),
                Err(error) => unwritable(error, &at),
            };
            self.problems.push(problem.in_group(group).of_plugin(&id));
            None
        });
        if let Some(reference) = self.reference(&id, Some(group), &at) {
            let entry = EntryPart {
                enabled,
                priority,
                before,
                after,
                config,
                ..EntryPart::new(reference, at.clone())
            };
            self.layer.group_mut(group, &at).entries.push(entry);
        }
        self
    }

    /// Turns a plugin off, in every group.
    #[track_caller]
    pub fn disable(mut self, reference: &str) -> Self {
        let at = Location::caller();
        let reference = self.reference(reference, None, &at);
        self.layer.disabled.extend(reference.map(|reference| (reference, at)));
        self
    }

    /// Sets settings of a plugin, from a struct or from a map. Settings of earlier calls stay if `settings` has no
    /// value for them.
    #[track_caller]
    pub fn section(mut self, id: &str, settings: &impl Serialize) -> Self {
        let at = Location::caller();
        match toml::Value::try_from(settings) {
            Ok(settings) => self.lay(id, Node { value: convert(settings, &at), at }),
            Err(error) => self.problems.push(unwritable(error, &at).of_plugin(id)),
        }
        self
    }

    /// Sets one setting of a plugin.
    #[track_caller]
    pub fn set(mut self, id: &str, key: &str, value: impl Serialize) -> Self {
        let at = Location::caller();
        match toml::Value::try_from(value) {
            Ok(value) => {
                let node = Node { value: convert(value, &at), at: at.clone() };
                let table =
                    Table([(key.to_owned(), Entry { key_at: at.clone(), node })].into_iter().collect());
                self.lay(id, Node { value: Value::Table(table), at });
            }
            Err(error) => self.problems.push(unwritable(error, &at).of_plugin(id).at_key(key)),
        }
        self
    }

    /// Sets limits of a plugin, from a struct or from a map with the keys of `[limits.<id>]`. Limits of earlier calls
    /// stay if `limits` has no value for them. [Limits](crate::guide::limits#limits-in-the-configuration) has the keys.
    #[track_caller]
    pub fn limits(mut self, id: &str, limits: &impl Serialize) -> Self {
        let at = Location::caller();
        match toml::Value::try_from(limits) {
            Ok(limits) => {
                let node = Node { value: convert(limits, &at), at: at.clone() };
                let table =
                    Table([(id.to_owned(), Entry { key_at: at.clone(), node })].into_iter().collect());
                let mut problems = Problems::default();
                self.layer.lay_limits(&Node { value: Value::Table(table), at }, &mut problems);
                self.problems.extend(problems.into_error().into_iter().flatten());
            }
            Err(error) => self.problems.push(unwritable(error, &at).of_plugin(id)),
        }
        self
    }

    /// Sets options of a plugin's extensions at the named point, from a struct or from a map with the keys of
    /// `[extension.<id>.<point>]`. Options of earlier calls stay if `options` has no value for them.
    /// [Loading](crate::guide::loading#options-of-extensions) has the keys.
    #[track_caller]
    pub fn extension(mut self, id: &str, point: &str, options: &impl Serialize) -> Self {
        let at = Location::caller();
        match toml::Value::try_from(options) {
            Ok(options) => {
                let mut node = Node { value: convert(options, &at), at: at.clone() };
                for key in [point, id] {
                    let table =
                        Table([(key.to_owned(), Entry { key_at: at.clone(), node })].into_iter().collect());
                    node = Node { value: Value::Table(table), at: at.clone() };
                }
                let mut problems = Problems::default();
                self.layer.lay_extensions(&node, &mut problems);
                self.problems.extend(problems.into_error().into_iter().flatten());
            }
            Err(error) => self.problems.push(unwritable(error, &at).of_plugin(id)),
        }
        self
    }

    /// Turns all plugins on or off, as `plugins.enabled` does.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.layer.enabled = Some(enabled);
        self
    }

    /// Adds every other linked plugin of the project when the configuration is loaded, or not, as `plugins.discover`
    /// does.
    pub fn discover(mut self, discover: bool) -> Self {
        self.layer.discover = Some(discover);
        self
    }

    /// Sets the profile, unless a later source or the environment sets another.
    pub fn active_profile(mut self, profile: Profile) -> Self {
        self.layer.active_profile = Some(profile);
        self
    }

    /// Returns the configuration.
    ///
    /// # Errors
    ///
    /// Returns every problem: references that cannot name a plugin, settings that are not tables or cannot be written
    /// in TOML, and an impossible order.
    pub fn build(self) -> Result<PluginConfig, ConfigError> {
        let mut problems = Problems::default();
        problems.append(self.problems);
        check_order(&self.layer, &mut problems);
        let used = [self.layer.scope, self.layer.active_profile];
        problems.or(PluginConfig::new(vec![self.layer], None).with_profiles(used.into_iter().flatten()))
    }

    fn reference(&mut self, text: &str, group: Option<&str>, at: &Location) -> Option<PluginRef> {
        let error = match text.parse() {
            Ok(reference) => return Some(reference),
            Err(error) => error,
        };
        let error: super::reference::InvalidReference = error;
        let mut problem = ConfigProblem::new(ProblemKind::InvalidReference, at.clone(), error.to_string());
        problem.group = group.map(str::to_owned);
        self.problems.push(problem.caused_by(error));
        None
    }

    fn lay(&mut self, id: &str, node: Node) {
        if self.reference(id, None, &node.at).is_none() {
            return;
        }
        if node.as_table().is_none() {
            self.problems.push(not_a_table(&node).of_plugin(id));
            return;
        }
        match self.layer.sections.0.get_mut(id) {
            Some(lower) => lower.node.overlay(&node),
            None => {
                let key_at = node.at.clone();
                self.layer.sections.0.insert(id.to_owned(), Entry { key_at, node });
            }
        }
    }
}

fn not_a_table(node: &Node) -> ConfigProblem {
    let message = format!("settings must be a struct or a map, but they are {}", node.describe());
    ConfigProblem::new(ProblemKind::WrongType, node.at.clone(), message)
}

fn unwritable(error: toml::ser::Error, at: &Location) -> ConfigProblem {
    let message = format!("the settings cannot be written as TOML: {error}");
    ConfigProblem::new(ProblemKind::InvalidValue, at.clone(), message).caused_by(error)
}

fn convert(value: toml::Value, at: &Location) -> Value {
    let node = |value| Node { value: convert(value, at), at: at.clone() };
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::Integer(number.into()),
        toml::Value::Float(number) => Value::Float(number),
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(value) => Value::Datetime(value),
        toml::Value::Array(items) => Value::Array(items.into_iter().map(node).collect()),
        toml::Value::Table(table) => {
            let entry = |(key, value)| (key, Entry { key_at: at.clone(), node: node(value) });
            Value::Table(Table(table.into_iter().map(entry).collect()))
        }
    }
}

/// The entry of a plugin in a group, for [`ConfigBuilder::entry`]. Fields that are not set keep their values.
#[must_use]
#[derive(Clone, Debug)]
pub struct EntryBuilder {
    id: String,
    enabled: Option<bool>,
    priority: Option<i32>,
    before: Option<Vec<String>>,
    after: Option<Vec<String>>,
    config: Option<Result<toml::Value, toml::ser::Error>>,
}

impl EntryBuilder {
    /// Returns the entry of a plugin, named by id or by the path of its type.
    pub fn new(reference: impl Into<String>) -> Self {
        let id = reference.into();
        Self { id, enabled: None, priority: None, before: None, after: None, config: None }
    }

    /// Sets whether the plugin is enabled.
    pub fn enabled(self, enabled: bool) -> Self {
        Self { enabled: Some(enabled), ..self }
    }

    /// Sets the priority in the group: higher comes first.
    pub fn priority(self, priority: i32) -> Self {
        Self { priority: Some(priority), ..self }
    }

    /// Puts the plugin before these plugins, if they are in the group.
    pub fn before<R: Into<String>>(self, references: impl IntoIterator<Item = R>) -> Self {
        Self { before: Some(references.into_iter().map(Into::into).collect()), ..self }
    }

    /// Puts the plugin after these plugins, if they are in the group.
    pub fn after<R: Into<String>>(self, references: impl IntoIterator<Item = R>) -> Self {
        Self { after: Some(references.into_iter().map(Into::into).collect()), ..self }
    }

    /// Sets settings that apply in this entry only, from a struct or from a map.
    pub fn config(self, settings: &impl Serialize) -> Self {
        Self { config: Some(toml::Value::try_from(settings)), ..self }
    }
}
