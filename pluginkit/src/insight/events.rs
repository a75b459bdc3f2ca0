//! [`TracingEvents`]: calls and extensions as events of `tracing`.

use std::time::Duration;

use crate::base::name::PluginId;
use crate::observe::manager::ObserverId;
use crate::observe::observer::{End, Event, Fault, FaultKind, OVERRAN, Observer};
use crate::spec::point::PointInfo;

/// An observer that emits an event of `tracing` when an extension or a call ends.
///
/// The events have the target `pluginkit` and the fields `point`, `plugin` (of an extension), `outcome`, `elapsed_us` and,
/// after a failure, `error`. The [outcome](Event::outcome) is that of spans and metrics. An event is in the span that is current when the extension or the call ends.
///
/// A failure is told once: at the level `WARN` for an error, a timeout or an overrun, and `ERROR` for a panic. Its event is
/// that of the [extension or wrapper whose code raised it](crate::guide::limits#whose-failure). The event of the call has
/// the level `DEBUG`, unless no plugin is to blame for its failure. All other events are those of successes, of wrappers
/// that passed on a failure, and of what was cancelled: `DEBUG` for a call and what was cancelled, else `TRACE`.
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

/// What an event is about: a call whose failure has been told already, or not; or an extension.
#[derive(Clone, Copy)]
enum Of<'e> {
    Call { is_told: bool },
    Extension(&'e PluginId),
}

macro_rules! emit {
    ($level:ident, $text:literal, $point:ident, $plugin:ident, $outcome:expr, $elapsed:ident $(, $error:ident)?) => {
        tracing::event!(
            target: "pluginkit",
            tracing::Level::$level,
            point = %$point,
            plugin = $plugin,
            outcome = $outcome,
            elapsed_us = u64::try_from($elapsed.as_micros()).unwrap_or(u64::MAX),
            $($error,)?
            $text
        )
    };
}

fn tell(point: &PointInfo, of: Of<'_>, outcome: Option<&str>, elapsed: Duration, end: End<'_>) {
    let (plugin, is_told) = match of {
        Of::Call { is_told } => (None, is_told),
        Of::Extension(plugin) => (Some(plugin.as_str()), false),
    };
    macro_rules! event {
        ($level:ident, $text:literal $(, $error:ident)?) => {
            emit!($level, $text, point, plugin, outcome, elapsed $(, $error)?)
        };
    }
    match (end, of) {
        (End::Returned, Of::Extension(_)) => event!(TRACE, "returned"),
        (End::Returned, Of::Call { .. }) => event!(DEBUG, "returned"),
        (End::Failed(error), _) if is_told => event!(DEBUG, "failed", error),
        (End::Failed(error), _) => event!(WARN, "failed", error),
        (End::Panicked, _) if is_told => event!(DEBUG, "panicked"),
        (End::Panicked, _) => event!(ERROR, "panicked"),
        (End::PassedOn { error }, _) => event!(TRACE, "passed on", error),
        (End::Cancelled, _) => event!(DEBUG, "cancelled"),
        (End::TimedOut, _) if is_told => event!(DEBUG, "timed out"),
        (End::TimedOut, _) => event!(WARN, "timed out"),
    }
}

impl Observer for TracingEvents {
    fn observe(&self, event: &Event<'_>) {
        match *event {
            Event::CallFinished { point, elapsed, end, source } => {
                tell(point, Of::Call { is_told: source.is_some() }, event.outcome(), elapsed, end);
            }
            Event::ExtensionFinished { plugin, point, elapsed, end, .. } => {
                tell(point, Of::Extension(plugin), event.outcome(), elapsed, end);
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

    /// All are one observer.
    fn id(&self) -> Option<ObserverId> {
        Some(ObserverId::of::<Self>(""))
    }

    fn fault(&self, fault: &Fault<'_>) {
        if let FaultKind::Overran { elapsed, .. } = fault.kind {
            let (point, plugin) = (fault.point, fault.plugin.as_str());
            emit!(WARN, "overran", point, plugin, OVERRAN, elapsed);
        }
    }
}
