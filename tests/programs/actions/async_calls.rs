//! Calls of async managers: polled to their end, or not.

use std::sync::{Arc, Weak};
use std::task::{Context, Wake, Waker};

use pluginkit::saga::AsyncSaga;
use pluginkit::{AsyncPluginManager, CallError};
use pluginkit_tests::Random;

use super::token;
use crate::kept::{Kept, Work, put_away};
use crate::points::{Points, Token};
use crate::violations::quietly;
use crate::world::{Host, World, provoke};

/// How often a future is polled that is to come to its end.
const POLLS: usize = 200;

/// Acts when it wakes, and when it is dropped.
struct Nudge {
    world: Weak<World>,
    seed: u64,
}

impl Wake for Nudge {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        provoke(&self.world, self.seed, 24);
    }
}

impl Drop for Nudge {
    fn drop(&mut self) {
        provoke(&self.world, self.seed, 8);
    }
}

pub(super) fn waker(world: &Arc<World>, random: &mut Random) -> Waker {
    Waker::from(Arc::new(Nudge { world: Arc::downgrade(world), seed: random.number() }))
}

/// Polls so many times. Whether it is ready.
pub(super) fn poll(work: &mut Work, waker: &Waker, times: usize) -> bool {
    (0..times).any(|_| work.as_mut().poll(&mut Context::from_waker(waker)).is_ready())
}

/// Starts a call of an async manager.
pub(super) fn start(world: &Arc<World>, random: &mut Random) {
    let Some(Host::Async(pm)) = world.host(random) else { return };
    let token = token(world, random);
    let work = work(&pm, token, random);
    run(world, work, random);
}

/// Polls a future to its end, or some times; then keeps or drops it.
pub(super) fn run(world: &Arc<World>, mut work: Work, random: &mut Random) {
    let times = if random.once_in(2) { POLLS } else { random.below(4) };
    let waker = waker(world, random);
    // One that panicked is polled no more.
    let ended = quietly(|| poll(&mut work, &waker, times)).unwrap_or(true);
    if !ended && random.below(3) > 0 {
        put_away(world, Kept::Work(work), random);
    }
}

fn work(pm: &AsyncPluginManager, token: Token, random: &mut Random) -> Work {
    let gather = pm.caller(Points::gather);
    match random.below(13) {
        0 => {
            let call = gather.call(token);
            Box::pin(async move { drop(call.await) })
        }
        1 => {
            let call = gather.try_call(token);
            Box::pin(async move { drop(call.await) })
        }
        2 => {
            let call = gather.settle(token);
            Box::pin(async move { drop(call.await) })
        }
        3 => {
            let call = gather.call_concurrent(token);
            Box::pin(async move { drop(call.await) })
        }
        4 => {
            let call = gather.concurrency(2).call_concurrent(token);
            Box::pin(async move { drop(call.await) })
        }
        5 => {
            let call = pm.caller(Points::check).try_call(3);
            Box::pin(async move { drop(call.await) })
        }
        6 => {
            let visit = pm.caller(Points::visit);
            Box::pin(async move { visit.call(&mut Vec::new()).await })
        }
        7 => {
            let find = pm.caller(Points::find);
            Box::pin(async move { find.call(&token).await.map_or((), |_| ()) })
        }
        8 => {
            let call = pm.caller(Points::pass).call(token, 4);
            Box::pin(async move { drop(call.await) })
        }
        9 => {
            let call = pm.caller(Points::pass).settle(token, 4);
            Box::pin(async move { drop(call.await) })
        }
        10 => {
            let hear = pm.caller(Points::hear);
            Box::pin(async move { drop(hear.try_call_historic(&token).await) })
        }
        11 => {
            let name = random.below(4).to_string();
            let call = gather.without([format!("a{name}")]).call(token);
            Box::pin(async move { drop(call.await) })
        }
        _ => {
            let (commits, back) = (random.once_in(2), pm.caller(Points::check));
            let check = pm.caller(Points::check);
            Box::pin(async move {
                let mut saga = AsyncSaga::new();
                let undo = move |_: Vec<u64>| async move { back.try_call(5).await.map_err(CallError::boxed) };
                drop(saga.step("check", check.try_call(5), undo).await);
                saga.on_rollback("token", move || drop(token));
                if commits {
                    saga.commit();
                }
            })
        }
    }
}
