//! `try_call` of `async fn`s: the same failure of the same plugin, whether observers follow the call or nothing does.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit_tests::{block_on, pending};

#[extension_point]
trait Specs {
    fn parse(&self, text: &str) -> Result<u32, String>;
    #[extension_point(pipeline)]
    fn change(&self, value: Loud) -> Result<Loud, String>;
    fn take(&self, value: Loud) -> Result<u32, String>;
}

/// What an implementation does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// It passes on the outcome of the rest; an extension returns a value.
    Passes,
    /// It adds to the text of an error.
    Adds,
    /// It returns a value whatever came, a panic too.
    Recovers,
    /// It continues a panic of the rest.
    Resumes,
    /// It panics, and in place of a panic of the rest.
    PanicsAnew,
    /// It returns an error instead of running the rest.
    Refuses,
    /// It panics instead of running the rest.
    Panics,
    /// It runs the rest, and panics with the text of an extension.
    PanicsAlike,
}

use Does::{Adds, Panics, PanicsAlike, PanicsAnew, Passes, Recovers, Refuses, Resumes};

const WRAPPERS: [Does; 8] = [Passes, Adds, Recovers, Resumes, PanicsAnew, Refuses, Panics, PanicsAlike];
const EXTENSIONS: [Does; 3] = [Passes, Refuses, Panics];

/// Panics without a line in the output.
fn unwind(text: &'static str) -> ! {
    std::panic::resume_unwind(Box::new(text))
}

/// Wraps or extends the points, and waits some times.
struct Layer(Does, &'static str, u32);

#[extension]
impl Specs for Layer {
    #[extension(wrapper)]
    async fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
        pending(self.2).await;
        match self.0 {
            Refuses => return Err(format!("refused by {}", self.1)),
            Panics => unwind(self.1),
            _ => {}
        }
        let outcome = AssertUnwindSafe(next.run(text)).catch_unwind().await;
        pending(self.2).await;
        match (self.0, outcome) {
            (PanicsAnew, _) => unwind(self.1),
            (PanicsAlike, _) => unwind("an extension"),
            (Recovers, outcome) => Ok(outcome.unwrap_or(Ok(vec![])).unwrap_or_default()),
            (Adds, Ok(outcome)) => outcome.map_err(|error| format!("{}: {error}", self.1)),
            (_, Ok(outcome)) => outcome,
            (_, Err(panic)) => std::panic::resume_unwind(panic),
        }
    }
}

struct Extends(Does, u32);

impl Extends {
    async fn outcome<T>(&self, value: T) -> Result<T, String> {
        pending(self.1).await;
        match self.0 {
            Refuses => Err("an error".to_owned()),
            Panics => unwind("an extension"),
            _ => Ok(value),
        }
    }
}

#[extension]
impl Specs for Extends {
    async fn parse(&self) -> Result<u32, String> {
        self.outcome(1).await
    }
    async fn change(&self, value: Loud) -> Result<Loud, String> {
        self.outcome(value).await
    }
    async fn take(&self) -> Result<u32, String> {
        self.outcome(1).await
    }
}

/// A value whose destructor panics if it is told to and no other clone is left.
#[derive(Clone)]
struct Loud(Arc<bool>);

impl Drop for Loud {
    fn drop(&mut self) {
        if *self.0 && Arc::strong_count(&self.0) == 1 {
            unwind("dropped");
        }
    }
}

fn manager(extension: Does, waits: u32) -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("guarded");
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("first", Extends(Passes, waits)).unwrap();
    pm.register_as("second", Extends(extension, waits)).unwrap();
    pm.register_as("third", Extends(Passes, waits)).unwrap();
    pm
}

/// The outcome of `call` without observers and with one, which must be the same: the text, and the plugin of a failure.
fn same<T, E: std::fmt::Display>(
    pm: &AsyncPluginManager,
    what: &str,
    call: impl Fn() -> Result<T, CallError<E>>,
) -> Option<(String, Option<String>)> {
    let seen = || {
        let error = call().err()?;
        Some((error.to_string(), error.plugin().map(ToString::to_string)))
    };
    let plain = [seen(), seen()];
    let _observer = pm.observe(|_: &Event<'_>| {});
    let observed = seen();
    assert_eq!(plain, [observed.clone(), observed.clone()], "{what}");
    observed
}

#[test]
fn a_failure_is_of_the_same_plugin_with_and_without_observers() {
    let mut failures = 0;
    for (outer, inner) in WRAPPERS.into_iter().flat_map(|outer| WRAPPERS.map(|inner| (outer, inner))) {
        for (extension, waits) in EXTENSIONS.into_iter().flat_map(|each| [(each, 0), (each, 1)]) {
            let pm = manager(extension, waits);
            pm.register_as("outer", Layer(outer, "outer", waits)).unwrap();
            pm.register_as("inner", Layer(inner, "inner", waits)).unwrap();
            let what = format!("{outer:?} around {inner:?} around {extension:?}, {waits} waits");
            let failed = same(&pm, &what, || block_on(pm.caller(Specs::parse).try_call("x")));
            failures += usize::from(failed.is_some());
            if [outer, inner].iter().all(|each| [Passes, Resumes].contains(each)) {
                let plugin = failed.map(|(_, plugin)| plugin.unwrap());
                assert_eq!(plugin.as_deref(), (extension != Passes).then_some("second"), "{what}");
            }
        }
    }
    assert!(failures > 200, "{failures}");
}

#[test]
fn without_wrappers_the_extension_that_failed_is_named() {
    for (extension, waits) in EXTENSIONS.into_iter().flat_map(|each| [(each, 0), (each, 2)]) {
        let pm = manager(extension, waits);
        let what = format!("{extension:?}, {waits} waits");
        let failed = same(&pm, &what, || block_on(pm.caller(Specs::parse).try_call("x")));
        let plugin = failed.map(|(_, plugin)| plugin.unwrap());
        assert_eq!(plugin.as_deref(), (extension != Passes).then_some("second"), "{what}");
    }
}

#[test]
fn a_destructor_of_an_argument_that_panics_fails_a_call_that_has_not_failed() {
    for (extension, waits) in EXTENSIONS.into_iter().flat_map(|each| [(each, 0), (each, 1)]) {
        let pm = manager(extension, waits);
        let what = format!("{extension:?}, {waits} waits");
        let value = || Loud(Arc::new(true));
        let taken = same(&pm, &what, || block_on(pm.caller(Specs::take).try_call(value())));
        // The outcome of a pipeline is the argument, which is leaked here. A panic would meet it in the extension.
        let changed = || block_on(pm.caller(Specs::change).try_call(value())).map(std::mem::forget);
        let changed = if extension == Panics { None } else { same(&pm, &what, changed) };
        let (text, plugin) = taken.expect("a destructor or an extension has panicked");
        match extension {
            Passes => assert!(text.contains("dropped") && changed.is_none(), "{text}, {changed:?}"),
            _ => assert_eq!(plugin.as_deref(), Some("second"), "{what}"),
        }
    }
}

#[test]
fn a_call_that_is_dropped_at_any_time_drops_what_it_has() {
    let value = Arc::new(false);
    for polls in 0..8 {
        let pm = manager(Passes, 2);
        let caller = pm.caller(Specs::take);
        let mut call = Box::pin(caller.try_call(Loud(Arc::clone(&value))));
        for _ in 0..polls {
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            if call.as_mut().poll(&mut context).is_ready() {
                break;
            }
        }
        drop(call);
        assert_eq!(Arc::strong_count(&value), 1, "after {polls} polls");
    }
}
