//! Views of a point with the implementations of a plugin that is not registered.

use crate::base::kind::Kind;
use crate::call::caller::{Callable, Caller, Handle};
use crate::error::Error;
use crate::manager::plugin_builder::PluginBuilder;
use crate::registry::Host;
use crate::spec::point::Key;

impl<P: Callable<K>, K: Kind> Handle<P, K> {
    /// Returns a view with the extensions and wrappers of a plugin that is not registered.
    ///
    /// It is [`extra`](Self::extra) with options, with wrappers, with predicates and with async closures. Those of the same
    /// priority come last. Reports and errors name the plugin as the builder does, or `(extra)` without a name.
    ///
    /// - An implementation whose `before` and `after` contradict the order of the plugins comes last.
    /// - The plugin is not registered: no phase of a lifecycle runs, its requirements are not asked, and its implementations
    ///   of other points take no part.
    ///
    /// # Errors
    ///
    /// Returns an error if the manager cannot run an implementation, such as an async extension under a
    /// [`PluginManager`](crate::PluginManager) without `block_on`, if it requires another version of its specs, or if the
    /// builder has no implementation of this point.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::{Options, PluginBuilder};
    ///
    /// #[extension_point]
    /// trait Feed {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// struct Draft;
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("feed");
    /// pm.add_extension_points(Feed)?;
    /// pm.register_fn("static", Feed::fetch, |args| format!("static[{}]", args.topic))?;
    /// let preview = PluginBuilder::new(Draft)
    ///     .extension(Feed::fetch, Options::new().tryfirst(), |_, args| format!("draft[{}]", args.topic))
    ///     .wrapper(Feed::fetch, Options::new(), |_, args, next| next.run(&args.topic.to_uppercase()));
    /// let fetch = pm.caller(Feed::fetch).extra_built(preview)?;
    /// assert_eq!(fetch.call("harbor"), ["draft[HARBOR]", "static[HARBOR]"]);
    /// assert_eq!(pm.caller(Feed::fetch).call("harbor"), ["static[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn extra_built<T>(&self, builder: PluginBuilder<T>) -> Result<Caller<P, K>, Error>
    where
        T: Send + Sync + 'static,
    {
        let (name, staged) = builder.staged_as_extra();
        let slot = &self.view.slot;
        let (point, offloads) = (Key::of::<P>(), slot.offloads);
        let extras = match slot.registry() {
            Some(registry) => staged.into_extras(point, offloads, &registry.host),
            None => staged.into_extras(point, offloads, &Host::new(K::IS_ASYNC)),
        }?;
        Ok(self.caller(self.view.with_all(name, extras)))
    }
}
