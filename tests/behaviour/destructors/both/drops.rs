//! Destructors that panic: none aborts the process, each value is dropped, and no panic is lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use pluginkit::lifecycle::StateMap;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit_tests::panic_of;

use super::kind::{Manager, implement, wait};

#[extension_point]
trait Specs {
    fn get(&self) -> u32;
    fn make(&self, fails: bool) -> Result<Panics, String>;
    #[extension_point(pipeline)]
    fn add(&self, value: u32) -> u32;
    #[extension_point(historic)]
    fn hear(&self, word: &str);
}

/// Counts its drops and panics in each.
#[derive(Debug)]
struct Panics(&'static str, Arc<AtomicUsize>);

#[extension]
impl Specs for Panics {
    fn get(&self) -> u32 {
        1
    }

    fn add(&self, value: u32) -> u32 {
        value + 1
    }

    fn hear(&self) {}
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
        panic!("{} is dropped", self.0);
    }
}

/// A manager, the number of drops, and what its observer was told of them.
struct Host {
    pm: Arc<Manager>,
    drops: Arc<AtomicUsize>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Host {
    fn new(names: &[&'static str]) -> Self {
        let host = Self { pm: Arc::new(Manager::new("drops")), drops: Arc::default(), told: Arc::default() };
        host.pm.add_extension_points(Specs).unwrap();
        for name in names {
            host.pm.register_as(*name, host.panics(name)).unwrap();
        }
        let told = Arc::clone(&host.told);
        host.pm
            .observe(move |event: &Event<'_>| {
                if let Event::DropPanicked { plugin, message, .. } = event {
                    let plugin = plugin.map_or("nobody", |plugin| plugin.as_str());
                    told.lock().unwrap().push(format!("{plugin}: {message}"));
                }
            })
            .forget();
        host
    }

    fn panics(&self, name: &'static str) -> Panics {
        Panics(name, Arc::clone(&self.drops))
    }

    fn drops(&self) -> usize {
        self.drops.load(Ordering::SeqCst)
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock().unwrap())
    }

    /// Registers a closure that takes the named plugins out of the manager that calls it.
    fn register_remover(&self, names: &'static [&'static str]) {
        let pm = Arc::downgrade(&self.pm);
        let remove = move || {
            let pm = pm.upgrade().unwrap();
            for name in names {
                drop(pm.unregister(name));
            }
        };
        let also = remove.clone();
        self.pm
            .register_fn("remover", Specs::get, move |_| {
                remove();
                2
            })
            .unwrap();
        self.pm
            .register_fn("adder", Specs::add, move |args| {
                also();
                args.value + 10
            })
            .unwrap();
    }
}

