//! [`TracingSpans`]: calls and extensions as spans of `tracing`.

use std::sync::Arc;
use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use crate::base::name::PluginId;
use crate::observe::observer::{Event, Observer};
use crate::observe::spans::Spans;
use crate::spec::point::PointInfo;

/// An observer that gives every call, and every extension and wrapper in it, a span of `tracing`.
///
/// The code of a plugin runs in the span of its extension, so its log entries show the plugin and the call. An `async
/// fn` enters its span for each poll and leaves it after the poll. A `blocking` extension is in its span on the
/// blocking pool. The span of a wrapper contains the spans of the extensions that the wrapper runs.
///
/// | span | fields |
/// |---|---|
/// | `call` | `manager`, `point`, `mode` |
/// | `extension`, `wrapper` | `plugin`, `point` |
/// | each, when it ends | `outcome`: `returned`, `failed`, `panicked`, `passed_on`, `timed_out`, `overran`, `cancelled`, `declined` if its [predicate](macro@crate::extension#predicates) returned false, or `left_out` if its [circuit](crate::guide::limits#circuit-breakers) is half-open; `elapsed_us`; `error`, if it failed |
///
/// The spans have the target `pluginkit` and the level `INFO`. The parent of a span is the current span at the time
/// when the new span begins. In `iter`, `stream` and `settle`, and in the replay of [historic
/// calls](macro@crate::extension_point#historic-points), extensions have spans, but the call as a whole has none. If a
/// [`PluginManager`](crate::PluginManager) waits for an `async fn` on a runtime, the thread stays in the spans of the
/// call. If the runtime polls other tasks on this thread during the wait, these tasks run in the same spans.
///
/// A second `TracingSpans` adds no spans. [`TracingEvents`](crate::insight::TracingEvents) can observe at the same
/// time: its event for an extension is in the span of the call.
///
/// ```
/// # use pluginkit::insight::TracingSpans;
/// # use pluginkit::PluginManager;
/// let pm = PluginManager::new("feed");
/// pm.observe(TracingSpans::new()).forget();
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingSpans;

impl TracingSpans {
    /// Returns the observer.
    pub fn new() -> Self {
        Self
    }
}

impl Observer for TracingSpans {
    fn observe(&self, _: &Event<'_>) {}

    fn spans(&self) -> Option<Arc<dyn Spans>> {
        Some(Arc::new(*self))
    }
}

impl Spans for TracingSpans {
    fn of_call(&self, manager: &str, point: &PointInfo) -> Span {
        tracing::info_span!(
            target: "pluginkit",
            "call",
            manager,
            point = %point,
            mode = %point.mode,
            outcome = Empty,
            elapsed_us = Empty,
            error = Empty,
        )
    }

    fn of_extension(&self, plugin: &PluginId, point: &PointInfo, is_wrapper: bool) -> Span {
        macro_rules! span {
            ($name:literal) => {
                tracing::info_span!(
                    target: "pluginkit",
                    $name,
                    plugin = plugin.as_str(),
                    point = %point,
                    outcome = Empty,
                    elapsed_us = Empty,
                    error = Empty,
                )
            };
        }
        if is_wrapper { span!("wrapper") } else { span!("extension") }
    }

    fn end(&self, span: &Span, outcome: &'static str, elapsed: Option<Duration>, error: Option<&str>) {
        span.record("outcome", outcome);
        if let Some(elapsed) = elapsed {
            span.record("elapsed_us", u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
        }
        if let Some(error) = error {
            span.record("error", error);
        }
    }
}
