//! `try_call` and `settle` of a local manager.

use std::cell::Cell;

use pluginkit::calls::Piped;
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn check(&self, topic: &str) -> Result<usize, String>;
    #[extension_point(firstresult)]
    fn find(&self, topic: &str) -> Option<String>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> Result<String, String>;
}

fn manager<'p>() -> LocalPluginManager<'p> {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn a_panic_is_an_error_that_names_the_plugin() {
    let pm = manager();
    pm.register_fn("good", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm.register_fn("bad", Specs::fetch, |_| panic!("no route")).unwrap();
    let fetch = pm.caller(Specs::fetch);
    let error = fetch.try_call("a").unwrap_err();
    assert_eq!(error.to_string(), "plugin `bad` panicked in `Specs::fetch`: no route");
    assert_eq!(fetch.without(["bad"]).try_call("a").unwrap(), ["a"]);
}

#[test]
fn an_error_names_the_plugin() {
    let pm = manager();
    pm.register_fn("good", Specs::check, |args| Ok(args.topic.len())).unwrap();
    pm.register_fn("bad", Specs::check, |args| Err(args.topic.to_owned())).unwrap();
    let error = pm.caller(Specs::check).try_call("a").unwrap_err();
    assert_eq!(error.to_string(), "plugin `bad` failed in `Specs::check`: a");
    assert_eq!(error.into_inner().as_deref(), Some("a"));
}

#[test]
fn a_wrapper_that_passes_a_failure_on_has_not_failed() {
    struct Passes;
    #[extension]
    impl Specs for Passes {
        #[extension(wrapper)]
        fn check(&self, topic: &str, next: Next<'_>) -> Result<Vec<usize>, String> {
            let checked = next.run(topic);
            if topic == "replace" { checked.map_err(|_| "replaced".to_owned()) } else { checked }
        }
        #[extension(wrapper)]
        fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
            assert!(topic != "own", "its own");
            next.run(topic)
        }
    }
    let pm = manager();
    pm.register(Passes).unwrap();
    pm.register_fn("bad", Specs::check, |args| Err(args.topic.to_owned())).unwrap();
    pm.register_fn("bad fetch", Specs::fetch, |_| panic!("no route")).unwrap();
    let told = |topic| pm.caller(Specs::check).try_call(topic).unwrap_err().to_string();
    assert_eq!(told("a"), "plugin `bad` failed in `Specs::check`: a");
    assert_eq!(told("replace"), "plugin `Passes` failed in `Specs::check`: replaced");
    let told = |topic| pm.caller(Specs::fetch).try_call(topic).unwrap_err().to_string();
    assert_eq!(told("a"), "plugin `bad fetch` panicked in `Specs::fetch`: no route");
    assert_eq!(told("own"), "plugin `Passes` panicked in `Specs::fetch`: its own");
}

#[test]
fn a_wrapper_passes_the_last_of_many_failures_on() {
    struct Retries;
    #[extension]
    impl Specs for Retries {
        #[extension(wrapper)]
        fn check(&self, topic: &str, next: Next<'_>) -> Result<Vec<usize>, String> {
            for _ in 1..100 {
                next.clone().run(topic).unwrap_err();
            }
            next.run(topic)
        }
    }
    let attempts = Cell::new(0);
    let pm = manager();
    pm.register(Retries).unwrap();
    pm.register_fn("bad", Specs::check, |_| {
        attempts.set(attempts.get() + 1);
        Err(format!("at attempt {}", attempts.get()))
    })
    .unwrap();
    let error = pm.caller(Specs::check).try_call("a").unwrap_err();
    assert_eq!(error.to_string(), "plugin `bad` failed in `Specs::check`: at attempt 100");
}

#[test]
fn a_failure_that_a_wrapper_turns_into_a_success_is_none() {
    struct Forgives;
    #[extension]
    impl Specs for Forgives {
        #[extension(wrapper)]
        fn check(&self, topic: &str, next: Next<'_>) -> Result<Vec<usize>, String> {
            Ok(next.run(topic).unwrap_or_default())
        }
    }
    let pm = manager();
    pm.register(Forgives).unwrap();
    pm.register_fn("bad", Specs::check, |args| Err(args.topic.to_owned())).unwrap();
    assert_eq!(pm.caller(Specs::check).try_call("a").unwrap(), [0; 0]);
}

#[test]
fn settle_runs_every_extension() {
    let pm = manager();
    pm.register_fn("one", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm.register_fn("two", Specs::fetch, |_| panic!("no route")).unwrap();
    pm.register_fn("three", Specs::fetch, |_| "three".to_owned()).unwrap();
    let settled = pm.caller(Specs::fetch).settle("a");
    let told: Vec<_> = settled
        .into_iter()
        .map(|each| format!("{}: {}", each.plugin, each.result.unwrap_or_else(|error| error.to_string())))
        .collect();
    assert_eq!(told, ["one: a", "two: plugin `two` panicked in `Specs::fetch`: no route", "three: three"]);
}

#[test]
fn settle_of_a_firstresult_point_ends_with_the_first_answer() {
    let pm = manager();
    pm.register_fn("one", Specs::find, |_| None).unwrap();
    pm.register_fn("two", Specs::find, |args| Some(args.topic.to_owned())).unwrap();
    pm.register_fn("three", Specs::find, |_| panic!("not asked")).unwrap();
    let settled = pm.caller(Specs::find).settle("a");
    let told: Vec<_> = settled.into_iter().map(|each| (each.plugin, each.result.unwrap())).collect();
    assert_eq!(told, [("one".into(), None), ("two".into(), Some("a".to_owned()))]);
}

#[test]
fn settle_of_a_pipeline_keeps_the_value_of_an_extension_that_fails() {
    let pm = manager();
    pm.register_fn("one", Specs::transform, |args| Ok(args.text + "1")).unwrap();
    pm.register_fn("two", Specs::transform, |args| Err(args.text)).unwrap();
    pm.register_fn("three", Specs::transform, |_| panic!("no route")).unwrap();
    pm.register_fn("four", Specs::transform, |args| Ok(args.text + "4")).unwrap();
    let Piped { value, settled, .. } = pm.caller(Specs::transform).settle("v".to_owned());
    assert_eq!((value.as_str(), settled.len()), ("v14", 4));
    assert!(settled[1].result.is_err() && settled[2].result.is_err());
}
