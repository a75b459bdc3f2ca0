//! Fleets: managers that are loaded anew, stopped and started while calls are under way. Their points, and what is known
//! of the plugins of one.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use pluginkit::observe::Event;
use pluginkit::prelude::*;

use crate::ledger::must;
use crate::plugins::{Canary, Refusal};

/// The plugin whose wrappers let calls in.
pub(crate) const GUARD: &str = "guard";
/// The plugin that provides the harbor that all others require.
pub(crate) const PORT: &str = "port";
/// The plugin that fails in a storm.
pub(crate) const LEAKY: &str = "leaky";
/// The plugin that may take longer than its drain limit.
pub(crate) const SLOW: &str = "slow";
/// The plugin that cannot be there twice.
pub(crate) const DOCK: &str = "dock";
/// The plugin that the host makes.
pub(crate) const TUG: &str = "tug";
/// The plugin that is discovered.
pub(crate) const WRECK: &str = "wreck";
/// The plugins that a configuration may leave out.
pub(crate) const SOME: [&str; 5] = ["ship-0", "ship-1", "ship-2", SLOW, DOCK];
/// How many failures in a row open a circuit.
pub(crate) const FAILURES: u32 = 3;

#[extension_point]
pub(crate) trait Fleet {
    fn report(&self, trip: &Trip) -> Sighting;
    /// The same, and may fail.
    fn haul(&self, trip: &Trip) -> Result<Sighting, Refusal>;
    #[extension_point(pipeline)]
    fn route(&self, trail: Vec<Sighting>, trip: &Trip) -> Vec<Sighting>;
    #[extension_point(firstresult)]
    fn pick(&self, trip: &Trip) -> Option<Sighting>;
    #[extension_point(historic)]
    fn hear(&self, event: u64);
}

#[extension_point(service)]
pub(crate) trait Harbor: Send + Sync {
    /// The number of the plugin that provides it.
    fn number(&self) -> u64;
}

/// The argument of a call.
#[derive(Clone, Debug)]
pub(crate) struct Trip {
    pub(crate) number: u64,
    pub(crate) manner: Manner,
    /// How many guards have let it in.
    pub(crate) guards: Arc<AtomicU32>,
    pub(crate) runs: Arc<AtomicU32>,
}

/// What is special about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Plain,
    /// Of a form that has no wrappers.
    Unguarded,
    /// The slow plugin takes its time.
    Lingers,
    /// The guard refuses it.
    Stranger,
    /// The guard panics.
    Trap,
}

impl Trip {
    pub(crate) fn new(number: u64, manner: Manner) -> Self {
        Self { number, manner, guards: Arc::default(), runs: Arc::default() }
    }
}

/// Who was seen by a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) id: &'static str,
    pub(crate) number: u64,
    /// The generation of the configuration, if one has made it.
    generation: Option<u64>,
    /// The harbor that it has seen at its start.
    harbor: Option<u64>,
    trip: u64,
}

/// What a configuration says of a plugin.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Orders {
    pub(crate) generation: u64,
    pub(crate) extra: u64,
    pub(crate) fate: Fate,
}

/// What the start of a plugin does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Fate {
    #[default]
    Good,
    Fails,
    Panics,
}

/// What is known of the plugins of a fleet.
#[derive(Default)]
pub(crate) struct Log {
    /// Whether leaks fail.
    pub(crate) storm: AtomicBool,
    /// The milliseconds of its clock, which stands still until something puts it on.
    clock: AtomicU64,
    /// The failures of leaks.
    pub(crate) errors: AtomicU64,
    pub(crate) panics: AtomicU64,
    /// The waits for calls, and those that reached their limit.
    pub(crate) drains: AtomicU64,
    pub(crate) limits: AtomicU64,
    numbers: AtomicU64,
    docks: AtomicU64,
    is_watched: AtomicBool,
    takes_turns: bool,
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    /// The orders in which a generation may be called.
    listings: HashMap<u64, Vec<Vec<&'static str>>>,
    seen: HashSet<u64>,
    failed: HashSet<u64>,
}

fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Log {
    /// That of a fleet where loads take turns with stops and starts, or not.
    pub(crate) fn new(takes_turns: bool) -> Self {
        Self { takes_turns, ..Self::default() }
    }

    /// What the clock of the fleet tells.
    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.clock.load(SeqCst))
    }

    pub(crate) fn put_on(&self, time: Duration) {
        let milliseconds = time.as_millis().try_into().expect("a short time");
        self.clock.fetch_add(milliseconds, SeqCst);
    }

    /// A generation may be called in this order from now on.
    pub(crate) fn list(&self, generation: u64, order: &[&'static str]) {
        open(&self.generations).listings.entry(generation).or_default().push(order.to_vec());
    }

    /// The load of a generation has failed: no call has seen it, and none ever will.
    pub(crate) fn fail(&self, generation: u64) {
        let mut generations = open(&self.generations);
        generations.failed.insert(generation);
        must(
            !generations.seen.contains(&generation),
            format_args!("a call saw generation {generation}, whose load failed"),
        );
    }

    /// Sees the waits of stops.
    pub(crate) fn watch(self: &Arc<Self>) -> impl Fn(&Event<'_>) + Send + Sync + 'static {
        self.is_watched.store(true, SeqCst);
        let log = Arc::clone(self);
        move |event| {
            let Event::Drained { plugin, calls_left, elapsed, .. } = event else { return };
            log.drains.fetch_add(1, SeqCst);
            if *calls_left > 0 {
                log.limits.fetch_add(1, SeqCst);
                must(
                    *plugin == SLOW,
                    format_args!("`{plugin}` has stopped under {calls_left} calls, after {elapsed:?}"),
                );
            }
        }
    }

    /// What must hold of those whom one call has seen.
    pub(crate) fn check(&self, seen: &[Sighting], trip: &Trip) {
        let runs = trip.runs.load(SeqCst) as usize;
        must(runs == seen.len(), format_args!("{runs} of a fleet ran, and {} came back", seen.len()));
        must(
            seen.iter().all(|each| each.trip == trip.number),
            format_args!("a trip saw another's: {seen:?}"),
        );
        let mut ids: Vec<_> = seen.iter().map(|each| each.id).collect();
        let made: Vec<_> = seen.iter().filter(|each| each.generation.is_some()).collect();
        let order: Vec<_> = made.iter().map(|each| each.id).collect();
        ids.sort_unstable();
        ids.dedup();
        must(ids.len() == seen.len(), format_args!("a call ran a plugin twice: {seen:?}"));
        let guards = trip.guards.load(SeqCst);
        must(guards <= 1, format_args!("{guards} guards were around one call"));
        let Some(generation) = made.first().and_then(|each| each.generation) else { return };
        must(
            made.iter().all(|each| each.generation == Some(generation)),
            format_args!("a call saw a mix of generations: {seen:?}"),
        );
        let mut generations = open(&self.generations);
        generations.seen.insert(generation);
        must(
            !generations.failed.contains(&generation),
            format_args!("a call saw generation {generation}, whose load failed: {seen:?}"),
        );
        let listings = generations.listings.get(&generation).map(Vec::as_slice).unwrap_or_default();
        let is_in_order = |listing: &Vec<&'static str>| {
            let mut listed = listing.iter();
            order.iter().all(|id| listed.any(|other| other == id))
        };
        must(
            listings.iter().any(is_in_order),
            format_args!("a call saw the order {order:?}, which is none of {listings:?}"),
        );
    }

    /// The same, where all that run have answered. Whoever is started while a load is under way may have the old harbor for a
    /// moment, so harbors are compared only where loads and starts take turns.
    pub(crate) fn check_all(&self, seen: &[Sighting], trip: &Trip) {
        self.check(seen, trip);
        if self.takes_turns {
            check_harbor(seen);
        }
    }
}

/// All have the harbor of the port that the call has seen.
pub(crate) fn check_harbor(seen: &[Sighting]) {
    let port = seen.iter().find(|each| each.id == PORT).map(|port| port.number);
    let harbors = seen.iter().filter_map(|each| each.harbor);
    must(
        harbors.clone().all(|harbor| Some(harbor) == port),
        format_args!("a call saw harbors {:?} and {port:?}: {seen:?}", harbors.collect::<Vec<_>>()),
    );
}

/// What all plugins of a fleet are.
pub(crate) struct Hull {
    pub(crate) id: &'static str,
    pub(crate) number: u64,
    pub(crate) generation: Option<u64>,
    pub(crate) extra: u64,
    pub(crate) failures: AtomicU64,
    pub(crate) log: Arc<Log>,
    fate: Fate,
    harbor: Mutex<Option<u64>>,
    is_up: AtomicBool,
    inside: AtomicU64,
    heard: AtomicU64,
    canary: Canary,
}

impl Hull {
    pub(crate) fn new(id: &'static str, orders: Option<Orders>, log: &Arc<Log>) -> Self {
        let generation = orders.as_ref().map(|orders| orders.generation);
        let Orders { extra, fate, .. } = orders.unwrap_or_default();
        let (number, log) = (log.numbers.fetch_add(1, SeqCst), Arc::clone(log));
        let (failures, inside, heard) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let (harbor, is_up, canary) = (Mutex::default(), AtomicBool::new(false), Canary::new());
        Self { id, number, generation, extra, failures, log, fate, harbor, is_up, inside, heard, canary }
    }

