//! Plugins that are `async fn`s.

use pluginkit::prelude::*;
use pluginkit_tests::{block_on, pending};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, count: u8) -> String;
}

#[plugin(id = "slow", project = "async-functions", extends = Specs::fetch)]
async fn slow(topic: &str) -> String {
    pending(1).await;
    format!("slow[{topic}]")
}

#[plugin(id = "fast", project = "async-functions", extends = Specs::fetch)]
fn fast(count: u8) -> String {
    format!("fast[{count}]")
}

#[test]
fn an_async_function_is_awaited() {
    let pm = AsyncPluginManager::new("async-functions");
    pm.add_extension_points(Specs).unwrap();
    block_on(pm.discover()).unwrap();
    assert_eq!(block_on(pm.caller(Specs::fetch).call("x", 3)), ["fast[3]", "slow[x]"]);
    // It stays the function that it is.
    assert_eq!(block_on(slow("y")), "slow[y]");
}

#[test]
fn a_sync_manager_says_what_to_do_about_one() {
    let pm = PluginManager::new("async-functions");
    pm.add_extension_points(Specs).unwrap();
    assert_eq!(pm.discover().unwrap_err().code(), "async_extension");
    assert_eq!(pm.discover_with(true).unwrap().registered(), ["fast"]);
}
