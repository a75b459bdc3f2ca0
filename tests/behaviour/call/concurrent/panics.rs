//! Panics of extensions and of destructors in calls whose extensions run at the same time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use pluginkit::limits::{BreakerPolicy, FailurePolicy};
use pluginkit::observe::{Event, ObserverGuard};
use pluginkit::prelude::*;
use pluginkit::{CallError, Options};
use pluginkit_tests::{block_on, panic_of, pending};

use super::{Specs, manager};

/// Passes everything on.
struct Pass;

#[extension(wrapper)]
impl Specs for Pass {
    async fn parse(&self, next: Next<'_>) -> Result<Vec<u32>, String> {
        next.run().await
    }
    async fn join(&self, next: Next<'_>) -> Result<String, String> {
        next.run().await
    }
    async fn unit(&self, next: Next<'_>) {
        next.run().await;
    }
}

/// Its destructor panics, unless the thread unwinds.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "{}", self.0);
    }
}

/// Adds an `async fn` of `join` that is pending `pends` times, and then does this.
fn add_join(
    pm: &AsyncPluginManager,
    name: &'static str,
    pends: u32,
    ends: fn() -> Result<Option<String>, String>,
) {
    let builder = PluginBuilder::new(()).named(name);
    let builder = builder.async_extension(Specs::join, Options::new(), move |_, _, slot| {
        slot.put(async move {
            pending(pends).await;
            ends()
        })
    });
    builder.register(pm).unwrap();
}

/// Adds an `async fn` of `parse` that is pending once, and then does this.
fn add_parse(pm: &AsyncPluginManager, name: &'static str, ends: fn() -> Result<Option<u32>, String>) {
    let builder = PluginBuilder::new(()).named(name);
    let builder = builder.async_extension(Specs::parse, Options::new(), move |_, _, slot| {
        slot.put(async move {
            pending(1).await;
            ends()
        })
    });
    builder.register(pm).unwrap();
}

/// Adds the plugin `armed`. Its futures never end, and panic when they are dropped.
fn add_armed(pm: &AsyncPluginManager) {
    let builder = PluginBuilder::new(()).named("armed");
    let builder = builder.async_extension(Specs::join, Options::new(), |_, _, slot| {
        slot.put(async {
            let _bomb = Bomb("the destructor of a future");
            std::future::pending().await
        })
    });
    let builder = builder.async_extension(Specs::parse, Options::new(), |_, _, slot| {
        slot.put(async {
            let _bomb = Bomb("the destructor of a future");
            std::future::pending().await
        })
    });
    builder.register(pm).unwrap();
}

#[expect(clippy::unnecessary_wraps, reason = "the point returns this type")]
fn word(word: &str) -> Result<Option<String>, String> {
    Ok(Some(word.to_owned()))
}

/// The ends that an observer sees: of each implementation, and of the call with its source.
fn ends(pm: &AsyncPluginManager) -> (ObserverGuard, Arc<Mutex<Vec<String>>>) {
    let ends: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&ends);
    let guard = pm.observe(move |event: &Event<'_>| {
        let end = match event {
            Event::ExtensionFinished { plugin, end, .. } => format!("{plugin} {end:?}"),
            Event::CallFinished { end, source, .. } => {
                format!("call {end:?} by {}", source.map_or("nobody", PluginId::as_str))
            }
            Event::DropPanicked { plugin, message, .. } => {
                format!("{} drops: {message}", plugin.map_or("nobody", PluginId::as_str))
            }
            _ => return,
        };
        seen.lock().unwrap().push(end);
    });
    (guard, ends)
}

#[test]
fn a_panic_that_unwinds_is_that_of_its_extension_whatever_wrapper_it_passes() {
    for wrapped in [false, true] {
        let (pm, _) = manager();
        if wrapped {
            pm.register_as("pass", Pass).unwrap();
        }
        let bad =
            PluginBuilder::new(()).named("bad").async_extension(Specs::unit, Options::new(), |_, _, slot| {
                slot.put(async {
                    pending(1).await;
                    panic!("boom")
                })
            });
        bad.register(&pm).unwrap();
        let breaker = pm.break_circuits(BreakerPolicy::new(1).including_wrappers());
        let (_observer, ends) = ends(&pm);
        assert_eq!(panic_of(|| block_on(pm.caller(Specs::unit).call_concurrent(1))), "boom");
        let pass = if wrapped { vec!["pass PassedOn { error: None }"] } else { vec![] };
        let expected = [vec!["bad Panicked"], pass, vec!["call Panicked by bad"]].concat();
        assert_eq!(*ends.lock().unwrap(), expected);
        drop(breaker);
    }
}

