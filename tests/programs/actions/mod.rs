//! The actions of programs, one after another and within each other.

mod around;
mod async_calls;
mod calls;
mod changes;
mod contend;
mod enlist;
mod local;
mod reuse;

pub(crate) use calls::keep_walk as keep;
pub(crate) use contend::is_calling;
pub(crate) use local::drop_all as drop_local;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use pluginkit_tests::Random;

use crate::points::Token;
use crate::world::{Host, World, act, nested, never_wait, waits};

/// Something that a program does.
pub(crate) type Action = fn(&Arc<World>, &mut Random);

/// How many actions there were of each kind.
static DONE: [AtomicU64; KINDS.len()] = [const { AtomicU64::new(0) }; KINDS.len()];

/// The kinds of actions, and how often each is taken.
const KINDS: [(&str, usize, Action); 25] = [
    ("register a plugin", 10, enlist::plugin),
    ("register a type", 6, enlist::types),
    ("register a function", 3, enlist::function),
    ("unregister", 12, changes::unregister),
    ("enable or disable", 3, changes::switch),
    ("block and unblock", 2, changes::block),
    ("replace", 3, changes::replace),
    ("load a configuration", 2, changes::load),
    ("renew a manager", 1, changes::renew),
    ("start or stop", 3, changes::life),
    ("call", 16, calls::call),
    ("call a view", 6, calls::view),
    ("call while plugins come and go", 3, contend::contend),
    ("keep an iterator or a stream", 12, calls::keep_walk),
    ("start a future", 12, async_calls::start),
    ("keep a caller", 2, calls::keep_caller),
    ("keep a plugin or a service", 2, around::keep_shared),
    ("use what was kept", 16, reuse::any),
    ("drop what was kept", 6, reuse::drop_any),
    ("observe", 3, around::observe),
    ("provide", 2, around::provide),
    ("limit", 3, around::limit),
    ("saga", 3, around::saga),
    ("use the manager of a thread", 12, local::any),
    ("thread", 3, in_a_thread),
];

/// One action.
pub(crate) fn one(world: &Arc<World>, random: &mut Random) {
    let mut at = random.below(KINDS.iter().map(|(_, weight, _)| weight).sum());
    for ((_, weight, action), done) in KINDS.iter().zip(&DONE) {
        if at < *weight {
            done.fetch_add(1, Relaxed);
            return action(world, random);
        }
        at -= weight;
    }
}

/// How many actions there were of each kind.
pub(crate) fn done() -> impl Iterator<Item = (&'static str, u64)> {
    KINDS.iter().zip(&DONE).map(|((name, ..), done)| (*name, done.load(Relaxed)))
}

/// A token that extensions may panic for.
fn token(world: &Arc<World>, random: &mut Random) -> Token {
    Token::new(world, random.number())
}

/// Acts in a thread, which ends before this returns, its thread locals included.
fn in_a_thread(world: &Arc<World>, random: &mut Random) {
    if nested() > 2 {
        return;
    }
    let (world, mut random) = (Arc::clone(world), random.clone());
    random.number();
    let waits = waits();
    let thread = thread::spawn(move || {
        if waits {
            never_wait();
        }
        work(&world, &mut random, 3);
    });
    // Nothing panics there, but for what is reported.
    let _ = thread.join();
}

/// What a thread does. Its thread locals act when it ends, before or after those of the library are gone.
pub(crate) fn work(world: &Arc<World>, random: &mut Random, actions: usize) {
    let early = random.once_in(2);
    if early {
        reuse::act_at_the_end(world, random.number());
    }
    for _ in 0..actions {
        if !act(world, random) {
            break;
        }
    }
    if !early {
        reuse::act_at_the_end(world, random.number());
    }
    if random.once_in(2) {
        drop_local();
    }
}

/// The plugins that a manager has, of which one is chosen.
fn some_plugin(host: &Host, random: &mut Random) -> Option<pluginkit::PluginId> {
    let mut names = crate::world::either!(host, pm => pm.plugin_names());
    let many = names.len();
    (many > 0).then(|| names.swap_remove(random.below(many)))
}
