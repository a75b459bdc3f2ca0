//! What a host may say of how plugins are found and loaded.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::loading::PluginFactory;

type Filter = dyn Fn(&PluginFactory) -> bool + Send + Sync;

/// Which of the linked plugins are to be registered, and what is done about one that cannot be.
///
/// A `bool` is one, too: whether plugins that fail are left out.
///
/// ```
/// # use pluginkit::prelude::*;
/// use pluginkit::Discovery;
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
    except: Vec<PluginId>,
    filters: Vec<Arc<Foreign<Box<Filter>>>>,
    #[cfg(feature = "config")]
    pub(crate) config: Option<crate::config::PluginConfig>,
}

impl Discovery {
    /// All of them, or none if one fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves out those that fail, which the report tells, and registers the others.
    pub fn ignore_errors(self, ignore: bool) -> Self {
        Self { ignore_errors: ignore, ..self }
    }

    /// Those with these ids only; an id that no linked plugin has is an error.
    pub fn only<I>(self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        Self { only: Some(ids.into_iter().map(Into::into).collect()), ..self }
    }

    /// Those without these ids.
    pub fn except<I>(mut self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        self.except.extend(ids.into_iter().map(Into::into));
        self
    }

    /// Those that `filter` says yes to.
    pub fn filter(mut self, filter: impl Fn(&PluginFactory) -> bool + Send + Sync + 'static) -> Self {
        self.filters.push(Arc::new(Foreign::new(Box::new(filter), None)));
        self
    }

    /// Those of one crate, by the name that code or Cargo has for it.
    pub fn from_crate(self, name: impl Into<String>) -> Self {
        let name = name.into().replace('-', "_");
        self.filter(move |factory| factory.crate_name() == Some(&*name))
    }

    /// With the settings that a configuration has for them, and without those it turns off.
    #[cfg(feature = "config")]
    pub fn config(self, config: &crate::config::PluginConfig) -> Self {
        Self { config: Some(config.clone()), ..self }
    }

    /// What it says, made ready to be asked of many plugins.
    pub(crate) fn choice(&self) -> Choice<'_> {
        Choice {
            only: self.only.as_ref().map(|only| only.iter().collect()),
            except: self.except.iter().collect(),
            filters: &self.filters,
        }
    }
}

/// Which of the linked plugins are wanted.
pub(crate) struct Choice<'d> {
    only: Option<HashSet<&'d PluginId>>,
    except: HashSet<&'d PluginId>,
    filters: &'d [Arc<Foreign<Box<Filter>>>],
}

impl Choice<'_> {
    pub(crate) fn wants(&self, factory: &PluginFactory) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(factory.id()))
            && !self.except.contains(factory.id())
            && self.filters.iter().all(|filter| filter(factory))
    }
}

impl From<bool> for Discovery {
    /// Whether plugins that fail are left out.
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

/// What is done about a plugin that cannot be loaded.
#[cfg(feature = "config")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadPolicy {
    /// Nothing is loaded; the error tells all that is wrong.
    #[default]
    Refuse,
    /// It is left out, which the report tells, and the others are loaded. One that is there already stays as
    /// it is.
    Skip,
}

/// What is done about plugins that cannot be loaded; without more, the load is refused.
#[cfg(feature = "config")]
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct LoadOptions {
    pub(crate) missing: LoadPolicy,
    pub(crate) failing: LoadPolicy,
}

#[cfg(feature = "config")]
impl LoadOptions {
    /// Refuses everything that is wrong.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is done about a reference that means no plugin, and about settings for a plugin that there is not.
    pub fn missing(self, policy: LoadPolicy) -> Self {
        Self { missing: policy, ..self }
    }

    /// What is done about a plugin whose settings are wrong, whose factory fails, that the manager refuses, or that
    /// fails to start in place of an old one that ran.
    pub fn failing(self, policy: LoadPolicy) -> Self {
        Self { failing: policy, ..self }
    }
}

#[cfg(feature = "config")]
impl From<LoadPolicy> for LoadOptions {
    /// The same for all.
    fn from(policy: LoadPolicy) -> Self {
        Self { missing: policy, failing: policy }
    }
}