#[test]
fn a_panic_behind_the_item_that_ends_a_call_does_not_unwind() {
    for observed in [false, true] {
        let (pm, _) = manager();
        let _ends = observed.then(|| ends(&pm));
        for (name, pends, panics) in [("stops", 2, false), ("late", 0, true)] {
            let builder = PluginBuilder::new(()).named(name);
            let builder = builder.async_extension(Specs::join, Options::new(), move |_, _, slot| {
                slot.put(async move {
                    pending(pends).await;
                    assert!(!panics, "late");
                    word("stop")
                })
            });
            builder.register(&pm).unwrap();
        }
        pm.register_fn("never", Specs::join, |_| panic!("never")).unwrap();
        let join = pm.caller(Specs::join);
        assert_eq!(block_on(join.call("x")).unwrap(), "stop");
        assert_eq!(block_on(join.call_concurrent("x")).unwrap(), "stop");
        // An earlier error counts, too.
        pm.register_fn_with("fails", Specs::join, Options::new().tryfirst(), |_| Err("no".into())).unwrap();
        assert_eq!(block_on(join.call_concurrent("x")), Err("no".into()));
    }
}

#[test]
fn the_first_panic_in_call_order_unwinds_and_each_is_told() {
    let (pm, _) = manager();
    add_join(&pm, "first", 2, || panic!("first"));
    pm.register_fn("second", Specs::join, |_| panic!("second")).unwrap();
    let (_observer, ends) = ends(&pm);
    assert_eq!(panic_of(|| block_on(pm.caller(Specs::join).call_concurrent("x"))), "first");
    assert_eq!(*ends.lock().unwrap(), ["second Panicked", "first Panicked", "call Panicked by first"]);
}

#[test]
fn a_destructor_does_not_replace_a_panic_that_unwinds() {
    let (pm, _) = manager();
    add_armed(&pm);
    add_parse(&pm, "panics", || panic!("boom"));
    let (_observer, ends) = ends(&pm);
    assert_eq!(panic_of(|| block_on(pm.caller(Specs::parse).call_concurrent("x"))), "boom");
    let ends = ends.lock().unwrap();
    assert!(ends.contains(&"armed drops: the destructor of a future".to_owned()), "{ends:?}");
}

#[test]
fn a_destructor_behind_the_end_of_a_guarded_call_fails_it_for_its_own_plugin() {
    for (wrapped, policy) in [false, true].into_iter().flat_map(|wrapped| {
        [FailurePolicy::FailFast, FailurePolicy::Skip, FailurePolicy::Collect].map(|policy| (wrapped, policy))
    }) {
        let (pm, _) = manager();
        if wrapped {
            pm.register_as("pass", Pass).unwrap();
        }
        add_join(&pm, "stops", 1, || word("stop"));
        add_armed(&pm);
        let (_observer, ends) = ends(&pm);
        let error = block_on(pm.caller(Specs::join).on_failure(policy).try_call_concurrent("x")).unwrap_err();
        assert!(matches!(&error, CallError::DropPanicked { .. }), "{policy:?}: {error}");
        assert_eq!(error.plugin().map(PluginId::as_str), Some("armed"), "{policy:?}");
        let ends = ends.lock().unwrap();
        assert!(!ends.iter().any(|end| end.starts_with("pass") && end.contains("Panicked")), "{ends:?}");
    }
}

#[test]
fn a_destructor_does_not_replace_the_failure_of_a_guarded_call() {
    let (pm, _) = manager();
    pm.register_as("pass", Pass).unwrap();
    add_parse(&pm, "fails", || Err("no".into()));
    add_armed(&pm);
    let (_observer, ends) = ends(&pm);
    let error = block_on(pm.caller(Specs::parse).try_call_concurrent("x")).unwrap_err();
    assert!(matches!(&error, CallError::Failed { error, .. } if error == "no"), "{error}");
    assert_eq!(error.plugin().map(PluginId::as_str), Some("fails"));
    assert!(ends.lock().unwrap().contains(&"armed drops: the destructor of a future".to_owned()));
}

/// An item that may be armed. Reducing one that is not ends a call.
struct Item(Option<Bomb>);

/// Takes one item.
struct One;

impl pluginkit::reduce::Reduce for One {
    type Item = Item;
    type Output = bool;

    fn start() -> Self {
        Self
    }
    fn take(&mut self, item: Item) -> std::ops::ControlFlow<()> {
        assert!(item.0.is_none());
        std::ops::ControlFlow::Break(())
    }
    fn finish(self) -> bool {
        true
    }
}

#[extension_point]
trait Armed {
    #[extension_point(reduce = One)]
    fn take(&self) -> Item;
}

#[test]
fn an_item_behind_the_end_of_a_call_is_dropped_for_its_own_plugin() {
    let pm = AsyncPluginManager::new("concurrent");
    pm.add_extension_points(Armed).unwrap();
    let ends =
        PluginBuilder::new(()).named("ends").async_extension(Armed::take, Options::new(), |_, _, slot| {
            slot.put(async {
                pending(1).await;
                Item(None)
            })
        });
    ends.register(&pm).unwrap();
    pm.register_fn("armed", Armed::take, |_| Item(Some(Bomb("the destructor of an item")))).unwrap();
    let take = pm.caller(Armed::take);
    let error = block_on(take.try_call_concurrent()).unwrap_err();
    assert!(matches!(&error, CallError::DropPanicked { .. }), "{error}");
    assert_eq!(error.plugin().map(PluginId::as_str), Some("armed"));
    assert_eq!(panic_of(|| block_on(take.call_concurrent())), "the destructor of an item");
    assert!(catch_unwind(AssertUnwindSafe(|| block_on(take.without(["armed"]).call_concurrent()))).unwrap());
}
