//! Arguments, running values and results with destructors that panic: guarded calls return an error, and no value leaks.

use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit_tests::panic_of;

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn make(&self, given: Value) -> Result<Value, Value>;
    #[extension_point(firstresult)]
    fn find(&self, given: Value) -> Option<Value>;
    #[extension_point(pipeline)]
    fn change(&self, value: Value) -> Value;
    #[extension_point(pipeline)]
    fn edit(&self, value: Value) -> Option<Value>;
    #[extension_point(historic)]
    fn hear(&self, number: u32) -> Result<Value, Value>;
}

/// Counts itself among those that live. It may panic when it is dropped or cloned.
#[derive(Debug)]
struct Value {
    name: &'static str,
    panics: bool,
    clones: bool,
    live: Arc<AtomicIsize>,
}

impl Value {
    fn of(name: &'static str, live: &Arc<AtomicIsize>) -> Self {
        live.fetch_add(1, Ordering::SeqCst);
        Self { name, panics: false, clones: true, live: Arc::clone(live) }
    }

    /// The same value, which panics when it is dropped.
    fn panicking(self) -> Self {
        self.with(true, true)
    }

    /// The same value, which panics when it is cloned.
    fn unique(self) -> Self {
        self.with(false, false)
    }

    fn with(mut self, panics: bool, clones: bool) -> Self {
        (self.panics, self.clones) = (panics, clones);
        self
    }

    /// Drops the value without a panic.
    fn take(mut self) {
        self.panics = false;
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        assert!(self.clones, "{} is cloned", self.name);
        Self::of(self.name, &self.live).with(self.panics, self.clones)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Ordering::SeqCst);
        assert!(!self.panics, "{} is dropped", self.name);
    }
}

struct Host {
    pm: Manager,
    live: Arc<AtomicIsize>,
}

impl Host {
    fn new() -> Self {
        let pm = Manager::new("values");
        pm.add_extension_points(Specs).unwrap();
        Self { pm, live: Arc::default() }
    }

    fn value(&self, name: &'static str) -> Value {
        Value::of(name, &self.live)
    }

    fn live(&self) -> isize {
        self.live.load(Ordering::SeqCst)
    }

    /// Registers a step of `change`, which takes the value and returns another.
    fn changes(&self, name: &'static str, change: impl Fn(Value) -> Value + Send + Sync + 'static) {
        let live = Arc::clone(&self.live);
        let step = move |given: Value| {
            given.take();
            change(Value::of(name, &live))
        };
        self.pm.register_fn(name, Specs::change, move |args| step(args.value)).unwrap();
    }

    /// Registers plugins that make a value that panics when it is dropped, and one that fails.
    fn makers(&self) {
        for name in ["a", "b"] {
            let (made, heard) = (Arc::clone(&self.live), Arc::clone(&self.live));
            self.pm.register_fn(name, Specs::make, move |_| Ok(Value::of(name, &made).panicking())).unwrap();
            let hears = format!("{name}-hears");
            self.pm
                .register_fn(&*hears, Specs::hear, move |_| Ok(Value::of(name, &heard).panicking()))
                .unwrap();
        }
        let (made, heard) = (Arc::clone(&self.live), Arc::clone(&self.live));
        self.pm.register_fn("fails", Specs::make, move |_| Err(Value::of("error", &made))).unwrap();
        self.pm.register_fn("fails-too", Specs::hear, move |_| Err(Value::of("error", &heard))).unwrap();
    }
}

/// A wrapper that passes everything on.
struct Passes;

implement! {
    #[extension]
    impl Specs for Passes {
        #[extension(wrapper)]
        fn make(&self, given: Value, next: Next<'_>) -> Result<Vec<Value>, Value> {
            awaited!(next.run(given))
        }
    }
}

fn is_dropped<E: std::fmt::Debug>(error: &CallError<E>, name: &str) {
    assert!(matches!(error, CallError::DropPanicked { .. }), "{error:?}");
    assert!(format!("{error:?}").contains(&format!("{name} is dropped")), "{error:?}");
}

#[test]
fn an_argument_that_no_extension_takes_is_dropped_at_the_end() {
    let host = Host::new();
    let caller = host.pm.caller(Specs::make);
    let given = || host.value("given").panicking();
    assert_eq!(panic_of(|| wait!(caller.call(given()))), "given is dropped");
    is_dropped(&wait!(caller.try_call(given())).unwrap_err(), "given");
    for policy in [FailurePolicy::Skip, FailurePolicy::Collect] {
        is_dropped(&wait!(caller.on_failure(policy).try_call(given())).unwrap_err(), "given");
    }
    let settled = wait!(caller.settle(given()));
    assert_eq!((settled.len(), settled[0].plugin.as_str()), (1, "(host)"));
    is_dropped(settled[0].result.as_ref().unwrap_err(), "given");
    assert_eq!(host.live(), 0);
}

