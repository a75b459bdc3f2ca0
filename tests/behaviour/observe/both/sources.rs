//! Whose failure: what observers, metrics, errors and breakers are told, for all ways in which two wrappers and an
//! extension can end.

use std::sync::{Arc, Mutex};

use pluginkit::insight::Metrics;
use pluginkit::limits::BreakerPolicy;
use pluginkit::observe::{End, Event, Fault, Observer};
use pluginkit::prelude::*;
use pluginkit::testing::{Outcome, Recorder};

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn parse(&self, text: &str) -> Result<u32, String>;
}

/// What an implementation does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// It passes on the outcome of the rest; an extension returns a value.
    Passes,
    /// It makes an error anew, with the text of the one that came.
    Copies,
    /// It adds to the text of an error.
    Adds,
    /// It returns an error of its own whatever came.
    Replaces,
    /// It returns a value whatever came.
    Recovers,
    /// It returns an error instead of running the rest.
    Refuses,
    /// It panics instead of running the rest.
    Panics,
    /// It runs the rest, and panics.
    PanicsAfter,
}

use Does::{Adds, Copies, Panics, PanicsAfter, Passes, Recovers, Refuses, Replaces};

const WRAPPERS: [Does; 8] = [Passes, Copies, Adds, Replaces, Recovers, Refuses, Panics, PanicsAfter];
const EXTENSIONS: [Does; 3] = [Passes, Refuses, Panics];

/// Panics without a line in the output.
fn unwind(text: &'static str) -> ! {
    std::panic::resume_unwind(Box::new(text))
}

struct Layer(Does, &'static str);

implement! {
    #[extension]
    impl Specs for Layer {
        #[extension(wrapper)]
        fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
            if self.0 == Refuses {
                return Err(format!("refused by {}", self.1));
            }
            if self.0 == Panics {
                unwind(self.1);
            }
            let outcome = awaited!(next.run(text));
            match self.0 {
                Copies => outcome.map_err(|error| error.as_str().to_owned()),
                Adds => outcome.map_err(|error| format!("{}: {error}", self.1)),
                Replaces => Err(format!("replaced by {}", self.1)),
                Recovers => outcome.or(Ok(vec![])),
                PanicsAfter => unwind(self.1),
                _ => outcome,
            }
        }
    }
}

/// What an observer is told of failures.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>, Arc<Mutex<Option<String>>>);

impl Observer for Told {
    fn observe(&self, event: &Event<'_>) {
        if let Event::CallFinished { end, source, .. } = event {
            let has_failed = matches!(end, End::Failed(_) | End::Panicked);
            assert_eq!(has_failed, source.is_some(), "{end:?}");
            *self.1.lock().unwrap() = source.map(ToString::to_string);
        }
    }

    fn fault(&self, fault: &Fault<'_>) {
        assert_eq!(fault.is_wrapper, fault.plugin != "second");
        self.0.lock().unwrap().push(fault.plugin.to_string());
    }
}

/// The plugins that failed, and the one that the error of the call names: as all who are told say.
fn told(wrappers: [Does; 2], extension: Does) -> (Vec<String>, Option<String>) {
    let pm = Manager::new("sources");
    pm.add_extension_points(Specs).unwrap();
    for (name, does) in ["outer", "inner"].into_iter().zip(wrappers) {
        pm.register_as(name, Layer(does, name)).unwrap();
    }
    pm.register_fn("first", Specs::parse, |_| Ok(1)).unwrap();
    pm.register_fn("second", Specs::parse, move |_| match extension {
        Passes => Ok(2),
        Refuses => Err("an error".to_owned()),
        _ => unwind("an extension"),
    })
    .unwrap();
    let plain =
        wait!(pm.caller(Specs::parse).try_call("x")).err().map(|error| error.plugin().unwrap().to_string());

    let (observer, metrics, recorder) = (Told::default(), Metrics::new(), Recorder::new());
    let counted = Arc::new(Mutex::new(Vec::new()));
    let count = Arc::clone(&counted);
    let _guards = (pm.observe(observer.clone()), pm.observe(metrics.clone()), pm.observe(recorder.clone()));
    let _breaker = pm.break_circuits(BreakerPolicy::new(100).count_if(move |fault| {
        count.lock().unwrap().push(fault.plugin.to_string());
        true
    }));
    let error =
        wait!(pm.caller(Specs::parse).try_call("x")).err().map(|error| error.plugin().unwrap().to_string());

    let faults = observer.0.lock().unwrap().clone();
    assert_eq!(plain, error, "with and without observers");
    assert_eq!(*observer.1.lock().unwrap(), error, "the call as a whole");
    assert_eq!(*counted.lock().unwrap(), faults, "the breaker");
    for plugin in ["outer", "inner", "first", "second"] {
        let told = faults.iter().filter(|fault| *fault == plugin).count();
        let measured = metrics.of(plugin, Specs::parse).map_or(0, |each| each.errors + each.panics);
        assert_eq!(measured, told as u64, "the metrics of {plugin}");
        let failed = |outcome: &Outcome| matches!(outcome, Outcome::Failed(_) | Outcome::Panicked);
        let recorded = recorder.recorded().into_iter().filter(|each| each.plugin == plugin);
        let failed = recorded.filter(|each| each.outcome.as_ref().is_some_and(failed)).count();
        assert_eq!(failed, told, "the events of {plugin}");
    }
    (faults, error)
}

