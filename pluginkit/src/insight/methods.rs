//! Reports and graphs, as methods of managers.

use crate::base::kind::Kind;
use crate::insight::{Graph, Report};
use crate::manager::generic::Manager;

impl<K: Kind> Manager<K> {
    /// Returns a report of the plugins, slowest first: their states, their places in calls and their times.
    ///
    /// A report has times if a [`Metrics`](crate::insight::Metrics) observes the manager. A report prints as tables.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::insight::Metrics;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// pm.register_fn("static", Specs::fetch, |args| args.topic.to_owned())?;
    /// let _guard = pm.observe(Metrics::new());
    /// pm.caller(Specs::fetch).call("harbor");
    /// println!("{}", pm.report());
    /// # Ok(())
    /// # }
    /// ```
    pub fn report(&self) -> Report {
        self.registry().report()
    }

    /// Returns a graph of the plugins, the declared points, and the relations between them.
    ///
    /// A graph prints as DOT or Mermaid text: see [`Graph`].
    pub fn graph(&self) -> Graph {
        self.registry().graph()
    }
}
