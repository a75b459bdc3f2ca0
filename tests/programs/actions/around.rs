//! Actions around calls: observers, services, limits, sagas and look-ups.

use std::sync::Arc;
use std::time::Duration;

use pluginkit::insight::Metrics;
use pluginkit::limits::{BreakerPolicy, FailurePolicy};
use pluginkit::saga::Saga;
use pluginkit_tests::Random;

use super::{calls, some_plugin, token};
use crate::kept::{Kept, put_away};
use crate::plugins::{Actor, Watcher};
use crate::points::{Points, Speak};
use crate::violations::quietly;
use crate::world::{Host, World, either};

/// Keeps a plugin, a service or a token.
pub(super) fn keep_shared(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let kept = match random.below(3) {
        0 => Some(Kept::Token(token(world, random))),
        1 => either!(&host, pm => pm.service::<dyn Speak>()).ok().map(Kept::Service),
        _ => some_plugin(&host, random)
            .and_then(|name| either!(&host, pm => pm.plugin(name)))
            .map(Kept::Plugin),
    };
    if let Some(kept) = kept {
        put_away(world, kept, random);
    }
    calls::look(&host);
}

/// Observes, for as long as the guard is kept.
pub(super) fn observe(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let guard = if random.once_in(4) {
        either!(&host, pm => pm.observe(Metrics::new()))
    } else {
        let watcher = Watcher(Actor::new(world, random));
        either!(&host, pm => pm.observe(watcher))
    };
    if random.once_in(8) {
        guard.forget();
    } else {
        put_away(world, Kept::Guard(guard), random);
    }
}

/// Provides a service of the host's own, and perhaps takes it back.
pub(super) fn provide(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let service: Arc<dyn Speak> = Arc::new(Actor::new(world, random));
    let id = either!(&host, pm => pm.provide_named("speakers", 1, service));
    let found = either!(&host, pm => pm.services_named::<dyn Speak>("speakers"));
    // Each may be the last to have its plugin, so no panic drops it.
    for service in found {
        quietly(|| service.speak());
        quietly(|| drop(service));
    }
    let stays = random.once_in(4);
    if let Some(id) = id.ok().filter(|_| !stays) {
        either!(&host, pm => pm.withdraw(id));
    }
}

/// Sets a limit, a policy or a circuit breaker.
pub(super) fn limit(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let Some(name) = some_plugin(&host, random) else { return };
    match random.below(5) {
        0 => drop(either!(&host, pm => pm.set_plugin_timeout(&name, Duration::from_nanos(1)))),
        1 => drop(either!(&host, pm => pm.set_point_timeout(Points::find, Duration::from_secs(60)))),
        2 => drop(either!(&host, pm => pm.set_point_failure_policy(Points::check, FailurePolicy::Skip))),
        3 => {
            world.unsettle();
            let policy = BreakerPolicy::new(1).retry_after(Duration::from_nanos(1));
            let breaker = either!(&host, pm => pm.break_circuits(policy));
            put_away(world, Kept::Breaker(breaker), random);
        }
        _ => {
            if let Host::Async(pm) = &host {
                drop(pm.set_plugin_concurrency(&name, 1 + random.below(2)));
            }
        }
    }
}

/// Calls as a unit, which is undone, or not.
pub(super) fn saga(world: &Arc<World>, random: &mut Random) {
    let Some(pm) = world.sync_host(random) else { return };
    let check = pm.caller(Points::check);
    let own = token(world, random);
    let mut saga = Saga::new();
    let undo = |_: Vec<u64>| check.call(9).map(drop).map_err(|refusal| refusal.to_string().into());
    let undo = move |checked| -> Result<(), pluginkit::BoxError> { undo(checked) };
    if saga.step("check", || check.call(9), undo).is_ok() {
        saga.on_rollback("token", move || drop(own));
    }
    match random.below(3) {
        0 => saga.commit(),
        1 => drop(saga.rollback()),
        _ => drop(saga),
    }
}
