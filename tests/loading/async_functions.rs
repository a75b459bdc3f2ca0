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

#[test]
fn an_async_function_may_be_told_of_by_hand() {
    use pluginkit::loading::PluginFactory;
    use pluginkit::metadata::PluginMetadata;

    let pm = AsyncPluginManager::new("async-functions-by-hand");
    pm.add_extension_points(Specs).unwrap();
    pm.add_factory(PluginFactory::async_function(
        PluginMetadata::new("far"),
        Specs::fetch,
        |_, args, slot| {
            slot.put(async move {
                pending(1).await;
                format!("far[{}]", args.topic)
            })
        },
    ));
    block_on(pm.discover_with(pluginkit::loading::Discovery::new().only(["far"]))).unwrap();
    assert_eq!(block_on(pm.caller(Specs::fetch).call("x", 3)), ["far[x]"]);
}

#[test]
fn a_function_is_of_the_project_of_its_point() {
    #[extension_point(project = "functions-of-a-project")]
    trait Others {
        fn other(&self) -> u8;
    }
    #[plugin(id = "seven", extends = Others::other)]
    fn seven() -> u8 {
        7
    }
    assert_eq!(seven(), 7);
    let pm = PluginManager::new("functions-of-another-project");
    assert_eq!(pm.discover().unwrap(), [""; 0]);
    assert!(pm.factories().iter().all(|factory| factory.id() != "seven"));
    let pm = PluginManager::new("functions-of-a-project");
    pm.add_extension_points(Others).unwrap();
    assert_eq!(pm.discover().unwrap(), ["seven"]);
}
