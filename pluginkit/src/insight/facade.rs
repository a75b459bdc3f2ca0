//! [`MetricsFacade`]: what is seen, for the `metrics` facade.

use std::borrow::Cow;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use metrics::{
    Counter, Gauge, Key, Label, Level, Metadata, SharedString, Unit, counter, describe_counter,
    describe_gauge, describe_histogram, gauge, histogram, with_recorder,
};

use crate::base::name::PluginId;
use crate::base::sync::RwLock;
use crate::insight::known::Known;
use crate::insight::labels::{Circuits, label_of};
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
/// - The label `manager` is the project of the manager, or the name that [`manager`](Self::manager) sets. Of several
///   managers of one project, the second that is observed without such a name has the label `feed-2`, the third
///   `feed-3`, and so on, so that their metrics never mix. A manager keeps its label as long as it lives. Then the next
///   manager may have it.
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

    /// Sets the label `manager` of all metrics, instead of the project of the manager.
    ///
    /// Managers that get the same name here share their metrics. Name the managers of one project where a label has to be
    /// the same in each run of a program, whichever manager is observed first.
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
        OfManager::without_manager(self.label.as_deref()).observe(event);
    }

    fn fault(&self, fault: &Fault<'_>) {
        OfManager::without_manager(self.label.as_deref()).fault(fault);
    }

    fn for_manager(&self, manager: &ObservedManager) -> Option<Arc<dyn Observer>> {
        Self::describe();
        Some(Arc::new(OfManager::new(self.label.as_deref(), manager)))
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
    circuits: Arc<Circuits>,
    /// The series that events have named.
    known: RwLock<Known<Arc<Series>>>,
}

/// The series of the calls of a point, or of a plugin at a point.
///
/// Kept, because to make the labels costs more than to count. What counts is asked of the recorder each time: there may be
/// another one.
struct Series {
    /// The labels without that of the outcome.
    labels: Vec<Label>,
    /// The number of those that returned.
    returned: Key,
    duration: Key,
    /// `None` for a plugin.
    in_flight: Option<Key>,
}

impl Series {
    fn new(label: SharedString, plugin: Option<&PluginId>, point: &PointInfo) -> Self {
        let plugin = plugin.map(|plugin| plugin.as_str().to_owned());
        let mut labels = vec![Label::new("manager", label)];
        labels.extend(plugin.as_ref().map(|plugin| Label::new("plugin", plugin.clone())));
        labels.push(Label::new("point", point.to_string()));
        let is_call = plugin.is_none();
        let duration =
            if is_call { "pluginkit_call_duration_seconds" } else { "pluginkit_extension_duration_seconds" };
        Self {
            returned: Self::total(is_call, &labels, RETURNED),
            duration: Key::from_parts(duration, labels.clone()),
            in_flight: is_call.then(|| Key::from_parts("pluginkit_calls_in_flight", labels.clone())),
            labels,
        }
    }

    /// Returns the key of those with this outcome.
    fn total(is_call: bool, labels: &[Label], outcome: &'static str) -> Key {
        let name = if is_call { "pluginkit_calls_total" } else { "pluginkit_extensions_total" };
        let mut labels = labels.to_vec();
        labels.push(Label::new("outcome", outcome));
        Key::from_parts(name, labels)
    }

    /// Counts the end of a call, or of a plugin.
    fn count(&self, outcome: &'static str, elapsed: Duration) {
        let count = |key: &Key| -> Counter { with_recorder(|to| to.register_counter(key, &METADATA)) };
        if outcome == RETURNED {
            count(&self.returned).increment(1);
        } else {
            count(&Self::total(self.in_flight.is_some(), &self.labels, outcome)).increment(1);
        }
        with_recorder(|to| to.register_histogram(&self.duration, &METADATA)).record(elapsed);
    }

    /// Returns the number of calls that are under way.
    fn in_flight(&self) -> Gauge {
        let gauge = |key: &Key| with_recorder(|to| to.register_gauge(key, &METADATA));
        self.in_flight.as_ref().map_or_else(Gauge::noop, gauge)
    }
}

/// The outcome of most calls.
const RETURNED: &str = "returned";

/// Where the metrics are from.
static METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

impl OfManager {
    fn new(label: Option<&str>, manager: &ObservedManager) -> Self {
        let (label, circuits) = label_of(manager, label);
        Self { label, manager: Some(manager.clone()), circuits, known: RwLock::default() }
    }

    /// Returns an observer for events of which the manager is not known.
    fn without_manager(label: Option<&str>) -> Self {
        let label = label.unwrap_or_default().into();
        Self { label, manager: None, circuits: Arc::default(), known: RwLock::default() }
    }

    /// Returns the series of a plugin at a point, or of the calls of a point as a whole. The recorder, which may be code of
    /// the program, runs without the lock.
    fn series(&self, plugin: Option<&PluginId>, point: &'static PointInfo) -> Arc<Series> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(plugin, point) {
            return Arc::clone(series);
        }
        drop(known);
        let series = Arc::new(Series::new(self.label(), plugin, point));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(plugin, point, Arc::clone(&series));
        series
    }

    fn label(&self) -> SharedString {
        Arc::clone(&self.label).into()
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
            Event::CallStarted { point } => self.series(None, point).in_flight().increment(1),
            Event::CallFinished { point, elapsed, .. } => {
                let series = self.series(None, point);
                series.in_flight().decrement(1);
                series.count(outcome, elapsed);
            }
            Event::ExtensionFinished { plugin, point, elapsed, .. } => {
                self.series(Some(plugin), point).count(outcome, elapsed);
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
