//! [`MetricsFacade`]: what is seen, for the `metrics` facade.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use metrics::{
    SharedString, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use crate::base::name::PluginId;
use crate::base::sync::Mutex;
use crate::observe::circuit::CircuitState;
use crate::observe::manager::{ObservedManager, ObserverId};
use crate::observe::observer::{Event, Fault, FaultKind, Observer};
use crate::plugin::PluginState;
use crate::spec::point::PointInfo;

/// An observer that counts and times calls and extensions with the `metrics` crate, for the recorder that the program
/// has installed.
///
/// | name | kind | labels besides `manager` |
/// |---|---|---|
/// | `pluginkit_calls_total` | counter | `point`, `outcome` |
/// | `pluginkit_call_duration_seconds` | histogram | `point` |
/// | `pluginkit_calls_in_flight` | gauge | `point` |
/// | `pluginkit_extensions_total` | counter | `plugin`, `point`, `outcome` |
/// | `pluginkit_extension_duration_seconds` | histogram | `plugin`, `point` |
/// | `pluginkit_overruns_total` | counter | `plugin`, `point` |
/// | `pluginkit_drains_total` | counter | `plugin`, `outcome`: `drained` or `limit_reached` |
/// | `pluginkit_drain_duration_seconds` | histogram | `plugin` |
/// | `pluginkit_plugin_state` | gauge | `plugin`, `state`: `loaded`, `starting`, `started`, `stopping`, `stopped` or `failed` |
/// | `pluginkit_circuit_state` | gauge | `plugin`, `state`: `closed`, `open` or `half_open` |
///
/// - The label `manager` is the project of the manager, or the name that [`manager`](Self::manager) sets. Managers with
///   the same label share their metrics.
/// - The outcome of calls and extensions is that of [`Event::outcome`](crate::observe::Event::outcome). A failure counts
///   once among the extensions, for the [plugin whose code raised it](crate::guide::limits#whose-failure), and once among
///   the calls. A wrapper through which it passes has `passed_on`.
/// - The gauges of states are state sets, as `OpenMetrics` has them: of the series of a plugin, that of the current state
///   is 1, and the others are 0. So an alert can name the plugin, and `sum by (state)` counts the plugins. When a plugin
///   leaves the manager, all its series are 0. A plugin has series of its circuit from the first time that the circuit is
///   not closed.
/// - Each metric has a unit and a description. Install the recorder before the manager is observed: it gets the
///   descriptions and the states at that moment. [`describe`](Self::describe) describes the metrics to a later recorder.
/// - Facades with the same label are one observer: a manager that two of them observe is counted once.
///
/// ```
/// # use pluginkit::insight::MetricsFacade;
/// # use pluginkit::PluginManager;
/// let pm = PluginManager::new("feed");
/// pm.observe(MetricsFacade::new()).forget();
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct MetricsFacade {
    label: Option<Cow<'static, str>>,
}

impl MetricsFacade {
    /// Returns the observer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the label `manager` of all metrics, instead of the project of the manager. Managers of one process that have
    /// the same project need different labels.
    ///
    /// ```
    /// # use pluginkit::insight::MetricsFacade;
    /// # use pluginkit::PluginManager;
    /// let (public, internal) = (PluginManager::new("feed"), PluginManager::new("feed"));
    /// public.observe(MetricsFacade::new().manager("feed-public")).forget();
    /// internal.observe(MetricsFacade::new().manager("feed-internal")).forget();
    /// ```
    #[must_use]
    pub fn manager(self, label: impl Into<Cow<'static, str>>) -> Self {
        Self { label: Some(label.into()) }
    }

    /// Gives the units and the descriptions of all metrics to the current recorder. An observation does so when it
    /// begins.
    pub fn describe() {
        describe_counter!("pluginkit_calls_total", Unit::Count, "Calls that have ended.");
        describe_histogram!("pluginkit_call_duration_seconds", Unit::Seconds, "The time that calls took.");
        describe_gauge!("pluginkit_calls_in_flight", Unit::Count, "Calls that are under way.");
        describe_counter!(
            "pluginkit_extensions_total",
            Unit::Count,
            "Extensions and wrappers that have ended."
        );
        describe_histogram!(
            "pluginkit_extension_duration_seconds",
            Unit::Seconds,
            "The time that extensions and wrappers took. The time of a wrapper includes the rest of the call."
        );
        describe_counter!(
            "pluginkit_overruns_total",
            Unit::Count,
            "Extensions that exceeded their timeout and ran to their end."
        );
        describe_counter!(
            "pluginkit_drains_total",
            Unit::Count,
            "Stops of plugins that waited for calls under way, by whether they reached the drain limit."
        );
        describe_histogram!(
            "pluginkit_drain_duration_seconds",
            Unit::Seconds,
            "The time that stops of plugins waited for calls under way."
        );
        describe_gauge!(
            "pluginkit_plugin_state",
            Unit::Count,
            "1 for the current state of the plugin, 0 for its other states."
        );
        describe_gauge!(
            "pluginkit_circuit_state",
            Unit::Count,
            "1 for the current state of the circuit of the plugin, 0 for its other states."
        );
    }
}

impl Observer for MetricsFacade {
    fn observe(&self, event: &Event<'_>) {
        OfManager::new(self.label.as_deref().unwrap_or_default(), None).observe(event);
    }

    fn fault(&self, fault: &Fault<'_>) {
        OfManager::new(self.label.as_deref().unwrap_or_default(), None).fault(fault);
    }

