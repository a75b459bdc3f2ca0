//! Callers whose order follows measurements.

use crate::base::kind::Kind;
use crate::call::caller::{Callable, Caller, Handle};
use crate::call::point::ExtensionPoint;
use crate::insight::Metrics;

impl<P: ExtensionPoint + Callable<K>, K: Kind> Handle<P, K> {
    /// Returns a view that runs the fastest extensions first, by the times that `metrics` measures at this point of the
    /// manager.
    /// Declared orders stay as they are.
    ///
    /// The time of a plugin is the mean of all its calls at the point, including failed calls. If `metrics` does not
    /// observe the manager, the order does not change.
    ///
    /// - Times replace the order of registration: they order neighbours of the same *bucket* (`tryfirst`, normal or
    ///   `trylast`) and the same priority.
    /// - `before` and `after` still apply. A plugin never moves in front of its
    ///   [requirements](crate::guide::lifecycle#identity), also optional ones, direct or indirect.
    /// - Extensions without a measurement come first, so that they are measured. Extensions with the same time keep
    ///   their order. An [extra](Self::extra) extension stays last. Wrappers keep their order.
    /// - The order is renewed at the first call, at every 64th call after that, and when the plugins of the manager
    ///   change. [`implementations`](Self::implementations) shows the current order.
    ///
    /// This view helps where one answer is enough: a firstresult call reaches the slow extensions only if the fast
    /// extensions have no answer.
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
    /// assert_eq!(find.call("k").unwrap(), "k from disk"); // nothing is measured yet: the order of registration
    /// for _ in 1..64 {
    ///     find.call("k"); // up to call 64, the order stays
    /// }
    /// // Call 65 renews the order. `cache` has no measurement yet, so it comes first.
    /// assert_eq!(find.call("k").unwrap(), "k from cache");
    /// for _ in 65..128 {
    ///     find.call("k");
    /// }
    /// // The next call renews the order again. Now both are measured.
    /// let mean = |plugin| metrics.of(plugin, Specs::find).unwrap().mean();
    /// let quicker = if mean("cache") < mean("disk") { "cache" } else { "disk" };
    /// assert_eq!(find.implementations()[0].plugin, quicker);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fast_first(&self, metrics: &Metrics) -> Caller<P, K> {
        let manager = self.observed_manager();
        let metrics = manager.map_or_else(|| metrics.clone(), |manager| metrics.of_manager(&manager));
        self.fast_first_by(move |plugin| metrics.mean_of(plugin, P::INFO))
    }
}
