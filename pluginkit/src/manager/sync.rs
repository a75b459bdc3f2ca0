//! [`PluginManager`]: owns plugins and dispatches calls to them.

use crate::base::kind::Synchronous;
use crate::manager::Manager;

/// Owns plugins and makes sync calls of their extensions.
///
/// Every method takes `&self`. No lock is held while plugin code runs: a plugin may register, unregister or call from
/// inside a call. A change affects only calls that start afterwards. Only a historic call also reaches plugins that are
/// registered before the call ends. A plugin that needs its manager keeps a [`Weak`](std::sync::Weak) of the host's
/// `Arc<PluginManager>`, or takes a `&PluginManager` as an argument; a historic point takes the `Weak`, because its arguments
/// are remembered.
///
/// The manager takes `fn` extensions. A manager that is built with
/// [`block_on`](crate::manager::ManagerBuilder::block_on) has a runtime, and also takes `async fn` extensions.
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
///
/// # Methods by task
///
/// | task | methods |
/// |---|---|
/// | add extension points | [`add_extension_points`](#method.add_extension_points) |
/// | register plugins | [`register`](#method.register), [`register_as`](#method.register_as), [`register_all`](#method.register_all), [`register_fn`](#method.register_fn), and [`PluginBuilder`](crate::PluginBuilder) |
/// | call | [`caller`](#method.caller), [`try_caller`](#method.try_caller) |
/// | unregister, block, disable | [`unregister`](#method.unregister), [`block`](#method.block), [`disable`](#method.disable), [`enable`](#method.enable) |
/// | look up | [`plugin`](#method.plugin), [`plugin_as`](#method.plugin_as), [`plugin_names`](#method.plugin_names), [`extension_points`](#method.extension_points) |
/// | limit | [`set_plugin_timeout`](#method.set_plugin_timeout), [`set_point_timeout`](#method.set_point_timeout), [`set_point_failure_policy`](#method.set_point_failure_policy) |
/// | start and stop | [`start_all`](#method.start_all), [`stop_all`](#method.stop_all), [`remove`](#method.remove), [`replace`](#method.replace), [`run`](#method.run) |
/// | discover and configure | [`discover`](#method.discover), [`load_config`](#method.load_config), [`from_config`](#method.from_config) |
/// | services | [`service`](#method.service), [`services`](#method.services), [`provide`](#method.provide) |
/// | watch | [`observe`](#method.observe), [`report`](#method.report), [`graph`](#method.graph), [`break_circuits`](#method.break_circuits) |
pub type PluginManager = Manager<Synchronous>;
