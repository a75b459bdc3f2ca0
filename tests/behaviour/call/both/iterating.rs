//! `iter` and `stream`: an extension runs when its result is asked for.

use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, implement, lazily};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

fn manager() -> Manager {
    let pm = Manager::new("iterating");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn an_extension_runs_when_its_result_is_asked_for() {
    let pm = manager();
    let log = Log::new();
    for name in ["a", "b", "c"] {
        let log = log.clone();
        pm.register_fn(name, Specs::fetch, move |args| {
            log.push(name);
            format!("{name}-{}", args.topic)
        })
        .unwrap();
    }
    let topic = String::from("t");
    let mut iter = lazily!(pm.caller(Specs::fetch), &topic);
    assert!(log.take().is_empty());
    assert_eq!(iter.next().unwrap(), "a-t");
    assert_eq!(log.line(), "a");
    pm.unregister("b").unwrap();
    assert_eq!(iter.by_ref().collect::<Vec<_>>(), ["b-t", "c-t"]);
    assert!(iter.next().is_none());
    assert_eq!(log.line(), "b c");
    assert_eq!(lazily!(pm.caller(Specs::fetch), "x").max(), Some("c-x".to_owned()));
}

#[test]
fn each_err_comes_in_its_place_and_stopping_is_up_to_the_adaptor() {
    #[extension_point]
    trait Fallible {
        fn parse(&self, text: &str) -> Result<Option<u32>, String>;
    }
    let pm = Manager::new("fallible");
    pm.add_extension_points(Fallible).unwrap();
    pm.register_fn("one", Fallible::parse, |_| Ok(Some(1))).unwrap();
    pm.register_fn("none", Fallible::parse, |_| Ok(None)).unwrap();
    pm.register_fn("err", Fallible::parse, |args| Err(args.text.to_owned())).unwrap();
    pm.register_fn("two", Fallible::parse, |_| Ok(Some(2))).unwrap();
    let all: Vec<Result<u32, String>> = lazily!(pm.caller(Fallible::parse), "e").collect();
    assert_eq!(all, [Ok(1), Err("e".into()), Ok(2)]);
}

#[test]
fn an_extension_with_a_predicate_that_declines_is_left_out() {
    struct Picky;
    impl Picky {
        fn likes(&self, topic: &str) -> bool {
            topic == "harbor"
        }
    }
    implement! {
        #[extension]
        impl Specs for Picky {
            #[extension(when = Self::likes)]
            fn fetch(&self, topic: &str) -> String {
                topic.to_uppercase()
            }
        }
    }
    let pm = manager();
    pm.register(Picky).unwrap();
    pm.register_fn("other", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    assert_eq!(lazily!(pm.caller(Specs::fetch), "hill").collect::<Vec<_>>(), ["hill"]);
    assert_eq!(lazily!(pm.caller(Specs::fetch), "harbor").collect::<Vec<_>>(), ["HARBOR", "harbor"]);
}

#[test]
fn observers_see_lazily_run_extensions_without_a_call() {
    let (pm, log) = (manager(), Log::new());
    let _guard = pm.observe(Show("", log.clone()));
    pm.register_fn("f", Specs::fetch, |_| String::new()).unwrap();
    assert_eq!(lazily!(pm.caller(Specs::fetch), "x").count(), 1);
    assert_eq!(log.line(), "f> f<");
}
