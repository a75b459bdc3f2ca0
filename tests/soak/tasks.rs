//! Tasks that work on one async manager.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt};
use pluginkit::prelude::*;
use pluginkit::{CallError, ExtensionFuture, Options, PluginBuilder};
use pluginkit_tests::Random;
use tokio::runtime::Builder;
use tokio::task::yield_now;

use crate::checks;
use crate::ledger::{Tally, must, violation};
use crate::plugins::{
    Canary, Fault, House, Inside, LIVES, Listener, Mood, Order, RESIDENTS, SLOW, Soak, Street, Voice,
};

const LIMIT: Duration = Duration::from_millis(3);
const WORKERS: u64 = 6;
/// The resident that runs on the blocking pool.
const BLOCKING: u64 = 1;
const EVENTS: u64 = 64;

struct Round {
    pm: AsyncPluginManager,
    street: Arc<Street>,
    events: AtomicU64,
    numbers: AtomicU64,
}

/// Works until `until` and checks that nothing is left.
pub(crate) fn round(seed: u64, until: Instant) {
    let round = Arc::new(Round {
        pm: AsyncPluginManager::new("soak"),
        street: Arc::default(),
        events: AtomicU64::new(0),
        numbers: AtomicU64::new(RESIDENTS),
    });
    let listener = Arc::new(Listener::new(None));
    settle_in(&round, &listener);
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(4)
        .enable_time()
        .build()
        .expect("threads can be had");
    runtime.block_on(async {
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| tokio::spawn(Worker::new(Arc::clone(&round), seed, worker).run(until)))
            .collect();
        for worker in workers {
            must!(worker.await.is_ok(), "a worker panicked");
        }
        (0..LIVES).for_each(|house| round.street.set(house, Mood::Good));
        let stopped = round.pm.stop_all().await;
        must!(stopped.is_ok(), "what nothing is wrong with did not stop: {stopped:?}");
    });
    // Waits for what cannot be stopped.
    drop(runtime);
    must!(round.street.all_down(), "something runs after all was stopped");
    let events = round.events.load(SeqCst);
    must!(listener.check() == events, "the first listener did not hear all {events} events");
    let left = round.pm.plugin_names().len() as u64;
    let expected = RESIDENTS + LIVES as u64 + 1;
    must!(left == expected, "{left} plugins are left, which must be {expected}");
}

/// What a resident does before it answers.
async fn misbehave(number: u64, order: &Order) {
    match order.fault {
        Some((culprit, Fault::Late | Fault::Stall)) if culprit == number => std::future::pending().await,
        // Some are ready at once, some are not.
        _ if (order.number + number).is_multiple_of(3) => yield_now().await,
        _ => {}
    }
}

fn settle_in(round: &Round, listener: &Arc<Listener>) {
    let pm = &round.pm;
    pm.add_extension_points(Soak).expect("they are new");
    for number in 0..RESIDENTS {
        let voice = pm.plugin(Voice::new(number, 0)).named(format!("resident-{number}"));
        let voice = if number == BLOCKING {
            voice.extension(Soak::answer, Options::new().blocking(), |this, args| {
                let _inside = Inside::new();
                this.answer(args.order, 0)
            })
        } else {
            let options = if number == SLOW { Options::new().timeout(LIMIT) } else { Options::new() };
            voice.async_extension(Soak::answer, options, |this, args| {
                ExtensionFuture::new(async move {
                    let _inside = Inside::new();
                    misbehave(this.number, args.args.order).await;
                    this.answer(args.args.order, 0)
                })
            })
        };
        voice
            .async_extension(Soak::check, Options::new(), |this, args| {
                ExtensionFuture::new(async move {
                    misbehave(this.number, args.args.order).await;
                    this.check(args.args.order)
                })
            })
            .extension(Soak::find, Options::new(), |this, args| this.find(args.order))
            .async_extension(Soak::pass, Options::new(), |this, args| {
                ExtensionFuture::new(async move {
                    let args = args.args;
                    misbehave(this.number, args.order).await;
                    this.pass(args.trail, args.order)
                })
            })
            .register()
            .expect("its name is free");
    }
    for number in 0..LIVES {
        let street = Arc::clone(&round.street);
        pm.plugin(House { number, street, canary: Canary::new() })
            .metadata(House::metadata(number))
            .async_extension(Lifecycle::start, Options::new(), |this, _args| {
                ExtensionFuture::new(async move {
                    yield_now().await;
                    this.up()
                })
            })
            .extension(Lifecycle::stop, Options::new(), |this, _| this.down())
            .register()
            .expect("its name is free");
    }
    let shared = pm.shared_plugin(Arc::clone(listener)).named("listener");
    hearing(shared).register().expect("its name is free");
}

