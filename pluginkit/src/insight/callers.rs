//! Callers whose order follows measurements.

#[cfg(feature = "async")]
use crate::call::async_caller::AsyncCaller;
use crate::call::caller::Caller;
use crate::insight::Metrics;
#[cfg(feature = "async")]
use crate::spec::point::AsyncExtensionPoint;
use crate::spec::point::ExtensionPoint;

impl<P: ExtensionPoint> Caller<P> {
    /// A live view of this caller that runs the extensions first that take the least time, by what `metrics`
    /// measures of them at this point, and never breaks what is declared.
    ///
    /// The time of a plugin is the mean of all its calls there, however they ended. `metrics` has to observe the manager:
    /// as long as it does not, the order is the declared one.
    ///
    /// - Time decides where the registration would: between extensions that are neighbours in the declared order
    ///   and have the same bucket and priority. Everything else stays as it is.
    /// - `before` and `after` bind as ever, and who stands behind a plugin that it requires, or uses if it is
    ///   there, directly or through others, does not move in front of it.
    /// - Those that were not measured yet come first, to be measured; those of equal time stay in their order.
    ///   An [extra](Self::extra) stays last. Wrappers keep their order.
    /// - The times are looked at for the first call, for every 64th after that, and whenever the plugins of the manager
    ///   change; in between the order stays. [`implementations`](Self::implementations) shows it.
    ///
    /// It pays where one answer is enough: a firstresult call gets to the slow extensions only if the quick ones have
    /// none.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::Metrics;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     #[extension_point(firstresult)]
    ///     fn find(&self, key: &str) -> Option<String>;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("store");
    /// pm.add_extension_points(Specs)?;
    /// pm.register_fn("disk", Specs::find, |args| Some(format!("{} from disk", args.key)))?;
    /// pm.register_fn("cache", Specs::find, |args| Some(format!("{} from cache", args.key)))?;
    ///
    /// let metrics = Metrics::new();
    /// let _guard = pm.observe(metrics.clone());
    /// let find = pm.caller(Specs::find).fast_first(&metrics);
    /// assert_eq!(find.call("k").unwrap(), "k from disk"); // nothing is measured yet: as registered
    /// for _ in 1..64 {
    ///     find.call("k");
    /// }
    /// assert_eq!(find.call("k").unwrap(), "k from cache"); // which was not measured, and is now
    /// for _ in 65..128 {
    ///     find.call("k");
    /// }
    /// let mean = |plugin| metrics.of(plugin, Specs::find).unwrap().mean();
    /// let quicker = if mean("cache") < mean("disk") { "cache" } else { "disk" };
    /// assert_eq!(find.implementations()[0].plugin, quicker);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fast_first(&self, metrics: &Metrics) -> Self {
        let metrics = metrics.clone();
        self.fast_first_by(move |plugin| metrics.mean_of(plugin, P::INFO))
    }
}

#[cfg(feature = "async")]
impl<P: AsyncExtensionPoint> AsyncCaller<P> {
    /// A live view of this caller that runs the extensions first that take the least time, by what `metrics`
    /// measures of them at this point, and never breaks what is declared, as
    /// [`Caller::fast_first`](crate::Caller::fast_first) does.
    #[must_use]
    pub fn fast_first(&self, metrics: &Metrics) -> Self {
        let metrics = metrics.clone();
        self.fast_first_by(move |plugin| metrics.mean_of(plugin, P::INFO))
    }
}
