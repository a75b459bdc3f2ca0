//! What logs and metrics are told.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use pluginkit::AsyncPluginManager;
use pluginkit::insight::{Metrics, MetricsFacade, TracingEvents, TracingSpans};

/// Tells logs and metrics of all that the plugins do.
pub(crate) fn observe(pm: &AsyncPluginManager) {
    pm.observe(TracingSpans::new()).forget();
    pm.observe(TracingEvents::new()).forget();
    pm.observe(MetricsFacade::new()).forget();
    // For the times on the admin page.
    pm.observe(Metrics::new()).forget();
}

/// Returns the recorder of the process, which all code that uses the `metrics` crate writes to.
pub(crate) fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        // Another recorder stays, and this one has nothing to show.
        let _ = metrics::set_global_recorder(recorder);
        handle
    })
}
