//! Circuit breakers, as a method of managers.

use std::sync::Arc;

use crate::base::kind::Kind;
use crate::limits::breaker::Policies;
use crate::limits::part::LimitsPart;
use crate::limits::{BreakerPolicy, CircuitBreaker, CircuitState};
use crate::manager::generic::Manager;

impl<K: Kind> Manager<K> {
    /// Leaves the extensions of plugins that fail again and again out of calls, as `policy` says, until the returned
    /// breaker is dropped.
    ///
    /// The breaker sees every call, as an [observer](Self::observe) does. A plugin with a policy in the
    /// [configuration](crate::guide::limits#limits-in-the-configuration) is left to that policy.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::limits::BreakerPolicy;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> Result<String, String>;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// pm.register_fn("broken", Specs::fetch, |_| Err("no news".to_owned()))?;
    ///
    /// let _breaker = pm.break_circuits(BreakerPolicy::new(2));
    /// assert!(pm.caller(Specs::fetch).call("harbor").is_err());
    /// assert!(pm.caller(Specs::fetch).call("harbor").is_err());
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), Ok(vec![]));
    /// let reason = pm.disabled_reason("broken").unwrap();
    /// assert_eq!(reason, "failed 2 times in a row, at last by an error in `Specs::fetch`");
    /// # Ok(())
    /// # }
    /// ```
    pub fn break_circuits(&self, policy: BreakerPolicy) -> CircuitBreaker {
        let own = Arc::clone(&self.registry().part::<LimitsPart>().own);
        CircuitBreaker::new(Policies::Host(Arc::new(policy), own), self.registry())
    }

    /// Returns the state of the circuit of the plugin of that name; `Closed` if there is none.
    ///
    /// The circuit may belong to any breaker of the manager, or to the [configuration](crate::guide::limits). Of several
    /// circuits, the most open one counts.
    pub fn circuit(&self, plugin: impl AsRef<str>) -> CircuitState {
        self.registry().part::<LimitsPart>().state(plugin.as_ref())
    }
}
