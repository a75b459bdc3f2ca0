//! [`MetricsFacade`]: what is seen, for the `metrics` facade.

use crate::observe::observer::{Event, Observer};

/// An observer that counts and times extensions with the `metrics` crate, for the recorder that the program has
/// installed.
///
/// | name | kind | labels |
/// |---|---|---|
/// | `pluginkit_extensions_total` | counter | `plugin`, `point`, `end`: `returned`, `failed`, `panicked`, `passed_on`, `cancelled` or `timed_out` |
/// | `pluginkit_extension_seconds` | histogram | `plugin`, `point` |
/// | `pluginkit_calls_total` | counter | `point`, `end` |
/// | `pluginkit_call_seconds` | histogram | `point` |
///
/// A failure counts once among the extensions, for the [plugin whose code raised
/// it](crate::guide::limits#whose-failure), and once among the calls. A wrapper through which it passes has `passed_on`.
///
/// ```
/// # use pluginkit::insight::MetricsFacade;
/// # use pluginkit::PluginManager;
/// let pm = PluginManager::new("feed");
/// pm.observe(MetricsFacade::new()).forget();
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MetricsFacade;

impl MetricsFacade {
    /// Returns the observer.
    pub fn new() -> Self {
        Self
    }
}

impl Observer for MetricsFacade {
    fn observe(&self, event: &Event<'_>) {
        match *event {
            Event::CallFinished { point, elapsed, end, .. } => {
                let point = point.to_string();
                metrics::counter!("pluginkit_calls_total", "point" => point.clone(), "end" => end.word())
                    .increment(1);
                metrics::histogram!("pluginkit_call_seconds", "point" => point).record(elapsed);
            }
            Event::ExtensionFinished { plugin, point, elapsed, end } => {
                let (plugin, point) = (plugin.as_str().to_owned(), point.to_string());
                metrics::counter!(
                    "pluginkit_extensions_total",
                    "plugin" => plugin.clone(),
                    "point" => point.clone(),
                    "end" => end.word()
                )
                .increment(1);
                metrics::histogram!("pluginkit_extension_seconds", "plugin" => plugin, "point" => point)
                    .record(elapsed);
            }
            _ => {}
        }
    }
}
