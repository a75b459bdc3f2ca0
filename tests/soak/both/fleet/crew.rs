//! The workers of a fleet, and what they share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use pluginkit::insight::Metrics;
use pluginkit::limits::{BreakerPolicy, CircuitBreaker};
use pluginkit::metadata::PluginState;
use pluginkit::observe::ObserverGuard;
use pluginkit_tests::Random;

use super::kind::{Manager, awaited};
use super::loads::Plan;
use super::own;
use super::plugins::{Tug, add_factories, hull};
use crate::fleet::{DOCK, FAILURES, Fleet, Harbor, Hull, LEAKY, Log, Manner, TUG, Trip, check_harbor};
use crate::ledger::{Tally, must};

/// How many work on a fleet: one loads, one stops and starts, one breaks circuits, the others call.
pub(crate) const CREW: u64 = 5;
/// After what time of the fleet's clock circuits are tried again.
pub(super) const COOL_DOWN: Duration = Duration::from_secs(60);
/// How long a drain may take, by the same clock: it is put on often while calls are under way, and never so far.
const DRAIN_LIMIT: Duration = Duration::from_secs(1 << 40);

/// What the workers of a fleet share.
pub(crate) struct Crew {
    pub(crate) pm: Arc<Manager>,
    pub(crate) log: Arc<Log>,
    pub(super) events: AtomicU64,
    plan: Plan,
    /// Whether loads take turns with stops and starts: in every other round.
    pub(super) takes_turns: bool,
    has_turn: AtomicBool,
    watch: Option<(Metrics, [ObserverGuard; 2], CircuitBreaker)>,
}

impl Crew {
    /// A fleet that is loaded and started. In one of three rounds nothing observes it, so that calls are as fast as can be.
    pub(crate) async fn begin(seed: u64) -> Arc<Self> {
        let takes_turns = (seed / 4).is_multiple_of(2);
        let log = Arc::new(Log::new(takes_turns));
        let clock = Arc::clone(&log);
        let builder = Manager::builder("fleet").drain_limit(DRAIN_LIMIT);
        let pm = Arc::new(builder.clock(move || clock.now()).build());
        pm.add_extension_points(Fleet).expect("they are new");
        add_factories(&pm, &log);
        let is_watched = !seed.is_multiple_of(3);
        let watch = is_watched.then(|| {
            let metrics = Metrics::new();
            let guards = [pm.observe(metrics.clone()), pm.observe(log.watch())];
            let policy = BreakerPolicy::new(FAILURES).retry_after(COOL_DOWN);
            (metrics, guards, pm.break_circuits(policy))
        });
        let plan = Plan::first(is_watched);
        log.list(plan.generation, &plan.order);
        let loaded = awaited!(pm.load_config(&plan.config()));
        must(loaded.is_ok(), format_args!("a fleet was not loaded: {loaded:?}"));
        let tug = pm.register(Tug(Arc::new(Hull::new(TUG, None, &log))));
        must(tug.is_ok(), format_args!("a tug was refused: {tug:?}"));
        let started = awaited!(pm.start_all());
        must(started.is_ok(), format_args!("a fleet did not start: {started:?}"));
        let (events, has_turn) = (AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Self { pm, log, events, plan, takes_turns, has_turn, watch })
    }

    /// Waits until nothing else loads, stops or starts, if that takes turns.
    pub(super) async fn begin_turn(&self) {
        while self.takes_turns && self.has_turn.swap(true, SeqCst) {
            own::let_go().await;
        }
    }

    pub(super) fn end_turn(&self) {
        self.has_turn.store(false, SeqCst);
    }

