//! Closures of `call_around` whose destructors panic: none aborts the process, and no outcome is leaked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pluginkit::CallError;
use pluginkit::prelude::*;
use pluginkit_tests::{block_on, panic_of, pending};

#[extension_point]
trait Specs {
    fn make(&self, fails: bool) -> Counted;
}

/// Counts its drops.
#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Panics when it is dropped.
struct Bomb(Counted);

impl Bomb {
    fn make(&self) -> Vec<Counted> {
        vec![self.0.clone()]
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the closure explodes");
    }
}

/// Panics around the work of the host.
struct Fails;

#[extension(wrapper)]
impl Specs for Fails {
    fn make(&self, fails: bool, next: Next<'_>) -> Vec<Counted> {
        let made = next.run(fails);
        assert!(!fails, "the wrapper panics");
        made
    }
}

/// The same for an async manager.
struct AsyncFails;

#[extension(wrapper)]
impl Specs for AsyncFails {
    async fn make(&self, fails: bool, next: Next<'_>) -> Vec<Counted> {
        let made = next.run(fails).await;
        assert!(!fails, "the wrapper panics");
        made
    }
}

fn drops(counted: &Counted) -> usize {
    counted.0.load(Ordering::SeqCst)
}

/// Checks calls, each with a closure that has a `Bomb`.
fn check(
    call: impl Fn(Bomb, bool) -> Vec<Counted>,
    guarded: impl Fn(Bomb, bool) -> Result<Vec<Counted>, CallError>,
) {
    for (fails, text) in [(false, "the closure explodes"), (true, "the wrapper panics")] {
        let counted = Counted::default();
        assert_eq!(panic_of(|| call(Bomb(counted.clone()), fails)), text);
        assert_eq!(drops(&counted), 2, "the outcome, and what the closure had");
        let error = guarded(Bomb(counted.clone()), fails).unwrap_err();
        let (CallError::DropPanicked { message, .. } | CallError::Panicked { message, .. }) = &error else {
            panic!("{error}")
        };
        assert_eq!(message, text);
        assert_eq!(matches!(error, CallError::DropPanicked { .. }), !fails);
        assert_eq!(drops(&counted), 4);
    }
}

#[test]
fn a_closure_of_the_host_is_dropped_after_the_call_whatever_panics() {
    let pm = PluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Fails).unwrap();
    let make = pm.caller(Specs::make);
    check(
        |bomb, fails| make.call_around(fails, move |_| bomb.make()),
        |bomb, fails| make.try_call_around(fails, move |_| bomb.make()),
    );
}

#[test]
fn a_closure_of_the_host_of_an_async_call_is_dropped_after_it_whatever_panics() {
    let pm = AsyncPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register(AsyncFails).unwrap();
    let make = pm.caller(Specs::make);
    check(
        |bomb, fails| {
            block_on(make.call_around(fails, &(), move |(), _, slot| {
                let made = bomb.make();
                slot.put(async move {
                    pending(1).await;
                    made
                })
            }))
        },
        |bomb, fails| {
            block_on(make.try_call_around(fails, &(), move |(), _, slot| {
                let made = bomb.make();
                slot.put(async move {
                    pending(1).await;
                    made
                })
            }))
        },
    );
    // A call that never starts.
    let bomb = Bomb(Counted::default());
    let call = make.call_around(false, &(), move |(), _, slot| {
        let made = bomb.make();
        slot.put(async move { made })
    });
    assert_eq!(panic_of(|| drop(call)), "the closure explodes");
}