#[test]
fn a_manager_drops_every_plugin_though_each_destructor_panics() {
    let Host { pm, drops, told } = Host::new(&["a", "b", "c"]);
    assert_eq!(panic_of(|| drop(pm)), "a is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 3);
    assert_eq!(*told.lock().unwrap(), ["b: b is dropped", "c: c is dropped"]);
}

#[test]
fn a_manager_that_is_dropped_by_a_panic_tells_of_all_destructors() {
    let Host { pm, drops, told } = Host::new(&["a", "b"]);
    let panic = panic_of(|| {
        let _pm = pm;
        panic!("the host's own");
    });
    assert_eq!(panic, "the host's own");
    assert_eq!(drops.load(Ordering::SeqCst), 2);
    let mut told = told.lock().unwrap();
    told.sort_unstable();
    assert_eq!(*told, ["a: a is dropped", "b: b is dropped"]);
}

#[test]
fn try_call_names_the_plugin_of_a_destructor_that_panicked() {
    let host = Host::new(&["a", "b"]);
    host.register_remover(&["a", "b"]);
    let error = wait!(host.pm.caller(Specs::get).try_call()).unwrap_err();
    assert!(matches!(error, CallError::DropPanicked { .. }), "{error:?}");
    assert_eq!(error.plugin().unwrap(), "a");
    assert_eq!(
        error.to_string(),
        "a destructor of plugin `a` panicked in a call of `Specs::get`: a is dropped"
    );
    assert_eq!((host.drops(), host.told()), (2, vec!["b: b is dropped".to_owned()]));
    assert_eq!(wait!(host.pm.caller(Specs::get).try_call()).unwrap(), [2]);
}

#[test]
fn an_error_of_a_call_stays_its_error_when_a_destructor_panics_too() {
    let host = Host::new(&["a"]);
    host.register_remover(&["a"]);
    host.pm.register_fn("fails", Specs::get, |_| panic!("an extension")).unwrap();
    let error = wait!(host.pm.caller(Specs::get).try_call()).unwrap_err();
    assert_eq!(error.to_string(), "plugin `fails` panicked in `Specs::get`: an extension");
    assert_eq!((host.drops(), host.told()), (1, vec!["a: a is dropped".to_owned()]));
}

#[test]
fn settle_adds_an_outcome_for_a_destructor_that_panicked() {
    let host = Host::new(&["a"]);
    host.register_remover(&["a"]);
    let settled = wait!(host.pm.caller(Specs::get).settle());
    let plugins: Vec<_> = settled.iter().map(|each| (each.plugin.as_str(), each.result.is_ok())).collect();
    assert_eq!(plugins, [("a", true), ("remover", true), ("a", false)]);
    assert!(matches!(settled[2].result, Err(CallError::DropPanicked { .. })));
}

#[test]
fn a_settled_pipeline_keeps_its_value_when_a_destructor_panics() {
    let host = Host::new(&["a"]);
    host.register_remover(&["a"]);
    let piped = wait!(host.pm.caller(Specs::add).settle(1));
    assert_eq!((piped.value, piped.settled.len()), (12, 3));
    assert_eq!(piped.settled[2].plugin, "a");
}

#[test]
fn guarded_historic_calls_name_the_plugin_of_a_destructor_that_panicked() {
    let host = Host::new(&["a"]);
    let pm = Arc::downgrade(&host.pm);
    let remove = move |name: &str| drop(pm.upgrade().unwrap().unregister(name));
    host.pm.register_fn("remover", Specs::hear, move |_| remove("a")).unwrap();
    let error = wait!(host.pm.caller(Specs::hear).try_call_historic("word")).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "a");
    assert!(matches!(error, CallError::DropPanicked { .. }), "{error:?}");
    assert_eq!(host.drops(), 1);
}

#[test]
fn a_call_panics_with_the_first_destructor() {
    let host = Host::new(&["a", "b"]);
    host.register_remover(&["a", "b"]);
    assert_eq!(panic_of(|| wait!(host.pm.caller(Specs::get).call())), "a is dropped");
    assert_eq!((host.drops(), host.told()), (2, vec!["b: b is dropped".to_owned()]));
}

#[test]
fn results_left_by_an_error_are_dropped_one_by_one() {
    let host = Host::new(&[]);
    let drops = Arc::clone(&host.drops);
    for name in ["x", "y"] {
        let drops = Arc::clone(&drops);
        host.pm.register_fn(name, Specs::make, move |_| Ok(Panics(name, Arc::clone(&drops)))).unwrap();
    }
    host.pm
        .register_fn("fails", Specs::make, |args| {
            assert!(!args.fails, "an extension");
            Err("no".to_owned())
        })
        .unwrap();
    assert_eq!(panic_of(|| wait!(host.pm.caller(Specs::make).call(false))), "x is dropped");
    assert_eq!(host.drops(), 2);
    assert_eq!(panic_of(|| wait!(host.pm.caller(Specs::make).call(true))), "an extension");
    assert_eq!(host.drops(), 4);
}

#[test]
fn values_of_a_refused_registration_are_dropped_one_by_one() {
    let host = Host::new(&["a"]);
    let all = [("b", host.panics("b")), ("c", host.panics("c")), ("a", host.panics("d"))];
    let panic = panic_of(|| host.pm.register_all(all));
    assert_eq!(panic, "b is dropped");
    assert_eq!((host.drops(), host.told()), (3, vec!["c: c is dropped".into(), "a: d is dropped".into()]));
    assert_eq!(host.pm.plugin_names(), ["a"]);
    assert_eq!(panic_of(|| drop(host)), "a is dropped");
}

