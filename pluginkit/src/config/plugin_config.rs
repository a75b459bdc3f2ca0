//! [`PluginConfig`]: what all sources together say.
#![forbid(unsafe_code)]

use std::borrow::Borrow;
use std::cell::LazyCell;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use indexmap::IndexSet;

use super::builder::ConfigBuilder;
#[cfg(feature = "macros")]
use super::by_plugin::Names;
use super::error::{ConfigError, ConfigProblem, ProblemKind, Problems, Shown};
use super::group::{ConfigEntry, ConfigGroup};
#[cfg(feature = "macros")]
use super::layer::Told;
use super::layer::{Layer, environment};
use super::location::Location;
use super::profile::Profile;
use super::reader::ConfigReader;
use super::reference::PluginRef;
#[cfg(feature = "macros")]
use super::resolve::check_order;
use super::resolve::{Resolved, resolve};
use super::section::Section;
use crate::base::similar::Known;
use crate::base::tree::Tree;

/// The configuration of plugins from all sources: their selection, order and settings.
///
/// [The module](super) has the rules. A configuration never changes: [`merge`](Self::merge) and similar methods return
/// a new configuration. Cloning is cheap. The default configuration is empty.
#[derive(Clone)]
pub struct PluginConfig(Arc<Inner>);

struct Inner {
    /// The layers by their places. A later configuration shares those of the ones it was merged from.
    layers: Tree<usize, Arc<Layer>>,
    forced: Option<Profile>,
    /// The profiles of the host, each once.
    declared: Arc<[Profile]>,
    /// The result of all layers, which a configuration that is only merged further never needs.
    resolved: OnceLock<Resolved>,
}

/// A configuration that names plugins by their ids.
#[cfg(feature = "macros")]
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct NamedConfig {
    /// The configuration, in which each plugin is named by its id.
    pub config: PluginConfig,
    /// The names of several plugins, and the orders that are impossible now.
    pub problems: Option<ConfigError>,
    /// The names that other plugins have, too.
    pub remarks: Vec<ConfigProblem>,
}

impl PluginConfig {
    pub(super) fn new(layers: Vec<Layer>, forced: Option<Profile>) -> Self {
        let nothing = Self::of(Tree::default(), forced, Arc::default());
        nothing.with_layers(layers.into_iter().map(Arc::new), forced)
    }

    fn of(layers: Tree<usize, Arc<Layer>>, forced: Option<Profile>, declared: Arc<[Profile]>) -> Self {
        Self(Arc::new(Inner { layers, forced, declared, resolved: OnceLock::new() }))
    }

    /// This configuration with layers after its own.
    fn with_layers(&self, later: impl IntoIterator<Item = Arc<Layer>>, forced: Option<Profile>) -> Self {
        let mut layers = self.0.layers.clone();
        for layer in later {
            layers.insert(layers.len(), layer);
        }
        Self::of(layers, forced, Arc::clone(&self.0.declared))
    }

    pub(super) fn resolved(&self) -> &Resolved {
        self.0.resolved.get_or_init(|| resolve(&self.0.layers.values(), self.0.forced))
    }

