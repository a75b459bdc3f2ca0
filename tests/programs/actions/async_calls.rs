//! Calls of async managers: polled to their end, or not.

use std::sync::{Arc, Weak};
use std::task::{Context, Wake, Waker};

use pluginkit::saga::AsyncSaga;
use pluginkit::{AsyncPluginManager, CallError};
use pluginkit_tests::{Random, pending};

use super::calls::injected;
use super::token;
use crate::kept::{Kept, Work, put_away};
use crate::points::{Points, Refusal, Token};
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
    let work = work(world, &pm, token, random);
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

fn work(world: &Arc<World>, pm: &AsyncPluginManager, token: Token, random: &mut Random) -> Work {
    let gather = pm.caller(Points::gather);
    match random.below(16) {
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
        11..=13 => around(world, pm, token, random),
        14 => {
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

/// A call around work of the host.
fn around(world: &Arc<World>, pm: &AsyncPluginManager, token: Token, random: &mut Random) -> Work {
    match random.below(3) {
        0 => {
            let gather = pm.caller(Points::gather);
            let polls = random.below(3).try_into().unwrap_or(0);
            let own = Arc::new(Token::calm(world, random.number()));
            Box::pin(async move {
                let call = gather.call_around(token, &own, move |own, args, slot| {
                    slot.put(async move {
                        pending(polls).await;
                        vec![args.token, Token::clone(own)]
                    })
                });
                drop(call.await);
            })
        }
        1 => {
            let fails = random.once_in(2);
            let check = pm.caller(Points::check);
            Box::pin(async move {
                let call = check.try_call_around(3, &token, move |token, _, slot| {
                    slot.put(async move {
                        pending(1).await;
                        if fails { Err(Refusal(token.clone())) } else { Ok(vec![7]) }
                    })
                });
                drop(call.await);
            })
        }
        _ => {
            let panics = random.once_in(2);
            let pass = pm.caller(Points::pass);
            Box::pin(async move {
                let call = pass.try_call_around(token, 4, &(), move |(), args, slot| {
                    slot.put(async move {
                        pending(1).await;
                        if panics { injected() } else { args.token }
                    })
                });
                drop(call.await);
            })
        }
    }
}