    /// What starts and stops: all but the guard.
    fn lives(&self) -> bool {
        self.id != GUARD
    }

    pub(crate) fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        must(self.canary.is_whole(), format_args!("`{}` was started when it was gone", self.id));
        match self.fate {
            Fate::Good => {}
            Fate::Fails => return Err("injected failure of a start".into()),
            Fate::Panics => panic!("injected panic of a start"),
        }
        if self.id != PORT {
            *open(&self.harbor) = Some(cx.service::<dyn Harbor>()?.number());
        }
        must(!self.is_up.swap(true, SeqCst), format_args!("`{}` was started twice", self.id));
        let docks = self.log.docks.fetch_add(u64::from(self.id == DOCK), SeqCst);
        must(self.id != DOCK || docks == 0, format_args!("an exclusive plugin was started beside another"));
        Ok(())
    }

    pub(crate) fn stop(&self) {
        let Self { id, log, .. } = self;
        must(self.canary.is_whole(), format_args!("`{id}` was stopped when it was gone"));
        log.docks.fetch_sub(u64::from(*id == DOCK), SeqCst);
        must(self.is_up.swap(false, SeqCst), format_args!("`{id}` was stopped and not started"));
        let inside = self.inside.load(SeqCst);
        if inside == 0 {
            return;
        }
        must(*id == SLOW, format_args!("`{id}` was stopped under {inside} calls"));
        // A later stop does not wait for these calls again, and tells nothing.
        let limits = log.limits.load(SeqCst);
        must(
            limits > 0 || !log.is_watched.load(SeqCst),
            format_args!("a stop cut {inside} calls off, and none has reached its limit"),
        );
    }

    /// A call runs it.
    pub(crate) fn board(&self, trip: &Trip) -> Aboard<'_> {
        self.inside.fetch_add(1, SeqCst);
        trip.runs.fetch_add(1, SeqCst);
        self.must_be_up("run");
        let guards = trip.guards.load(SeqCst);
        must(
            guards == 1 || trip.manner == Manner::Unguarded,
            format_args!("`{}` was run behind {guards} guards", self.id),
        );
        Aboard(self)
    }

    fn must_be_up(&self, what: &str) {
        must(self.canary.is_whole(), format_args!("`{}` was {what} when it was gone", self.id));
        let is_up = self.is_up.load(SeqCst) || !self.lives();
        must(is_up || self.id == SLOW, format_args!("`{}` was {what}, and not up", self.id));
    }

    pub(crate) fn sighting(&self, trip: &Trip) -> Sighting {
        let Self { id, number, generation, .. } = self;
        let harbor = if self.is_up.load(SeqCst) { *open(&self.harbor) } else { None };
        Sighting { id, number: *number, generation: *generation, harbor, trip: trip.number }
    }

    /// Leaks in a storm.
    pub(crate) fn haul(&self, trip: &Trip) -> Result<Sighting, Refusal> {
        let is_leaky = [LEAKY, TUG].contains(&self.id);
        if !is_leaky || !self.log.storm.load(SeqCst) {
            return Ok(self.sighting(trip));
        }
        self.failures.fetch_add(1, SeqCst);
        let counts = |counter: &AtomicU64| counter.fetch_add(u64::from(self.id == LEAKY), SeqCst);
        if trip.number.is_multiple_of(3) {
            counts(&self.log.panics);
            panic!("injected panic {}", trip.number);
        }
        counts(&self.log.errors);
        Err(Refusal(trip.number))
    }

    pub(crate) fn hear(&self, event: u64) {
        let heard = self.heard.swap(event + 1, SeqCst);
        // The dock is disabled at times, and then hears nothing.
        must(
            heard == event || self.id == DOCK && heard < event,
            format_args!("`{}` heard {event} after {heard} events", self.id),
        );
    }

    pub(crate) fn heard(&self) -> u64 {
        self.heard.load(SeqCst)
    }
}

impl Drop for Hull {
    fn drop(&mut self) {
        let (id, is_up) = (self.id, self.is_up.load(SeqCst));
        must(!is_up, format_args!("`{id}` was dropped and has not stopped"));
    }
}

/// A call is in a plugin.
pub(crate) struct Aboard<'h>(&'h Hull);

impl Drop for Aboard<'_> {
    fn drop(&mut self) {
        self.0.must_be_up("left");
        self.0.inside.fetch_sub(1, SeqCst);
    }
}
