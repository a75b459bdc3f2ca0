//! Panics that a guarded call has handled: they do not reach the operation that drops the plugin which made that call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pluginkit::Options;
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn take(&self, bomb: Bomb) -> Bomb;
    fn make(&self) -> Bomb;
    fn idle(&self);
}

/// Counts its drops, and panics in each.
#[derive(Clone)]
struct Bomb(Arc<AtomicUsize>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("a bomb");
    }
}

/// Its destructor makes guarded calls of another manager, and handles their errors.
struct Calls {
    take: Caller<pluginkit::point!(Specs::take)>,
    make: Caller<pluginkit::point!(Specs::make)>,
    bombs: Arc<AtomicUsize>,
    plugins: Arc<AtomicUsize>,
}

#[extension]
impl Specs for Calls {
    fn idle(&self) {}
}

impl Drop for Calls {
    fn drop(&mut self) {
        let bomb = Bomb(Arc::clone(&self.bombs));
        for called in [self.take.try_call(bomb), self.make.try_call()] {
            let error = called.map(std::mem::forget).unwrap_err();
            assert_eq!(error.plugin().unwrap(), "panics");
        }
        self.plugins.fetch_add(1, Ordering::SeqCst);
    }
}

struct Passes;

#[extension(wrapper)]
impl Specs for Passes {
    fn make(&self, next: Next<'_>) -> Vec<Bomb> {
        next.run()
    }
}

/// Returns a manager whose calls panic. A call of `take` holds an argument then. A call of `make` holds a result, and a
/// wrapper waits for it.
fn panicking(bombs: &Arc<AtomicUsize>) -> PluginManager {
    let (pm, bombs) = (PluginManager::new("panicking"), Arc::clone(bombs));
    pm.add_extension_points(Specs).unwrap();
    pm.register(Passes).unwrap();
    pm.register_fn("makes", Specs::make, move |_| Bomb(Arc::clone(&bombs))).unwrap();
    PluginBuilder::new(())
        .named("panics")
        .extension(Specs::make, Options::new(), |_, _| panic!("an extension"))
        .extension(Specs::take, Options::new(), |_, args| {
            std::mem::forget(args.bomb);
            panic!("an extension")
        })
        .register(&pm)
        .unwrap();
    pm.register_fn("last", Specs::take, |args| args.bomb).unwrap();
    pm
}

#[test]
fn a_panic_that_a_guarded_call_handled_does_not_reach_what_drops_its_caller() {
    for limited in [false, true] {
        let (bombs, plugins) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let other = panicking(&bombs);
        if limited {
            other.set_point_timeout(Specs::take, Duration::from_secs(60)).unwrap();
            other.set_point_timeout(Specs::make, Duration::from_secs(60)).unwrap();
        }
        let calls = || Calls {
            take: other.caller(Specs::take),
            make: other.caller(Specs::make),
            bombs: Arc::clone(&bombs),
            plugins: Arc::clone(&plugins),
        };
        let pm = PluginManager::new("outer");
        pm.add_extension_points(Specs).unwrap();
        pm.register_as("unregistered", calls()).unwrap();
        drop(pm.unregister("unregistered"));
        pm.register_as("dropped", calls()).unwrap();
        drop(pm);
        // Each plugin drops an argument and a result.
        assert_eq!((plugins.load(Ordering::SeqCst), bombs.load(Ordering::SeqCst)), (2, 4), "{limited}");
    }
}
