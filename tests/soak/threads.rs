//! Threads that work on one sync manager.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pluginkit::prelude::*;
use pluginkit::{CallError, End, Event, Options, StartPolicy};
use pluginkit_tests::Random;

use crate::checks;
use crate::ledger::{Tally, must, violation};
use crate::plugins::{
    Fault, House, Inside, LIVES, Listener, Mood, Order, RESIDENTS, SLOW, Soak, Street, Voice,
};

const LIMIT: Duration = Duration::from_millis(2);
const WORKERS: u64 = 4;
/// Historic calls are remembered, so a round has only so many.
const EVENTS: u64 = 64;

/// What the workers of a round share.
struct Round {
    pm: Arc<PluginManager>,
    street: Arc<Street>,
    events: AtomicU64,
    numbers: AtomicU64,
}

/// Works until `until` and checks that nothing is left.
pub(crate) fn round(seed: u64, until: Instant) {
    let round = Round {
        pm: Arc::new(PluginManager::new("soak")),
        street: Arc::default(),
        events: AtomicU64::new(0),
        numbers: AtomicU64::new(RESIDENTS),
    };
    let listener = Arc::new(Listener::new(None));
    settle_in(&round, &listener);
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let round = &round;
            scope.spawn(move || Worker::new(round, seed, worker).run(until));
        }
    });
    let events = round.events.load(SeqCst);
    must!(listener.check() == events, "the first listener did not hear all {events} events");
    (0..LIVES).for_each(|house| round.street.set(house, Mood::Good));
    let stopped = round.pm.stop_all();
    must!(stopped.is_ok(), "what nothing is wrong with did not stop: {stopped:?}");
    must!(round.street.all_down(), "something runs after all was stopped");
    let left = round.pm.plugin_names().len() as u64;
    let expected = RESIDENTS + LIVES as u64 + 1;
    must!(left == expected, "{left} plugins are left, which must be {expected}");
}

fn settle_in(round: &Round, listener: &Arc<Listener>) {
    let pm = &round.pm;
    pm.add_extension_points(Soak).expect("they are new");
    for number in 0..RESIDENTS {
        let options = if number == SLOW { Options::new().timeout(LIMIT) } else { Options::new() };
        let voice = pm.plugin(Voice::new(number, 0)).named(format!("resident-{number}"));
        voice
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
            .register()
            .expect("its name is free");
    }
    for number in 0..LIVES {
        let street = Arc::clone(&round.street);
        pm.plugin(House { number, street, canary: crate::plugins::Canary::new() })
            .metadata(House::metadata(number))
            .extension(Lifecycle::start, Options::new(), |this, _| this.up())
            .extension(Lifecycle::stop, Options::new(), |this, _| this.down())
            .register()
            .expect("its name is free");
    }
    let shared = pm.shared_plugin(Arc::clone(listener)).named("listener");
    shared
        .extension(Soak::hear, Options::new(), |this, args| this.hear(args.event))
        .register()
        .expect("its name is free");
}

struct Worker<'r> {
    round: &'r Round,
    random: Random,
    tally: Tally,
    number: u64,
    orders: u64,
    /// The plugins that this worker alone registers and takes away.
    own: Vec<(String, u64)>,
}

impl<'r> Worker<'r> {
    fn new(round: &'r Round, seed: u64, number: u64) -> Self {
        let random = Random::new(seed, number);
        Self { round, random, tally: Tally::default(), number, orders: 0, own: Vec::new() }
    }

    fn run(mut self, until: Instant) {
        while Instant::now() < until {
            self.step();
        }
        while let Some((name, _)) = self.own.pop() {
            must!(self.round.pm.unregister(&name).is_some(), "{name} was lost");
        }
    }

