//! Operations of threads only, and the plugins of a sync manager.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pluginkit::config::PluginConfig;
use pluginkit::loading::LoadReport;
use pluginkit::observe::{End, Event};
use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};
use pluginkit_tests::{Random, block_on};

use super::both::fleet::{CREW, Crew, Sailor};
use super::both::worker::{POINT_LIMIT, Round, Worker, resident};
use crate::checks;
use crate::fleet::{Fleet, Hull, Manner, SLOW as SLOW_SHIP, Sighting, Trip};
use crate::ledger::must;
use crate::lives::House;
use crate::plugins::{Fault, Inside, Listener, RESIDENTS, SLOW, Soak, Voice};

pub(super) const LIMIT: Duration = Duration::from_millis(2);
pub(super) const WORKERS: u64 = 4;
/// What is late runs to its end, and is counted.
pub(super) const OVERRUNS: bool = true;

/// Works until `until` and checks that nothing is left.
pub(crate) fn round(seed: u64, until: Instant) {
    let round = Round::begin();
    let crew = block_on(Crew::begin(seed));
    thread::scope(|scope| {
        for sailor in 0..CREW {
            let sailor = Sailor::new(&crew, seed, sailor);
            scope.spawn(move || block_on(sailor.run(until)));
        }
        for worker in 0..WORKERS {
            let worker = Worker::new(&round, seed, worker);
            scope.spawn(move || block_on(worker.run(until)));
        }
    });
    block_on(crew.end());
    block_on(round.end());
}

/// Lets others go on.
pub(super) async fn let_go() {
    thread::yield_now();
}

/// More limits of a fleet.
pub(super) const LIMITS: &str = "";

/// The slow plugin takes its time, if it is to: longer than its drain waits, by the clock of the fleet.
pub(super) fn linger(hull: &Hull, trip: &Trip) {
    if hull.id == SLOW_SHIP && trip.manner == Manner::Lingers {
        thread::sleep(Duration::from_millis(2));
        hull.log.put_on(Duration::from_millis(2));
        thread::sleep(Duration::from_millis(2));
    }
}

/// Loads a configuration: a thread cannot drop a load.
#[allow(clippy::needless_pass_by_value, reason = "a task takes it")]
pub(super) async fn abandon(
    pm: &Arc<PluginManager>,
    config: PluginConfig,
    _random: &mut Random,
) -> Option<Result<LoadReport, Error>> {
    Some(pm.load_config(&config))
}

/// The results of the first few of a fleet.
pub(super) async fn first_of(pm: &PluginManager, trip: &Trip, some: usize) -> Vec<Sighting> {
    pm.caller(Fleet::report).iter(trip).take(some).collect()
}

/// Calls through a view.
pub(super) async fn sail(sailor: &mut Sailor) {
    sailor.look().await;
}

pub(super) fn resident_of(builder: PluginBuilder<Voice>, number: u64) -> PluginBuilder<Voice> {
    let options = if number == SLOW { Options::new().timeout(LIMIT) } else { Options::new() };
    builder
        .extension(Soak::answer, options, |this, args| {
            let _inside = Inside::new();
            if args.order.fault == Some((this.number, Fault::Late)) {
                thread::sleep(LIMIT + Duration::from_millis(1));
            }
            this.answer(args.order, 0)
        })
        .extension(Soak::check, Options::new(), |this, args| this.check(args.order))
        .extension(Soak::find, Options::new(), |this, args| this.find(args.order))
        .extension(Soak::pass, Options::new(), |this, args| this.pass(args.trail, args.order))
}

pub(super) fn voice(builder: PluginBuilder<Voice>, options: Options, wraps: bool) -> PluginBuilder<Voice> {
    let voice = builder
        .extension(Soak::answer, options.clone(), |this, args| this.answer(args.order, 0))
        .extension(Soak::answer, options.clone(), |this, args| this.answer(args.order, 1))
        .extension(Soak::pass, options, |this, args| this.pass(args.trail, args.order));
    if !wraps {
        return voice;
    }
    voice.wrapper(Soak::answer, Options::new(), |this, args, next| {
        let _inside = Inside::new();
        let answers = next.run(args.order);
        this.finds_itself_in(&answers);
        answers
    })
}

pub(super) fn fuse(builder: PluginBuilder<Voice>) -> PluginBuilder<Voice> {
    builder.extension_when(
        Soak::toil,
        Options::new(),
        |this, args| {
            let _inside = Inside::new();
            if args.order.fault == Some((this.number, Fault::Late)) {
                thread::sleep(POINT_LIMIT + Duration::from_millis(1));
            }
            this.check(args.order)
        },
        |this, args| args.order.fuse() == this.number,
    )
}