fn hearing(builder: PluginBuilder<'_, Listener>) -> PluginBuilder<'_, Listener> {
    builder.async_extension(Soak::hear, Options::new(), |this, args| {
        ExtensionFuture::new(async move {
            yield_now().await;
            this.hear(args.args.event);
        })
    })
}

struct Worker {
    round: Arc<Round>,
    random: Random,
    tally: Tally,
    number: u64,
    orders: u64,
    own: Vec<(String, u64)>,
}

impl Worker {
    fn new(round: Arc<Round>, seed: u64, number: u64) -> Self {
        let random = Random::new(seed, number);
        Self { round, random, tally: Tally::default(), number, orders: 0, own: Vec::new() }
    }

    async fn run(mut self, until: Instant) {
        while Instant::now() < until {
            self.step().await;
        }
        while let Some((name, _)) = self.own.pop() {
            must!(self.round.pm.unregister(&name).is_some(), "{name} was lost");
        }
    }

    async fn step(&mut self) {
        match self.random.below(48) {
            0..=11 => self.call().await,
            12..=14 => self.concurrent().await,
            15..=16 => self.stream().await,
            17..=18 => self.pass().await,
            19..=21 => self.panic().await,
            22..=23 => self.check().await,
            24..=25 => self.settle().await,
            26 => self.late().await,
            27..=29 => self.cancel().await,
            30..=36 => self.come().await,
            37..=41 => self.go().await,
            42..=43 => self.switch().await,
            44 => self.live().await,
            45 => self.listen().await,
            46 => self.leave_early(),
            _ => self.announce().await,
        }
    }

    fn order(&mut self, fault: Option<(u64, Fault)>) -> Order {
        self.orders += 1;
        Order::new(self.number << 48 | self.orders, fault)
    }

    /// One of those who can be dropped.
    fn resident(&mut self) -> u64 {
        self.random.number() % RESIDENTS
    }

    async fn call(&mut self) {
        let order = self.order(None);
        let answers = self.round.pm.caller(Soak::answer).call(&order).await;
        checks::answers(&answers, &order);
        for (_, plugin) in &self.own {
            checks::has(&answers, *plugin, true);
        }
        self.tally.did("call, awaited");
    }

    async fn concurrent(&mut self) {
        let order = self.order(None);
        let caller = self.round.pm.caller(Soak::answer);
        let caller = if self.random.below(2) == 0 { caller.concurrency(2) } else { caller };
        let answers = caller.call_concurrent(&order).await;
        checks::answers(&answers, &order);
        self.tally.did("call_concurrent");
    }

    async fn stream(&mut self) {
        let order = self.order(None);
        let some = self.random.below(8);
        let caller = self.round.pm.caller(Soak::answer);
        let taken = Box::pin(caller.stream(&order)).take(some).count().await;
        must!(order.runs() == taken, "{} extensions ran for {taken} results", order.runs());
        self.tally.did("stream");
    }

    async fn pass(&mut self) {
        let order = self.order(None);
        let trail = self.round.pm.caller(Soak::pass).call(Vec::new(), &order).await;
        must!(order.runs() == trail.len(), "a pipeline lost what {} extensions did", order.runs());
        checks::residents(trail.into_iter());
        self.tally.did("call pipeline, awaited");
    }

    async fn panic(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let survived = match self.round.pm.caller(Soak::answer).try_call(&order).await {
            Err(CallError::Panicked { plugin, message, .. }) => {
                plugin.is_some_and(|plugin| plugin == format!("resident-{culprit}"))
                    && message == format!("injected panic {}", order.number)
            }
            _ => false,
        };
        must!(survived, "a panic of resident {culprit} did not come out as its own");
        self.tally.fault("an awaited extension panics", survived);
        self.tally.did("try_call, awaited");
    }

    async fn check(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Error)));
        let survived = match self.round.pm.caller(Soak::check).try_call(&order).await {
            Err(CallError::Failed { plugin, error, .. }) => {
                plugin.is_some_and(|plugin| plugin == format!("resident-{culprit}"))
                    && error.0 == order.number
            }
            _ => false,
        };
        must!(survived, "an error of resident {culprit} did not come out as its own");
        self.tally.fault("an awaited extension fails", survived);
        self.tally.did("try_call, awaited");
    }

    async fn settle(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let settled = self.round.pm.caller(Soak::answer).settle(&order).await;
        let mut survived = false;
        let mut answers = Vec::new();
        for each in settled {
            match each.result {
                Ok(answer) => answers.push(answer),
                Err(CallError::Panicked { .. }) if each.plugin == format!("resident-{culprit}") => {
                    survived = true;
                }
                Err(CallError::TimedOut { elapsed, limit, .. }) if elapsed >= limit => {
                    survived |= culprit == SLOW;
                }
                Err(error) => violation(format!("a settled call has the error {error}")),
            }
        }
        checks::whole(&answers);
        must!(survived, "a panic of resident {culprit} is not among what settled");
        self.tally.fault("an awaited extension panics, settled", survived);
        self.tally.did("settle, awaited");
    }

    async fn late(&mut self) {
        let order = self.order(Some((SLOW, Fault::Late)));
        let outcome = self.round.pm.caller(Soak::answer).try_call(&order).await;
        let shown = format!("{outcome:?}");
        let survived = match outcome {
            Err(CallError::TimedOut { plugin, limit, elapsed, .. }) => {
                plugin.is_some_and(|plugin| plugin == format!("resident-{SLOW}"))
                    && limit == LIMIT
                    && elapsed >= limit
            }
            _ => false,
        };
        must!(survived, "a plugin that was late came out as {shown}");
        self.tally.fault("an awaited extension is late", survived);
        self.tally.did("try_call, awaited");
    }

    /// Drops a call whose extension never ends, after it was polled some times.
    async fn cancel(&mut self) {
        let order = self.order(Some((0, Fault::Stall)));
        let caller = self.round.pm.caller(Soak::answer);
        let mut polls = self.random.below(4);
        {
            let concurrent = self.random.below(2) == 0;
            let mut call =
                if concurrent { caller.call_concurrent(&order).boxed() } else { caller.call(&order).boxed() };
            std::future::poll_fn(|cx| {
                let ended = call.as_mut().poll(cx).is_ready();
                must!(!ended, "a call ended without an extension that never does");
                polls = polls.saturating_sub(1);
                cx.waker().wake_by_ref();
                if polls == 0 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        self.tally.fault("a call is dropped", true);
        self.tally.did("call, dropped");
    }

    async fn come(&mut self) {
        if self.own.len() >= 8 {
            return self.go().await;
        }
        let number = self.round.numbers.fetch_add(1, SeqCst);
        let name = format!("voice-{number}");
        let priority = i32::try_from(self.random.below(7)).unwrap_or(0) - 3;
        let options = Options::new().priority(priority);
        let wraps = self.random.below(3) == 0;
        let registered = {
            let voice = self.round.pm.plugin(Voice::new(number, priority)).named(name.as_str());
            let voice = voice
                .async_extension(Soak::answer, options, |this, args| {
                    ExtensionFuture::new(async move {
                        let _inside = Inside::new();
                        yield_now().await;
                        this.answer(args.args.order, 0)
                    })
                })
                .extension(Soak::answer, options, |this, args| this.answer(args.order, 1));
            let voice = if wraps {
                voice.async_wrapper(Soak::answer, Options::new(), |this, args, next| {
                    ExtensionFuture::new(async move {
                        let _inside = Inside::new();
                        let answers = next.run(args.args.order).await;
                        this.finds_itself_in(&answers);
                        answers
                    })
                })
            } else {
                voice
            };
            voice.register()
        };
        must!(registered.is_ok(), "{name} was refused: {registered:?}");
        self.own.push((name, number));
        self.tally.did("register");
        self.call().await;
    }

    async fn go(&mut self) {
        if self.own.is_empty() {
            return;
        }
        let at = self.random.below(self.own.len());
        let (name, number) = self.own.swap_remove(at);
        let plugin = self.round.pm.unregister(&name).and_then(|plugin| plugin.downcast::<Voice>().ok());
        must!(plugin.is_some_and(|plugin| plugin.number == number), "{name} was not given back");
        self.absent(number).await;
        self.tally.did("unregister");
    }

    async fn absent(&mut self, plugin: u64) {
        let order = self.order(None);
        let answers = self.round.pm.caller(Soak::answer).call(&order).await;
        checks::answers(&answers, &order);
        checks::has(&answers, plugin, false);
        self.tally.did("call, awaited");
    }

    async fn switch(&mut self) {
        let Some((name, number)) = self.own.last().cloned() else { return };
        must!(self.round.pm.set_enabled(&name, false).is_ok(), "{name} was lost");
        self.absent(number).await;
        must!(self.round.pm.set_enabled(&name, true).is_ok(), "{name} was lost");
        self.call().await;
        self.tally.did("disable and enable");
    }

    async fn live(&mut self) {
        let house = self.random.below(LIVES);
        let mood = [Mood::Good, Mood::Good, Mood::StartFails, Mood::StartPanics, Mood::StopFails];
        self.round.street.set(house, mood[self.random.below(mood.len())]);
        let pm = &self.round.pm;
        let result = match self.random.below(4) {
            0 => pm.start_all().await,
            1 => pm.stop_all().await,
            2 => pm.start_plugin(House::id(house)).await,
            _ => pm.stop_plugin(House::id(house)).await,
        };
        if result.is_err() {
            self.tally.fault("a phase of a life fails or panics", true);
        }
        self.tally.did("start or stop, awaited");
    }

    async fn listen(&mut self) {
        let name = format!("listener-{}", self.number);
        let before = self.round.events.load(SeqCst);
        let listener = Arc::new(Listener::new(None));
        let plugin = self.round.pm.shared_plugin(Arc::clone(&listener)).named(name.as_str());
        let registered = hearing(plugin).register_and_replay().await;
        must!(registered.is_ok(), "{name} was refused: {registered:?}");
        let heard = listener.check();
        must!(heard >= before, "a newcomer heard {heard} of {before} events");
        must!(self.round.pm.unregister_plugin(&listener).is_some(), "{name} was lost");
        self.tally.did("register and replay, awaited");
    }

    /// Drops a registration whose replay is under way.
    fn leave_early(&mut self) {
        if self.round.events.load(SeqCst) == 0 {
            return;
        }
        let name = format!("leaves-{}", self.number);
        let plugin = self.round.pm.plugin(Listener::new(None)).named(name.as_str());
        let registered = hearing(plugin).register_and_replay().now_or_never();
        let survived = registered.is_none() && !self.round.pm.is_registered(&name);
        must!(survived, "a registration that was dropped left {name} behind");
        self.tally.fault("a registration is dropped", survived);
        self.tally.did("register, dropped");
    }

    async fn announce(&mut self) {
        let event = self.round.events.load(SeqCst);
        if self.number == 0 && event < EVENTS {
            self.round.pm.caller(Soak::hear).call_historic(event).await;
            self.round.events.store(event + 1, SeqCst);
            self.tally.did("call_historic, awaited");
        }
    }
}
