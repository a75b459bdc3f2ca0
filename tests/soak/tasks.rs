//! Operations of tasks only, and the plugins of an async manager.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt};
use pluginkit::config::PluginConfig;
use pluginkit::loading::LoadReport;
use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};
use pluginkit_tests::Random;
use tokio::runtime::Builder;
use tokio::task::yield_now;

use super::both::fleet::{CREW, Crew, Sailor};
use super::both::worker::{Round, Worker};
use crate::checks;
use crate::fleet::{Fleet, Hull, Manner, SLOW as SLOW_SHIP, Sighting, Trip};
use crate::ledger::must;
use crate::lives::House;
use crate::plugins::{Fault, Inside, Listener, Order, SLOW, Soak, Voice};

pub(super) const LIMIT: Duration = Duration::from_millis(3);
pub(super) const WORKERS: u64 = 6;
/// What is late is dropped, and not counted.
pub(super) const OVERRUNS: bool = false;
/// The resident that runs on the blocking pool.
const BLOCKING: u64 = 1;

/// Works until `until`, on one thread or on more, and checks that nothing is left.
pub(crate) fn round(seed: u64, until: Instant, is_alone: bool) {
    let round = Round::begin();
    let mut runtime = if is_alone { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    let runtime =
        runtime.worker_threads(2).max_blocking_threads(4).enable_time().build().expect("threads can be had");
    runtime.block_on(async {
        let crew = Crew::begin(seed).await;
        let sailors: Vec<_> =
            (0..CREW).map(|sailor| tokio::spawn(Sailor::new(&crew, seed, sailor).run(until))).collect();
        let workers: Vec<_> =
            (0..WORKERS).map(|worker| tokio::spawn(Worker::new(&round, seed, worker).run(until))).collect();
        for worker in workers.into_iter().chain(sailors) {
            must(worker.await.is_ok(), format_args!("a worker panicked"));
        }
        crew.end().await;
        round.end().await;
    });
    // Waits for what cannot be stopped.
    drop(runtime);
}

/// Lets others go on.
pub(super) async fn let_go() {
    yield_now().await;
}

/// More limits of a fleet.
pub(super) const LIMITS: &str = "[limits.ship-0]\nmax_concurrent = 1\n";

/// The slow plugin takes its time, if it is to: longer than its drain waits, by the clock of the fleet.
pub(super) async fn linger(hull: &Hull, trip: &Trip) {
    if hull.id == SLOW_SHIP && trip.manner == Manner::Lingers {
        tokio::time::sleep(Duration::from_millis(2)).await;
        hull.log.put_on(Duration::from_millis(2));
        tokio::time::sleep(Duration::from_millis(2)).await;
    } else if trip.number.is_multiple_of(3) {
        yield_now().await;
    }
}

/// Drops a load that is under way: after some polls, or as its task is aborted. What it returned, if it was over before.
pub(super) async fn abandon(
    pm: &Arc<AsyncPluginManager>,
    config: PluginConfig,
    random: &mut Random,
) -> Option<Result<LoadReport, Error>> {
    let mut polls = random.below(120);
    if random.once_in(2) {
        let own = Arc::clone(pm);
        let load = tokio::spawn(async move { own.load_config(&config).await });
        for _ in 0..polls {
            yield_now().await;
        }
        load.abort();
        return load.await.ok();
    }
    let mut load = pm.load_config(&config).boxed();
    std::future::poll_fn(|cx| {
        if let Poll::Ready(loaded) = load.as_mut().poll(cx) {
            return Poll::Ready(Some(loaded));
        }
        polls = polls.saturating_sub(1);
        cx.waker().wake_by_ref();
        if polls == 0 { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// The results of the first few of a fleet.
pub(super) async fn first_of(pm: &AsyncPluginManager, trip: &Trip, some: usize) -> Vec<Sighting> {
    let caller = pm.caller(Fleet::report);
    Box::pin(caller.stream(trip)).take(some).collect().await
}

/// Calls all plugins of a fleet at once, or drops a call.
pub(super) async fn sail(sailor: &mut Sailor) {
    if sailor.random.once_in(2) {
        let trip = sailor.trip(Manner::Plain);
        let seen = sailor.crew.pm.caller(Fleet::report).call_concurrent(&trip).await;
        return sailor.seen_all(&seen, &trip);
    }
    let trip = sailor.trip(Manner::Lingers);
    let caller = sailor.crew.pm.caller(Fleet::report);
    let mut call = caller.call(&trip).boxed();
    for _ in 0..sailor.random.below(12) {
        if std::future::poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_ready())).await {
            break;
        }
        yield_now().await;
    }
    drop(call);
    sailor.tally.did("call a fleet, dropped");
}

/// What a plugin does before it answers.
async fn misbehave(number: u64, order: &Order) {
    match order.fault {
        Some((culprit, Fault::Late | Fault::Stall)) if culprit == number => std::future::pending().await,
        // Some are ready at once, some are not.
        _ if (order.number + number).is_multiple_of(3) => yield_now().await,
        _ => {}
    }
}

pub(super) fn resident_of(builder: PluginBuilder<Voice>, number: u64) -> PluginBuilder<Voice> {
    let voice = if number == BLOCKING {
        builder.extension(Soak::answer, Options::new().blocking(), |this, args| {
            let _inside = Inside::new();
            this.answer(args.order, 0)
        })
    } else {
        let options = if number == SLOW { Options::new().timeout(LIMIT) } else { Options::new() };
        builder.async_extension(Soak::answer, options, |this, args, slot| {
            slot.put(async move {
                let _inside = Inside::new();
                misbehave(this.number, args.order).await;
                this.answer(args.order, 0)
            })
        })
    };
    voice
        .async_extension(Soak::check, Options::new(), |this, args, slot| {
            slot.put(async move {
                misbehave(this.number, args.order).await;
                this.check(args.order)
            })
        })
        .extension(Soak::find, Options::new(), |this, args| this.find(args.order))
        .async_extension(Soak::pass, Options::new(), |this, args, slot| {
            slot.put(async move {
                misbehave(this.number, args.order).await;
                this.pass(args.trail, args.order)
            })
        })
}

pub(super) fn voice(builder: PluginBuilder<Voice>, options: Options, wraps: bool) -> PluginBuilder<Voice> {
    let voice = builder
        .async_extension(Soak::answer, options.clone(), |this, args, slot| {
            slot.put(async move {
                let _inside = Inside::new();
                yield_now().await;
                this.answer(args.order, 0)
            })
        })
        .extension(Soak::answer, options, |this, args| this.answer(args.order, 1));
    if !wraps {
        return voice;
    }
    voice.async_wrapper(Soak::answer, Options::new(), |this, args, next, slot| {
        slot.put(async move {
            let _inside = Inside::new();
            let answers = next.run(args.order).await;
            this.finds_itself_in(&answers);
            answers
        })
    })
}

pub(super) fn fuse(builder: PluginBuilder<Voice>) -> PluginBuilder<Voice> {
    builder.async_extension_when(
        Soak::toil,
        Options::new(),
        |this, args, slot| {
            slot.put(async move {
                let _inside = Inside::new();
                misbehave(this.number, args.order).await;
                this.check(args.order)
            })
        },
        |this, args| args.order.fuse() == this.number,
    )
}

pub(super) fn house(builder: PluginBuilder<House>) -> PluginBuilder<House> {
    builder
        .async_extension(Lifecycle::start, Options::new(), |this, _args, slot| {
            slot.put(async move {
                yield_now().await;
                this.up()
            })
        })
        .extension(Lifecycle::stop, Options::new(), |this, _| this.down())
}

pub(super) fn hearing(builder: PluginBuilder<Listener>) -> PluginBuilder<Listener> {
    builder.async_extension(Soak::hear, Options::new(), |this, args, slot| {
        slot.put(async move {
            yield_now().await;
            this.hear(args.event);
        })
    })
}

impl Worker {
    pub(super) async fn step_of_its_own(&mut self) {
        match self.random.below(4) {
            0 => self.concurrent().await,
            1 => self.stream().await,
            2 => self.cancel().await,
            _ => self.leave_early(),
        }
    }

    async fn concurrent(&mut self) {
        let order = self.order(None);
        let caller = self.round.pm.caller(Soak::answer);
        let caller = if self.random.once_in(2) { caller.concurrency(2) } else { caller };
        let answers = caller.call_concurrent(&order).await;
        checks::answers(&answers, &order);
        self.tally.did("call_concurrent");
    }

    async fn stream(&mut self) {
        let order = self.order(None);
        let some = self.random.below(8);
        let caller = self.round.pm.caller(Soak::answer);
        let taken = Box::pin(caller.stream(&order)).take(some).count().await;
        must(order.runs() == taken, format_args!("{} extensions ran for {taken} results", order.runs()));
        self.tally.did("stream");
    }

    /// Drops a call whose extension never ends, after it was polled some times.
    async fn cancel(&mut self) {
        let order = self.order(Some((0, Fault::Stall)));
        let caller = self.round.pm.caller(Soak::answer);
        let mut polls = self.random.below(4);
        {
            let concurrent = self.random.once_in(2);
            let mut call =
                if concurrent { caller.call_concurrent(&order).boxed() } else { caller.call(&order).boxed() };
            std::future::poll_fn(|cx| {
                let ended = call.as_mut().poll(cx).is_ready();
                must(!ended, format_args!("a call ended without an extension that never does"));
                polls = polls.saturating_sub(1);
                cx.waker().wake_by_ref();
                if polls == 0 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        self.tally.fault("a call is dropped", true);
        self.tally.did("call, dropped");
    }

    /// Drops a registration whose replay is under way.
    fn leave_early(&mut self) {
        if self.round.events.load(SeqCst) == 0 {
            return;
        }
        let name = format!("leaves-{}", self.number);
        let plugin = PluginBuilder::new(Listener::new(None)).named(name.as_str());
        let registered = hearing(plugin).register_and_replay(&self.round.pm).now_or_never();
        let survived = registered.is_none() && !self.round.pm.is_registered(&name);
        must(survived, format_args!("a registration that was dropped left {name} behind"));
        self.tally.fault("a registration is dropped", survived);
        self.tally.did("register, dropped");
    }
}
