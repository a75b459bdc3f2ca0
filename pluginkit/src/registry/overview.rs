//! What reports and graphs are made of.

use std::sync::Arc;

use crate::call::view::Seen;
use crate::insight::{Graph, Metrics, Overview, Report};
use crate::registry::Registry;

impl Registry {
    pub(crate) fn report(&self) -> Report {
        let watchers = self.lock().watchers.clone();
        let metrics =
            watchers.iter().flat_map(|watchers| watchers.iter()).find_map(|observer| observer.metrics());
        Report::new(&self.project, &self.overview(), metrics.map(Metrics::extensions).unwrap_or_default())
    }

    pub(crate) fn graph(&self) -> Graph {
        Graph::new(&self.overview())
    }

    /// All plugins, and what a call of each declared point would run.
    fn overview(&self) -> Overview {
        let (plugins, slots) = {
            let state = self.lock();
            let plugins: Vec<_> = state.ranked().map(|record| Arc::clone(&record.life)).collect();
            let points = state.points.iter().skip(state.built_in);
            let slots: Vec<_> = points.map(|point| Arc::clone(&point.slot)).collect();
            (plugins, slots)
        };
        // The reasons of failures are told by errors of plugins, which is their code.
        let plugins = plugins.into_iter().map(|life| life.descriptor());
        let points = slots.into_iter().map(|slot| (slot.info, Seen::whole(slot).implementations()));
        Overview { plugins: plugins.collect(), points: points.collect() }
    }
}
