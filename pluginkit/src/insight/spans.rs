//! [`TracingSpans`]: calls and extensions as spans of `tracing`.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tracing::Span;
use tracing::field::Empty;

use crate::base::name::PluginId;
use crate::observe::observer::{Event, OVERRAN, Observer};
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
/// | `call` | `otel.name`: the point, such as `Feed::fetch`; `otel.kind`: `internal`; `manager`, `point`, `mode` |
/// | `extension`, `wrapper` | `otel.name`: the plugin and the point, such as `weather: Feed::fetch`; `otel.kind`: `internal`; `plugin`, `point` |
/// | each, when it ends | `outcome`, `elapsed_us` |
/// | each that failed | `otel.status_code`: `ERROR`; `otel.status_description`; `error.type`: the outcome; `error`: the text of the `Err` |
///
/// The outcome is that of [`Event::outcome`](crate::observe::Event::outcome), as in metrics; `declined` if the
/// [predicate](macro@crate::extension#predicates) of the extension returned false; or `left_out` if its
/// [circuit](crate::guide::limits#circuit-breakers) is half-open. A span has failed if its outcome is `failed`,
/// `panicked`, `timed_out` or `overran`. All other spans have no status, as the conventions of OpenTelemetry ask of
/// libraries. A wrapper that passed on a failure has [not failed](crate::guide::limits#whose-failure).
///
/// `tracing-opentelemetry` turns the fields `otel.…` into the name, the kind and the status of the exported span, and
/// `error` into `exception.message`. There are as many names as points, and pairs of a plugin and a point.
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
#[doc(alias = "enable_tracing")]
pub struct TracingSpans;

impl TracingSpans {
    /// Returns the observer.
    pub fn new() -> Self {
        Self
    }
}

/// The text of an error, as an error: subscribers may treat errors in a way of their own.
#[derive(Debug)]
struct ErrorText(String);

impl fmt::Display for ErrorText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for ErrorText {}

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
            otel.name = %point,
            otel.kind = "internal",
            manager,
            point = %point,
            mode = %point.mode,
            outcome = Empty,
            elapsed_us = Empty,
            otel.status_code = Empty,
            otel.status_description = Empty,
            error.type = Empty,
            error = Empty,
        )
    }

    fn of_extension(&self, plugin: &PluginId, point: &PointInfo, is_wrapper: bool) -> Span {
        macro_rules! span {
            ($name:literal) => {
                tracing::info_span!(
                    target: "pluginkit",
                    $name,
                    otel.name = format_args!("{plugin}: {point}"),
                    otel.kind = "internal",
                    plugin = plugin.as_str(),
                    point = %point,
                    outcome = Empty,
                    elapsed_us = Empty,
                    otel.status_code = Empty,
                    otel.status_description = Empty,
                    error.type = Empty,
                    error = Empty,
                )
            };
        }
        if is_wrapper { span!("wrapper") } else { span!("extension") }
    }

    fn end(&self, span: &Span, outcome: &'static str, elapsed: Option<Duration>, error: Option<&str>) {
        if span.is_none() {
            return;
        }
        span.record("outcome", outcome);
        if let Some(elapsed) = elapsed {
            span.record("elapsed_us", u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
        }
        let description = match (outcome, error) {
            (_, Some(error)) => error,
            ("panicked", None) => "panicked",
            ("timed_out", None) => "exceeded a timeout",
            (OVERRAN, None) => "exceeded its timeout and ran to its end",
            _ => return,
        };
        span.record("otel.status_code", "ERROR");
        span.record("otel.status_description", description);
        span.record("error.type", outcome);
        if let Some(error) = error.filter(|_| !span.is_disabled()) {
            let error = ErrorText(error.to_owned());
            span.record("error", &error as &(dyn StdError + 'static));
        }
    }
}