    /// Reads a TOML file.
    ///
    /// # Errors
    ///
    /// Every problem: the file cannot be read, is not TOML, or is not a configuration of plugins.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        ConfigReader::new().path(path)
    }

    /// Reads a TOML text.
    ///
    /// # Errors
    ///
    /// Every problem of the document.
    pub fn from_toml_str(text: &str) -> Result<Self, ConfigError> {
        ConfigReader::new().toml_str("<toml>", text)
    }

    /// Reads `config/<name>.toml` or else `<name>.toml` in a directory, and the files for profiles beside it:
    /// see [`ConfigReader::find`].
    ///
    /// # Errors
    ///
    /// Every problem of the files. If there are no files, this is not an error.
    pub fn find(directory: impl AsRef<Path>, name: &str) -> Result<Self, ConfigError> {
        ConfigReader::new().find(directory, name)
    }

    /// Returns a builder of a configuration in code.
    pub fn builder() -> ConfigBuilder {
        ConfigBuilder::default()
    }

    /// Returns this configuration with `later` merged after it.
    #[must_use]
    pub fn merge(&self, later: impl Borrow<Self>) -> Self {
        let later = later.borrow();
        let merged = self.with_layers(later.0.layers.values(), later.0.forced.or(self.0.forced));
        merged.with_profiles(later.0.declared.iter().copied())
    }

    /// Returns this configuration under a profile. The `active_profile` of the sources does not matter.
    #[must_use]
    pub fn with_profile(&self, profile: Profile) -> Self {
        let declared = Arc::clone(&self.0.declared);
        Self::of(self.0.layers.clone(), Some(profile), declared).with_profiles([profile])
    }

    /// Returns this configuration, in whose environment the names of these profiles may be used.
    ///
    /// ```
    /// use pluginkit::config::{PluginConfig, Profile};
    ///
    /// const CANARY: Profile = Profile::named("canary");
    /// let config = PluginConfig::default().with_profiles([CANARY]);
    /// assert_eq!(config.with_env_vars("FEED", [("FEED_PROFILE", "canary")])?.profile(), CANARY);
    /// # Ok::<(), pluginkit::config::ConfigError>(())
    /// ```
    #[must_use]
    pub fn with_profiles(&self, profiles: impl IntoIterator<Item = Profile>) -> Self {
        let new = profiles.into_iter().filter(|profile| matches!(profile, Profile::Named(_)));
        let all: IndexSet<Profile> = self.0.declared.iter().copied().chain(new).collect();
        if all.len() == self.0.declared.len() {
            return self.clone();
        }
        Self::of(self.0.layers.clone(), self.0.forced, all.into_iter().collect())
    }

    /// Returns the profiles that the host has declared.
    pub fn profiles(&self) -> &[Profile] {
        &self.0.declared
    }

    /// Returns this configuration with the environment variables of the process that begin with `prefix` and an
    /// underscore.
    ///
    /// # Errors
    ///
    /// Every problem of the variables.
    pub fn with_env(&self, prefix: &str) -> Result<Self, ConfigError> {
        self.with_env_vars(prefix, std::env::vars_os())
    }

    /// Returns this configuration with the given variables, like [`with_env`](Self::with_env).
    ///
    /// ```
    /// use pluginkit::config::{PluginConfig, Profile};
    ///
    /// let variables = [("FEED_PROFILE", "production"), ("FEED_PLUGIN__CACHE__SIZE", "20"), ("HOME", "/root")];
    /// let config = PluginConfig::default().with_env_vars("FEED", variables)?;
    /// assert_eq!(config.profile(), Profile::Production);
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Cache {
    ///     size: usize,
    /// }
    /// assert_eq!(config.section("cache").deserialize::<Cache>()?.size, 20);
    /// # Ok::<(), pluginkit::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Every problem of the variables.
    pub fn with_env_vars<K, V>(
        &self,
        prefix: &str,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, ConfigError>
    where
        K: Into<OsString>,
        V: Into<OsString>,
    {
        let mut problems = Problems::default();
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let layer = environment::layer(prefix, &self.0.declared, variables, &mut problems);
        problems.or(self.with_layers([Arc::new(layer)], self.0.forced))
    }

    /// Returns the active profile.
    pub fn profile(&self) -> Profile {
        self.resolved().profile
    }

    /// Returns `plugins.enabled`, which is `true` by default. If it is `false`, all plugins are turned off.
    pub fn is_enabled(&self) -> bool {
        self.resolved().enabled
    }

    /// Returns `plugins.discover`, which is `false` by default. If it is `true`, a load adds every other linked plugin
    /// of the project.
    pub fn discovers(&self) -> bool {
        self.resolved().discover
    }

    /// Returns the same with ids in place of the other names that `names` knows.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn named_by(&self, names: &Names<'_>) -> NamedConfig {
        let mut layers = Tree::default();
        let mut told = Told::default();
        let mut is_same = true;
        for layer in self.0.layers.values() {
            let named = layer.named_by(names, &mut told).map(|named| {
                check_order(&named, &mut told.problems);
                is_same = false;
                Arc::new(named)
            });
            layers.insert(layers.len(), named.unwrap_or(layer));
        }
        let declared = Arc::clone(&self.0.declared);
        let config = if is_same { self.clone() } else { Self::of(layers, self.0.forced, declared) };
        NamedConfig { config, problems: told.problems.into_error(), remarks: told.remarks }
    }

    /// Returns what may be a mistake: names in `before` and `after` that a group does not have, and plugins that one
    /// source has twice in a group.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn remarks(&self) -> &[ConfigProblem] {
        &self.resolved().remarks
    }

    /// Returns the groups, in the order of their first mention.
    pub fn groups(&self) -> &[ConfigGroup] {
        &self.resolved().groups
    }

    /// Returns the entries of a group in order, including entries that are not enabled; an empty slice if there is no
    /// such group.
    pub fn group(&self, name: &str) -> &[ConfigEntry] {
        let place = self.resolved().places.get(name);
        place.map_or(&[], |&place| self.groups()[place].entries())
    }

    /// Returns the enabled entries, group after group, each in order. There are none if `plugins.enabled` is `false`.
    pub fn enabled_entries(&self) -> impl Iterator<Item = &ConfigEntry> {
        let groups = if self.is_enabled() { self.groups() } else { &[] };
        groups.iter().flat_map(ConfigGroup::entries).filter(|entry| entry.is_enabled())
    }

    /// Returns the references of all entries, enabled or not, each reference once, in the order of the groups.
    pub fn references(&self) -> impl Iterator<Item = &PluginRef> {
        let entries = self.groups().iter().flat_map(ConfigGroup::entries);
        entries.map(ConfigEntry::reference).collect::<IndexSet<_>>().into_iter()
    }

    /// Returns the plugins that are turned off in every group.
    pub fn disabled(&self) -> &[PluginRef] {
        &self.resolved().disabled
    }

    /// Returns the same with the place where each was turned off first.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn disabled_places(&self) -> impl Iterator<Item = (&PluginRef, &Location)> {
        self.disabled().iter().zip(&self.resolved().disabled_at)
    }

    /// Returns the first entry with one of these names.
    fn listed(&self, names: &[&str]) -> Option<&ConfigEntry> {
        let places = names.iter().filter_map(|name| self.resolved().entries.get(*name));
        let &(group, place) = places.min()?;
        Some(&self.groups()[group].entries()[place])
    }

    /// Returns the settings of a plugin, without the `config` of an entry: see [`ConfigEntry::section`].
    #[track_caller]
    pub fn section(&self, id: &str) -> Section {
        let caller = Location::caller();
        let at = self.listed(&[id]).map_or(&caller, ConfigEntry::location);
        self.resolved().sections.section(&[id], &[], at).named(id)
    }

    /// Returns the settings as [`section`](Self::section) does, for a plugin with several names: its id and its path.
    ///
    /// Each of `names` may have a `[plugin]` table. If several tables set a key, the table of the last name wins.
    /// Messages call the plugin by the last name.
    ///
    /// # Panics
    ///
    /// Panics if `names` is empty.
    #[track_caller]
    pub fn section_of(&self, names: &[&str]) -> Section {
        let Some(id) = names.last() else { panic!("`section_of` needs at least one name") };
        let caller = Location::caller();
        let at = self.listed(names).map_or(&caller, ConfigEntry::location);
        self.resolved().sections.section(names, &[], at).named(id)
    }

    /// Returns the same as [`section_of`](Self::section_of). Settings that are nowhere written have no place.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn section_found(&self, names: &[&str]) -> Section {
        let is_listed = self.listed(names).is_some();
        let section = self.section_of(names);
        if is_listed || section.is_given() { section } else { section.nowhere() }
    }

    /// Returns the names of the plugins with settings in a document or in code, in the order of their first mention.
    pub fn section_names(&self) -> impl Iterator<Item = &str> {
        self.resolved().sections.named().map(|(name, _)| name)
    }

    /// Checks that each plugin with settings is one of `known` or in a group.
    ///
    /// ```
    /// use pluginkit::config::PluginConfig;
    ///
    /// let config = PluginConfig::from_toml_str("[plugin.rate-limter]\nmax_requests = 5")?;
    /// let error = config.check_sections(["rate-limiter", "cors"]).unwrap_err();
    /// assert_eq!(error.problems()[0].suggestion(), Some("rate-limiter"));
    /// # Ok::<(), pluginkit::config::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// One problem for each other plugin with settings, with the name that was probably meant.
    pub fn check_sections<'k>(&self, known: impl IntoIterator<Item = &'k str>) -> Result<(), ConfigError> {
        let mut all: IndexSet<&str> = self.references().map(PluginRef::as_str).collect();
        for name in known {
            all.insert(name);
        }
        let known = all;
        let spelled: IndexSet<String> = known.iter().map(|name| environment::variable_name(name)).collect();
        let sections = &self.resolved().sections;
        let named = sections.named().filter(|(name, _)| !known.contains(name));
        let variables =
            sections.variables().filter(|(name, _)| !spelled.contains(&environment::variable_name(name)));
        let mut problems = Problems::default();
        let candidates = LazyCell::new(|| Known::new(known.iter().copied()));
        for (name, at) in named.chain(variables) {
            let message = format!("there are settings for `{}`, but no such plugin", Shown(name));
            let problem = ConfigProblem::new(ProblemKind::UnknownKey, at.clone(), message).of_plugin(name);
            problems.push(problem.suggesting(candidates.closest(name)));
        }
        problems.or(())
    }
}

impl Default for PluginConfig {
    fn default() -> Self {
        Self::new(Vec::new(), None)
    }
}

impl fmt::Debug for PluginConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups = f.debug_map();
        for group in self.groups() {
            groups.entry(
                &group.name(),
                &group.entries().iter().map(ConfigEntry::reference).collect::<Vec<_>>(),
            );
        }
        groups.finish()
    }
}
