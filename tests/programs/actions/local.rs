//! The manager of a thread: a local manager that only this thread has.

use std::cell::RefCell;
use std::sync::Arc;

use pluginkit::{LocalPluginManager, PluginBuilder, PluginId};
use pluginkit_tests::Random;

use super::calls::injected;
use super::token;
use crate::plugins::{Actor, Again, Plain};
use crate::points::{Points, Token};
use crate::violations::quietly;
use crate::world::World;

/// How many plugins a manager has at most.
const PLUGINS: usize = 8;

/// What a thread keeps: the managers that are under way, and the one for new actions.
struct Own(RefCell<Option<LocalPluginManager<'static>>>);

impl Own {
    fn take(&self) -> Option<LocalPluginManager<'static>> {
        self.0.borrow_mut().take()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        while let Some(pm) = self.take() {
            quietly(|| drop(pm));
        }
    }
}

thread_local! {
    static OWN: Own = const { Own(RefCell::new(None)) };
}

/// Returns the manager of this thread; `None` if the thread is about to end.
fn own() -> Option<LocalPluginManager<'static>> {
    let new = || {
        let pm = LocalPluginManager::new("programs");
        pm.add_extension_points(Points).expect("the specs are new");
        pm
    };
    OWN.try_with(|own| own.0.borrow_mut().get_or_insert_with(new).clone()).ok()
}

/// Drops the manager of this thread, and those that its plugins make meanwhile.
pub(crate) fn drop_all() {
    while let Some(pm) = OWN.try_with(Own::take).ok().flatten() {
        quietly(|| drop(pm));
    }
}

/// Changes or calls the manager of this thread.
pub(super) fn any(world: &Arc<World>, random: &mut Random) {
    let Some(pm) = own() else { return };
    // The last clone may drop plugins, so no panic drops it.
    quietly(|| match random.below(8) {
        0..=2 if pm.plugin_names().len() < PLUGINS => enlist(world, &pm, random),
        3 => {
            let names = pm.plugin_names();
            let name = names.get(random.below(names.len().max(1)));
            name.map(|name| pm.unregister(name));
        }
        4 => {
            let names = pm.plugin_names();
            let name = names.get(random.below(names.len().max(1)));
            name.map(|name| pm.set_enabled(name, random.once_in(2)));
        }
        5 if random.once_in(4) => drop(OWN.try_with(Own::take)),
        _ => call(world, &pm, random),
    });
    quietly(|| drop(pm));
}

/// Registers a plugin. It may be refused, as a thread has one `twin`.
fn enlist(world: &Arc<World>, pm: &LocalPluginManager<'static>, random: &mut Random) {
    let actor = Actor::new(world, random);
    let name = if random.once_in(8) { PluginId::from("twin") } else { actor.name().into() };
    match random.below(5) {
        0 => drop(pm.register_as(name, Plain(actor))),
        1 => drop(pm.register_as(name, Again(actor))),
        2 => drop(pm.register_fn(name, Points::gather, move |args| actor.gather(&args.token))),
        3 => {
            let builder = PluginBuilder::new(actor).named(name);
            drop(super::enlist::made(builder, random).register_local(pm));
        }
        _ => {
            let mut builder = pm.plugin(actor).named(name).extension(
                Points::find,
                super::enlist::options(random),
                |this, args| this.borrow().find(args.token),
            );
            if random.once_in(2) {
                builder = builder.extension_when(
                    Points::pass,
                    super::enlist::options(random),
                    |this, args| this.borrow().pass(args.token),
                    |this, _| this.borrow().when(),
                );
            }
            if random.once_in(2) {
                builder =
                    builder.wrapper(Points::gather, super::enlist::options(random), |this, args, next| {
                        let mut random = this.borrow().run(12, true);
                        if random.once_in(3) {
                            let again = next.clone();
                            drop(next.run(args.token.clone()));
                            return again.run(args.token);
                        }
                        next.run(args.token)
                    });
            }
            drop(builder.register());
        }
    }
}

/// A call of any form.
fn call(world: &Arc<World>, pm: &LocalPluginManager<'static>, random: &mut Random) {
    let token = token(world, random);
    match random.below(12) {
        0 => drop(pm.caller(Points::gather).call(token)),
        1 => drop(pm.caller(Points::gather).try_call(token)),
        2 => drop(pm.caller(Points::gather).settle(token)),
        3 => drop(pm.caller(Points::gather).iter(token).take(2).count()),
        4 => drop(pm.caller(Points::check).try_call(1)),
        5 => pm.caller(Points::visit).call(&mut Vec::new()),
        6 => drop(pm.caller(Points::find).call(&token)),
        7 => drop(pm.caller(Points::pass).call(token, 2)),
        8 => drop(pm.caller(Points::gather).call_around(token, |args| vec![args.token.clone(), args.token])),
        9 => {
            let work =
                |args: &Token| if args.seed.is_multiple_of(4) { injected() } else { vec![args.clone()] };
            drop(pm.caller(Points::gather).try_call_around(token, |args| work(&args.token)));
        }
        10 => {
            let actor = Actor::new(world, random);
            let name = format!("a{}", random.below(4));
            let caller =
                pm.caller(Points::gather).without([name]).extra(move |args| actor.gather(&args.token));
            drop(caller.call(token));
        }
        _ => drop(pm.caller(Points::pass).try_call_around(token, 2, |args| args.token)),
    }
}
