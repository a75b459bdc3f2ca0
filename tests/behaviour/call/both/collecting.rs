//! Collecting calls: every extension runs, and each result is in the outcome.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pluginkit::observe::Event;
use pluginkit::prelude::*;

use super::kind::{Manager, implement, wait};

#[extension_point]
trait Specs {
    fn value(&self, n: u32) -> u32;
    fn option(&self, n: u32) -> Option<u32>;
    fn unit(&self, seen: &mut Vec<&'static str>);
    fn result(&self, n: u32) -> Result<u32, String>;
    fn result_option(&self, n: u32) -> Result<Option<u32>, String>;
    fn result_unit(&self, seen: &mut Vec<&'static str>) -> Result<(), String>;
    fn io(&self) -> std::io::Result<String>;
    #[extension_point(fallible)]
    fn alias(&self, n: u32) -> Answer;
    fn show(&self, text: &mut String) -> std::fmt::Result;
    fn nested(&self) -> Option<Option<u32>>;
}

type Answer = Result<u32, String>;

fn manager() -> Manager {
    let pm = Manager::new("collecting");
    pm.add_extension_points(Specs).unwrap();
    pm
}

struct Adds(u32);

implement! {
    #[extension]
    impl Specs for Adds {
        fn value(&self, n: u32) -> u32 {
            n + self.0
        }
        fn option(&self, n: u32) -> Option<u32> {
            (n + self.0 > 7).then_some(n + self.0)
        }
        fn unit(&self, seen: &mut Vec<&'static str>) {
            seen.push("adds");
        }
        fn result(&self, n: u32) -> Result<u32, String> {
            n.checked_add(self.0).ok_or_else(|| "too much".to_owned())
        }
        fn result_option(&self, n: u32) -> Result<Option<u32>, String> {
            Ok(n.checked_add(self.0))
        }
    }
}

#[test]
fn values_come_in_call_order() {
    let pm = manager();
    pm.register_fn("a", Specs::value, |args| args.n + 1).unwrap();
    pm.register_as("b", Adds(2)).unwrap();
    pm.register_fn("c", Specs::value, |args| args.n + 3).unwrap();
    let outcome: Vec<u32> = wait!(pm.caller(Specs::value).call(10));
    assert_eq!(outcome, [11, 12, 13]);
}

#[test]
fn without_extensions_the_outcome_is_empty() {
    let pm = manager();
    assert!(wait!(pm.caller(Specs::value).call(10)).is_empty());
    assert!(wait!(pm.caller(Specs::option).call(10)).is_empty());
    assert_eq!(wait!(pm.caller(Specs::result).call(10)), Ok(vec![]));
    assert_eq!(wait!(pm.caller(Specs::result_option).call(10)), Ok(vec![]));
}

#[test]
fn the_vec_has_its_final_size() {
    let pm = manager();
    for name in ["a", "b", "c"] {
        pm.register_fn(name, Specs::value, |args| args.n).unwrap();
    }
    assert_eq!(wait!(pm.caller(Specs::value).call(1)).capacity(), 3);
}

#[test]
fn none_is_skipped_and_nothing_else_is() {
    let pm = manager();
    pm.register_fn("none", Specs::option, |_| None).unwrap();
    pm.register_fn("zero", Specs::option, |_| Some(0)).unwrap();
    pm.register_as("more", Adds(1)).unwrap();
    pm.register_fn("some", Specs::option, |args| Some(args.n)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::option).call(7)), [0, 8, 7]);
    assert_eq!(wait!(pm.caller(Specs::option).call(6)), [0, 6]);

    pm.register_fn("inner", Specs::nested, |_| Some(None)).unwrap();
    pm.register_fn("outer", Specs::nested, |_| None).unwrap();
    assert_eq!(wait!(pm.caller(Specs::nested).call()), [None]);
}

#[test]
fn units_collect_to_nothing() {
    let pm = manager();
    pm.register_fn("a", Specs::unit, |args| args.seen.push("a")).unwrap();
    pm.register(Adds(0)).unwrap();
    pm.register_fn("b", Specs::unit, |args| args.seen.push("b")).unwrap();
    let mut seen = Vec::new();
    let () = wait!(pm.caller(Specs::unit).call(&mut seen));
    assert_eq!(seen, ["a", "adds", "b"]);
}

