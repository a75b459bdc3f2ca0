//! Plugins with destructors that load, keep, change and drop, while other threads do the same.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use pluginkit::PluginManager;
use pluginkit::prelude::*;

use shuttle::thread;

use crate::explore;
use crate::host::{Ledger, Voice};

#[extension_point]
trait Speech {
    fn speak(&self) -> u32;
}

type Results = Box<dyn Iterator<Item = u32> + Send>;

/// Results that destructors have asked for and that nobody has looked at yet.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Vec<Results>>>);

impl Store {
    fn keep(&self, results: impl Iterator<Item = u32> + Send + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(results));
    }

    fn take(&self) -> Vec<Results> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a destructor does to the other manager.
#[derive(Clone, Copy)]
enum Act {
    Call,
    Keep,
    Change,
    Drop,
}

/// A plugin whose destructor acts.
struct Acts {
    voice: Voice,
    other: Weak<PluginManager>,
    store: Store,
    act: Act,
}

#[extension]
impl Speech for Acts {
    fn speak(&self) -> u32 {
        self.voice.number()
    }
}

impl Drop for Acts {
    fn drop(&mut self) {
        let Some(other) = self.other.upgrade() else { return };
        match self.act {
            Act::Call => drop(other.caller(Speech::speak).call()),
            Act::Keep => self.store.keep(other.caller(Speech::speak).iter()),
            Act::Change => drop(other.unregister("resident")),
            Act::Drop => drop(self.store.take()),
        }
    }
}

/// Two managers whose plugins act on each other.
struct Pair {
    one: Arc<PluginManager>,
    two: Arc<PluginManager>,
    store: Store,
    ledger: Ledger,
}

impl Pair {
    fn new() -> Self {
        let manager = || {
            let pm = PluginManager::new("speech");
            pm.add_extension_points(Speech).expect("they are new");
            Arc::new(pm)
        };
        let pair =
            Self { one: manager(), two: manager(), store: Store::default(), ledger: Ledger::default() };
        pair.register(&pair.one, "resident", 1, Act::Call);
        pair.register(&pair.two, "resident", 2, Act::Call);
        pair
    }

    fn register(&self, pm: &Arc<PluginManager>, name: &str, number: u32, act: Act) {
        let other = if Arc::ptr_eq(pm, &self.one) { &self.two } else { &self.one };
        let (voice, other) = (Voice::new(number, &self.ledger), Arc::downgrade(other));
        // The name may be taken: then the plugin is dropped here.
        let _ = pm.register_as(name, Acts { voice, other, store: self.store.clone(), act });
    }

    /// Reads what was kept, and drops everything.
    fn end(self) {
        for results in self.store.take() {
            results.for_each(|number| assert!(number < 100));
        }
        drop((self.one, self.two));
        drop(self.store.take());
        assert_eq!(self.ledger.alive(), 0);
    }
}

fn both_ways(first: Act, second: Act) {
    let pair = Pair::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            pair.register(&pair.one, "guest", 11, first);
            drop(pair.one.unregister("guest"));
        });
        scope.spawn(|| {
            pair.register(&pair.two, "guest", 12, second);
            drop(pair.two.unregister("guest"));
        });
        scope.spawn(|| {
            let results = pair.one.caller(Speech::speak).iter();
            assert!(pair.two.caller(Speech::speak).call().iter().all(|number| *number < 100));
            assert!(results.chain(pair.one.caller(Speech::speak).call()).all(|number| number < 100));
        });
    });
    pair.end();
}

#[test]
fn destructors_keep_results_of_each_others_managers() {
    explore(|| both_ways(Act::Keep, Act::Keep));
}

#[test]
fn a_destructor_drops_results_that_another_keeps() {
    explore(|| both_ways(Act::Keep, Act::Drop));
}

#[test]
fn destructors_unregister_each_others_plugins() {
    explore(|| both_ways(Act::Change, Act::Change));
}

#[test]
fn a_destructor_keeps_results_while_another_changes_their_manager() {
    explore(|| both_ways(Act::Change, Act::Keep));
}
