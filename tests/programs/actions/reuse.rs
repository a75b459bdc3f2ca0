//! Actions on kept values, and at the ends of threads.

use std::cell::RefCell;
use std::sync::{Arc, Weak};
use std::task::Waker;

use pluginkit_tests::Random;

use super::{async_calls, calls, token};
use crate::kept::{Kept, put_away, take_from_thread};
use crate::points::Token;
use crate::violations::quietly;
use crate::world::{World, provoke};

fn take(world: &World, random: &mut Random) -> Option<Kept> {
    let local = if random.once_in(4) { take_from_thread() } else { None };
    local.or_else(|| world.take(random))
}

/// Uses something that was kept, and puts it away again.
pub(super) fn any(world: &Arc<World>, random: &mut Random) {
    let Some(mut kept) = take(world, random) else { return };
    let waker = async_calls::waker(world, random);
    // It may be the last to have a plugin, so no panic drops it. A future that panicked is polled no more.
    let ended = quietly(|| use_once(world, &mut kept, &waker, random));
    let poisoned = ended.is_none() && matches!(kept, Kept::Work(_));
    if !poisoned && !ended.unwrap_or(false) {
        put_away(world, kept, random);
    }
}

/// Returns whether it has ended.
fn use_once(world: &Arc<World>, kept: &mut Kept, waker: &Waker, random: &mut Random) -> bool {
    match kept {
        Kept::Walk(walk) => return walk.advance(waker, 1 + random.below(4)),
        Kept::Work(work) => return async_calls::poll(work, waker, 1 + random.below(8)),
        Kept::Caller(caller) => calls::reuse(world, caller, random),
        Kept::AsyncCaller(caller) => {
            let call = caller.call(token(world, random));
            async_calls::run(world, Box::pin(async move { drop(call.await) }), random);
        }
        Kept::Service(service) => {
            service.speak();
        }
        Kept::Breaker(breaker) => breaker.retry(),
        Kept::Token(token) => drop(token.clone()),
        Kept::Plugin(_) | Kept::Guard(_) => return true,
    }
    false
}

/// Drops something that was kept, or much of it.
pub(super) fn drop_any(world: &Arc<World>, random: &mut Random) {
    let many = if random.once_in(8) { 12 } else { 1 };
    for _ in 0..many {
        let kept = take(world, random);
        quietly(|| drop(kept));
    }
}

/// Acts when its thread ends.
struct Last {
    world: Weak<World>,
    seed: u64,
    _token: Token,
}

impl Drop for Last {
    fn drop(&mut self) {
        for turn in 0..3 {
            provoke(&self.world, self.seed.wrapping_add(turn), 1);
        }
    }
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// Acts when this thread ends.
pub(super) fn act_at_the_end(world: &Arc<World>, seed: u64) {
    let last = Last { world: Arc::downgrade(world), seed, _token: Token::new(world, seed) };
    let before = LAST.try_with(|own| own.borrow_mut().replace(last));
    drop(before);
}
