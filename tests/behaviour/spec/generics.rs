//! Generic specs under an async manager with a blocking pool: offloaded, concurrent and mixed calls.

use std::marker::PhantomData;
use std::thread;

use pluginkit::prelude::*;
use pluginkit::{Plugin as _, PluginBuilder};

trait Value: Clone + Send + Sync + 'static {}

impl Value for String {}
impl Value for u64 {}

#[extension_point]
trait Points<V: Value> {
    fn show(&self, value: &V, given: V, all: &[V]) -> Result<(bool, usize), V>;
    #[extension_point(pipeline)]
    fn thread(&self, value: V) -> Option<V>;
    #[extension_point(historic)]
    fn told(&self, value: &V);
}

#[plugin(id = "generic", version = "1.2.0")]
struct Generic<V>(thread::ThreadId, PhantomData<fn() -> V>);

#[extension]
impl<V: Value> Points<V> for Generic<V> {
    #[extension(blocking)]
    fn show(&self, value: &V, given: V, all: &[V]) -> Result<(bool, usize), V> {
        drop((value.clone(), given));
        Ok((thread::current().id() == self.0, all.len()))
    }

    #[extension(target = "show", blocking, when = Self::is_here)]
    fn show_again(&self) -> Result<(bool, usize), V> {
        Ok((thread::current().id() == self.0, 0))
    }

    async fn thread(&self, value: V) -> Option<V> {
        Some(value)
    }

    async fn told(&self, _: &V) {}
}

impl<V: Value> Generic<V> {
    fn is_here(&self) -> bool {
        thread::current().id() == self.0
    }
}

fn generic<V: Value>() -> PluginBuilder<Generic<V>> {
    PluginBuilder::new(Generic(thread::current().id(), PhantomData))
        .metadata(Generic::<V>::metadata())
        .extends(Points::<V>::SPECS)
}

#[tokio::test]
async fn a_blocking_extension_of_generic_specs_runs_on_the_pool() {
    let pm = AsyncPluginManager::new("generics");
    pm.add_extension_points(Points::<String>::SPECS).unwrap();
    pm.add_extension_points(Points::<u64>::SPECS).unwrap();
    generic::<String>().register_and_replay(&pm).await.unwrap();
    let show = pm.caller(Points::<String>::show);
    let all = [String::new(), String::new()];
    assert_eq!(show.call(&all[0], String::new(), &all).await, Ok(vec![(false, 2), (false, 0)]));
    assert_eq!(show.call_concurrent(&all[0], String::new(), &all).await, Ok(vec![(false, 2), (false, 0)]));
    assert_eq!(show.settle(&all[0], String::new(), &all).await.len(), 2);
    assert_eq!(pm.caller(Points::<u64>::show).call(&1, 1, &[]).await, Ok(vec![]));
    assert_eq!(pm.caller(Points::<String>::thread).call("a".to_owned()).await, "a");
    assert_eq!(pm.descriptor("generic").unwrap().metadata.version, "1.2.0");
}

#[test]
fn async_extensions_of_generic_specs_run_under_a_sync_manager_with_a_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let pm = PluginManager::builder("generics").block_on(runtime.handle().clone()).build();
    pm.add_extension_points(Points::<u64>::SPECS).unwrap();
    pm.caller(Points::<u64>::told).call_historic(&7);
    generic::<u64>().register(&pm).unwrap();
    assert_eq!(pm.caller(Points::<u64>::thread).call(7), 7);
    assert_eq!(pm.caller(Points::<u64>::show).call(&1, 1, &[1]), Ok(vec![(true, 1), (true, 0)]));
}
