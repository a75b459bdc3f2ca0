//! Registrations.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::select;
use pluginkit::prelude::*;
use pluginkit::{Options, PluginBuilder};
use pluginkit_tests::{Random, pending};

use crate::plugins::{Actor, Again, AgainLater, Plain};
use crate::points::{Points, Speak, Token};
use crate::world::{Host, World, either, provoke};

/// How many plugins a manager has at most.
const PLUGINS: usize = 16;
/// How many plugins a program makes at most.
const MADE: usize = 4000;

/// A manager for one more plugin.
fn roomy_host(world: &World, random: &mut Random) -> Option<Host> {
    let host = world.host(random)?;
    let has_room = either!(&host, pm => pm.plugin_names().len()) < PLUGINS && world.plugins() < MADE;
    has_room.then_some(host)
}

/// Registers a plugin with random extensions.
pub(super) fn plugin(world: &Arc<World>, random: &mut Random) {
    let Some(host) = roomy_host(world, random) else { return };
    let actor = Arc::new(Actor::new(world, random));
    match &host {
        Host::Sync(pm) => {
            let name = actor.name();
            let builder = made(PluginBuilder::<Actor>::new(actor).named(name), random);
            let _ = world.change(|| builder.register(pm));
        }
        Host::Async(pm) => {
            let name = actor.name();
            let builder = extended(PluginBuilder::<Actor>::new(actor).named(name), random);
            let builder = async_wrapped(async_extended(builder, random), random);
            if random.once_in(2) {
                let _ = world.change(|| builder.register(pm));
            } else {
                // Dropped where it is not ready.
                let _ = world.change(|| builder.register_and_replay(pm).now_or_never());
            }
        }
    }
}

/// Extensions and wrappers for a manager that makes sync calls.
pub(super) fn made(builder: PluginBuilder<Actor>, random: &mut Random) -> PluginBuilder<Actor> {
    let builder = extended(builder, random);
    wrapped(builder, random)
}

pub(super) fn options(random: &mut Random) -> Options {
    let options = Options::new();
    match random.below(10) {
        0 => options.tryfirst(),
        1 => options.trylast(),
        2 => options.priority(7),
        3 => options.timeout(Duration::from_nanos(1)),
        4 => options.timeout(Duration::from_secs(3600)),
        _ => options,
    }
}

/// Extensions of both kinds of manager.
fn extended(builder: PluginBuilder<Actor>, random: &mut Random) -> PluginBuilder<Actor> {
    let mut builder = builder;
    if random.below(4) > 0 {
        builder = builder.extension(Points::gather, options(random), |this, args| this.gather(&args.token));
    }
    if random.once_in(2) {
        builder = builder.extension(Points::pass, options(random), |this, args| this.pass(args.token));
    }
    if random.once_in(3) {
        let call = |this: &Arc<Actor>, token: &Token| this.find(token);
        builder = builder.extension_when(
            Points::find,
            options(random),
            move |this, args| call(this, args.token),
            |this, _| this.when(),
        );
    } else {
        builder = builder.extension(Points::find, options(random), |this, args| this.find(args.token));
    }
    if random.once_in(3) {
        builder = builder.extension_when(
            Points::check,
            options(random),
            |this, _| this.check(),
            |this, _| this.when(),
        );
    }
    if random.once_in(3) {
        builder = builder.extension(Points::visit, options(random), |this, args| this.visit(args.trail));
    }
    if random.once_in(4) {
        builder = builder.extension(Points::hear, options(random), |this, args| {
            this.gather(args.token);
        });
    }
    if random.once_in(4) {
        builder = builder
            .extension(Lifecycle::start, Options::new(), |this, _| this.phase())
            .extension(Lifecycle::stop, Options::new(), |this, _| this.phase())
            .extension(Lifecycle::unload, Options::new(), |this, _| this.phase());
    }
    if random.once_in(4) {
        builder = builder.provides::<dyn Speak>(3);
    }
    builder
}

fn wrapped(builder: PluginBuilder<Actor>, random: &mut Random) -> PluginBuilder<Actor> {
    let mut builder = builder;
    if random.once_in(5) {
        builder = builder.wrapper(Points::gather, options(random), |this, args, next| {
            let mut random = this.run(12, true);
            if random.once_in(3) {
                let again = next.clone();
                drop(next.run(args.token.clone()));
                return again.run(args.token);
            }
            let gathered = next.run(args.token);
            if random.once_in(4) { Vec::new() } else { gathered }
        });
    }
    if random.once_in(6) {
        builder = builder.wrapper(Points::find, options(random), |this, args, next| {
            let mut random = this.run(12, true);
            if random.once_in(4) { None } else { next.run(args.token) }
        });
    }
    if random.once_in(6) {
        builder = builder.wrapper_when(
            Points::pass,
            options(random),
            |this, args, next| next.run(this.pass(args.token), args.number),
            |this, _| this.when(),
        );
    }
    builder
}

