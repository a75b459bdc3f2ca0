//! The arguments of `from_config`: a configuration, and the points of a manager.

use std::path::{Path, PathBuf};

#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::{Kind, Synchronous};
use crate::config::PluginConfig;
use crate::error::Error;
use crate::manager::generic::Manager;
#[cfg(feature = "async")]
use crate::spec::point::AsyncSpecs;
use crate::spec::point::Specs;

/// A source of a configuration: a [`PluginConfig`], or the path of a file or of a directory.
pub trait ConfigInput {
    /// Returns the configuration of the plugins of `project`.
    ///
    /// # Errors
    ///
    /// The errors of reading the file.
    fn read(self, project: &str) -> Result<PluginConfig, Error>;
}

impl ConfigInput for &PluginConfig {
    fn read(self, _project: &str) -> Result<PluginConfig, Error> {
        Ok(self.clone())
    }
}

impl ConfigInput for PluginConfig {
    fn read(self, _project: &str) -> Result<PluginConfig, Error> {
        Ok(self)
    }
}

impl ConfigInput for &Path {
    fn read(self, project: &str) -> Result<PluginConfig, Error> {
        let found =
            if self.is_dir() { PluginConfig::find(self, project) } else { PluginConfig::from_path(self) };
        found.map_err(Error::from)
    }
}

impl ConfigInput for PathBuf {
    fn read(self, project: &str) -> Result<PluginConfig, Error> {
        self.as_path().read(project)
    }
}

impl ConfigInput for &PathBuf {
    fn read(self, project: &str) -> Result<PluginConfig, Error> {
        self.as_path().read(project)
    }
}

impl ConfigInput for &str {
    fn read(self, project: &str) -> Result<PluginConfig, Error> {
        Path::new(self).read(project)
    }
}

/// The extension points of a new manager of kind `K`: the specs of one trait, or a tuple of several specs.
pub trait SpecSet<K: Kind> {
    /// Adds the points to `manager`.
    ///
    /// # Errors
    ///
    /// [`Error::WrongProject`] if the specs belong to another project.
    #[cfg_attr(not(doc), doc(hidden))]
    fn add_to(self, manager: &Manager<K>) -> Result<(), Error>;
}

impl<S: Specs> SpecSet<Synchronous> for S {
    fn add_to(self, manager: &Manager<Synchronous>) -> Result<(), Error> {
        manager.add_extension_points(self)
    }
}

#[cfg(feature = "async")]
impl<S: AsyncSpecs> SpecSet<Asynchronous> for S {
    fn add_to(self, manager: &Manager<Asynchronous>) -> Result<(), Error> {
        manager.add_extension_points(self)
    }
}

/// No points, for a host that uses only the points of [`Lifecycle`](crate::lifecycle::Lifecycle), which every manager
/// has.
impl<K: Kind> SpecSet<K> for () {
    fn add_to(self, _manager: &Manager<K>) -> Result<(), Error> {
        Ok(())
    }
}

impl<K: Kind, A: SpecSet<K>> SpecSet<K> for (A,) {
    fn add_to(self, manager: &Manager<K>) -> Result<(), Error> {
        self.0.add_to(manager)
    }
}

impl<K: Kind, A: SpecSet<K>, B: SpecSet<K>> SpecSet<K> for (A, B) {
    fn add_to(self, manager: &Manager<K>) -> Result<(), Error> {
        self.0.add_to(manager)?;
        self.1.add_to(manager)
    }
}

impl<K: Kind, A: SpecSet<K>, B: SpecSet<K>, C: SpecSet<K>> SpecSet<K> for (A, B, C) {
    fn add_to(self, manager: &Manager<K>) -> Result<(), Error> {
        ((self.0, self.1), self.2).add_to(manager)
    }
}

impl<K, A, B, C, D> SpecSet<K> for (A, B, C, D)
where
    K: Kind,
    (A, B, C): SpecSet<K>,
    D: SpecSet<K>,
{
    fn add_to(self, manager: &Manager<K>) -> Result<(), Error> {
        ((self.0, self.1, self.2), self.3).add_to(manager)
    }
}

impl<K, A, B, C, D, E> SpecSet<K> for (A, B, C, D, E)
where
    K: Kind,
    (A, B, C, D): SpecSet<K>,
    E: SpecSet<K>,
{
    fn add_to(self, manager: &Manager<K>) -> Result<(), Error> {
        ((self.0, self.1, self.2, self.3), self.4).add_to(manager)
    }
}

impl<K, A, B, C, D, E, F> SpecSet<K> for (A, B, C, D, E, F)
where
    K: Kind,
    (A, B, C, D, E): SpecSet<K>,
    F: SpecSet<K>,
{
    fn add_to(self, manager: &Manager<K>) -> Result<(), Error> {
        ((self.0, self.1, self.2, self.3, self.4), self.5).add_to(manager)
    }
}
