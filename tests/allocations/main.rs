//! How much a call allocates: counts that no machine can blur.
#![allow(missing_docs, missing_debug_implementations, reason = "test plugins are nobody's API")]

use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use pluginkit::__private::HAS_FAST_PATH;
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn score(&self, text: &str) -> u64;
    #[extension_point(firstresult)]
    fn find(&self, text: &str) -> Option<u64>;
    #[extension_point(pipeline)]
    fn thread(&self, value: u64) -> u64;
    fn visit(&self, seen: &mut Vec<u64>);
    fn check(&self, text: &str) -> Result<(), String>;
}

struct Plugin;

#[extension]
impl Specs for Plugin {
    fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
    fn find(&self, _text: &str) -> Option<u64> {
        None
    }
    fn thread(&self, value: u64) -> u64 {
        value + 1
    }
    fn visit(&self, seen: &mut Vec<u64>) {
        seen[0] += 1;
    }
    fn check(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }
}

struct Awaited;

#[extension]
impl Specs for Awaited {
    async fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
    async fn find(&self, _text: &str) -> Option<u64> {
        None
    }
    async fn thread(&self, value: u64) -> u64 {
        value + 1
    }
    async fn visit(&self, seen: &mut Vec<u64>) {
        seen[0] += 1;
    }
    async fn check(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }
}

struct Layer;

#[extension(wrapper)]
impl Specs for Layer {
    fn find(&self, text: &str, next: Next<'_>) -> Option<u64> {
        next.run(text)
    }
    fn thread(&self, value: u64, next: Next<'_>) -> u64 {
        next.run(value)
    }
}

struct AwaitedLayer;

#[extension(wrapper)]
impl Specs for AwaitedLayer {
    async fn find(&self, text: &str, next: Next<'_>) -> Option<u64> {
        next.run(text).await
    }
    async fn thread(&self, next: Next<'_>) -> u64 {
        next.run().await
    }
}

const COUNT: u64 = 10;

fn sync() -> PluginManager {
    let pm = PluginManager::new("allocations");
    pm.add_extension_points(Specs).unwrap();
    pm.register_all((0..COUNT).map(|n| (n.to_string(), Plugin))).unwrap();
    pm
}

fn asynchronous<T: Send + Sync + 'static>(plugin: impl Fn() -> T) -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("allocations");
    pm.add_extension_points(Specs).unwrap();
    pm.register_all((0..COUNT).map(|n| (n.to_string(), plugin()))).unwrap();
    pm
}

/// The outcome of a call that is ready at once.
fn ready<T>(call: impl Future<Output = T>) -> T {
    match std::pin::pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("nothing here waits"),
    }
}

/// How often `call` allocates, once it has been made before.
fn allocations(mut call: impl FnMut()) -> u64 {
    call();
    measure(call).count_total
}

#[test]
fn a_sync_call_allocates_its_results_and_nothing_else() {
    let pm = sync();
    let (score, find, thread) = (pm.caller(Specs::score), pm.caller(Specs::find), pm.caller(Specs::thread));
    let (visit, check) = (pm.caller(Specs::visit), pm.caller(Specs::check));
    let mut seen = vec![0];
    assert_eq!(allocations(|| assert_eq!(score.call("four").capacity() as u64, COUNT)), 1);
    assert_eq!(allocations(|| assert_eq!(find.call("four"), None)), 0);
    assert_eq!(allocations(|| assert_eq!(thread.call(1), 1 + COUNT)), 0);
    assert_eq!(allocations(|| visit.call(&mut seen)), 0);
    assert_eq!(allocations(|| check.call("four").unwrap()), 0);
    assert_eq!(seen, [2 * COUNT]);
}

#[test]
fn a_look_up_and_a_sync_wrapper_allocate_nothing() {
    let pm = sync();
    assert_eq!(allocations(|| assert_eq!(pm.caller(Specs::thread).call(1), 1 + COUNT)), 0);
    pm.register(Layer).unwrap();
    let (find, thread) = (pm.caller(Specs::find), pm.caller(Specs::thread));
    assert_eq!(allocations(|| assert_eq!(find.call("four"), None)), 0);
    assert_eq!(allocations(|| assert_eq!(thread.call(1), 1 + COUNT)), 0);
}

#[test]
fn an_async_call_over_fns_allocates_what_a_sync_one_does() {
    let pm = asynchronous(|| Plugin);
    let mut seen = vec![0];
    assert_eq!(allocations(|| assert_eq!(ready(pm.caller(Specs::score).call("four")).len(), 10)), 1);
    assert_eq!(allocations(|| assert_eq!(ready(pm.caller(Specs::find).call("four")), None)), 0);
    assert_eq!(allocations(|| assert_eq!(ready(pm.caller(Specs::thread).call(1)), 1 + COUNT)), 0);
    assert_eq!(allocations(|| ready(pm.caller(Specs::visit).call(&mut seen))), 0);
    assert_eq!(allocations(|| ready(pm.caller(Specs::check).call("four")).unwrap()), 0);
}

#[test]
fn the_futures_of_async_extensions_allocate_nothing() {
    // The slow path drives calls that wait by one more future.
    let futures = u64::from(!HAS_FAST_PATH);
    let pm = asynchronous(|| Awaited);
    let mut seen = vec![0];
    let results = 1;
    assert_eq!(
        allocations(|| assert_eq!(ready(pm.caller(Specs::score).call("four")).len(), 10)),
        futures + results
    );
    assert_eq!(allocations(|| assert_eq!(ready(pm.caller(Specs::find).call("four")), None)), futures);
    assert_eq!(allocations(|| assert_eq!(ready(pm.caller(Specs::thread).call(1)), 1 + COUNT)), futures);
    assert_eq!(allocations(|| ready(pm.caller(Specs::visit).call(&mut seen))), futures);
    assert_eq!(allocations(|| ready(pm.caller(Specs::check).call("four")).unwrap()), futures);
    assert_eq!(seen, [2 * COUNT]);
}

#[test]
fn the_futures_of_async_wrappers_allocate_nothing_on_the_fast_path() {
    if !HAS_FAST_PATH {
        return;
    }
    for wrappers in [1, 10] {
        let pm = asynchronous(|| Awaited);
        pm.register_all((0..wrappers).map(|n| (format!("layer{n}"), AwaitedLayer))).unwrap();
        let (find, thread) = (pm.caller(Specs::find), pm.caller(Specs::thread));
        // The first call finds out how much memory the next ones need.
        assert_eq!((ready(find.call("four")), ready(thread.call(1))), (None, 1 + COUNT));
        assert_eq!(allocations(|| assert_eq!(ready(find.call("four")), None)), 0);
        assert_eq!(allocations(|| assert_eq!(ready(thread.call(1)), 1 + COUNT)), 0);
    }
}

#[test]
fn a_future_that_is_not_polled_allocates_nothing() {
    let pm = asynchronous(|| Awaited);
    let score = pm.caller(Specs::score);
    assert_eq!(allocations(|| drop(score.call("four"))), 0);
}