#[test]
fn an_answer_does_not_leak_when_the_argument_panics() {
    let host = Host::new();
    let live = Arc::clone(&host.live);
    host.pm
        .register_fn("first", Specs::find, move |args| {
            args.given.take();
            Some(Value::of("answer", &live))
        })
        .unwrap();
    host.pm.register_fn("second", Specs::find, |args| Some(args.given)).unwrap();
    let caller = host.pm.caller(Specs::find);
    let given = || host.value("given").panicking();
    assert_eq!(panic_of(|| wait!(caller.call(given()))), "given is dropped");
    is_dropped(&wait!(caller.try_call(given())).unwrap_err(), "given");
    assert_eq!(host.live(), 0);
    let settled = wait!(caller.settle(given()));
    let plugins: Vec<_> = settled.iter().map(|each| (each.plugin.as_str(), each.result.is_ok())).collect();
    assert_eq!(plugins, [("first", true), ("(host)", false)]);
    drop(settled);
    assert_eq!(host.live(), 0);
}

#[test]
fn an_error_does_not_leak_when_the_results_before_it_panic() {
    let host = Host::new();
    host.makers();
    for wrapped in [false, true] {
        if wrapped {
            host.pm.register(Passes).unwrap();
        }
        let caller = host.pm.caller(Specs::make);
        assert_eq!(panic_of(|| wait!(caller.call(host.value("given")))), "a is dropped");
        assert_eq!(host.live(), 0, "wrapped: {wrapped}");
        assert_eq!(
            wait!(caller.try_call(host.value("given"))).unwrap_err().into_inner().unwrap().name,
            "error"
        );
        assert_eq!(host.live(), 0, "wrapped: {wrapped}");
    }
}

#[test]
fn a_historic_call_keeps_its_error_when_the_results_before_it_panic() {
    let host = Host::new();
    host.makers();
    let error = wait!(host.pm.caller(Specs::hear).try_call_historic(1)).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "fails-too");
    assert_eq!(error.into_inner().unwrap().name, "error");
    assert_eq!(host.live(), 0);
}

#[test]
fn a_clone_of_the_running_value_that_panics_fails_the_call_without_a_leak() {
    let host = Host::new();
    host.changes("one", |value| value);
    host.changes("two", |value| value);
    let caller = host.pm.caller(Specs::change);
    let given = || host.value("given").panicking();
    for policy in [FailurePolicy::Skip, FailurePolicy::Collect] {
        is_dropped(&wait!(caller.on_failure(policy).try_call(given())).unwrap_err(), "given");
        assert_eq!(host.live(), 0);
    }
    assert_eq!(wait!(caller.try_call(given())).unwrap().name, "two");
    let piped = wait!(caller.settle(given()));
    let plugins: Vec<_> =
        piped.settled.iter().map(|each| (each.plugin.as_str(), each.result.is_ok())).collect();
    assert_eq!((piped.value.name, plugins), ("two", vec![("one", true), ("(host)", false), ("two", true)]));
    drop(piped);
    assert_eq!(host.live(), 0);
}

#[test]
fn a_running_value_that_panics_when_it_is_replaced_fails_the_call_without_a_leak() {
    let host = Host::new();
    let live = Arc::clone(&host.live);
    let edit = move |given: Value| {
        given.take();
        Some(Value::of("edited", &live))
    };
    host.pm.register_fn("edits", Specs::edit, move |args| edit(args.value)).unwrap();
    host.pm.register_fn("abstains", Specs::edit, |_| None).unwrap();
    let caller = host.pm.caller(Specs::edit);
    let given = || host.value("given").panicking();
    assert_eq!(panic_of(|| wait!(caller.call(given()))), "given is dropped");
    assert_eq!(host.live(), 0);
    for policy in [FailurePolicy::FailFast, FailurePolicy::Skip, FailurePolicy::Collect] {
        is_dropped(&wait!(caller.on_failure(policy).try_call(given())).unwrap_err(), "given");
        assert_eq!(host.live(), 0);
    }
    let piped = wait!(caller.settle(given()));
    let plugins: Vec<_> =
        piped.settled.iter().map(|each| (each.plugin.as_str(), each.result.is_ok())).collect();
    assert_eq!(piped.value.name, "edited");
    assert_eq!(plugins, [("edits", true), ("(host)", false), ("abstains", true)]);
    drop(piped);
    assert_eq!(host.live(), 0);
}

#[test]
fn settle_goes_on_with_the_value_before_if_a_value_cannot_be_cloned() {
    let host = Host::new();
    host.changes("one", |value| value);
    host.changes("two", Value::unique);
    host.changes("three", |value| value);
    let piped = wait!(host.pm.caller(Specs::change).settle(host.value("given")));
    assert_eq!(piped.value.name, "three");
    let told: Vec<_> =
        piped.settled.iter().map(|each| each.result.as_ref().map(|value| value.name)).collect();
    assert_eq!((told[0].as_ref().ok(), told[2].as_ref().ok()), (Some(&"one"), Some(&"three")));
    assert!(
        matches!(told[1], Err(CallError::Panicked { message, .. }) if message == "two is cloned"),
        "{told:?}"
    );
    assert_eq!((piped.settled.len(), piped.settled[1].plugin.as_str()), (3, "two"));
    drop(piped);
    assert_eq!(host.live(), 0);
}

#[test]
fn settle_runs_no_extension_on_a_value_that_cannot_be_cloned() {
    let host = Host::new();
    host.changes("one", |value| value);
    let piped = wait!(host.pm.caller(Specs::change).settle(host.value("given").unique()));
    assert_eq!((piped.value.name, piped.settled.len()), ("given", 1));
    assert!(matches!(&piped.settled[0].result, Err(CallError::Panicked { .. })), "{piped:?}");
    drop(piped);
    assert_eq!(host.live(), 0);
}
