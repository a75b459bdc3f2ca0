//! [`PluginManager`]: owns plugins and dispatches calls to them.

use std::any::TypeId;
use std::sync::Arc;

use crate::base::kind::Synchronous;
use crate::call::caller::{Callable, Caller, Handle, PointCaller};
use crate::call::view::View;
use crate::error::Error;
use crate::manager::Manager;
use crate::spec::point::{ExtensionPoint, Points, Specs};

/// Owns plugins and dispatches calls to their extensions, synchronously.
///
/// Every method takes `&self`. No lock is held while plugin code runs: a plugin may register, unregister or call from
/// inside a call. Such a change affects calls that start afterwards, as a call works on the snapshot taken when it
/// starts. A plugin that needs its manager keeps a [`Weak`](std::sync::Weak) of the host's `Arc<PluginManager>`, or
/// takes a reference as an argument.
///
/// The manager takes `fn` extensions. It takes `async fn` extensions, too, if it is
/// [built](Manager::builder) with a runtime to await them on.
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
pub type PluginManager = Manager<Synchronous>;

impl Manager<Synchronous> {
    /// Adds the extension points of `specs`, and wires the `optional` extensions that waited for them.
    ///
    /// Adding the same specs again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::WrongProject`] if the specs belong to another project; [`Error::OrderCycle`] if the waiting
    /// extensions cannot be ordered.
    #[doc(alias = "add_hookspecs")]
    pub fn add_extension_points<S: Specs>(&self, _specs: S) -> Result<(), Error> {
        self.registry().add_specs::<S>(&Points::of(S::declare))
    }

    /// Returns the caller of `point`.
    ///
    /// # Panics
    ///
    /// Panics if the specs of the point were never added. [`try_caller`](Self::try_caller) returns an error instead.
    #[doc(alias = "hook")]
    #[track_caller]
    // `Callable` is named though implied: the compiler then reports a `point` that is none once, and not twice.
    pub fn caller<P: ExtensionPoint + Callable<Synchronous>>(&self, point: P) -> Caller<P> {
        match self.try_caller(point) {
            Ok(caller) => caller,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the caller of `point`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownExtensionPoint`] if the specs of the point were never added.
    pub fn try_caller<P: ExtensionPoint + Callable<Synchronous>>(
        &self,
        _point: P,
    ) -> Result<Caller<P>, Error> {
        match self.registry().slot(TypeId::of::<P>(), P::INFO) {
            Ok(slot) => Ok(PointCaller::new(Handle::new(View::whole(Arc::clone(slot))))),
            Err(error) => Err(error),
        }
    }
}