#[test]
fn results_collect_into_one_result() {
    let pm = manager();
    pm.register_fn("a", Specs::result, |args| Ok(args.n)).unwrap();
    pm.register_as("b", Adds(1)).unwrap();
    let outcome: Result<Vec<u32>, String> = wait!(pm.caller(Specs::result).call(1));
    assert_eq!(outcome, Ok(vec![1, 2]));
    assert_eq!(wait!(pm.caller(Specs::result).call(u32::MAX)), Err("too much".into()));
}

#[test]
fn the_first_err_stops_the_call() {
    let pm = manager();
    let log = pluginkit_tests::Log::new();
    for name in ["a", "b", "c"] {
        let log = log.clone();
        pm.register_fn(name, Specs::result, move |_| {
            log.push(name);
            if name == "b" { Err(format!("{name} failed")) } else { Ok(1) }
        })
        .unwrap();
    }
    assert_eq!(wait!(pm.caller(Specs::result).call(1)), Err("b failed".to_owned()));
    assert_eq!(log.line(), "a b");
}

#[test]
fn ok_none_is_skipped_and_err_stops() {
    let pm = manager();
    pm.register_fn("a", Specs::result_option, |_| Ok(None)).unwrap();
    pm.register_fn("b", Specs::result_option, |args| Ok(Some(args.n))).unwrap();
    let outcome: Result<Vec<u32>, String> = wait!(pm.caller(Specs::result_option).call(5));
    assert_eq!(outcome, Ok(vec![5]));
    pm.register_as("more", Adds(1)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::result_option).call(5)), Ok(vec![5, 6]));
    assert_eq!(wait!(pm.caller(Specs::result_option).call(u32::MAX)), Ok(vec![u32::MAX]));
    pm.register_fn("c", Specs::result_option, |_| Err("c".into())).unwrap();
    assert_eq!(wait!(pm.caller(Specs::result_option).call(5)), Err("c".into()));
}

#[test]
fn unit_results_collect_to_a_unit_result() {
    let pm = manager();
    pm.register_fn("a", Specs::result_unit, |args| {
        args.seen.push("a");
        Ok(())
    })
    .unwrap();
    let mut seen = Vec::new();
    let outcome: Result<(), String> = wait!(pm.caller(Specs::result_unit).call(&mut seen));
    assert_eq!(outcome, Ok(()));
    pm.register_fn("b", Specs::result_unit, |_| Err("b".into())).unwrap();
    pm.register_fn("c", Specs::result_unit, |_| unreachable!("b stopped the call")).unwrap();
    assert_eq!(wait!(pm.caller(Specs::result_unit).call(&mut seen)), Err("b".into()));
    assert_eq!(seen, ["a", "a"]);
}

#[test]
fn results_under_an_alias_are_recognised() {
    let pm = manager();
    pm.register_fn("a", Specs::io, |_| Ok("a".to_owned())).unwrap();
    let outcome: std::io::Result<Vec<String>> = wait!(pm.caller(Specs::io).call());
    assert_eq!(outcome.unwrap(), ["a"]);

    pm.register_fn("a2", Specs::alias, |args| Ok(args.n)).unwrap();
    let outcome: Result<Vec<u32>, String> = wait!(pm.caller(Specs::alias).call(3));
    assert_eq!(outcome, Ok(vec![3]));

    pm.register_fn("show", Specs::show, |args| std::fmt::Write::write_str(args.text, "shown")).unwrap();
    let mut text = String::new();
    let outcome: std::fmt::Result = wait!(pm.caller(Specs::show).call(&mut text));
    assert_eq!((outcome, text.as_str()), (Ok(()), "shown"));
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
    assert_eq!(wait!(pm.caller(Takes::take).call(Counted::default())), [1, 2, 2]);
    let _guard = pm.observe(|_: &Event<'_>| ());
    assert_eq!(wait!(pm.caller(Takes::take).call(Counted::default())), [1, 2, 2], "observed");
    assert_eq!(wait!(pm.caller(Takes::take).try_call(Counted::default())).unwrap(), [1, 2, 2], "guarded");
    let settled = wait!(pm.caller(Takes::take).settle(Counted::default()));
    assert_eq!(
        settled.into_iter().map(|each| each.result.unwrap()).collect::<Vec<_>>(),
        [1, 2, 2],
        "settled"
    );
}