#[test]
fn state_services_and_observers_are_dropped_one_by_one() {
    #[derive(Debug)]
    struct Other(Panics);
    let drops = Arc::new(AtomicUsize::new(0));
    let panics = |name| Panics(name, Arc::clone(&drops));
    let state = StateMap::default();
    state.insert(panics("one"));
    let other = state.insert_shared(Arc::new(Other(panics("two"))));
    assert!(other.is_none_or(|other| other.0.0.is_empty()));
    panic_of(|| state.clear());
    assert_eq!((drops.load(Ordering::SeqCst), state.len()), (2, 0));

    let pm = Manager::new("drops");
    for name in ["one", "two"] {
        let held = panics(name);
        pm.observe(move |_: &Event<'_>| drop(format!("{held:?}"))).forget();
    }
    assert_eq!(panic_of(|| drop(pm)), "one is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 4);
}

#[test]
fn a_destructor_that_changes_the_manager_gets_the_panics_of_its_own_change() {
    struct Removes(Weak<Manager>, Arc<Mutex<String>>);
    implement! {
        #[extension]
        impl Specs for Removes {
            fn get(&self) -> u32 {
                3
            }
        }
    }
    impl Drop for Removes {
        fn drop(&mut self) {
            let pm = self.0.upgrade().unwrap();
            *self.1.lock().unwrap() = panic_of(|| drop(pm.unregister("a")));
        }
    }
    let host = Host::new(&["a"]);
    let heard = Arc::default();
    host.pm.register_as("removes", Removes(Arc::downgrade(&host.pm), Arc::clone(&heard))).unwrap();
    drop(host.pm.unregister("removes"));
    assert_eq!(*heard.lock().unwrap(), "a is dropped");
    assert_eq!((host.drops(), host.told()), (1, vec![]));
}

#[test]
fn a_payload_with_a_panicking_destructor_does_not_escape() {
    let host = Host::new(&[]);
    let drops = Arc::clone(&host.drops);
    host.pm
        .register_fn("bad", Specs::get, move |_| std::panic::panic_any(Panics("payload", Arc::clone(&drops))))
        .unwrap();
    let caught = catch_unwind(AssertUnwindSafe(|| wait!(host.pm.caller(Specs::get).try_call())));
    let error = caught.unwrap().unwrap_err();
    assert_eq!(error.plugin().unwrap(), "bad");
    assert_eq!(host.drops(), 1);
}

#[test]
fn a_guarded_call_keeps_its_error_when_results_before_it_panic() {
    let host = Host::new(&[]);
    for name in ["x", "y"] {
        let drops = Arc::clone(&host.drops);
        host.pm.register_fn(name, Specs::make, move |_| Ok(Panics(name, Arc::clone(&drops)))).unwrap();
    }
    host.pm.register_fn("fails", Specs::make, |_| Err("no".to_owned())).unwrap();
    let error = wait!(host.pm.caller(Specs::make).try_call(false)).unwrap_err();
    assert_eq!(error.to_string(), "plugin `fails` failed in `Specs::make`: no");
    assert_eq!(
        (host.drops(), host.told()),
        (2, vec!["nobody: x is dropped".into(), "nobody: y is dropped".into()])
    );
}

#[test]
fn a_call_that_skips_failures_goes_on_when_their_errors_panic() {
    #[extension_point]
    trait Errs {
        fn try_it(&self) -> Result<u32, Panics>;
    }
    let host = Host::new(&[]);
    host.pm.add_extension_points(Errs).unwrap();
    let drops = Arc::clone(&host.drops);
    host.pm.register_fn("bad", Errs::try_it, move |_| Err(Panics("an error", Arc::clone(&drops)))).unwrap();
    host.pm.register_fn("good", Errs::try_it, |_| Ok(7)).unwrap();
    let caller = host.pm.caller(Errs::try_it).on_failure(pluginkit::limits::FailurePolicy::Skip);
    assert_eq!(wait!(caller.try_call()).map_err(|error| error.extension_point()).unwrap(), [7]);
    assert_eq!((host.drops(), host.told()), (1, vec!["bad: an error is dropped".to_owned()]));
}
