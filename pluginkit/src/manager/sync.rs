//! [`PluginManager`]: owns plugins and dispatches calls to them.

use std::any::TypeId;
use std::sync::Arc;

use crate::caller::Caller;
use crate::error::Error;
use crate::implementation::{Contribution, Role};
use crate::manager::shared::shared_methods;
use crate::name::PluginId;
use crate::point::{ExtensionPoint, Points, Specs};
use crate::registry::Registry;

/// Owns plugins and dispatches calls to their extensions, synchronously.
///
/// Every method takes `&self`. No lock is held while plugin code runs, so a plugin may register,
/// unregister or call from inside a call; such a change affects calls that start afterwards. A call
/// works on the snapshot taken when it starts. A plugin that needs its manager keeps a
/// [`Weak`](std::sync::Weak) of the host's `Arc<PluginManager>`, or is handed a reference as an argument.
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point(project = "feed")]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Weather;
///
/// #[extension]
/// impl Specs for Weather {
///     fn fetch(&self, topic: &str) -> String {
///         format!("weather[{topic}]: clear skies")
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.register(Weather)?;
/// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["weather[harbor]: clear skies"]);
/// # Ok(())
/// # }
/// ```
pub struct PluginManager {
    registry: Arc<Registry>,
}

impl PluginManager {
    /// A manager for the plugins of `project`.
    pub fn new(project: &str) -> Self {
        Self { registry: Registry::new(project, accepts) }
    }

    /// Adds the extension points of `specs`, and wires the `optional` extensions that waited for
    /// them. Adding specs again does nothing.
    ///
    /// # Errors
    ///
    /// [`Error::WrongProject`] if they belong to another project, [`Error::OrderCycle`] if the
    /// extensions that waited for them cannot be ordered.
    #[doc(alias = "add_hookspecs")]
    pub fn add_extension_points<S: Specs>(&self, _specs: S) -> Result<(), Error> {
        let mut points = Points::default();
        S::declare(&mut points);
        self.registry.add_specs::<S>(&points.declared)
    }

    /// The caller of `point`.
    ///
    /// # Panics
    ///
    /// If the specs of the point were never added; [`try_caller`](Self::try_caller) returns an error
    /// instead.
    #[doc(alias = "hook")]
    #[track_caller]
    pub fn caller<P: ExtensionPoint>(&self, point: P) -> Caller<P> {
        match self.try_caller(point) {
            Ok(caller) => caller,
            Err(error) => panic!("{error}"),
        }
    }

    /// The caller of `point`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtensionPoint`] if the specs of the point were never added.
    pub fn try_caller<P: ExtensionPoint>(&self, _point: P) -> Result<Caller<P>, Error> {
        let slot = self.registry.slot(TypeId::of::<P>());
        slot.map(Caller::new).ok_or(Error::UnknownExtensionPoint { point: P::INFO })
    }
}

shared_methods!(PluginManager);

fn accepts(plugin: &PluginId, contribution: &Contribution) -> Result<(), Error> {
    if contribution.is_async && contribution.role == Role::Wrapper {
        return Err(Error::WrapperKind { plugin: plugin.clone(), point: contribution.info, is_async: true });
    }
    if contribution.is_async {
        return Err(Error::AsyncExtension { plugin: plugin.clone(), point: contribution.info });
    }
    Ok(())
}