#[test]
fn all_who_are_told_of_failures_agree_and_each_is_told_once() {
    for outer in WRAPPERS {
        for inner in WRAPPERS {
            for extension in EXTENSIONS {
                let (faults, error) = told([outer, inner], extension);
                let context = format!("{outer:?} around {inner:?} around {extension:?}: {faults:?}");
                for plugin in &faults {
                    assert_eq!(faults.iter().filter(|other| *other == plugin).count(), 1, "{context}");
                }
                assert!(error.is_none() || faults.last() == error.as_ref(), "{context}, {error:?}");
            }
        }
    }
}

#[test]
fn a_wrapper_that_passes_on_has_not_failed_and_one_that_replaces_has() {
    for (wrappers, extension, expected) in [
        ([Passes, Passes], Refuses, &["second"][..]),
        ([Passes, Copies], Refuses, &["second"]),
        ([Passes, Passes], Panics, &["second"]),
        ([Passes, Adds], Refuses, &["second", "inner"]),
        ([Passes, Replaces], Refuses, &["second", "inner"]),
        ([Passes, Replaces], Passes, &["inner"]),
        ([Replaces, Recovers], Refuses, &["second", "outer"]),
        ([Passes, Refuses], Panics, &["inner"]),
        ([Passes, PanicsAfter], Refuses, &["second", "inner"]),
        ([Adds, Adds], Refuses, &["second", "inner", "outer"]),
        ([Recovers, Passes], Refuses, &["second"]),
    ] {
        let (faults, error) = told(wrappers, extension);
        assert_eq!(faults, expected, "{wrappers:?} around {extension:?}");
        let last = expected.last().filter(|_| wrappers[0] != Recovers);
        assert_eq!(error.as_deref(), last.copied(), "{wrappers:?} around {extension:?}");
    }
}

/// An error without a text.
struct Silent;

#[extension_point]
trait Quiet {
    fn check(&self) -> Result<(), Silent>;
}

struct Around(bool);

implement! {
    #[extension]
    impl Quiet for Around {
        #[extension(wrapper)]
        fn check(&self, next: Next<'_>) -> Result<(), Silent> {
            let outcome = awaited!(next.run());
            if self.0 { Err(Silent) } else { outcome }
        }
    }
}

#[test]
fn an_error_without_a_text_is_passed_on() {
    for replaces in [false, true] {
        let pm = Manager::new("quiet");
        pm.add_extension_points(Quiet).unwrap();
        pm.register(Around(replaces)).unwrap();
        let named = || {
            wait!(pm.caller(Quiet::check).try_call()).err().map(|error| error.plugin().unwrap().to_string())
        };
        assert_eq!(named().as_deref(), replaces.then_some("Around"));
        pm.register_fn("fails", Quiet::check, |_| Err(Silent)).unwrap();
        assert_eq!(named().unwrap(), "fails");
        let _observer = pm.observe(|_: &Event<'_>| {});
        assert_eq!(named().unwrap(), "fails");
    }
}
