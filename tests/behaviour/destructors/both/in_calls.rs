//! Destructors that panic in calls and registrations: each value is dropped, and no panic aborts the process.

use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pluginkit::__private::{Binder, Extends};
use pluginkit::Options;
use pluginkit::limits::FailurePolicy;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::services::Provides;
use pluginkit_tests::panic_of;

use super::kind::{Manager, wait};

#[extension_point]
trait Specs {
    fn get(&self) -> u32;
    fn make(&self) -> Panics;
    fn fail(&self) -> Result<u32, Panics>;
    #[extension_point(historic)]
    fn hear(&self) -> Panics;
    #[extension_point(historic)]
    fn learn(&self) -> Result<u32, String>;
}

#[extension_point]
trait Remembers {
    #[extension_point(historic)]
    fn note(&self, one: Arc<Panics>, two: Arc<Panics>) -> u32;
    #[extension_point(historic)]
    fn mark(&self, one: Arc<Panics>) -> u32;
}

/// Counts its drops and panics in each.
#[derive(Debug)]
struct Panics(&'static str, Arc<AtomicUsize>);

impl Panics {
    /// Takes the whole value, so that a closure captures it whole.
    fn length(&self) -> u32 {
        self.0.len().try_into().unwrap()
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
        panic!("{} is dropped", self.0);
    }
}

impl fmt::Display for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for Panics {}

/// A manager, the number of drops, and the panics that its observer was told of.
struct Host {
    pm: Arc<Manager>,
    drops: Arc<AtomicUsize>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Host {
    fn new() -> Self {
        let host = Self { pm: Arc::new(Manager::new("drops")), drops: Arc::default(), told: Arc::default() };
        host.pm.add_extension_points(Specs).unwrap();
        host.pm.add_extension_points(Remembers).unwrap();
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

    /// Drops the manager, and returns the panic of that.
    fn end(&mut self) -> String {
        let pm = std::mem::replace(&mut self.pm, Arc::new(Manager::new("other")));
        panic_of(|| drop(pm))
    }
}

#[test]
fn a_plugin_and_its_closure_are_dropped_one_by_one() {
    let mut host = Host::new();
    let (held, other) = (host.panics("closure"), host.panics("other"));
    let plugin = PluginBuilder::new(host.panics("plugin")).named("p");
    plugin
        .extension(Specs::get, Options::new(), move |_, _| held.length())
        .extension(Specs::get, Options::new(), move |_, _| other.length())
        .register(&host.pm)
        .unwrap();
    assert_eq!(wait!(host.pm.caller(Specs::get).call()), [7, 5]);
    let mut all = vec![format!("p: {}", host.end())];
    all.extend(host.told());
    all.sort_unstable();
    assert_eq!(all, ["p: closure is dropped", "p: other is dropped", "p: plugin is dropped"]);
    assert_eq!(host.drops(), 3);
}

#[test]
fn try_call_survives_a_plugin_and_its_closure_that_leave_in_it() {
    let host = Host::new();
    let (held, pm) = (host.panics("closure"), Arc::downgrade(&host.pm));
    let plugin = PluginBuilder::new(host.panics("plugin")).named("p");
    plugin
        .extension(Specs::get, Options::new(), move |_, _| {
            drop(pm.upgrade().unwrap().unregister("p"));
            held.length()
        })
        .register(&host.pm)
        .unwrap();
    let error = wait!(host.pm.caller(Specs::get).try_call()).unwrap_err();
    assert!(matches!(error, CallError::DropPanicked { .. }), "{error:?}");
    assert_eq!(error.plugin().unwrap(), "p");
    assert_eq!((host.drops(), host.told().len()), (2, 1));
}

#[test]
fn a_historic_call_that_fails_keeps_its_error_and_tells_observers_of_a_plugin_that_leaves_in_it() {
    for fails in [true, false] {
        let host = Host::new();
        let pm = Arc::downgrade(&host.pm);
        PluginBuilder::new(host.panics("plugin"))
            .named("p")
            .extension(Specs::learn, Options::new(), move |_, _| {
                drop(pm.upgrade().unwrap().unregister("p"));
                if fails { Err("no".to_owned()) } else { Ok(1) }
            })
            .register(&host.pm)
            .unwrap();
        let error = wait!(host.pm.caller(Specs::learn).try_call_historic()).unwrap_err();
        assert_eq!(error.plugin().unwrap(), "p");
        if fails {
            assert!(matches!(&error, CallError::Failed { error, .. } if error == "no"), "{error:?}");
            assert_eq!(host.told(), ["p: plugin is dropped"]);
        } else {
            assert!(matches!(error, CallError::DropPanicked { .. }), "{error:?}");
            assert_eq!(host.told(), [""; 0]);
        }
        assert_eq!(host.drops(), 1);
    }
}

#[test]
fn a_builder_that_is_not_registered_drops_all_it_holds() {
    let host = Host::new();
    let held = host.panics("closure");
    let plugin =
        PluginBuilder::new(host.panics("plugin"))
            .extension(Specs::get, Options::new(), move |_, _| held.length());
    panic_of(|| drop(plugin));
    assert_eq!(host.drops(), 2);
}

trait Clock: Send + Sync {}

/// Panics when it is asked for its service, for its extensions and when it is dropped.
struct Broken(Panics);

impl Provides<dyn Clock> for Broken {
    fn provide(self: Arc<Self>) -> Arc<dyn Clock> {
        panic!("{} provides nothing", self.0);
    }
}

impl Extends<Specs, 7> for Broken {
    fn extend(binder: &mut Binder<Self>) {
        binder.extension(Specs::get, Options::new(), |this, _| this.0.length());
        panic!("extends nothing");
    }
}

#[test]
fn a_plugin_that_panics_while_it_is_registered_and_when_it_is_dropped_does_not_abort() {
    let host = Host::new();
    let broken = || Broken(host.panics("plugin"));
    let panic = panic_of(|| drop(PluginBuilder::new(broken()).provides::<dyn Clock>(0)));
    assert_eq!((panic.as_str(), host.drops()), ("plugin provides nothing", 1));
    let panic = panic_of(|| drop(PluginBuilder::new(broken()).extends(Specs)));
    assert_eq!((panic.as_str(), host.drops()), ("extends nothing", 2));
    let (panic, held) = (|_| panic!("no object"), host.panics("closure"));
    let plugin =
        PluginBuilder::new(broken()).extension(Specs::get, Options::new(), move |_, _| held.length());
    assert_eq!(panic_of(|| drop(plugin.object(Specs::get, Options::new(), panic))), "no object");
    assert_eq!(host.drops(), 4);
}

#[test]
fn remembered_arguments_and_the_sink_are_dropped_one_by_one() {
    let mut host = Host::new();
    let [one, two, three] = ["one", "two", "three"].map(|name| Arc::new(host.panics(name)));
    let sink = host.panics("sink");
    wait!(host.pm.caller(Remembers::note).call_historic(one, two));
    wait!(host.pm.caller(Remembers::mark).call_historic_with(three, move |_| assert_eq!(sink.length(), 4)));
    assert_eq!(host.drops(), 0);
    let mut all = vec![format!("nobody: {}", host.end())];
    all.extend(host.told());
    all.sort_unstable();
    let names = ["one", "sink", "three", "two"].map(|name| format!("nobody: {name} is dropped"));
    assert_eq!((all, host.drops()), (names.to_vec(), 4));
}

impl Host {
    /// Registers two plugins that make a value each, and one that leaves while it makes its own.
    fn register_makers(&self) {
        for name in ["a", "b"] {
            let drops = Arc::clone(&self.drops);
            self.pm.register_fn(name, Specs::make, move |_| Panics(name, Arc::clone(&drops))).unwrap();
        }
        let (held, pm, drops) = (self.panics("closure"), Arc::downgrade(&self.pm), Arc::clone(&self.drops));
        let make = move || {
            drop(pm.upgrade().unwrap().unregister("c"));
            assert_eq!(held.length(), 7);
            Panics("c", Arc::clone(&drops))
        };
        self.pm.register_fn("c", Specs::make, move |_| make()).unwrap();
    }
}

#[test]
fn results_that_try_call_cannot_return_are_dropped_one_by_one() {
    let host = Host::new();
    host.register_makers();
    let error = wait!(host.pm.caller(Specs::make).try_call()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a destructor of plugin `c` panicked in a call of `Specs::make`: closure is dropped"
    );
    let told = ["a", "b", "c"].map(|name| format!("nobody: {name} is dropped"));
    assert_eq!((host.drops(), host.told()), (4, told.to_vec()));
}

#[test]
fn results_of_a_call_in_which_a_destructor_panics_are_dropped_one_by_one() {
    let host = Host::new();
    host.register_makers();
    let panic = panic_of(|| std::mem::forget(wait!(host.pm.caller(Specs::make).call())));
    assert_eq!((panic.as_str(), host.drops()), ("closure is dropped", 4));
}

#[test]
fn results_of_a_call_that_collects_failures_are_dropped_one_by_one() {
    let host = Host::new();
    for name in ["a", "b"] {
        let drops = Arc::clone(&host.drops);
        host.pm.register_fn(name, Specs::make, move |_| Panics(name, Arc::clone(&drops))).unwrap();
    }
    host.pm.register_fn("c", Specs::make, |_| panic!("no result")).unwrap();
    let caller = host.pm.caller(Specs::make).on_failure(FailurePolicy::Collect);
    let error = wait!(caller.try_call()).unwrap_err();
    assert_eq!(error.to_string(), "plugin `c` panicked in `Specs::make`: no result");
    assert_eq!(
        (host.drops(), host.told()),
        (2, vec!["nobody: a is dropped".into(), "nobody: b is dropped".into()])
    );
}

#[test]
fn a_sink_that_panics_leaves_no_results() {
    let host = Host::new();
    for name in ["a", "b", "c"] {
        let drops = Arc::clone(&host.drops);
        host.pm.register_fn(name, Specs::hear, move |_| Panics(name, Arc::clone(&drops))).unwrap();
    }
    let panic = panic_of(|| {
        wait!(host.pm.caller(Specs::hear).call_historic_with(|value| {
            std::mem::forget(value);
            panic!("the sink");
        }));
    });
    assert_eq!((panic.as_str(), host.drops()), ("the sink", 2));
}

/// A call of which `names` fail.
fn failures(host: &Host, names: &[&'static str]) -> CallError<Panics> {
    for name in names {
        let (name, drops) = (*name, Arc::clone(&host.drops));
        host.pm.register_fn(name, Specs::fail, move |_| Err(Panics(name, Arc::clone(&drops)))).unwrap();
    }
    let caller = host.pm.caller(Specs::fail).on_failure(FailurePolicy::Collect);
    wait!(caller.try_call()).unwrap_err()
}

#[test]
fn errors_that_into_inner_leaves_are_dropped_one_by_one() {
    let host = Host::new();
    let error = failures(&host, &["a", "b", "c"]);
    assert_eq!(panic_of(|| std::mem::forget(error.into_inner())), "b is dropped");
    assert_eq!(host.drops(), 3);
}

#[test]
fn errors_that_are_told_by_their_texts_are_dropped_one_by_one() {
    let host = Host::new();
    let error = failures(&host, &["a", "b", "c"]);
    let boxed = catch_unwind(AssertUnwindSafe(|| error.boxed()));
    assert_eq!(*boxed.unwrap_err().downcast::<String>().unwrap(), "a is dropped");
    assert_eq!(host.drops(), 3);
}
