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
/// fn` enters its span whenever it is polled and leaves it in between. A `blocking` extension has its span on the
/// blocking pool. The span of a wrapper contains the spans of everything that it runs.
///
/// | span | fields |
/// |---|---|
/// | `call` | `manager`, `point`, `mode` |
/// | `extension`, `wrapper` | `plugin`, `point` |
/// | each, when it ends | `outcome`: `returned`, `failed`, `panicked`, `timed_out`, `overran`, `cancelled`, or `declined` if its `when` said no; `elapsed_us`; `error`, if it failed |
///
/// The spans have the target `pluginkit` and the level `INFO`. Their parent is the span that is current where they
/// begin.
/// In `iter`, `stream` and `settle`, and in replays of historic calls, extensions have spans, but the call itself has none.
/// A [`PluginManager`](crate::PluginManager) that waits for an `async fn` on a runtime keeps its thread in the spans of
/// the call. If the runtime polls other tasks on this thread meanwhile, they run in these spans as well.
///
/// A second such observer adds no spans. [`TracingEvents`](crate::insight::TracingEvents) can observe as well: its
/// event for an extension that has ended is in the span of the call.
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
