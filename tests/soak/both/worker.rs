//! One worker and the state that it shares with the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Instant;

use pluginkit_tests::Random;

use super::kind::{Manager, awaited};
use super::own;
use crate::ledger::{Tally, must};
use crate::lives::{House, LIVES, Mood, Street};
use crate::plugins::{FUSES, Fault, Listener, Order, RESIDENTS, Soak, Voice};

/// Historic calls are remembered, so a round has only so many.
pub(crate) const EVENTS: u64 = 64;
/// What those are held to who toil.
pub(crate) const POINT_LIMIT: std::time::Duration = std::time::Duration::from_millis(8);

/// What the workers of a round share.
pub(crate) struct Round {
    pub(crate) pm: Arc<Manager>,
    pub(crate) street: Arc<Street>,
    pub(crate) events: AtomicU64,
    pub(crate) numbers: AtomicU64,
    listener: Arc<Listener>,
}

impl Round {
    /// A manager with those who live through the round.
    pub(crate) fn begin() -> Arc<Self> {
        let (pm, street) = (Arc::new(Manager::new("soak")), Arc::<Street>::default());
        pm.add_extension_points(Soak).expect("they are new");
        pm.set_point_timeout(Soak::toil, POINT_LIMIT).expect("they are there");
        for number in 0..RESIDENTS {
            let resident = pluginkit::PluginBuilder::new(Voice::new(number, 0)).named(resident(number));
            own::resident_of(resident, number).register(&pm).expect("its name is free");
        }
        for number in 0..LIVES {
            let house = House { number, street: Arc::clone(&street), canary: crate::plugins::Canary::new() };
            let house = pluginkit::PluginBuilder::new(house).metadata(House::metadata(number));
            own::house(house).register(&pm).expect("its name is free");
        }
        for worker in 0..own::WORKERS {
            let voice = pluginkit::PluginBuilder::new(Voice::new(FUSES + worker, 0)).named(fuse(worker));
            own::fuse(voice).register(&pm).expect("its name is free");
        }
        let listener = Arc::new(Listener::new(None));
        let shared = pluginkit::PluginBuilder::<Listener>::new(Arc::clone(&listener)).named("listener");
        own::hearing(shared).register(&pm).expect("its name is free");
        let (events, numbers) = (AtomicU64::new(0), AtomicU64::new(RESIDENTS));
        Arc::new(Self { pm, street, events, numbers, listener })
    }

    /// Nothing is left, and who lived through the round has missed nothing.
    pub(crate) async fn end(&self) {
        let events = self.events.load(SeqCst);
        must(
            self.listener.check() == events,
            format_args!("the first listener did not hear all {events} events"),
        );
        (0..LIVES).for_each(|house| self.street.set(house, Mood::Good));
        let stopped = awaited!(self.pm.stop_all());
        must(stopped.is_ok(), format_args!("what nothing is wrong with did not stop: {stopped:?}"));
        must(self.street.all_down(), format_args!("something runs after all was stopped"));
        let names = self.pm.plugin_names();
        let expected = RESIDENTS + LIVES as u64 + own::WORKERS + 1;
        must(
            names.len() as u64 == expected,
            format_args!("these are left, which must be {expected}: {names:?}"),
        );
        let disabled: Vec<_> = names.iter().filter(|name| !self.pm.is_enabled(name)).collect();
        must(disabled.is_empty(), format_args!("these are disabled: {disabled:?}"));
    }
}

pub(crate) fn resident(number: u64) -> String {
    format!("resident-{number}")
}

pub(crate) fn fuse(worker: u64) -> String {
    format!("fuse-{worker}")
}

pub(crate) struct Worker {
    pub(crate) round: Arc<Round>,
    pub(crate) random: Random,
    pub(crate) tally: Tally,
    pub(crate) number: u64,
    orders: u64,
    /// The plugins that this worker alone registers and takes away.
    pub(crate) own: Vec<(String, u64)>,
    /// The number of the plugin that a configuration has made last.
    pub(crate) loaded: Option<u64>,
}

impl Worker {
    pub(crate) fn new(round: &Arc<Round>, seed: u64, number: u64) -> Self {
        let (round, random) = (Arc::clone(round), Random::new(seed, number));
        Self { round, random, tally: Tally::default(), number, orders: 0, own: Vec::new(), loaded: None }
    }

    pub(crate) async fn run(mut self, until: Instant) {
        while Instant::now() < until {
            self.step().await;
        }
        while let Some((name, _)) = self.own.pop() {
            must(self.round.pm.unregister(&name).is_some(), format_args!("{name} was lost"));
        }
        self.unload().await;
    }

    async fn step(&mut self) {
        match self.random.below(64) {
            0..=13 => self.call().await,
            14..=16 => self.check().await,
            17..=19 => self.find_and_pass().await,
            20..=23 => self.panic().await,
            24..=26 => self.settle().await,
            27..=34 => self.come().await,
            35..=40 => self.go().await,
            41..=43 => self.switch().await,
            44 => self.block().await,
            45 => self.doomed().await,
            46 => self.live().await,
            47 => self.listen().await,
            48 => self.announce().await,
            49 => self.load().await,
            50 => self.measure().await,
            51 => self.breaker().await,
            53..=54 => self.spare().await,
            55 => self.settle_pipeline().await,
            // These take a time that others could use.
            52 if self.random.once_in(2) => self.late().await,
            52 if self.random.once_in(4) => self.limits().await,
            _ => self.step_of_its_own().await,
        }
    }

    pub(crate) fn order(&mut self, fault: Option<(u64, Fault)>) -> Order {
        self.orders += 1;
        Order::new(self.number << 48 | self.orders, fault)
    }

    /// The number of some resident.
    pub(crate) fn resident(&mut self) -> u64 {
        self.random.number() % RESIDENTS
    }
}
