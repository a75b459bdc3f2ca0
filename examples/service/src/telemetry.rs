//! Observers for logs and metrics.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use pluginkit::AsyncPluginManager;
use pluginkit::insight::{Metrics, MetricsFacade, TracingEvents, TracingSpans};

/// Adds the observers to a manager.
pub(crate) fn observe(pm: &AsyncPluginManager) {
    pm.observe(TracingSpans::new()).forget();
    pm.observe(TracingEvents::new()).forget();
    pm.observe(MetricsFacade::new()).forget();
    // The admin page shows these times.
    pm.observe(Metrics::new()).forget();
}

/// Returns the recorder of the process, for all code that uses the `metrics` crate.
pub(crate) fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // If the process has a recorder already, that one stays.
        let _ = metrics::set_global_recorder(recorder);
        handle
    })
}
