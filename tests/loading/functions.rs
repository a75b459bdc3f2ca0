//! Plugins that are functions, with every option that a method takes.

use std::time::Duration;

use pluginkit::Options;
use pluginkit::points::Bucket;
use pluginkit::prelude::*;
use pluginkit_tests::block_on;

#[extension_point(project = "functions")]
trait Specs {
    fn fetch(&self, topic: &str, count: usize) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
}

#[extension_point(project = "functions")]
trait Absent {
    fn absent(&self) -> u8;
}

#[plugin(id = "plain", extends = Specs::fetch)]
fn plain(topic: &str) -> String {
    format!("plain[{topic}]")
}

#[plugin(id = "early", extends = Specs::fetch)]
#[extension(tryfirst, priority = 3, before = ["plain", "nobody"], after = "first", timeout = "250ms")]
fn early(topic: &str, count: usize) -> String {
    format!("early[{topic}{count}]")
}

#[extension(trylast, when = is_many(count))]
#[plugin(id = "many", extends = Specs::fetch)]
fn many(topic: &str) -> String {
    format!("many[{topic}]")
}

fn is_many(count: usize) -> bool {
    count > 1
}

#[plugin(id = "short", extends = self::Specs::fetch)]
#[extension(trylast, when = is_short)]
fn short(topic: &str, count: usize) -> String {
    format!("short[{topic}{count}]")
}

fn is_short(topic: &str) -> bool {
    topic.len() < 3
}

#[plugin(id = "loud", extends = Specs::fetch)]
#[extension(wrapper, when = is_short)]
fn loud(topic: &str, count: usize, next: Next<'_>) -> Vec<String> {
    next.run(&topic.to_uppercase(), count)
}

#[plugin(id = "around", extends = Specs::fetch)]
#[extension(wrapper, before = "loud")]
fn around(next: Next<'_>) -> Vec<String> {
    let mut all = next.run();
    all.push("around".to_owned());
    all
}

#[plugin(id = "waiting", project = "functions", extends = Absent::absent)]
#[extension(optional)]
fn waiting() -> u8 {
    7
}

#[plugin(id = "edits", extends = Specs::edit)]
#[extension(priority = 1)]
fn edits(text: &mut String) {
    text.push('!');
}

fn manager() -> PluginManager {
    let pm = PluginManager::new("functions");
    pm.add_extension_points(Specs).unwrap();
    pm.discover().unwrap();
    pm
}

#[test]
fn functions_take_the_options_of_methods() {
    let pm = manager();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("hi", 2), ["early[HI2]", "plain[HI]", "many[HI]", "short[HI2]", "around"]);
    assert_eq!(fetch.call("hello", 1), ["early[hello1]", "plain[hello]", "around"]);
    let all = fetch.implementations();
    let second = all.iter().find(|each| each.plugin == "early").unwrap();
    let expected = Options::new().tryfirst().priority(3).before(["plain", "nobody"]).after("first");
    assert_eq!(second.options, expected.timeout(Duration::from_millis(250)).method("early"));
    let wrappers: Vec<_> =
        all.iter().filter(|each| each.is_wrapper).map(|each| each.plugin.as_str()).collect();
    assert_eq!(wrappers, ["around", "loud"]);
    let mut text = String::from("hi");
    pm.caller(Specs::edit).call(&mut text);
    assert_eq!(text, "hi!");
    // They stay the functions that they are.
    assert_eq!((plain("x"), early("x", 1)), ("plain[x]".to_owned(), "early[x1]".to_owned()));
}

#[test]
fn an_optional_function_waits_for_its_specs() {
    let pm = manager();
    assert!(pm.is_registered("waiting"));
    pm.add_extension_points(Absent).unwrap();
    assert_eq!(pm.caller(Absent::absent).call(), [7]);
}

mod generic {
    use super::*;

    #[extension_point(project = "functions-generic")]
    trait Values<V: ToString + Send + Sync> {
        fn show(&self, value: &V) -> String;
    }

    #[plugin(id = "plain", extends = Values::<u8>::show)]
    fn plain(value: &u8) -> String {
        value.to_string()
    }

    #[plugin(id = "other", extends = self::Values<char>::show)]
    fn other(value: &char) -> String {
        value.to_string()
    }

    #[plugin(id = "around", extends = Values<u8>::show)]
    #[extension(wrapper)]
    fn around(value: &u8, next: Next<'_>) -> Vec<String> {
        next.run(&(value + 1))
    }

    #[test]
    fn functions_extend_points_of_generic_specs() {
        let pm = PluginManager::new("functions-generic");
        pm.add_extension_points(Values::<u8>::SPECS).unwrap();
        pm.add_extension_points(Values::<char>::SPECS).unwrap();
        pm.discover().unwrap();
        assert_eq!(pm.caller(Values::<u8>::show).call(&1), ["2"]);
        assert_eq!(pm.caller(Values::<char>::show).call(&'a'), ["a"]);
    }
}

mod asynchronous {
    use super::*;

    #[extension_point(project = "functions-awaited")]
    trait Awaited {
        fn fetch(&self, topic: &str, count: usize) -> String;
    }

    #[plugin(id = "late", extends = Awaited::fetch)]
    #[extension(trylast, when = is_short)]
    async fn late(topic: &str, count: usize) -> String {
        pluginkit_tests::pending(1).await;
        format!("late[{topic}{count}]")
    }

    #[plugin(id = "here", extends = Awaited::fetch)]
    fn here(topic: &str) -> String {
        format!("here[{topic}]")
    }

    #[plugin(id = "pool", extends = Awaited::fetch)]
    #[extension(blocking, tryfirst)]
    fn pool(topic: &str) -> String {
        format!(
            "pool[{topic}] {}",
            std::thread::current().name().is_some_and(|name| name.contains("test-pool"))
        )
    }

    #[plugin(id = "loud", extends = Awaited::fetch)]
    #[extension(wrapper)]
    async fn loud(topic: &str, count: usize, next: Next<'_>) -> Vec<String> {
        next.run(&topic.to_uppercase(), count).await
    }

    #[plugin(id = "around", extends = Awaited::fetch)]
    #[extension(wrapper, priority = -1)]
    async fn around(next: Next<'_>) -> Vec<String> {
        let mut all = next.run().await;
        all.push("around".to_owned());
        all
    }

    #[test]
    fn async_functions_take_the_options_of_methods() {
        let pm = AsyncPluginManager::new("functions-awaited");
        pm.add_extension_points(Awaited).unwrap();
        block_on(pm.discover()).unwrap();
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).thread_name("test-pool").build().unwrap();
        let fetch = pm.caller(Awaited::fetch);
        let called = runtime.block_on(fetch.call("hi", 1));
        assert_eq!(called, ["pool[HI] true", "here[HI]", "late[HI1]", "around"]);
        assert_eq!(runtime.block_on(fetch.call("hello", 1)).len(), 3);
        let all = fetch.implementations();
        let pool = all.iter().find(|each| each.plugin == "pool").unwrap();
        assert!(pool.options.blocking && pool.options.bucket == Bucket::First);
    }
}
