//! Switches: blocked names, and plugins that are disabled.

use crate::base::kind::Kind;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::manager::Manager;
use crate::plugin::AnyPlugin;

impl<K: Kind> Manager<K> {
    /// Blocks a name, and unregisters and returns the plugin with that name, if there is one.
    ///
    /// A registration under that name is refused until [`unblock`](Self::unblock).
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.block("static");
    /// assert!(pm.register_fn("static", Specs::fetch, |args| args.topic.to_owned()).is_err());
    /// pm.unblock("static");
    /// assert!(pm.register_fn("static", Specs::fetch, |args| args.topic.to_owned()).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn block(&self, name: impl Into<PluginId>) -> Option<AnyPlugin> {
        self.registry().block(name.into())
    }

    /// Does the same as [`block`](Self::block), under the name that pluggy uses.
    pub fn set_blocked(&self, name: impl Into<PluginId>) -> Option<AnyPlugin> {
        self.block(name)
    }

    /// Lifts the block of a name, and returns whether there was one.
    pub fn unblock(&self, name: impl AsRef<str>) -> bool {
        self.registry().unblock(name.as_ref())
    }

    /// Returns whether a name is blocked.
    pub fn is_blocked(&self, name: impl AsRef<str>) -> bool {
        self.registry().is_blocked(name.as_ref())
    }

    /// Enables a disabled plugin: it takes part in calls again, at its old place.
    ///
    /// Historic calls that were made while the plugin was disabled are not replayed.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name.
    pub fn enable(&self, name: impl AsRef<str>) -> Result<(), Error> {
        self.registry().set_enabled(name.as_ref(), true, None)
    }

    /// Disables a plugin, with a reason: it stays registered, and takes no part in calls that start from now on.
    ///
    /// [`disabled_reason`](Self::disabled_reason) and [`report`](Self::report) show the reason until the plugin
    /// is [enabled](Self::enable) again.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name.
    pub fn disable(&self, name: impl AsRef<str>, reason: impl Into<String>) -> Result<(), Error> {
        self.registry().set_enabled(name.as_ref(), false, Some(reason.into().into()))
    }

    /// Enables or disables a plugin, without a reason: see [`enable`](Self::enable) and
    /// [`disable`](Self::disable).
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPlugin`] if no plugin has that name.
    pub fn set_enabled(&self, name: impl AsRef<str>, enabled: bool) -> Result<(), Error> {
        self.registry().set_enabled(name.as_ref(), enabled, None)
    }

    /// Returns whether a plugin of that name is registered and enabled.
    pub fn is_enabled(&self, name: impl AsRef<str>) -> bool {
        self.registry().is_enabled(name.as_ref())
    }

    /// Returns the reason for which a plugin is disabled, if there is one.
    ///
    /// A [`CircuitBreaker`](crate::limits::CircuitBreaker) gives reasons, for example.
    pub fn disabled_reason(&self, name: impl AsRef<str>) -> Option<String> {
        self.registry().disabled_reason(name.as_ref())
    }
}