/// Acts when it is dropped, as the destructors of the locals of a future do.
struct Mark(Arc<Actor>);

impl Drop for Mark {
    fn drop(&mut self) {
        provoke(&self.0.world, self.0.turn().number(), 8);
    }
}

fn async_extended(builder: PluginBuilder<Actor>, random: &mut Random) -> PluginBuilder<Actor> {
    let mut builder = builder;
    if random.once_in(2) {
        builder = builder.async_extension(Points::gather, options(random), |this, args, slot| {
            slot.put(async move {
                let _mark = Mark(Arc::clone(this));
                pending(this.turn().below(3).try_into().unwrap_or(0)).await;
                this.gather(&args.token)
            })
        });
    }
    if random.once_in(2) {
        builder = builder.async_extension(Points::pass, options(random), |this, args, slot| {
            slot.put(async move {
                let mark = Mark(Arc::clone(this));
                pending(1).await;
                let passed = this.pass(args.token);
                pending(1).await;
                drop(mark);
                passed
            })
        });
    }
    if random.once_in(3) {
        builder = builder.async_extension_when(
            Points::check,
            options(random),
            |this, _, slot| {
                slot.put(async move {
                    pending(1).await;
                    this.check()
                })
            },
            |this, _| this.when(),
        );
    }
    if random.once_in(4) {
        builder = builder.async_extension(Points::hear, options(random), |this, args, slot| {
            slot.put(async move {
                let _mark = Mark(Arc::clone(this));
                pending(2).await;
                this.gather(args.token);
            })
        });
    }
    builder
}

fn async_wrapped(builder: PluginBuilder<Actor>, random: &mut Random) -> PluginBuilder<Actor> {
    if !random.once_in(5) {
        return builder;
    }
    builder
        .async_wrapper(Points::gather, options(random), |this, args, next, slot| {
            slot.put(async move {
                let mark = Mark(Arc::clone(this));
                if this.turn().once_in(3) {
                    let first = Box::pin(next.clone().run(args.token.clone()));
                    let (_, slower) = select(first, Box::pin(next.run(args.token))).await.factor_first();
                    drop(mark);
                    return slower.await;
                }
                let gathered = next.run(args.token).await;
                drop(mark);
                pending(1).await;
                gathered
            })
        })
        .async_wrapper(Points::find, options(random), |this, args, next, slot| {
            slot.put(async move {
                pending(1).await;
                if this.run(12, true).once_in(4) { None } else { next.run(args.token).await }
            })
        })
}

/// Registers plugins by their type: one, or several at once, of which one may be refused.
pub(super) fn types(world: &Arc<World>, random: &mut Random) {
    let Some(host) = roomy_host(world, random) else { return };
    let many = 1 + random.below(3);
    let mut plugins: Vec<_> = (0..many)
        .map(|_| {
            let actor = Actor::new(world, random);
            (actor.name(), Plain(actor))
        })
        .collect();
    if random.once_in(3) {
        let actor = Actor::new(world, random);
        let name = actor.name();
        let _ = world.change(|| match &host {
            Host::Sync(pm) => pm.register_as(name, Again(actor)),
            Host::Async(pm) => pm.register_as(name, AgainLater(actor)),
        });
    }
    if random.once_in(6) {
        // Refused where there is one of this name, and all others with it.
        let last = plugins.pop();
        plugins.extend(last.map(|(_, plugin)| ("twin".to_owned(), plugin)));
    }
    let _ = world.change(|| either!(&host, pm => pm.register_all(plugins)));
}

/// Registers a closure that owns a plugin's body, or a plugin that is refused.
pub(super) fn function(world: &Arc<World>, random: &mut Random) {
    let Some(host) = roomy_host(world, random) else { return };
    let actor = Actor::new(world, random);
    let name = actor.name();
    match random.below(4) {
        0 => refused(world, &host, actor),
        1 => {
            let call = move |token: &Token| actor.gather(token);
            let _ = world.change(
                || either!(&host, pm => pm.register_fn(name, Points::gather, move |args| call(&args.token))),
            );
        }
        _ => {
            let call = move |token: &Token| actor.find(token);
            let _ = world.change(
                || either!(&host, pm => pm.register_fn(name, Points::find, move |args| call(args.token))),
            );
        }
    }
}

/// What extends nothing is refused, and dropped.
fn refused(world: &World, host: &Host, actor: Actor) {
    let _ = world.change(|| either!(host, pm => PluginBuilder::new(actor).register(pm)));
}
