//! `iter` and `stream`: an extension runs when its result is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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

#[test]
fn observers_are_told_the_error_of_a_lazily_run_extension() {
    #[extension_point]
    trait Fallible {
        fn parse(&self, text: &str) -> Result<u32, String>;
    }
    let (pm, log) = (Manager::new("fallible"), Log::new());
    pm.add_extension_points(Fallible).unwrap();
    pm.register_fn("f", Fallible::parse, |args| Err(format!("no-{}", args.text))).unwrap();
    let _guard = pm.observe(Show("", log.clone()));
    assert_eq!(lazily!(pm.caller(Fallible::parse), "x").next(), Some(Err("no-x".to_owned())));
    assert_eq!(log.line(), "f> f!no-x");
}

#[test]
fn the_last_extension_takes_the_arguments_and_the_others_get_clones() {
    #[derive(Default)]
    struct Counted(Arc<AtomicUsize>);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, Ordering::SeqCst);
            Self(Arc::clone(&self.0))
        }
    }
    #[extension_point]
    trait Takes {
        fn take(&self, counted: Counted) -> usize;
    }
    let pm = Manager::new("takes");
    pm.add_extension_points(Takes).unwrap();
    for name in ["a", "b", "c"] {
        pm.register_fn(name, Takes::take, |args| args.counted.0.load(Ordering::SeqCst)).unwrap();
    }
    assert_eq!(lazily!(pm.caller(Takes::take), Counted::default()).collect::<Vec<_>>(), [1, 2, 2]);
}
