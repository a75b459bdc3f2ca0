//! [`Metrics`]: an observer that counts and times.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::base::kind::Kind;
use crate::base::name::PluginId;
use crate::base::sync::{AtomicU64, RwLock, RwLockReadGuard};
use crate::insight::histogram::{Counts, Histogram};
use crate::insight::known::Known;
use crate::manager::generic::Manager;
use crate::observe::manager::{ObservedManager, ObserverId};
use crate::observe::observer::{End, Event, Fault, FaultKind, Observer};
use crate::spec::point::PointInfo;

/// An observer that counts the calls of each plugin at each point, and records how they ended and how long they took.
///
/// The wrappers and the extensions of a plugin at a point are counted together. The time of a wrapper includes the rest
/// of the call. A failure is counted once, for the [plugin whose code raised it](crate::guide::limits#whose-failure).
///
/// A `Metrics` is cheap to clone. Clones share their counters. The [report](crate::PluginManager::report) of a manager
/// that a `Metrics` observes shows the measurements of that manager.
///
/// A `Metrics` may observe several managers. It keeps their measurements apart, also if the managers have the same name;
/// [`within`](Self::within) returns those of one manager. A manager that two clones observe is counted once.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::insight::Metrics;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.register_fn("static", Specs::fetch, |args| args.topic.to_owned())?;
///
/// let metrics = Metrics::new();
/// let _guard = pm.observe(metrics.clone());
/// for topic in ["harbor", "weather"] {
///     pm.caller(Specs::fetch).call(topic);
/// }
/// let of_static = metrics.of("static", Specs::fetch).unwrap();
/// assert_eq!((of_static.calls, of_static.errors), (2, 0));
/// assert!(of_static.percentile(99.0) <= of_static.max);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Metrics {
    shared: Arc<Shared>,
    /// The manager of a view.
    only: Option<Arc<OfManager>>,
}

/// The measurements of all managers.
#[derive(Default)]
struct Shared {
    /// By the numbers of the managers.
    managers: RwLock<BTreeMap<u64, Arc<OfManager>>>,
    /// What was handed on without a manager.
    others: Arc<OfManager>,
}

/// The measurements of one manager.
#[derive(Default)]
struct OfManager {
    /// `None` if it is not known which manager it is.
    name: Option<Arc<str>>,
    counted: RwLock<Counted>,
}

/// By point and by plugin; calls as a whole are of no plugin.
#[derive(Default)]
struct Counted {
    calls: HashMap<PointInfo, Arc<Counters>>,
    extensions: HashMap<PointInfo, HashMap<PluginId, Arc<Counters>>>,
    /// The same counters, as events find them.
    known: Known<Arc<Counters>>,
}

#[derive(Default)]
struct Counters {
    calls: AtomicU64,
    errors: AtomicU64,
    panics: AtomicU64,
    timeouts: AtomicU64,
    overruns: AtomicU64,
    cancelled: AtomicU64,
    total: AtomicU64,
    max: AtomicU64,
    last: AtomicU64,
    times: Histogram,
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Counters {
    fn add(&self, elapsed: Duration, end: End<'_>) {
        let ended = match end {
            End::Returned | End::PassedOn { .. } => None,
            End::Failed(_) => Some(&self.errors),
            End::Panicked => Some(&self.panics),
            End::Cancelled => Some(&self.cancelled),
            End::TimedOut => Some(&self.timeouts),
        };
        if let Some(ended) = ended {
            ended.fetch_add(1, Relaxed);
        }
        let elapsed = nanoseconds(elapsed);
        self.total.fetch_add(elapsed, Relaxed);
        self.max.fetch_max(elapsed, Relaxed);
        self.last.store(elapsed, Relaxed);
        self.times.add(elapsed);
        self.calls.fetch_add(1, Relaxed);
    }

    fn reset(&self) {
        let Self { calls, errors, panics, timeouts, overruns, cancelled, total, max, last, times } = self;
        for each in [calls, errors, panics, timeouts, overruns, cancelled, total, max, last] {
            each.store(0, Relaxed);
        }
        times.reset();
    }

    fn measured(&self, manager: &OfManager, point: PointInfo, plugin: Option<PluginId>) -> Measurement {
        let time = |each: &AtomicU64| Duration::from_nanos(each.load(Relaxed));
        Measurement {
            manager: manager.name.as_deref().map(str::to_owned),
            plugin,
            point,
            calls: self.calls.load(Relaxed),
            errors: self.errors.load(Relaxed),
            panics: self.panics.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            overruns: self.overruns.load(Relaxed),
            cancelled: self.cancelled.load(Relaxed),
            total: time(&self.total),
            max: time(&self.max),
            last: time(&self.last),
            times: self.times.counts(),
        }
    }
}

impl Metrics {
    /// Returns metrics that have counted nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a view of the measurements of one manager.
    ///
    /// The view has no measurements if no clone of this `Metrics` observes the manager. Events that were [handed
    /// on](crate::observe::Observer::for_manager) without a manager are in each view.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::insight::Metrics;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let (one, other) = (PluginManager::new("feed"), PluginManager::new("feed"));
    /// let metrics = Metrics::new();
    /// for pm in [&one, &other] {
    ///     pm.add_extension_points(Specs)?;
    ///     pm.register_fn("static", Specs::fetch, |args| args.topic.to_owned())?;
    ///     pm.observe(metrics.clone()).forget();
    /// }
    /// one.caller(Specs::fetch).call("harbor");
    /// assert_eq!(metrics.within(&one).of("static", Specs::fetch).unwrap().calls, 1);
    /// assert!(metrics.within(&other).of("static", Specs::fetch).is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn within<K: Kind>(&self, manager: &Manager<K>) -> Self {
        self.of_manager(&manager.registry().observed())
    }

