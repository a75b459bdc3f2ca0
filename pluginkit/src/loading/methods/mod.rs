//! Discovery and loading, as methods of managers.

mod sync;

#[cfg(feature = "async")]
mod asynchronous;

use crate::base::kind::Kind;
#[cfg(feature = "config")]
use crate::config::PluginConfig;
#[cfg(feature = "config")]
use crate::error::Error;
use crate::loading::{Catalog, PluginFactory};
#[cfg(feature = "config")]
use crate::loading::{ConfigInput, LoadReport, PluginGroup, SpecSet};
use crate::manager::generic::Manager;

/// The bound of methods about groups, in a library without the Cargo feature `config`. No type implements it.
#[cfg(not(feature = "config"))]
#[diagnostic::on_unimplemented(
    message = "groups of plugins need the Cargo feature `config` of `pluginkit`",
    label = "add the feature in `Cargo.toml`: `features = [\"config\"]`"
)]
pub trait HasGroups<H> {}

impl<K: Kind> Manager<K> {
    /// Adds a factory, which discoveries and loads use from now on.
    ///
    /// Returns the factory that was added before with the same id, if there is one.
    pub fn add_factory<T: ?Sized>(&self, factory: PluginFactory<T>) -> Option<PluginFactory> {
        self.registry().loads().add_factory(factory.erased())
    }

    /// Returns the factories that this manager may use, sorted by id: the factories of linked plugins, and the
    /// factories that were added.
    #[doc(alias = "list_plugin_distinfo")]
    pub fn factories(&self) -> Vec<PluginFactory> {
        Catalog::of(self.registry()).offered().cloned().collect()
    }
}

/// Methods that name the Cargo feature they need.
#[cfg(not(feature = "config"))]
impl<K: Kind> Manager<K> {
    #[doc(hidden)]
    pub fn group<H>(&self, name: impl AsRef<str>) -> H
    where
        Self: HasGroups<H>,
    {
        unreachable!("no manager has the group `{}`", name.as_ref())
    }

    #[doc(hidden)]
    pub fn groups<H>(&self) -> H
    where
        Self: HasGroups<H>,
    {
        unreachable!("no manager has groups")
    }
}

#[cfg(feature = "config")]
impl<K: Kind> Manager<K> {
    /// Returns the plugins of a group of the last configuration that was loaded, in order.
    ///
    /// The group is empty if the configuration has no group of that name. The view `within_group` of a caller calls
    /// only the plugins of a group.
    pub fn group(&self, name: impl AsRef<str>) -> PluginGroup {
        let members = self.registry().loads().group(name.as_ref());
        PluginGroup::of(self.registry(), name.as_ref(), members)
    }

    /// Returns the groups of the last configuration that was loaded, in the order of their first mention.
    pub fn groups(&self) -> Vec<PluginGroup> {
        let names = self.registry().loads().groups();
        names.into_iter().map(|group| PluginGroup::of(self.registry(), &group.name, group.members)).collect()
    }

    /// Tells a log what may be a mistake in a load.
    fn warn_of(&self, report: &LoadReport) {
        report.warn();
        self.registry().warn_unbound();
    }

    /// Returns a new manager with the points of `specs`, and the configuration that it is to load.
    fn with_config(
        self,
        specs: impl SpecSet<K>,
        config: impl ConfigInput,
    ) -> Result<(Self, PluginConfig), Error> {
        specs.add_to(&self)?;
        let config = config.read(self.registry().project())?;
        self.registry().loads().complete();
        Ok((self, config))
    }
}

#[cfg(feature = "schema")]
impl<K: Kind> Manager<K> {
    /// Returns a JSON Schema of the configuration file. An editor completes and checks the file with it.
    ///
    /// The schema describes the plugins that this manager may use. The schema has the keys of settings whose type
    /// implements `JsonSchema`.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Limits {
    ///     /// How many requests a client has.
    ///     max_requests: u32,
    /// }
    ///
    /// #[plugin(id = "limiter", project = "schema-example", config = Limits)]
    /// #[derive(Default)]
    /// struct Limiter;
    ///
    /// let schema = PluginManager::new("schema-example").config_schema();
    /// let setting = schema.pointer("/$defs/plugin:limiter/properties/max_requests").unwrap();
    /// assert_eq!(setting["description"], "How many requests a client has.");
    /// ```
    pub fn config_schema(&self) -> schemars::Schema {
        let any = || schemars::json_schema!({ "type": "object" });
        let factories = self.factories();
        let described =
            factories.iter().map(|factory| (factory.id().as_str(), factory.schema().unwrap_or_else(any)));
        crate::config::document_schema(described)
    }
}
