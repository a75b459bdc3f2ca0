//! Loads of a fleet: whole, in part, failing and dropped. One worker alone loads.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use pluginkit::Error;
use pluginkit::config::PluginConfig;
use pluginkit::loading::Discovery;

use super::crew::{COOL_DOWN, Sailor};
use super::kind::awaited;
use super::lives::is_of_others;
use super::own;
use super::plugins::hull;
use crate::fleet::{DOCK, FAILURES, Fate, GUARD, LEAKY, PORT, SLOW, SOME, TUG, WRECK};
use crate::ledger::must;

/// The drain limit of the plugin that is slow.
const SHORT: Duration = Duration::from_millis(1);

/// What a configuration has.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(super) generation: u64,
    pub(super) order: Vec<&'static str>,
    extras: BTreeMap<&'static str, u64>,
    fate: Option<(&'static str, Fate)>,
    has_limits: bool,
}

impl Plan {
    pub(super) fn first(has_limits: bool) -> Self {
        let order = [GUARD, PORT, LEAKY].into_iter().chain(SOME).collect();
        Self { generation: 0, order, extras: BTreeMap::new(), fate: None, has_limits }
    }

    fn extra(&self, id: &str) -> u64 {
        self.extras.get(id).copied().unwrap_or(0)
    }

    pub(super) fn config(&self) -> PluginConfig {
        let mut text = format!("[plugins]\nfleet = {:?}\n", self.order);
        for id in &self.order {
            let fate = match self.fate {
                Some((other, Fate::Fails)) if other == *id => "fails",
                Some((other, Fate::Panics)) if other == *id => "panics",
                _ => "good",
            };
            let (generation, extra) = (self.generation, self.extra(id));
            let _ =
                writeln!(text, "[plugin.{id}]\ngeneration = {generation}\nextra = {extra}\nfate = '{fate}'");
        }
        if self.has_limits {
            for id in [LEAKY, GUARD] {
                let _ = writeln!(
                    text,
                    "[limits.{id}]\nbreaker = {{ failures = {FAILURES}, retry_after = '{}s' }}",
                    COOL_DOWN.as_secs()
                );
            }
            text += own::LIMITS;
        }
        PluginConfig::from_toml_str(&text).expect("it is TOML")
    }
}

/// The numbers of the plugins that are registered.
type Numbers = BTreeMap<String, Option<u64>>;

impl Sailor {
    pub(super) async fn change(&mut self) {
        self.crew.begin_turn().await;
        match self.random.below(12) {
            0..=2 => self.load_whole().await,
            3..=5 => self.load_part().await,
            6 => self.reorder().await,
            7..=8 => self.load_doomed().await,
            9..=10 => self.load_dropped().await,
            _ => self.discover().await,
        }
        self.crew.end_turn();
        // Others go on for a while.
        for _ in 0..self.random.below(20) {
            own::let_go().await;
        }
    }

    /// Ends with a fleet of which each can start.
    pub(super) async fn come_home(&mut self) {
        self.crew.begin_turn().await;
        self.load_whole().await;
        self.crew.end_turn();
    }

    fn numbers(&self) -> Numbers {
        let pm = &self.crew.pm;
        let names = pm.plugin_names().into_iter().map(|id| id.as_str().to_owned());
        // Another worker replaces the tug.
        names
            .filter(|id| id != TUG && id != WRECK)
            .map(|id| (hull(pm, &id).map(|hull| hull.number), id))
            .map(|(number, id)| (id, number))
            .collect()
    }

    /// Whether exactly what a plan has is there.
    fn has(&self, plan: &Plan) -> bool {
        let pm = &self.crew.pm;
        let names: BTreeSet<String> = self.numbers().into_keys().collect();
        let planned: BTreeSet<String> = plan.order.iter().map(|id| (*id).to_owned()).collect();
        names == planned
            && plan.order.iter().all(|id| {
                hull(pm, id).is_some_and(|hull| {
                    hull.generation == Some(plan.generation) && hull.extra == plan.extra(id)
                })
            })
    }

    fn whole(&mut self) -> Plan {
        self.generations += 1;
        let mut order = vec![GUARD, PORT, LEAKY];
        order.extend(SOME.into_iter().filter(|_| !self.random.once_in(4)));
        // Starts beside a load could start the old one, after the load has looked which plugins run.
        order.retain(|id| *id != DOCK || self.crew.takes_turns);
        let mut plan = Plan { generation: self.generations, order, fate: None, ..self.plan.clone() };
        self.shuffle(&mut plan);
        self.crew.log.list(plan.generation, &plan.order);
        plan
    }

    fn shuffle(&mut self, plan: &mut Plan) {
        for at in (1..plan.order.len()).rev() {
            plan.order.swap(at, self.random.below(at + 1));
        }
    }