pub(super) fn house(builder: PluginBuilder<House>) -> PluginBuilder<House> {
    builder.extension(Lifecycle::start, Options::new(), |this, _| this.up()).extension(
        Lifecycle::stop,
        Options::new(),
        |this, _| this.down(),
    )
}

pub(super) fn hearing(builder: PluginBuilder<Listener>) -> PluginBuilder<Listener> {
    builder.extension(Soak::hear, Options::new(), |this, args| this.hear(args.event))
}

impl Worker {
    pub(super) async fn step_of_its_own(&mut self) {
        match self.random.below(5) {
            0 => self.panic_unwinds(),
            1 => self.views(),
            2 => self.replay_panics().await,
            3 => self.observe().await,
            _ => self.nested(),
        }
    }

    fn panic_unwinds(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let caller = self.round.pm.caller(Soak::answer);
        let survived = catch_unwind(AssertUnwindSafe(|| caller.call(&order))).is_err();
        must(survived, format_args!("a panic of resident {culprit} did not come out"));
        self.tally.fault("an extension panics, unwinds", survived);
        self.tally.did("call");
    }

    fn views(&mut self) {
        let order = self.order(None);
        let without = self.resident();
        let caller = self.round.pm.caller(Soak::answer).without([resident(without)]);
        let answers = caller.call(&order);
        must(answers.len() == order.runs(), format_args!("a view lost answers"));
        must(
            answers.iter().all(|answer| answer.plugin != without),
            format_args!("a view has who is left out"),
        );
        checks::whole(&answers);
        let order = self.order(None);
        let some = self.random.below(8);
        let taken = self.round.pm.caller(Soak::answer).iter(&order).take(some).count();
        must(order.runs() == taken, format_args!("{} extensions ran for {taken} results", order.runs()));
        self.tally.did("call without");
        self.tally.did("iter");
    }

    async fn replay_panics(&mut self) {
        if self.round.events.load(SeqCst) == 0 {
            return;
        }
        let name = format!("doomed-{}", self.number);
        let panicked = {
            let plugin = PluginBuilder::new(Listener::new(Some(0))).named(name.as_str());
            catch_unwind(AssertUnwindSafe(|| hearing(plugin).register(&self.round.pm))).is_err()
        };
        must(panicked, format_args!("a replay that panics was not noticed"));
        self.tally.fault("a replay panics", panicked);
        must(
            !self.round.pm.is_registered(&name),
            format_args!("a registration that failed left {name} behind"),
        );
        self.absent(u64::MAX).await;
        self.tally.did("register what is refused");
    }

    async fn observe(&mut self) {
        let seen: Arc<Mutex<(i64, u64)>> = Arc::default();
        let (notes, own) = (Arc::clone(&seen), thread::current().id());
        let guard = self.round.pm.observe(move |event: &Event<'_>| {
            if thread::current().id() != own {
                return;
            }
            let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
            match event {
                Event::CallStarted { .. } | Event::ExtensionStarted { .. } => notes.0 += 1,
                Event::CallFinished { end, .. } => {
                    notes.0 -= 1;
                    notes.1 += u64::from(matches!(end, End::Returned));
                }
                Event::ExtensionFinished { .. } => notes.0 -= 1,
                _ => {}
            }
        });
        self.call().await;
        drop(guard);
        self.call().await;
        let (open, calls) = *seen.lock().unwrap_or_else(PoisonError::into_inner);
        must(
            (open, calls) == (0, 1),
            format_args!("an observer saw {calls} calls of one, and {open} that did not end"),
        );
        self.tally.did("observe");
    }

    /// Registers and unregisters from within a call.
    fn nested(&mut self) {
        let name = format!("nested-{}", self.number);
        let pm = Arc::clone(&self.round.pm);
        let order = self.order(None);
        let (inner, weak) = (order.clone(), Arc::downgrade(&pm));
        let caller = pm.caller(Soak::find).extra(move |_| {
            let pm = weak.upgrade()?;
            pm.register_fn(name.as_str(), Soak::pass, |args| args.trail).ok()?;
            pm.caller(Soak::pass).call(Vec::new(), &inner);
            pm.unregister(&name)?;
            Some(u64::MAX)
        });
        let found = caller.without((0..RESIDENTS).map(resident)).call(&order);
        must(found == Some(u64::MAX), format_args!("a plugin could not change the manager in a call"));
        self.tally.did("register within a call");
    }
}
