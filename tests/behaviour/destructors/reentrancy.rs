//! Destructors of plugins that run inside a call, make calls of their own and keep the results.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn get(&self) -> u32;
}

type Get = Caller<pluginkit::point!(Specs::get)>;
type Results = Box<dyn Iterator<Item = u32> + Send>;

thread_local! {
    /// Whether this thread is in a call.
    static CALLS: Cell<bool> = const { Cell::new(false) };
}

/// Calls, and says so to the destructors that run meanwhile.
fn call(caller: &Get) -> Vec<u32> {
    CALLS.set(true);
    let results = caller.call();
    CALLS.set(false);
    results
}

/// Its destructor calls another manager and keeps the results that it has not asked for.
#[derive(Clone)]
struct Keeps {
    other: Get,
    held: Arc<Mutex<Vec<Results>>>,
    drops: Arc<AtomicUsize>,
}

impl Keeps {
    fn new(other: &PluginManager) -> Self {
        Self { other: other.caller(Specs::get), held: Arc::default(), drops: Arc::default() }
    }

    fn held(&self) -> Vec<Results> {
        std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One to register: it alone keeps results when it is dropped.
    fn plugin(&self) -> Dropped {
        Dropped(self.clone())
    }
}

struct Dropped(Keeps);

#[extension]
impl Specs for Dropped {
    fn get(&self) -> u32 {
        1
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.drops.fetch_add(1, Ordering::SeqCst);
        if CALLS.get() {
            let results = self.0.other.iter();
            assert_eq!(self.0.other.call(), [7]);
            self.0.held.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(results));
        }
    }
}

struct Canary(Vec<u32>, Arc<AtomicBool>);

#[extension]
impl Specs for Canary {
    fn get(&self) -> u32 {
        self.0[0]
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.1.store(true, Ordering::SeqCst);
    }
}

/// Takes `keeps` out of the manager that calls it.
struct Unregisters(Weak<PluginManager>);

#[extension]
impl Specs for Unregisters {
    fn get(&self) -> u32 {
        drop(self.0.upgrade().unwrap().unregister("keeps"));
        2
    }
}

/// A manager, a quiet one with a canary, and whether that is gone.
fn managers() -> (Arc<PluginManager>, PluginManager, Arc<AtomicBool>) {
    let (busy, quiet, gone) =
        (Arc::new(PluginManager::new("busy")), PluginManager::new("quiet"), Arc::default());
    for pm in [&*busy, &quiet] {
        pm.add_extension_points(Specs).unwrap();
    }
    quiet.register_as("canary", Canary(vec![7; 99], Arc::clone(&gone))).unwrap();
    (busy, quiet, gone)
}

/// That results keep the plugin that they are to come from, and that it goes with the last of them.
fn check(held: Vec<Results>, quiet: &PluginManager, gone: &AtomicBool) {
    drop(quiet.unregister("canary"));
    let is_kept = !held.is_empty();
    for (left, results) in (0..held.len()).rev().zip(held) {
        assert_eq!(gone.load(Ordering::SeqCst), !is_kept, "with {} to come", left + 1);
        assert_eq!(results.collect::<Vec<_>>(), [7]);
    }
    assert!(gone.load(Ordering::SeqCst));
}

#[test]
fn results_that_a_destructor_keeps_at_the_end_of_a_call_keep_their_plugins() {
    let (busy, quiet, gone) = managers();
    let keeps = Keeps::new(&quiet);
    busy.register_as("keeps", keeps.plugin()).unwrap();
    busy.register(Unregisters(Arc::downgrade(&busy))).unwrap();
    let caller = busy.caller(Specs::get);
    assert_eq!(call(&caller), [1, 2]);
    let held = keeps.held();
    assert_eq!((held.len(), keeps.drops.load(Ordering::SeqCst)), (1, 1), "dropped by the end of the call");
    check(held, &quiet, &gone);
}

#[test]
fn results_that_destructors_keep_while_threads_call_keep_their_plugins() {
    const CHANGES: usize = 400;
    let (busy, quiet, gone) = managers();
    let (keeps, done) = (Keeps::new(&quiet), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let caller = busy.caller(Specs::get);
                while !done.load(Ordering::SeqCst) {
                    let results = call(&caller);
                    assert!(results.iter().all(|each| *each == 1) && results.len() < 2);
                }
            });
        }
        for _ in 0..CHANGES {
            busy.register_as("keeps", keeps.plugin()).unwrap();
            drop(busy.unregister("keeps"));
        }
        done.store(true, Ordering::SeqCst);
    });
    assert_eq!(keeps.drops.load(Ordering::SeqCst), CHANGES);
    check(keeps.held(), &quiet, &gone);
}
