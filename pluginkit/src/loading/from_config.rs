//! Managers made from a configuration by one call.

use std::path::{Path, PathBuf};

use crate::config::PluginConfig;
use crate::error::Error;
#[cfg(feature = "async")]
use crate::manager::AsyncPluginManager;
use crate::manager::PluginManager;
#[cfg(feature = "async")]
use crate::spec::point::AsyncSpecs;
use crate::spec::point::Specs;

/// Where a manager's configuration comes from.
pub trait ConfigInput {
    /// The configuration of the plugins of `project`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
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

/// The extension points that a manager `M` is made with: the specs of one trait, or a tuple of several.
pub trait SpecSet<M> {
    /// Adds them.
    ///
    /// # Errors
    ///
    /// If they are of another project.
    fn add_to(self, manager: &M) -> Result<(), Error>;
}

/// A single trait.
impl<S: Specs> SpecSet<PluginManager> for S {
    fn add_to(self, manager: &PluginManager) -> Result<(), Error> {
        manager.add_extension_points(self)
    }
}

#[cfg(feature = "async")]
impl<S: AsyncSpecs> SpecSet<AsyncPluginManager> for S {
    fn add_to(self, manager: &AsyncPluginManager) -> Result<(), Error> {
        manager.add_extension_points(self)
    }
}

macro_rules! tuple {
    ($($specs:ident)+) => {
        impl<$($specs: Specs),+> SpecSet<PluginManager> for ($($specs,)+) {
            fn add_to(self, manager: &PluginManager) -> Result<(), Error> {
                #[allow(non_snake_case, reason = "each is called as its type")]
                let ($($specs,)+) = self;
                $(manager.add_extension_points($specs)?;)+
                Ok(())
            }
        }

        #[cfg(feature = "async")]
        impl<$($specs: AsyncSpecs),+> SpecSet<AsyncPluginManager> for ($($specs,)+) {
            fn add_to(self, manager: &AsyncPluginManager) -> Result<(), Error> {
                #[allow(non_snake_case, reason = "each is called as its type")]
                let ($($specs,)+) = self;
                $(manager.add_extension_points($specs)?;)+
                Ok(())
            }
        }
    };
}

tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);

/// A host whose plugins are all in the configuration may have no points of its own.
impl SpecSet<PluginManager> for () {
    fn add_to(self, _manager: &PluginManager) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(feature = "async")]
impl SpecSet<AsyncPluginManager> for () {
    fn add_to(self, _manager: &AsyncPluginManager) -> Result<(), Error> {
        Ok(())
    }
}
