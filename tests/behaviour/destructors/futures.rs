//! Destructors of futures that panic, in concurrent calls and in a sync manager that waits.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use pluginkit::Options;
use pluginkit::calls::ExtensionFuture;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit_tests::{block_on, panic_of, pending};

#[extension_point]
trait Specs {
    fn get(&self, first: bool) -> Result<u32, String>;
}

/// Counts its drops and panics in each.
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

struct Host {
    pm: AsyncPluginManager,
    drops: Arc<AtomicUsize>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Host {
    /// A manager with two extensions that wait for ever.
    fn new() -> Self {
        let host = Self { pm: AsyncPluginManager::new("drops"), drops: Arc::default(), told: Arc::default() };
        host.pm.add_extension_points(Specs).unwrap();
        for name in ["a", "b"] {
            let drops = Arc::clone(&host.drops);
            host.add(name, move || {
                let held = Panics(name, Arc::clone(&drops));
                ExtensionFuture::new(async move {
                    let _held = held;
                    std::future::pending().await
                })
            });
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

    fn add(
        &self,
        name: &'static str,
        future: impl Fn() -> ExtensionFuture<'static, Result<u32, String>> + Send + Sync + 'static,
    ) {
        let plugin = PluginBuilder::new(()).named(name);
        plugin
            .async_extension(Specs::get, Options::new(), move |_, _, _| future())
            .register(&self.pm)
            .unwrap();
    }

    fn drops(&self) -> usize {
        self.drops.load(Ordering::SeqCst)
    }

    fn told(&self) -> Vec<String> {
        let mut told = std::mem::take(&mut *self.told.lock().unwrap());
        told.sort_unstable();
        told
    }
}

#[test]
fn an_error_drops_the_futures_beside_it_one_by_one() {
    for pends in [0, 1] {
        let host = Host::new();
        host.add("c", move || {
            ExtensionFuture::new(async move {
                pending(pends).await;
                Err("no".to_owned())
            })
        });
        let call = host.pm.caller(Specs::get).call_concurrent(true);
        let first = panic_of(|| drop(block_on(call)));
        let mut all = host.told();
        all.push(match first.as_str() {
            "a is dropped" => "a: a is dropped".to_owned(),
            other => format!("b: {other}"),
        });
        all.sort_unstable();
        assert_eq!((host.drops(), all), (2, vec!["a: a is dropped".into(), "b: b is dropped".into()]));
    }
}

#[test]
fn an_error_drops_futures_that_were_not_polled_one_by_one() {
    let host = Host::new();
    host.pm.register_fn("c", Specs::get, |_| Err("no".to_owned())).unwrap();
    let call = host.pm.caller(Specs::get).call_concurrent(true);
    panic_of(|| drop(block_on(call)));
    assert_eq!((host.drops(), host.told().len()), (2, 1));
}

#[test]
fn a_panic_drops_the_futures_beside_it() {
    let host = Host::new();
    host.add("c", || ExtensionFuture::new(async { panic!("c fails") }));
    let call = host.pm.caller(Specs::get).call_concurrent(true);
    assert_eq!(panic_of(|| drop(block_on(call))), "c fails");
    assert_eq!(host.drops(), 2);
    assert_eq!(host.told(), ["a: a is dropped", "b: b is dropped"]);
}

#[test]
fn a_concurrent_call_that_is_dropped_drops_its_futures_one_by_one() {
    let host = Host::new();
    let call = host.pm.caller(Specs::get).call_concurrent(true);
    let mut call = Box::pin(call);
    assert!(block_on(futures_util::future::poll_immediate(&mut call)).is_none());
    panic_of(|| drop(call));
    assert_eq!((host.drops(), host.told().len()), (2, 1));
}

#[test]
fn a_limited_plugin_drops_its_future_as_others_do() {
    let host = Host::new();
    host.pm.set_plugin_concurrency("a", Some(1.try_into().unwrap())).unwrap();
    host.add("c", || ExtensionFuture::new(async { panic!("c fails") }));
    let call = host.pm.caller(Specs::get).call_concurrent(true);
    assert_eq!(panic_of(|| drop(block_on(call))), "c fails");
    assert_eq!(host.drops(), 2);
}

#[test]
fn an_async_extension_of_a_sync_manager_and_its_runtime_are_dropped_one_by_one() {
    struct Runs(Panics);
    impl pluginkit::calls::BlockOn for Runs {
        fn block_on(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) {
            assert_eq!(self.0.0, "runtime");
            block_on(future);
        }
    }
    let drops = Arc::new(AtomicUsize::new(0));
    let [runtime, held, plugin] =
        ["runtime", "closure", "plugin"].map(|name| Panics(name, Arc::clone(&drops)));
    let pm = PluginManager::builder("drops").block_on(Runs(runtime)).build();
    pm.add_extension_points(Specs).unwrap();
    PluginBuilder::new(plugin)
        .named("p")
        .async_extension(Specs::get, Options::new(), move |_, _, slot| {
            let length = held.length();
            slot.put(async move { Ok(length) })
        })
        .register(&pm)
        .unwrap();
    let mut results = pm.caller(Specs::get).iter(true);
    assert_eq!(results.next().unwrap().unwrap(), 7);
    drop(pm);
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    panic_of(|| drop(results));
    assert_eq!(drops.load(Ordering::SeqCst), 3);
}

#[extension_point]
trait Pipes {
    #[extension_point(pipeline)]
    fn change(&self, value: Copied) -> Copied;
}

/// Counts its drops. A copy panics when it is dropped.
#[derive(Debug)]
struct Copied(bool, Arc<AtomicUsize>);

impl Clone for Copied {
    fn clone(&self) -> Self {
        Self(true, Arc::clone(&self.1))
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
        assert!(!self.0, "a copy is dropped");
    }
}

#[test]
fn a_settled_pipeline_that_is_dropped_drops_its_copies_one_by_one() {
    let (pm, drops) = (AsyncPluginManager::new("drops"), Arc::new(AtomicUsize::new(0)));
    pm.add_extension_points(Pipes).unwrap();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let (first, second) = (Arc::clone(&kept), Arc::clone(&kept));
    pm.register_fn("first", Pipes::change, move |args| {
        let changed = args.value.clone();
        first.lock().unwrap().push(args.value);
        changed
    })
    .unwrap();
    PluginBuilder::new(())
        .named("second")
        .async_extension(Pipes::change, Options::new(), move |_, args, slot| {
            second.lock().unwrap().push(args.value);
            slot.put(std::future::pending())
        })
        .register(&pm)
        .unwrap();
    let mut call = Box::pin(pm.caller(Pipes::change).settle(Copied(false, Arc::clone(&drops))));
    assert!(block_on(futures_util::future::poll_immediate(&mut call)).is_none());
    let before = drops.load(Ordering::SeqCst);
    // The result of the first extension, and a copy of it for the case that the second one fails.
    assert_eq!(panic_of(|| drop(call)), "a copy is dropped");
    assert_eq!(drops.load(Ordering::SeqCst) - before, 2);
    kept.lock().unwrap().drain(..).for_each(std::mem::forget);
}

#[extension_point]
trait Kept {
    fn keep(&self) -> Panics;
}

struct Around(Arc<AtomicUsize>);

#[extension(wrapper)]
impl Kept for Around {
    async fn keep(&self, next: Next<'_>) -> Vec<Panics> {
        let _local = Panics("local", Arc::clone(&self.0));
        next.run().await
    }
}

struct Waits(Arc<AtomicUsize>);

#[extension]
impl Kept for Waits {
    async fn keep(&self) -> Panics {
        let _local = Panics("waits", Arc::clone(&self.0));
        std::future::pending().await
    }
}

#[test]
fn a_call_that_is_dropped_drops_its_results_and_the_locals_of_its_plugins() {
    let (pm, drops) = (AsyncPluginManager::new("drops"), Arc::<AtomicUsize>::default());
    pm.add_extension_points(Kept).unwrap();
    pm.register(Around(Arc::clone(&drops))).unwrap();
    let kept = Arc::clone(&drops);
    pm.register_fn("kept", Kept::keep, move |_| Panics("kept", Arc::clone(&kept))).unwrap();
    pm.register(Waits(Arc::clone(&drops))).unwrap();
    let mut call = Box::pin(pm.caller(Kept::keep).call());
    assert!(block_on(futures_util::future::poll_immediate(&mut call)).is_none());
    assert_eq!(panic_of(|| drop(call)), "waits is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 3);
}

#[extension_point]
trait Makes {
    fn make(&self) -> Panics;
}

#[test]
fn a_future_that_is_ready_and_its_output_may_both_panic_when_they_are_dropped() {
    /// Ready at once, with a value of its own beside its output.
    struct Ready(Option<Panics>, #[expect(dead_code, reason = "it is dropped")] Panics);

    impl Future for Ready {
        type Output = Panics;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Panics> {
            Poll::Ready(self.get_mut().0.take().expect("it is polled once"))
        }
    }

    for observed in [false, true] {
        let (pm, drops) = (AsyncPluginManager::new("both"), Arc::new(AtomicUsize::new(0)));
        pm.add_extension_points(Makes).unwrap();
        let made = Arc::clone(&drops);
        PluginBuilder::new(())
            .named("both")
            .async_extension(Makes::make, Options::new(), move |_, _, slot| {
                let [output, own] = ["output", "future"].map(|name| Panics(name, Arc::clone(&made)));
                slot.put(Ready(Some(output), own))
            })
            .register(&pm)
            .unwrap();
        let _observer = observed.then(|| pm.observe(|_: &Event<'_>| {}));
        let panic = panic_of(|| std::mem::forget(block_on(pm.caller(Makes::make).call())));
        assert_eq!((panic.as_str(), drops.load(Ordering::SeqCst)), ("future is dropped", 2));
    }
}