    /// Returns a view of the measurements of one manager, for an observer of that manager to [hand its events
    /// on](crate::observe::Observer::for_manager) to.
    #[must_use]
    pub fn of_manager(&self, manager: &ObservedManager) -> Self {
        let number = manager.number();
        let known = self.shared.managers.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        let only = known.unwrap_or_else(|| {
            let made = || {
                let name = Some(manager.name().into());
                Arc::new(OfManager { name, ..OfManager::default() })
            };
            let mut managers = self.shared.managers.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(managers.entry(number).or_insert_with(made))
        });
        Self { shared: Arc::clone(&self.shared), only: Some(only) }
    }

    /// Returns the measurement of every plugin at every point in each manager, the longest total first.
    pub fn extensions(&self) -> Vec<Measurement> {
        self.measured(|manager, counted, found| {
            for (point, plugins) in &counted.extensions {
                let of = |(plugin, counters): (&PluginId, &Arc<Counters>)| {
                    counters.measured(manager, *point, Some(plugin.clone()))
                };
                found.extend(plugins.iter().map(of));
            }
        })
    }

    /// Returns the measurement of whole calls for every point in each manager, including wrappers, the longest total
    /// first.
    pub fn calls(&self) -> Vec<Measurement> {
        self.measured(|manager, counted, found| {
            found.extend(
                counted.calls.iter().map(|(point, counters)| counters.measured(manager, *point, None)),
            );
        })
    }

    /// Returns the measurement of one plugin at one point; `None` if the plugin was never called at that point.
    ///
    /// If several managers have such a plugin, this is the sum over the managers. [`within`](Self::within) has the
    /// measurement in one manager.
    pub fn of<P: crate::ExtensionPoint>(&self, plugin: impl AsRef<str>, _point: P) -> Option<Measurement> {
        let mut sum: Option<Measurement> = None;
        for manager in self.managers() {
            let counted = manager.read();
            let plugins = counted.extensions.get(P::INFO);
            let found = plugins.and_then(|plugins| plugins.get_key_value(plugin.as_ref()));
            let Some((plugin, counters)) = found else { continue };
            let measured = counters.measured(&manager, *P::INFO, Some(plugin.clone()));
            match &mut sum {
                _ if measured.calls == 0 => {}
                Some(sum) => sum.add(&measured),
                None => sum = Some(measured),
            }
        }
        sum
    }

    /// Returns the mean time of one plugin at one point; `None` if it was never called there.
    pub(crate) fn mean_of(&self, plugin: &str, point: &PointInfo) -> Option<Duration> {
        let (mut total, mut calls) = (0_u64, 0);
        for manager in self.managers() {
            let counted = manager.read();
            let plugins = counted.extensions.get(point);
            if let Some(counters) = plugins.and_then(|plugins| plugins.get(plugin)) {
                calls += counters.calls.load(Relaxed);
                total = total.saturating_add(counters.total.load(Relaxed));
            }
        }
        Some(Duration::from_nanos(total.checked_div(calls)?))
    }

    /// Resets all counters to zero; those of a [view](Self::within) in its manager. A call that ends at the same time may
    /// be counted in part.
    pub fn reset(&self) {
        for manager in self.managers() {
            let counted = manager.read();
            let extensions = counted.extensions.values().flat_map(HashMap::values);
            counted.calls.values().chain(extensions).for_each(|counters| counters.reset());
        }
    }

    /// Removes the measurements of a plugin, for example after it was unregistered; those of a [view](Self::within) in its
    /// manager.
    pub fn forget(&self, plugin: impl AsRef<str>) {
        for manager in self.managers() {
            let mut counted = manager.counted.write().unwrap_or_else(PoisonError::into_inner);
            for plugins in counted.extensions.values_mut() {
                plugins.remove(plugin.as_ref());
            }
            counted.known.forget(plugin.as_ref());
        }
    }

    /// Returns the managers that it shows, the oldest first.
    fn managers(&self) -> Vec<Arc<OfManager>> {
        let managers = match &self.only {
            Some(only) => vec![Arc::clone(only)],
            None => {
                let all = self.shared.managers.read().unwrap_or_else(PoisonError::into_inner);
                all.values().cloned().collect()
            }
        };
        std::iter::once(Arc::clone(&self.shared.others)).chain(managers).collect()
    }

    fn measured(&self, measure: impl Fn(&OfManager, &Counted, &mut Vec<Measurement>)) -> Vec<Measurement> {
        let mut found = Vec::new();
        for manager in self.managers() {
            measure(&manager, &manager.read(), &mut found);
        }
        slowest_first(found)
    }

