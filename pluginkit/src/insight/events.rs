//! [`TracingEvents`]: calls and extensions as events of `tracing`.

use crate::base::name::PluginId;
use crate::observe::observer::{End, Event, Observer};
use crate::spec::point::PointInfo;

/// An observer that emits an event of `tracing` when an extension or a call ends.
///
/// The events have the target `pluginkit` and the fields `point`, `plugin` (of an extension), `elapsed_us` and, after a
/// failure, `error`. An event is in the span that is current when the extension or the call ends.
///
/// The level is `TRACE` for an extension that succeeds, and `DEBUG` for a call that succeeds. If an extension or a call
/// is cancelled, the level is `DEBUG`. The level is `WARN` for errors and timeouts, and `ERROR` for panics.
///
/// ```
/// # use pluginkit::insight::TracingEvents;
/// # use pluginkit::PluginManager;
/// let pm = PluginManager::new("feed");
/// pm.observe(TracingEvents::new()).forget();
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingEvents;

impl TracingEvents {
    /// Returns the observer.
    pub fn new() -> Self {
        Self
    }
}

fn tell(point: &PointInfo, plugin: Option<&PluginId>, elapsed: std::time::Duration, end: End<'_>) {
    let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
    let plugin = plugin.map(PluginId::as_str);
    macro_rules! event {
        ($level:ident, $text:literal $(, $error:ident)?) => {
            tracing::event!(
                target: "pluginkit",
                tracing::Level::$level,
                point = %point,
                plugin,
                elapsed_us,
                $($error,)?
                $text
            )
        };
    }
    match (end, plugin) {
        (End::Returned, Some(_)) => event!(TRACE, "returned"),
        (End::Returned, None) => event!(DEBUG, "returned"),
        (End::Failed(error), _) => event!(WARN, "failed", error),
        (End::Panicked, _) => event!(ERROR, "panicked"),
        (End::Cancelled, _) => event!(DEBUG, "cancelled"),
        (End::TimedOut, _) => event!(WARN, "timed out"),
    }
}

impl Observer for TracingEvents {
    fn observe(&self, event: &Event<'_>) {
        match *event {
            Event::CallFinished { point, elapsed, end } => tell(point, None, elapsed, end),
            Event::ExtensionFinished { plugin, point, elapsed, end } => {
                tell(point, Some(plugin), elapsed, end);
            }
            Event::Drained { plugin, elapsed, calls_left } => {
                let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
                let plugin = plugin.as_str();
                if calls_left == 0 {
                    tracing::event!(target: "pluginkit", tracing::Level::DEBUG, plugin, elapsed_us, "drained");
                } else {
                    tracing::event!(
                        target: "pluginkit",
                        tracing::Level::WARN,
                        plugin,
                        elapsed_us,
                        calls_left,
                        "stopped under calls: the drain limit was reached"
                    );
                }
            }
            Event::DropPanicked { plugin, message } => tracing::event!(
                target: "pluginkit",
                tracing::Level::ERROR,
                plugin = plugin.map(PluginId::as_str),
                error = message,
                "a destructor panicked"
            ),
            _ => {}
        }
    }
}
