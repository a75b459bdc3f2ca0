//! Results with destructors that panic, in calls whose observer or whose error's text panics as well: no such call aborts the
//! process.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pluginkit::Options;
use pluginkit::limits::FailurePolicy;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit_tests::{block_on, panic_of, pending};

#[extension_point]
trait Specs {
    fn make(&self) -> Panics;
    fn fail(&self) -> Result<u32, Panics>;
    #[extension_point(historic)]
    fn hear(&self) -> Panics;
}

/// Counts its drops and panics in each, and when it is shown.
#[derive(Debug)]
struct Panics(Arc<AtomicUsize>);

impl fmt::Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("it is shown")
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("it is dropped");
    }
}

struct Passes;

#[extension]
impl Specs for Passes {
    #[extension(wrapper)]
    fn make(&self, next: Next<'_>) -> Vec<Panics> {
        next.run()
    }

    #[extension(wrapper)]
    fn fail(&self, next: Next<'_>) -> Result<Vec<u32>, Panics> {
        next.run()
    }
}

/// Returns a manager, and the number of drops. Its observer panics if `observed`.
fn host(observed: bool, wrapped: bool) -> (PluginManager, Arc<AtomicUsize>) {
    let (pm, drops) = (PluginManager::new("observed"), Arc::new(AtomicUsize::new(0)));
    pm.add_extension_points(Specs).unwrap();
    let [make, fail, hear] = [(); 3].map(|()| Arc::clone(&drops));
    pm.register_fn("makes", Specs::make, move |_| Panics(Arc::clone(&make))).unwrap();
    pm.register_fn("fails", Specs::fail, move |_| Err(Panics(Arc::clone(&fail)))).unwrap();
    pm.register_fn("hears", Specs::hear, move |_| Panics(Arc::clone(&hear))).unwrap();
    if wrapped {
        pm.register(Passes).unwrap();
    }
    if observed {
        pm.observe(|event: &Event<'_>| {
            assert!(!matches!(event, Event::ExtensionFinished { .. }), "an observer");
        })
        .forget();
    }
    (pm, drops)
}

#[test]
fn a_result_is_dropped_if_an_observer_of_its_end_panics() {
    for wrapped in [false, true] {
        let (pm, drops) = host(true, wrapped);
        let make = pm.caller(Specs::make);
        assert_eq!(panic_of(|| std::mem::forget(make.call())), "an observer");
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert_eq!(panic_of(|| make.iter().for_each(std::mem::forget)), "an observer");
        assert_eq!(drops.load(Ordering::SeqCst), 2);
        let error = make.try_call().unwrap_err();
        assert!(
            matches!(&error, CallError::Panicked { message, .. } if message == "an observer"),
            "{error:?}"
        );
        assert_eq!(drops.load(Ordering::SeqCst), 3);
    }
}

#[test]
fn a_result_of_a_historic_call_is_dropped_if_an_observer_of_its_end_panics() {
    let (pm, drops) = host(true, false);
    let hear = pm.caller(Specs::hear);
    assert_eq!(panic_of(|| std::mem::forget(hear.call_historic())), "an observer");
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    hear.try_call_historic().map(std::mem::forget).unwrap_err();
    assert_eq!(drops.load(Ordering::SeqCst), 2);
}

#[test]
fn a_result_is_dropped_before_a_call_goes_on_after_an_observer_panicked() {
    let (pm, drops) = host(true, false);
    let make = pm.caller(Specs::make);
    assert!(make.on_failure(FailurePolicy::Skip).try_call().unwrap().is_empty());
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    let error = make.on_failure(FailurePolicy::Collect).try_call().unwrap_err();
    assert_eq!(error.plugin().unwrap(), "makes");
    assert_eq!(drops.load(Ordering::SeqCst), 2);
    let settled = make.settle();
    assert!(matches!(settled[0].result, Err(CallError::Panicked { .. })), "{settled:?}");
    assert_eq!(drops.load(Ordering::SeqCst), 3);
}

#[test]
fn an_error_whose_text_panics_is_dropped() {
    for wrapped in [false, true] {
        let (pm, drops) = host(false, wrapped);
        let _observer = pm.observe(|_: &Event<'_>| {});
        let fail = pm.caller(Specs::fail);
        let error = fail.try_call().unwrap_err();
        assert!(
            matches!(&error, CallError::Panicked { message, .. } if message == "it is shown"),
            "{error:?}"
        );
        assert_eq!((error.plugin().unwrap().as_str(), drops.load(Ordering::SeqCst)), ("fails", 1));
        assert!(fail.on_failure(FailurePolicy::Skip).try_call().unwrap().is_empty());
        assert_eq!(drops.load(Ordering::SeqCst), 2);
        let settled = fail.settle();
        assert!(matches!(settled[0].result, Err(CallError::Panicked { .. })), "{settled:?}");
        assert_eq!(drops.load(Ordering::SeqCst), 3);
    }
}

#[test]
fn an_error_whose_text_panics_is_kept_without_observers() {
    for wrapped in [false, true] {
        let (pm, drops) = host(false, wrapped);
        let fail = pm.caller(Specs::fail);
        let is_kept = |error: CallError<Panics>| {
            assert!(
                matches!(&error, CallError::Failed { plugin: Some(plugin), .. } if plugin == "fails"),
                "{error:?}"
            );
            std::mem::forget(error);
        };
        is_kept(fail.try_call().unwrap_err());
        is_kept(fail.timeout(Duration::from_secs(60)).try_call().unwrap_err());
        fail.settle().into_iter().for_each(|each| is_kept(each.result.unwrap_err()));
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        assert!(fail.on_failure(FailurePolicy::Skip).try_call().unwrap().is_empty());
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_result_of_a_concurrent_call_is_dropped_if_an_observer_of_its_end_panics() {
    for awaited in [false, true] {
        let (pm, drops) = (AsyncPluginManager::new("observed"), Arc::new(AtomicUsize::new(0)));
        pm.add_extension_points(Specs).unwrap();
        let made = Arc::clone(&drops);
        if awaited {
            let waits = PluginBuilder::new(()).named("waits");
            waits
                .async_extension(Specs::make, Options::new(), move |_, _, slot| {
                    let made = Arc::clone(&made);
                    slot.put(async move {
                        pending(1).await;
                        Panics(made)
                    })
                })
                .register(&pm)
                .unwrap();
        } else {
            pm.register_fn("makes", Specs::make, move |_| Panics(Arc::clone(&made))).unwrap();
        }
        pm.observe(|event: &Event<'_>| {
            assert!(!matches!(event, Event::ExtensionFinished { .. }), "an observer");
        })
        .forget();
        let call = pm.caller(Specs::make).call_concurrent();
        assert_eq!(panic_of(|| std::mem::forget(block_on(call))), "an observer");
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    }
}