    fn for_manager(&self, manager: &ObservedManager) -> Option<Arc<dyn Observer>> {
        Self::describe();
        let label = self.label.as_deref().unwrap_or(manager.name());
        Some(Arc::new(OfManager::new(label, Some(manager.clone()))))
    }
}

/// The states of plugins, each as a label.
const STATES: [(PluginState, &str); 6] = [
    (PluginState::Loaded, "loaded"),
    (PluginState::Starting, "starting"),
    (PluginState::Started, "started"),
    (PluginState::Stopping, "stopping"),
    (PluginState::Stopped, "stopped"),
    (PluginState::Failed, "failed"),
];

/// The states of circuits, each as a label.
const CIRCUITS: [(CircuitState, &str); 3] =
    [(CircuitState::Closed, "closed"), (CircuitState::Open, "open"), (CircuitState::HalfOpen, "half_open")];

/// The observer of one manager.
struct OfManager {
    label: Arc<str>,
    manager: Option<ObservedManager>,
    /// The plugins whose circuits have series.
    circuits: Mutex<HashSet<PluginId>>,
}

impl OfManager {
    fn new(label: &str, manager: Option<ObservedManager>) -> Self {
        Self { label: label.into(), manager, circuits: Mutex::default() }
    }

    fn label(&self) -> SharedString {
        Arc::clone(&self.label).into()
    }

    fn in_flight(&self, point: &PointInfo) -> metrics::Gauge {
        gauge!("pluginkit_calls_in_flight", "manager" => self.label(), "point" => point.to_string())
    }

    /// Sets the series of a state set, until they show the current state.
    ///
    /// Threads that set them at the same time may overwrite each other. Each looks again after it has set them, so the
    /// last one leaves them right.
    fn show<S: PartialEq + Copy, const N: usize>(
        &self,
        name: &'static str,
        plugin: &PluginId,
        states: &[(S, &'static str); N],
        current: impl Fn() -> Option<S>,
    ) {
        let mut state = current();
        loop {
            for (each, word) in states {
                let (label, plugin) = (self.label(), plugin.as_str().to_owned());
                let value = if state == Some(*each) { 1.0 } else { 0.0 };
                gauge!(name, "manager" => label, "plugin" => plugin, "state" => *word).set(value);
            }
            let now = current();
            if now == state {
                break;
            }
            state = now;
        }
    }

    fn show_circuit(&self, plugin: &PluginId) {
        let Some(manager) = &self.manager else { return };
        // A plugin that was made anew has no circuit yet, as if closed.
        let closed = || manager.state(plugin).map(|_| CircuitState::Closed);
        self.show("pluginkit_circuit_state", plugin, &CIRCUITS, || manager.circuit(plugin).or_else(closed));
    }
}

impl Observer for OfManager {
    fn observe(&self, event: &Event<'_>) {
        let outcome = event.outcome().unwrap_or_default();
        match *event {
            Event::CallStarted { point } => self.in_flight(point).increment(1),
            Event::CallFinished { point, elapsed, .. } => {
                self.in_flight(point).decrement(1);
                let (label, point) = (self.label(), SharedString::from(point.to_string()));
                counter!(
                    "pluginkit_calls_total",
                    "manager" => label.clone(), "point" => point.clone(), "outcome" => outcome
                )
                .increment(1);
                histogram!("pluginkit_call_duration_seconds", "manager" => label, "point" => point)
                    .record(elapsed);
            }
            Event::ExtensionFinished { plugin, point, elapsed, .. } => {
                let (label, point) = (self.label(), SharedString::from(point.to_string()));
                let plugin = SharedString::from(plugin.as_str().to_owned());
                counter!(
                    "pluginkit_extensions_total",
                    "manager" => label.clone(), "plugin" => plugin.clone(), "point" => point.clone(),
                    "outcome" => outcome
                )
                .increment(1);
                histogram!(
                    "pluginkit_extension_duration_seconds",
                    "manager" => label, "plugin" => plugin, "point" => point
                )
                .record(elapsed);
            }
            Event::Drained { plugin, elapsed, calls_left } => {
                let plugin = SharedString::from(plugin.as_str().to_owned());
                let outcome = if calls_left == 0 { "drained" } else { "limit_reached" };
                counter!(
                    "pluginkit_drains_total",
                    "manager" => self.label(), "plugin" => plugin.clone(), "outcome" => outcome
                )
                .increment(1);
                histogram!(
                    "pluginkit_drain_duration_seconds",
                    "manager" => self.label(), "plugin" => plugin
                )
                .record(elapsed);
            }
            Event::StateChanged { plugin, .. } => {
                let Some(manager) = &self.manager else { return };
                self.show("pluginkit_plugin_state", plugin, &STATES, || manager.state(plugin));
                let has_circuit =
                    self.circuits.lock().unwrap_or_else(PoisonError::into_inner).contains(plugin);
                if has_circuit {
                    self.show_circuit(plugin);
                }
            }
            Event::CircuitChanged { plugin, .. } => {
                self.circuits.lock().unwrap_or_else(PoisonError::into_inner).insert(plugin.clone());
                self.show_circuit(plugin);
            }
            _ => {}
        }
    }

    fn fault(&self, fault: &Fault<'_>) {
        if matches!(fault.kind, FaultKind::Overran { .. }) {
            let (plugin, point) = (fault.plugin.as_str().to_owned(), fault.point.to_string());
            counter!(
                "pluginkit_overruns_total",
                "manager" => self.label(), "plugin" => plugin, "point" => point
            )
            .increment(1);
        }
    }

    /// Facades with the same label are one observer.
    fn id(&self) -> Option<ObserverId> {
        Some(ObserverId::of::<MetricsFacade>(self.label.to_string()))
    }
}
