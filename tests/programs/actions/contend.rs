//! Threads that call while plugins come and go, so that the last to hold a plugin is a call.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use pluginkit::PluginManager;
use pluginkit_tests::Random;

use crate::plugins::{Actor, Plain};
use crate::points::{Points, Token};
use crate::violations::quietly;
use crate::world::{World, nested, never_wait};

/// How many threads call.
const CALLERS: usize = 2;
/// How many plugins come and go.
const CHANGES: usize = 100;

thread_local! {
    // Has no destructor, so that destructors of thread locals find it.
    static CALLING: Cell<bool> = const { Cell::new(false) };
}

/// Whether a destructor that runs now runs within a call of such a thread.
pub(crate) fn is_calling() -> bool {
    CALLING.get()
}

/// Calls from several threads while plugins come and go.
pub(super) fn contend(world: &Arc<World>, random: &mut Random) {
    let Some(pm) = world.sync_host(random) else { return };
    if world.traits.threads == 1 || nested() > 1 {
        return call_some(&pm, &Token::calm(world, random.number()), 3);
    }
    let ends = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let (pm, ends) = (Arc::clone(&pm), Arc::clone(&ends));
            let token = Token::calm(world, random.number());
            thread::spawn(move || {
                never_wait();
                while !ends.load(SeqCst) {
                    call_some(&pm, &token, 64);
                }
            })
        })
        .collect();
    for _ in 0..CHANGES {
        quietly(|| come_and_go(world, &pm, random));
    }
    ends.store(true, SeqCst);
    for caller in callers {
        // A call may end with the panic of a destructor.
        let _ = caller.join();
    }
}

fn come_and_go(world: &Arc<World>, pm: &PluginManager, random: &mut Random) {
    let actor = Actor::new(world, random);
    let name = actor.name();
    let _ = world.change(|| pm.register_as(name.as_str(), Plain(actor)));
    drop(world.change(|| pm.unregister(&name)));
}

fn call_some(pm: &PluginManager, token: &Token, times: usize) {
    struct Ends(bool);
    impl Drop for Ends {
        fn drop(&mut self) {
            CALLING.set(self.0);
        }
    }
    let caller = pm.caller(Points::find);
    let _ends = Ends(CALLING.replace(true));
    for _ in 0..times {
        caller.call(token);
    }
}