    fn step(&mut self) {
        match self.random.below(64) {
            0..=17 => self.call(),
            18..=20 => self.check(),
            21..=23 => self.find_and_pass(),
            24..=27 => self.panic_caught(),
            28..=29 => self.panic_unwinds(),
            30..=32 => self.settle(),
            33 => self.late(),
            34..=36 => self.views(),
            37..=44 => self.come(),
            45..=50 => self.go(),
            51..=53 => self.switch(),
            54 => self.block(),
            55..=56 => self.doomed(),
            57..=58 => self.observe(),
            59..=60 => self.live(),
            61 => self.listen(),
            62 => self.nested(),
            _ => self.announce(),
        }
    }

    fn order(&mut self, fault: Option<(u64, Fault)>) -> Order {
        self.orders += 1;
        Order::new(self.number << 48 | self.orders, fault)
    }

    fn resident(&mut self) -> u64 {
        self.random.number() % RESIDENTS
    }

    fn call(&mut self) {
        let order = self.order(None);
        let answers = self.round.pm.caller(Soak::answer).call(&order);
        checks::answers(&answers, &order);
        for (_, plugin) in &self.own {
            checks::has(&answers, *plugin, true);
        }
        self.tally.did("call");
    }

    fn check(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Error)));
        let survived = match self.round.pm.caller(Soak::check).try_call(&order) {
            Err(CallError::Failed { plugin, error, .. }) => {
                plugin.is_some_and(|plugin| plugin == format!("resident-{culprit}"))
                    && error.0 == order.number
            }
            _ => false,
        };
        must!(survived, "an error of resident {culprit} did not come out as its own");
        self.tally.fault("an extension fails", survived);
        self.tally.did("try_call");
    }

    fn find_and_pass(&mut self) {
        let order = self.order(None);
        let found = self.round.pm.caller(Soak::find).call(&order);
        must!(found == Some(order.number % RESIDENTS), "{found:?} was found for {}", order.number);
        self.tally.did("call firstresult");
        let order = self.order(None);
        let trail = self.round.pm.caller(Soak::pass).call(Vec::new(), &order);
        must!(order.runs() == trail.len(), "a pipeline lost what {} extensions did", order.runs());
        checks::residents(trail.into_iter());
        self.tally.did("call pipeline");
    }

    fn panic_caught(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let survived = match self.round.pm.caller(Soak::answer).try_call(&order) {
            Err(CallError::Panicked { plugin, message, .. }) => {
                plugin.is_some_and(|plugin| plugin == format!("resident-{culprit}"))
                    && message == format!("injected panic {}", order.number)
            }
            _ => false,
        };
        must!(survived, "a panic of resident {culprit} did not come out as its own");
        self.tally.fault("an extension panics, caught", survived);
        self.tally.did("try_call");
    }

    fn panic_unwinds(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let caller = self.round.pm.caller(Soak::answer);
        let survived = catch_unwind(AssertUnwindSafe(|| caller.call(&order))).is_err();
        must!(survived, "a panic of resident {culprit} did not come out");
        self.tally.fault("an extension panics, unwinds", survived);
        self.tally.did("call");
    }

    fn settle(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let settled = self.round.pm.caller(Soak::answer).settle(&order);
        must!(order.runs() == settled.len(), "settle lost some of {} results", order.runs());
        let mut survived = false;
        let mut answers = Vec::new();
        for each in settled {
            match each.result {
                Ok(answer) => answers.push(answer),
                Err(CallError::Panicked { .. }) if each.plugin == format!("resident-{culprit}") => {
                    survived = true;
                }
                Err(CallError::TimedOut { elapsed, limit, .. }) if elapsed > limit => {}
                Err(error) => violation(format!("a settled call has the error {error}")),
            }
        }
        checks::whole(&answers);
        must!(survived, "a panic of resident {culprit} is not among what settled");
        self.tally.fault("an extension panics, settled", survived);
        self.tally.did("settle");
    }

    fn late(&mut self) {
        let order = self.order(Some((SLOW, Fault::Late)));
        let outcome = self.round.pm.caller(Soak::answer).try_call(&order);
        let shown = format!("{outcome:?}");
        let survived = match outcome {
            Err(CallError::TimedOut { plugin, limit, elapsed, .. }) => {
                plugin.is_some_and(|plugin| plugin == format!("resident-{SLOW}"))
                    && limit == LIMIT
                    && elapsed > limit
            }
            _ => false,
        };
        must!(survived, "a plugin that was late came out as {shown}");
        self.tally.fault("an extension is late", survived);
        self.tally.did("try_call");
    }

    fn views(&mut self) {
        let order = self.order(None);
        let without = self.resident();
        let caller = self.round.pm.caller(Soak::answer).without([format!("resident-{without}")]);
        let answers = caller.call(&order);
        must!(answers.len() == order.runs(), "a view lost answers");
        must!(answers.iter().all(|answer| answer.plugin != without), "a view has who is left out");
        checks::whole(&answers);
        let order = self.order(None);
        let some = self.random.below(8);
        let taken = self.round.pm.caller(Soak::answer).iter(&order).take(some).count();
        must!(order.runs() == taken, "{} extensions ran for {taken} results", order.runs());
        self.tally.did("call without");
        self.tally.did("iter");
    }

    /// Registers a plugin with two extensions and perhaps a wrapper, all seen by the next call.
    fn come(&mut self) {
        if self.own.len() >= 12 {
            return self.go();
        }
        let number = self.round.numbers.fetch_add(1, SeqCst);
        let name = format!("voice-{number}");
        let priority = i32::try_from(self.random.below(7)).unwrap_or(0) - 3;
        let options = Options::new().priority(priority);
        let voice = self.round.pm.plugin(Voice::new(number, priority)).named(name.as_str());
        let voice = voice
            .extension(Soak::answer, options, |this, args| this.answer(args.order, 0))
            .extension(Soak::answer, options, |this, args| this.answer(args.order, 1))
            .extension(Soak::pass, options, |this, args| this.pass(args.trail, args.order));
        let voice = if self.random.below(3) == 0 {
            voice.wrapper(Soak::answer, Options::new(), |this, args, next| {
                let _inside = Inside::new();
                let answers = next.run(args.order);
                this.finds_itself_in(&answers);
                answers
            })
        } else {
            voice
        };
        let registered = voice.register();
        must!(registered.is_ok(), "{name} was refused: {registered:?}");
        self.own.push((name, number));
        self.tally.did("register");
        self.call();
    }

    fn go(&mut self) {
        if self.own.is_empty() {
            return;
        }
        let at = self.random.below(self.own.len());
        let (name, number) = self.own.swap_remove(at);
        let plugin = self.round.pm.unregister(&name).and_then(|plugin| plugin.downcast::<Voice>().ok());
        must!(plugin.is_some_and(|plugin| plugin.number == number), "{name} was not given back");
        self.absent(number);
        self.tally.did("unregister");
    }

    fn absent(&mut self, plugin: u64) {
        let order = self.order(None);
        let answers = self.round.pm.caller(Soak::answer).call(&order);
        checks::answers(&answers, &order);
        checks::has(&answers, plugin, false);
        self.tally.did("call");
    }

    fn switch(&mut self) {
        let Some((name, number)) = self.own.last().cloned() else { return };
        must!(self.round.pm.set_enabled(&name, false).is_ok(), "{name} was lost");
        self.absent(number);
        must!(self.round.pm.set_enabled(&name, true).is_ok(), "{name} was lost");
        self.call();
        self.tally.did("disable and enable");
    }

    fn block(&mut self) {
        let Some((name, number)) = self.own.pop() else { return };
        must!(self.round.pm.set_blocked(name.as_str()).is_some(), "{name} was lost");
        self.absent(number);
        let refused = self.round.pm.register_fn(name.as_str(), Soak::find, |_| None);
        let survived = matches!(refused, Err(pluginkit::Error::Blocked { .. }));
        must!(survived, "a blocked name was taken: {refused:?}");
        self.tally.fault("a name is blocked", survived);
        must!(self.round.pm.unblock(&name), "the block of {name} was lost");
        self.tally.did("block and unblock");
    }

    /// A registration that must leave nothing behind.
    fn doomed(&mut self) {
        let pm = &self.round.pm;
        let name = format!("doomed-{}", self.number);
        if self.round.events.load(SeqCst) > 0 && self.random.below(2) == 0 {
            let plugin = pm.plugin(Listener::new(Some(0))).named(name.as_str());
            let plugin = plugin.extension(Soak::hear, Options::new(), |this, args| this.hear(args.event));
            let panicked = catch_unwind(AssertUnwindSafe(|| plugin.register())).is_err();
            must!(panicked, "a replay that panics was not noticed");
            self.tally.fault("a replay panics", panicked);
        } else {
            let pair = [
                (name.as_str(), Loud(Voice::new(u64::MAX, 9))),
                ("resident-0", Loud(Voice::new(u64::MAX, 9))),
            ];
            let survived = matches!(pm.register_all(pair), Err(pluginkit::Error::NameTaken { .. }));
            must!(survived, "a taken name was given away");
            self.tally.fault("a registration is refused", survived);
        }
        must!(!pm.is_registered(&name), "a registration that failed left {name} behind");
        self.absent(u64::MAX);
        self.tally.did("register what is refused");
    }

    fn observe(&mut self) {
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
                _ => notes.0 -= 1,
            }
        });
        self.call();
        drop(guard);
        self.call();
        let (open, calls) = *seen.lock().unwrap_or_else(PoisonError::into_inner);
        must!((open, calls) == (0, 1), "an observer saw {calls} calls of one, and {open} that did not end");
        self.tally.did("observe");
    }

    fn live(&mut self) {
        let (pm, street) = (&self.round.pm, &self.round.street);
        let house = self.random.below(LIVES);
        let mood = [Mood::Good, Mood::Good, Mood::StartFails, Mood::StartPanics, Mood::StopFails];
        street.set(house, mood[self.random.below(mood.len())]);
        let result = match self.random.below(5) {
            0 => pm.start_all(),
            1 => pm.start_all_with(StartPolicy::Continue),
            2 => pm.stop_all(),
            3 => pm.start_plugin(House::id(house)),
            _ => pm.stop_plugin(House::id(house)),
        };
        if result.is_err() {
            self.tally.fault("a phase of a life fails or panics", true);
        }
        self.tally.did("start or stop");
    }

    fn listen(&mut self) {
        let name = format!("listener-{}", self.number);
        let before = self.round.events.load(SeqCst);
        let listener = Arc::new(Listener::new(None));
        let plugin = self.round.pm.shared_plugin(Arc::clone(&listener)).named(name.as_str());
        let registered =
            plugin.extension(Soak::hear, Options::new(), |this, args| this.hear(args.event)).register();
        must!(registered.is_ok(), "{name} was refused: {registered:?}");
        let heard = listener.check();
        must!(heard >= before, "a newcomer heard {heard} of {before} events");
        must!(self.round.pm.unregister_plugin(&listener).is_some(), "{name} was lost");
        self.tally.did("register and replay");
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
        let residents: Vec<_> = (0..RESIDENTS).map(|resident| format!("resident-{resident}")).collect();
        let found = caller.without(residents).call(&order);
        must!(found == Some(u64::MAX), "a plugin could not change the manager in a call");
        self.tally.did("register within a call");
    }

    /// One worker alone makes historic calls, so that they have an order.
    fn announce(&mut self) {
        let event = self.round.events.load(SeqCst);
        if self.number == 0 && event < EVENTS {
            self.round.pm.caller(Soak::hear).call_historic(event);
            self.round.events.store(event + 1, SeqCst);
            self.tally.did("call_historic");
        }
    }
}

/// A voice that is registered by its type.
struct Loud(Voice);

#[extension]
impl Soak for Loud {
    fn answer(&self, order: &Order) -> crate::plugins::Answer {
        self.0.answer(order, 0)
    }
}