    /// All are there again and have missed nothing; then nothing is left.
    pub(crate) async fn end(&self) {
        let Self { pm, log, .. } = self;
        log.storm.store(false, SeqCst);
        let started = awaited!(pm.start_all());
        must(started.is_ok(), format_args!("a fleet did not start again: {started:?}"));
        for id in pm.plugin_names() {
            must(pm.enable(&id).is_ok(), format_args!("`{id}` was lost"));
        }
        let trip = Trip::new(u64::MAX, Manner::Plain);
        let seen = awaited!(pm.caller(Fleet::report).call(&trip));
        log.check_all(&seen, &trip);
        check_harbor(&seen);
        let events = self.events.load(SeqCst);
        for descriptor in pm.descriptors() {
            let id = descriptor.metadata.id.as_str();
            let told = (descriptor.state, &descriptor.left_out);
            must(told == (PluginState::Started, &None), format_args!("`{id}` is {told:?} where all run"));
            let count = seen.iter().filter(|each| each.id == id).count();
            must(count == 1, format_args!("`{id}` is in a call {count} times where all run: {seen:?}"));
            let heard = hull(pm, id).map(|hull| hull.heard());
            must(
                heard == Some(events) || id == DOCK,
                format_args!("`{id}` heard {heard:?} of {events} events"),
            );
        }
        let left_out = pm.caller(Fleet::report).left_out();
        must(left_out.is_empty(), format_args!("{left_out:?} are left out where all run"));
        let stopped = awaited!(pm.stop_all());
        must(stopped.is_ok(), format_args!("a fleet did not stop: {stopped:?}"));
        let seen = awaited!(pm.caller(Fleet::report).call(&trip));
        must(seen.is_empty(), format_args!("{seen:?} are called where all have stopped"));
        let running: Vec<_> = pm.descriptors().into_iter().filter(|each| each.left_out.is_none()).collect();
        must(running.is_empty(), format_args!("these are not left out where all have stopped: {running:?}"));
        let harbor = pm.service::<dyn Harbor>().map(|harbor| harbor.number());
        must(harbor.is_err(), format_args!("there is a harbor where all have stopped"));
        if let Some((metrics, ..)) = &self.watch {
            let told = metrics.of(LEAKY, Fleet::haul).map(|told| (told.errors, told.panics));
            let right = (log.errors.load(SeqCst), log.panics.load(SeqCst));
            must(
                told.unwrap_or_default() == right,
                format_args!("errors and panics are {right:?}, and measured as {told:?}"),
            );
        }
        let gone = awaited!(pm.unload_all());
        must(gone.is_ok() && pm.plugin_names().is_empty(), format_args!("a fleet stayed: {gone:?}"));
        let mut tally = Tally::default();
        tally.count("drain", log.drains.load(SeqCst));
        tally.count("drain at its limit", log.limits.load(SeqCst));
    }
}

/// One worker of a fleet.
pub(crate) struct Sailor {
    pub(crate) crew: Arc<Crew>,
    pub(crate) random: Random,
    pub(crate) tally: Tally,
    pub(crate) number: u64,
    trips: u64,
    pub(super) plan: Plan,
    pub(super) generations: u64,
    /// The latest harbor that it has looked up.
    pub(super) harbor: u64,
}

impl Sailor {
    pub(crate) fn new(crew: &Arc<Crew>, seed: u64, number: u64) -> Self {
        let (random, tally) = (Random::new(seed, 100 + number), Tally::default());
        let (crew, plan) = (Arc::clone(crew), crew.plan.clone());
        let generations = plan.generation;
        Self { crew, random, tally, number, trips: 0, plan, generations, harbor: 0 }
    }

    pub(crate) async fn run(mut self, until: Instant) {
        while Instant::now() < until {
            match self.number {
                0 => self.change().await,
                1 => self.live().await,
                2 => self.tide().await,
                _ => self.sail().await,
            }
            own::let_go().await;
        }
        if self.number == 0 {
            self.come_home().await;
        }
    }

    pub(crate) fn trip(&mut self, manner: Manner) -> Trip {
        self.trips += 1;
        Trip::new(self.number << 48 | self.trips, manner)
    }
}