    /// Returns the manager whose events it counts.
    fn counting(&self) -> &OfManager {
        self.only.as_ref().unwrap_or(&self.shared.others)
    }
}

impl OfManager {
    fn read(&self) -> RwLockReadGuard<'_, Counted> {
        self.counted.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts something of a plugin at a point, or of the calls of a point as a whole.
    fn count(&self, plugin: Option<&PluginId>, point: &'static PointInfo, count: impl FnOnce(&Counters)) {
        if let Some(counters) = self.read().known.get(plugin, point) {
            return count(counters);
        }
        let mut counted = self.counted.write().unwrap_or_else(PoisonError::into_inner);
        let counters = match plugin {
            None => Arc::clone(counted.calls.entry(*point).or_default()),
            Some(plugin) => {
                let plugins = counted.extensions.entry(*point).or_default();
                Arc::clone(plugins.entry(plugin.clone()).or_default())
            }
        };
        count(&counters);
        counted.known.insert(plugin, point, counters);
    }
}

fn slowest_first(mut measured: Vec<Measurement>) -> Vec<Measurement> {
    measured.retain(|each| each.calls > 0);
    let name = |each: &Measurement| (each.point.specs_name(), each.point.name, each.plugin.clone());
    measured.sort_by(|one, two| two.total.cmp(&one.total).then_with(|| name(one).cmp(&name(two))));
    measured
}

impl Observer for Metrics {
    fn observe(&self, event: &Event<'_>) {
        match *event {
            Event::ExtensionFinished { plugin, point, elapsed, end, .. } => {
                self.counting().count(Some(plugin), point, |counters| counters.add(elapsed, end));
            }
            Event::CallFinished { point, elapsed, end, .. } => {
                self.counting().count(None, point, |counters| counters.add(elapsed, end));
            }
            _ => {}
        }
    }

    fn fault(&self, fault: &Fault<'_>) {
        if matches!(fault.kind, FaultKind::Overran { .. }) {
            self.counting().count(Some(fault.plugin), fault.point, |counters| {
                counters.overruns.fetch_add(1, Relaxed);
            });
        }
    }

    fn for_manager(&self, manager: &ObservedManager) -> Option<Arc<dyn Observer>> {
        Some(Arc::new(self.of_manager(manager)))
    }

    /// Clones are one observer.
    fn id(&self) -> Option<ObserverId> {
        Some(ObserverId::of::<Self>(format!("{:p}", Arc::as_ptr(&self.shared))))
    }

    fn inner(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("extensions", &self.extensions()).finish_non_exhaustive()
    }
}

/// The measurement of one plugin at one point, or of whole calls of a point.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measurement {
    /// The name of the manager, which is its project; `None` for the sum over several managers, and for events that were
    /// [handed on](crate::observe::Observer::for_manager) without a manager. Managers may have the same name: each has
    /// measurements of its own, which [`Metrics::within`] returns.
    pub manager: Option<String>,
    /// The plugin; `None` for whole calls.
    pub plugin: Option<PluginId>,
    /// The point.
    pub point: PointInfo,
    /// The number of calls, including calls that failed or were cancelled.
    pub calls: u64,
    /// The number of calls that returned an `Err`.
    pub errors: u64,
    /// The number of panics.
    pub panics: u64,
    /// The number of calls whose future was dropped at its timeout.
    pub timeouts: u64,
    /// The number of overruns: calls in a `try_call` or a `settle` that exceeded their timeout and ran to their end.
    /// Unlike [`Manager::overruns`](crate::Manager::overruns), this number does not include `blocking` extensions,
    /// which count as timeouts.
    pub overruns: u64,
    /// The number of calls whose future was dropped for another reason.
    pub cancelled: u64,
    /// The total time. The time of a wrapper includes the rest of the call.
    pub total: Duration,
    /// The longest time.
    pub max: Duration,
    /// The time of the last call. In a sum over several managers, that of the newest of them.
    pub last: Duration,
    times: Counts,
}

impl Measurement {
    /// Adds the measurement in another manager.
    fn add(&mut self, other: &Self) {
        self.manager = None;
        self.calls += other.calls;
        self.errors += other.errors;
        self.panics += other.panics;
        self.timeouts += other.timeouts;
        self.overruns += other.overruns;
        self.cancelled += other.cancelled;
        self.total = self.total.saturating_add(other.total);
        self.max = self.max.max(other.max);
        self.last = other.last;
        self.times.add(&other.times);
    }

    /// Returns the mean time.
    pub fn mean(&self) -> Duration {
        let mean = self.total.as_nanos().checked_div(u128::from(self.calls)).unwrap_or(0);
        Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX))
    }

    /// Returns an estimated percentile: `percent` of the calls took at most this time. The estimate is at most one
    /// eighth above the true value.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between nothing and a thousand"
    )]
    pub fn percentile(&self, percent: f64) -> Duration {
        let thousandths = (percent.clamp(0.0, 100.0) * 10.0).round() as u64;
        self.times.within(thousandths).min(self.max)
    }
}
