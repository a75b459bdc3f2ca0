//! Calls of sync managers, and callers, iterators and streams of both kinds.

use std::sync::Arc;
use std::time::Duration;

use pluginkit::PluginManager;
use pluginkit::limits::FailurePolicy;
use pluginkit::points::Implementations;
use pluginkit::prelude::*;
use pluginkit_tests::Random;

use super::{some_plugin, token};
use crate::canary::Life;
use crate::kept::{Items, Kept, Walk, put_away};
use crate::plugins::Actor;
use crate::points::{Points, Refusal, Token};
use crate::violations::{INJECTED, quietly};
use crate::world::{Host, World, either, provoke};

/// A call of any form.
pub(super) fn call(world: &Arc<World>, random: &mut Random) {
    let Some(pm) = world.sync_host(random) else { return };
    let token = token(world, random);
    let mut trail = Vec::new();
    match random.below(18) {
        0 => drop(pm.caller(Points::gather).call(token)),
        1 => drop(pm.caller(Points::gather).try_call(token)),
        2 => drop(pm.caller(Points::gather).settle(token)),
        3 => drop(pm.caller(Points::check).call(1)),
        4 => drop(pm.caller(Points::check).try_call(1)),
        5 => drop(pm.caller(Points::check).iter(1).take(2).count()),
        6 => pm.caller(Points::visit).call(&mut trail),
        7 => drop(pm.caller(Points::find).call(&token)),
        8 => drop(pm.caller(Points::find).settle(&token)),
        9 => drop(pm.caller(Points::pass).call(token, 2)),
        10 => drop(pm.caller(Points::pass).settle(token, 2)),
        11 => drop(pm.caller(Points::pass).try_call(token, 2)),
        12 => drop(pm.caller(Points::hear).try_call_historic(&token)),
        13 => drop(pm.caller(Points::gather).call_around(token, |args| vec![args.token.clone(), args.token])),
        14 => {
            let work =
                |args: &Token| if args.seed.is_multiple_of(4) { injected() } else { vec![args.clone()] };
            drop(pm.caller(Points::gather).try_call_around(token, |args| work(&args.token)));
        }
        15 => drop(pm.caller(Points::check).call_around(1, |_| {
            if token.seed.is_multiple_of(3) { Err(Refusal(token.clone())) } else { Ok(vec![1]) }
        })),
        16 => drop(pm.caller(Points::pass).try_call_around(token, 2, |args| args.token)),
        _ => {
            let world = Arc::downgrade(world);
            pm.caller(Points::hear).call_historic_with(&token, move |()| provoke(&world, 7, 6));
        }
    }
}

/// Panics.
pub(super) fn injected() -> ! {
    panic!("{INJECTED} panic of the work of a host")
}

/// A call of a view.
pub(super) fn view(world: &Arc<World>, random: &mut Random) {
    let Some(pm) = world.sync_host(random) else { return };
    let name = some_plugin(&Host::Sync(Arc::clone(&pm)), random).unwrap_or_else(|| "nobody".into());
    let caller = pm.caller(Points::gather);
    let seed = random.number();
    let caller = match random.below(7) {
        0 => caller.without([name]),
        1 => caller.only([name]),
        2 => {
            let actor = Actor::new(world, random);
            caller.extra(move |args| actor.gather(&args.token))
        }
        3 => {
            let world = Arc::downgrade(world);
            caller.fast_first_by(move |name| {
                provoke(&world, seed, 12);
                Some(Duration::from_nanos(name.as_str().len() as u64))
            })
        }
        4 => caller.on_failure(FailurePolicy::Skip),
        5 => caller.on_failure(FailurePolicy::Collect),
        _ => caller.timeout(Duration::from_nanos(1)),
    };
    // The caller may be the last to have a plugin, so no panic drops it.
    for _ in 0..=random.below(3) {
        quietly(|| reuse(world, &caller, random));
    }
    if random.once_in(2) {
        put_away(world, Kept::Caller(caller), random);
    }
}

pub(super) fn keep_caller(world: &Arc<World>, random: &mut Random) {
    let kept = match world.host(random) {
        Some(Host::Sync(pm)) => Kept::Caller(pm.caller(Points::gather)),
        Some(Host::Async(pm)) => Kept::AsyncCaller(pm.caller(Points::gather)),
        None => return,
    };
    put_away(world, kept, random);
}

/// Keeps an iterator or a stream, perhaps after some items.
pub(crate) fn keep_walk(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let mut walk = walk(world, &host, random);
    let waker = super::async_calls::waker(world, random);
    let items = random.below(4);
    let ended = quietly(|| walk.advance(&waker, items)).unwrap_or(false);
    if !ended {
        put_away(world, Kept::Walk(walk), random);
    }
}

/// The results of a point, with what is known of them.
fn walk(world: &Arc<World>, host: &Host, random: &mut Random) -> Walk {
    let token = Token::calm(world, random.number());
    let before = world.changes();
    let (infos, items) = match host {
        Host::Sync(pm) => of(pm, token),
        Host::Async(pm) => {
            let caller = pm.caller(Points::gather);
            (caller.implementations(), Items::Stream(Box::pin(caller.stream(token))))
        }
    };
    let lives = infos.iter().filter_map(|info| world.life(info.plugin.as_str())).collect::<Vec<Arc<Life>>>();
    let many = infos.iter().filter(|info| !info.is_wrapper).count();
    // Otherwise another may have changed the manager in between.
    if before.is_some() && before == world.changes() {
        Walk::new(items, Some(many), lives)
    } else {
        Walk::new(items, None, Vec::new())
    }
}

fn of(pm: &PluginManager, token: Token) -> (Implementations, Items) {
    let caller = pm.caller(Points::gather);
    (caller.implementations(), Items::Iter(Box::new(caller.iter(token))))
}

/// Names what a manager knows, which reads all of it.
pub(super) fn look(host: &Host) {
    either!(host, pm => {
        drop(pm.report());
        drop(pm.graph());
        drop(pm.descriptors());
        drop(pm.extension_points());
    });
}

/// A caller's other uses, when it was kept.
pub(super) fn reuse(
    world: &Arc<World>,
    caller: &Caller<pluginkit::point!(Points::gather)>,
    random: &mut Random,
) {
    match random.below(5) {
        0 => drop(caller.call(token(world, random))),
        1 => drop(caller.try_call(token(world, random))),
        3 => drop(caller.settle(token(world, random))),
        2 => drop(caller.implementations()),
        _ => drop(caller.clone().iter(token(world, random)).next()),
    }
}
