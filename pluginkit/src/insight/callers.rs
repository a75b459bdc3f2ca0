//! Callers whose order follows measurements.

use crate::base::kind::Kind;
use crate::call::caller::{Callable, Caller, Handle};
use crate::call::point::ExtensionPoint;
use crate::insight::Metrics;

impl<P: ExtensionPoint + Callable<K>, K: Kind> Handle<P, K> {
    /// Returns a live view of this caller that runs the fastest extensions first, as `metrics` measures them at this
    /// point. It never breaks a declared order.
    ///
    /// The time of a plugin is the mean of all its calls at the point, however they ended. Until `metrics` observes
    /// the manager, the order is the declared one.
    ///
    /// - Times decide where the order of registration would decide: between neighbours of the same bucket and priority.
    ///   Everything else stays as it is.
    /// - `before` and `after` still apply. A plugin never moves in front of one that it requires or uses, directly or
    ///   through others.
    /// - Extensions without a measurement come first, to be measured. Those of equal time keep their order. An
    ///   [extra](Self::extra) stays last. Wrappers keep their order.
    /// - The times are looked at for the first call, for every 64th after that, and whenever the plugins of the manager
    ///   change; in between the order stays. [`implementations`](Self::implementations) shows it.
    ///
    /// It pays where one answer is enough: a firstresult call reaches the slow extensions only if the fast ones have
    /// none.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::insight::Metrics;
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
    pub fn fast_first(&self, metrics: &Metrics) -> Caller<P, K> {
        let metrics = metrics.clone();
        self.fast_first_by(move |plugin| metrics.mean_of(plugin, P::INFO))
    }
}
