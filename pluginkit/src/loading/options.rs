//! Options of discoveries and loads.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::loading::PluginFactory;
use crate::loading::catalog::Catalog;

type Filter = dyn Fn(&PluginFactory) -> bool + Send + Sync;

/// The options of a discovery: the linked plugins that it registers, and its reaction to a plugin that fails.
///
/// A `bool` converts to a `Discovery`: `true` leaves out plugins that fail.
///
/// ```
/// # use pluginkit::prelude::*;
/// use pluginkit::loading::Discovery;
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// # let pm = PluginManager::new("discovery-options");
/// let report = pm.discover_with(Discovery::new().except(["slow"]).ignore_errors(true))?;
/// for skipped in report.skipped() {
///     println!("{skipped}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Discovery {
    pub(crate) ignore_errors: bool,
    pub(crate) only: Option<Vec<PluginId>>,
    pub(crate) except: Vec<PluginId>,
    filters: Vec<Arc<Foreign<Box<Filter>>>>,
    #[cfg(feature = "config")]
    pub(crate) config: Option<crate::config::PluginConfig>,
}

impl Discovery {
    /// Returns options that register all linked plugins, or none if a plugin fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether plugins that fail are left out. The report names them.
    ///
    /// Plugins then come one after the other, each after the plugins and the services that it uses.
    pub fn ignore_errors(self, ignore: bool) -> Self {
        Self { ignore_errors: ignore, ..self }
    }

    /// Registers only the plugins with these names. A name is an id, an alias, or the path of a type. A name that no
    /// linked plugin has is an error, and so is an alias that several linked plugins have.
    pub fn only<I>(self, names: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        Self { only: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// Leaves out the plugins with these names. A name is an id, an alias, or the path of a type.
    ///
    /// A name that no linked plugin has is an error if it is similar to the name of a linked plugin, and probably a
    /// misspelling. Otherwise [the report](super::DiscoveryReport::unbound) has the name. An alias that several linked
    /// plugins have is an error.
    pub fn except<I>(mut self, names: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        self.except.extend(names.into_iter().map(Into::into));
        self
    }

    /// Registers only the plugins for which `filter` returns `true`.
    pub fn filter(mut self, filter: impl Fn(&PluginFactory) -> bool + Send + Sync + 'static) -> Self {
        self.filters.push(Arc::new(Foreign::new(Box::new(filter), None)));
        self
    }

    /// Registers only the plugins of one crate. The name may be written as in code (`my_crate`) or as in `Cargo.toml`
    /// (`my-crate`).
    pub fn from_crate(self, name: impl Into<String>) -> Self {
        let name = name.into().replace('-', "_");
        self.filter(move |factory| factory.crate_name() == Some(&*name))
    }

    /// Gives plugins their settings, their limits and the
    /// [options of their extensions](crate::guide::loading#options-of-extensions) from a configuration, and leaves out the
    /// plugins that the configuration turns off. The options of extensions are set for registered plugins too.
    #[cfg(feature = "config")]
    pub fn config(self, config: &crate::config::PluginConfig) -> Self {
        Self { config: Some(config.clone()), ..self }
    }

    /// Returns the names in `only` and `except`, each with the name of the option.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&'static str, &PluginId)> {
        let only = self.only.iter().flatten().map(|name| ("only", name));
        only.chain(self.except.iter().map(|name| ("except", name)))
    }

    /// Returns the selection, made ready for many plugins. A name of several plugins asks for none, and leaves out all.
    pub(crate) fn choice<'c>(&'c self, catalog: &'c Catalog<'_>) -> Choice<'c> {
        let only = self.only.as_ref().map(|only| {
            let named = only.iter().map(|name| catalog.named(name));
            named.filter(|named| !is_ambiguous(named)).flatten().map(identity).collect()
        });
        let except = self.except.iter().flat_map(|name| catalog.named(name)).map(identity).collect();
        Choice { only, except, filters: &self.filters }
    }
}

/// Returns whether factories that have one name are those of several plugins.
pub(crate) fn is_ambiguous(named: &[&PluginFactory]) -> bool {
    named.iter().any(|factory| factory.id() != named[0].id())
}

/// The id and the path of a factory.
type Identity<'c> = (&'c PluginId, Option<&'c str>);

fn identity(factory: &PluginFactory) -> Identity<'_> {
    (factory.id(), factory.path())
}

/// Which of the linked plugins are wanted.
pub(crate) struct Choice<'c> {
    only: Option<HashSet<Identity<'c>>>,
    except: HashSet<Identity<'c>>,
    filters: &'c [Arc<Foreign<Box<Filter>>>],
}

impl Choice<'_> {
    pub(crate) fn wants(&self, factory: &PluginFactory) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&identity(factory)))
            && !self.except.contains(&identity(factory))
            && self.filters.iter().all(|filter| filter(factory))
    }
}

impl From<bool> for Discovery {
    /// Sets whether plugins that fail are left out.
    fn from(ignore_errors: bool) -> Self {
        Self::new().ignore_errors(ignore_errors)
    }
}

impl fmt::Debug for Discovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Discovery")
            .field("ignore_errors", &self.ignore_errors)
            .field("only", &self.only)
            .field("except", &self.except)
            .field("filters", &self.filters.len())
            .finish_non_exhaustive()
    }
}

/// The reaction of a load to a plugin that cannot be loaded.
#[cfg(feature = "config")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadPolicy {
    /// Nothing is loaded. The error has all problems.
    #[default]
    Refuse,
    /// The plugin is left out, and the other plugins are loaded. The report names the plugin. If an older plugin of
    /// that name is loaded already, the older plugin stays as it is.
    ///
    /// Plugins come one after the other, each after the plugins and the services that it uses. A plugin that is no longer
    /// listed stays if it provides a service that another plugin requires, and its successor fails.
    Skip,
}

/// The reaction of a load to plugins that cannot be loaded. By default the load is refused.
#[cfg(feature = "config")]
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct LoadOptions {
    pub(crate) missing: LoadPolicy,
    pub(crate) failing: LoadPolicy,
}

#[cfg(feature = "config")]
impl LoadOptions {
    /// Returns options that refuse a configuration if it has a problem.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the reaction to references and settings of plugins that do not exist.
    pub fn missing(self, policy: LoadPolicy) -> Self {
        Self { missing: policy, ..self }
    }

    /// Sets the reaction to a plugin that fails.
    ///
    /// A plugin fails if its settings are invalid, if its factory fails, or if its registration is refused. A plugin
    /// that replaces a started plugin also fails if it does not start.
    pub fn failing(self, policy: LoadPolicy) -> Self {
        Self { failing: policy, ..self }
    }
}

#[cfg(feature = "config")]
impl From<LoadPolicy> for LoadOptions {
    /// Sets the same reaction to missing plugins and to failing plugins.
    fn from(policy: LoadPolicy) -> Self {
        Self { missing: policy, failing: policy }
    }
}
