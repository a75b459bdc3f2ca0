//! Panics that a guarded call has handled: they do not reach the operation that drops the plugin which made that call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn take(&self, bomb: Bomb) -> Bomb;
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

/// Its destructor makes a guarded call of another manager, and handles the error.
struct Calls {
    take: Caller<pluginkit::point!(Specs::take)>,
    drops: Arc<AtomicUsize>,
    plugins: Arc<AtomicUsize>,
}

#[extension]
impl Specs for Calls {
    fn idle(&self) {}
}

impl Drop for Calls {
    fn drop(&mut self) {
        let error = self.take.try_call(Bomb(Arc::clone(&self.drops))).map(std::mem::forget).unwrap_err();
        assert_eq!(error.plugin().unwrap(), "panics");
        self.plugins.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_panic_that_a_guarded_call_handled_does_not_reach_what_drops_its_caller() {
    for limited in [false, true] {
        let other = PluginManager::new("other");
        other.add_extension_points(Specs).unwrap();
        other
            .register_fn("panics", Specs::take, |args| -> Bomb {
                std::mem::forget(args.bomb);
                panic!("an extension")
            })
            .unwrap();
        other.register_fn("last", Specs::take, |args| args.bomb).unwrap();
        if limited {
            other.set_point_timeout(Specs::take, Duration::from_secs(60)).unwrap();
        }
        let (drops, plugins) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let calls =
            || Calls { take: other.caller(Specs::take), drops: drops.clone(), plugins: plugins.clone() };

        let pm = PluginManager::new("outer");
        pm.add_extension_points(Specs).unwrap();
        pm.register_as("blocked", calls()).unwrap();
        drop(pm.block("blocked"));
        pm.register_as("unregistered", calls()).unwrap();
        drop(pm.unregister("unregistered"));
        pm.register_as("dropped", calls()).unwrap();
        drop(pm);
        assert_eq!((plugins.load(Ordering::SeqCst), drops.load(Ordering::SeqCst)), (3, 3), "{limited}");
    }
}