    /// Every plugin changes, and some come and go.
    async fn load_whole(&mut self) {
        let plan = self.whole();
        self.load(plan).await;
    }

    /// One plugin changes, and those that use it.
    async fn load_part(&mut self) {
        let mut plan = self.plan.clone();
        plan.fate = None;
        let id = if self.random.once_in(3) { PORT } else { plan.order[self.random.below(plan.order.len())] };
        *plan.extras.entry(id).or_default() += 1;
        self.load(plan).await;
    }

    async fn reorder(&mut self) {
        let mut plan = self.plan.clone();
        self.shuffle(&mut plan);
        self.crew.log.list(plan.generation, &plan.order);
        self.load(plan).await;
    }

    async fn load(&mut self, plan: Plan) {
        let before = self.numbers();
        let loaded = awaited!(self.crew.pm.load_config(&plan.config()));
        self.tally.did("load a fleet");
        match loaded {
            Ok(report) => {
                for error in report.stop_errors() {
                    let survived = !self.crew.takes_turns && is_of_others(error);
                    must(survived, format_args!("a fleet did not stop: {error}"));
                }
                self.is_new(plan);
            }
            Err(error) => {
                self.bears("load", Err(error));
                self.is_old(&before, &plan);
            }
        }
    }

    fn is_new(&mut self, plan: Plan) {
        must(self.has(&plan), format_args!("a load ended with {:?}", self.numbers()));
        let group = self.crew.pm.group("fleet").ids();
        let right = group.iter().map(pluginkit::PluginId::as_str).eq(plan.order.iter().copied());
        must(right, format_args!("a group has {group:?}, which must be {:?}", plan.order));
        if plan.order.contains(&SLOW) {
            let set = self.crew.pm.set_drain_limit(SLOW, SHORT);
            must(set.is_ok(), format_args!("the slow plugin was lost"));
        }
        self.plan = plan;
    }

    /// A load has left everything as it was.
    fn is_old(&mut self, before: &Numbers, plan: &Plan) {
        let now = self.numbers();
        must(now == *before, format_args!("a load that failed turned {before:?} into {now:?}"));
        if plan.generation != self.plan.generation {
            self.crew.log.fail(plan.generation);
        }
    }

    /// A plugin does not start, if it is to.
    async fn load_doomed(&mut self) {
        let mut plan = self.whole();
        let fate = if self.random.once_in(2) { Fate::Fails } else { Fate::Panics };
        let able: Vec<_> = plan.order.iter().copied().filter(|id| *id != GUARD).collect();
        plan.fate = Some((able[self.random.below(able.len())], fate));
        let before = self.numbers();
        let loaded = awaited!(self.crew.pm.load_config(&plan.config()));
        match loaded {
            // The plugin had stopped before, so that it was not to start.
            Ok(_) => {
                self.is_new(plan);
                self.load_whole().await;
            }
            Err(error) => {
                self.bears("load", Err(error));
                self.is_old(&before, &plan);
                self.tally.fault("a newcomer does not start", true);
                self.tally.did("load a fleet, failing");
            }
        }
    }

    /// A load is dropped: everything is old or everything is new.
    async fn load_dropped(&mut self) {
        let plan = self.whole();
        let before = self.numbers();
        let config = plan.config();
        let pm = Arc::clone(&self.crew.pm);
        if let Some(loaded) = own::abandon(&pm, config, &mut self.random).await {
            return match loaded {
                Ok(_) => self.is_new(plan),
                Err(error) => {
                    self.bears("load", Err(error));
                    self.is_old(&before, &plan);
                }
            };
        }
        let nothing = PluginConfig::from_toml_str("[plugins]\nfleet = ['nothing']").expect("it is TOML");
        while let Err(Error::LoadBusy) = awaited!(pm.load_config(&nothing)) {
            own::let_go().await;
        }
        let survived = self.has(&plan) || self.numbers() == before;
        must(survived, format_args!("a load that was dropped turned {before:?} into {:?}", self.numbers()));
        if self.has(&plan) {
            self.is_new(plan);
        } else {
            self.is_old(&before, &plan);
        }
        self.tally.fault("a load is dropped", survived);
        self.tally.did("load a fleet, dropped");
    }

    /// A plugin is discovered, and removed again.
    async fn discover(&mut self) {
        let pm = Arc::clone(&self.crew.pm);
        let found = awaited!(pm.discover_with(Discovery::new().only([WRECK])));
        let found = match found {
            Ok(found) => found.registered() == [WRECK],
            Err(error) => return self.bears("discovery", Err(error)),
        };
        must(found, format_args!("a wreck was not found"));
        for _ in 0..self.random.below(20) {
            own::let_go().await;
        }
        let removed = awaited!(pm.remove(WRECK));
        must(removed.as_ref().is_ok_and(Option::is_some), format_args!("a wreck stays: {removed:?}"));
        self.tally.did("discover in a fleet");
    }
}
