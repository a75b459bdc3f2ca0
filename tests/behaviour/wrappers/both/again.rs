//! Wrappers that run the rest of a call several times.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, STACK, awaited, implement, wait};

/// An owned argument that counts its clones.
#[derive(Debug, Default)]
struct Counted(Arc<AtomicUsize>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

struct Ctx<'x> {
    lines: &'x mut Vec<String>,
}

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, limit: usize) -> Result<String, String>;
    fn count(&self, counted: Counted);
    fn none(&self) -> u8;
    fn maybe(&self, topic: Option<&str>, words: &[&str]) -> String;
    fn shared(&self, topic: Cow<'_, str>) -> String;
    #[extension_point(firstresult)]
    fn lend<'a>(&self, from: &'a [String], skip: usize) -> Option<&'a str>;
    #[extension_point(pipeline)]
    fn thread(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn thread_if(&self, text: String) -> Option<String>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String, by: &str);
    fn wide(&self, cx: &mut Ctx<'_>, word: String);
}

fn manager() -> Manager {
    let pm = Manager::new("again");
    pm.add_extension_points(Specs).unwrap();
    pm
}

/// Fails as often as it says, and then answers with the number of the attempt.
fn flaky(pm: &Manager, name: &'static str, failures: usize) -> Arc<AtomicUsize> {
    let attempts = Arc::new(AtomicUsize::new(0));
    let attempt = Arc::clone(&attempts);
    pm.register_fn(name, Specs::fetch, move |args| match attempt.fetch_add(1, Ordering::Relaxed) {
        number if number < failures => Err(format!("{name} fails at {number}")),
        number => Ok(format!("{}{}@{number}", args.topic, args.limit)),
    })
    .unwrap();
    attempts
}

/// Runs the rest up to three times.
struct Retry;

implement! {
    #[extension(wrapper)]
    impl Specs for Retry {
        fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Result<Vec<String>, String> {
            for _ in 0..2 {
                if let Ok(found) = awaited!(next.clone().run(topic, limit)) {
                    return Ok(found);
                }
            }
            awaited!(next.run(topic, limit))
        }
        fn count(&self, counted: Counted, next: Next<'_>) {
            awaited!(next.clone().run(counted.clone()));
            awaited!(next.run(counted));
        }
        fn none(&self, next: Next<'_>) -> Vec<u8> {
            let mut all = awaited!(next.clone().run());
            all.extend(awaited!(next.run()));
            all
        }
        fn lend<'a>(&self, from: &'a [String], skip: usize, next: Next<'_>) -> Option<&'a str> {
            match awaited!(next.clone().run(from, skip)) {
                None => awaited!(next.run(from, skip - 1)),
                found => found,
            }
        }
        fn edit(&self, text: &mut String, by: &str, next: Next<'_>) {
            awaited!(next.clone().run(text, by));
            awaited!(next.run(text, "!"));
        }
        fn wide(&self, cx: &mut Ctx<'_>, word: String, next: Next<'_>) {
            awaited!(next.clone().run(cx, word.clone()));
            awaited!(next.run(cx, word));
        }
    }
}

/// Does the same without the arguments.
struct Bound;

implement! {
    #[extension(wrapper)]
    impl Specs for Bound {
        fn fetch(&self, next: Next<'_>) -> Result<Vec<String>, String> {
            for _ in 0..2 {
                if let Ok(found) = awaited!(next.clone().run()) {
                    return Ok(found);
                }
            }
            awaited!(next.run())
        }
        fn count(&self, next: Next<'_>) {
            awaited!(next.clone().run());
            awaited!(next.clone().run());
            awaited!(next.run());
        }
        fn maybe(&self, next: Next<'_>) -> Vec<String> {
            let mut all = awaited!(next.clone().run());
            all.extend(awaited!(next.run()));
            all
        }
        fn shared(&self, next: Next<'_>) -> Vec<String> {
            let mut all = awaited!(next.clone().run());
            all.extend(awaited!(next.run()));
            all
        }
        fn lend<'a>(&self, next: Next<'_>) -> Option<&'a str> {
            awaited!(next.clone().run()).or(awaited!(next.run()))
        }
        fn thread(&self, next: Next<'_>) -> String {
            awaited!(next.clone().run()) + "|" + &awaited!(next.run())
        }
        fn thread_if(&self, next: Next<'_>) -> String {
            awaited!(next.clone().run()) + "|" + &awaited!(next.run())
        }
        fn edit(&self, next: Next<'_>) {
            let other = next.clone();
            awaited!(next.run());
            awaited!(other.clone().run());
            awaited!(other.run());
        }
        fn wide(&self, next: Next<'_>) {
            awaited!(next.clone().run());
            awaited!(next.run());
        }
    }
}

#[test]
fn a_wrapper_retries_the_rest_until_it_answers() {
    for failures in 0..5 {
        for with_arguments in [true, false] {
            let pm = manager();
            let attempts = flaky(&pm, "flaky", failures);
            if with_arguments { pm.register(Retry) } else { pm.register(Bound) }.unwrap();
            let outcome = wait!(pm.caller(Specs::fetch).call("t", 1));
            if failures < 3 {
                assert_eq!(outcome, Ok(vec![format!("t1@{failures}")]));
            } else {
                assert_eq!(outcome, Err("flaky fails at 2".into()));
            }
            assert_eq!(attempts.load(Ordering::Relaxed), failures.min(2) + 1);
        }
    }
}

#[test]
fn retries_of_nested_wrappers_multiply() {
    for failures in [0, 8, 26, 27] {
        let pm = manager();
        let attempts = flaky(&pm, "flaky", failures);
        pm.register_as("a", Retry).unwrap();
        pm.register_as("b", Bound).unwrap();
        pm.register_as("c", Retry).unwrap();
        let outcome = wait!(pm.caller(Specs::fetch).try_call("t", 1));
        assert_eq!(outcome.is_ok(), failures < 27);
        assert_eq!(attempts.load(Ordering::Relaxed), failures.min(26) + 1);
    }
}

#[test]
fn every_kind_of_argument_can_be_had_again() {
    let pm = manager();
    pm.register_fn("none", Specs::none, |_| 1).unwrap();
    pm.register_fn("maybe", Specs::maybe, |args| format!("{:?}{}", args.topic, args.words.len())).unwrap();
    pm.register_fn("shared", Specs::shared, |args| args.topic.into_owned()).unwrap();
    pm.register_fn("lend", Specs::lend, |args| args.from.get(args.skip).map(String::as_str)).unwrap();
    pm.register_fn("thread", Specs::thread, |args| args.text + "t").unwrap();
    pm.register_fn("thread_if", Specs::thread_if, |args| Some(args.text + "i")).unwrap();
    pm.register_fn("edit", Specs::edit, |args| args.text.push_str(args.by)).unwrap();
    pm.register_fn("wide", Specs::wide, |args| args.cx.lines.push(args.word)).unwrap();
    let from = ["a".to_owned()];
    let edited = || {
        let (mut text, mut lines) = (String::new(), Vec::new());
        wait!(pm.caller(Specs::edit).call(&mut text, "e"));
        wait!(pm.caller(Specs::wide).call(&mut Ctx { lines: &mut lines }, "w".into()));
        format!("{text} {}", lines.concat())
    };

    let retry = pm.register(Retry).unwrap();
    assert_eq!(wait!(pm.caller(Specs::none).call()), [1, 1]);
    assert_eq!(wait!(pm.caller(Specs::lend).call(&from, 1)), Some("a"));
    assert_eq!(edited(), "e! ww");
    pm.unregister(&retry).unwrap();

    pm.register(Bound).unwrap();
    assert_eq!(wait!(pm.caller(Specs::maybe).call(Some("x"), &["y"])), ["Some(\"x\")1", "Some(\"x\")1"]);
    assert_eq!(wait!(pm.caller(Specs::shared).call("c".into())), ["c", "c"]);
    assert_eq!(wait!(pm.caller(Specs::lend).call(&from, 0)), Some("a"));
    assert_eq!(wait!(pm.caller(Specs::thread).call("-".into())), "-t|-t");
    assert_eq!(wait!(pm.caller(Specs::thread_if).call("-".into())), "-i|-i");
    assert_eq!(edited(), "eee ww");
}

#[test]
fn the_last_run_takes_the_arguments_and_others_get_clones() {
    let clones = |bound: bool| {
        let pm = manager();
        pm.register_fn("x", Specs::count, |_| ()).unwrap();
        if bound { pm.register(Bound) } else { pm.register(Retry) }.unwrap();
        let counted = Counted::default();
        let clones = Arc::clone(&counted.0);
        wait!(pm.caller(Specs::count).call(counted));
        clones.load(Ordering::Relaxed)
    };
    // Of three runs, the last takes the argument, and of two as well.
    assert_eq!((clones(true), clones(false)), (2, 1));
}

#[test]
#[allow(clippy::drop_non_drop, reason = "under one of the managers it has no destructor")]
fn a_clone_that_does_not_run_runs_nothing() {
    struct Unused;
    implement! {
        #[extension(wrapper)]
        impl Specs for Unused {
            fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Result<Vec<String>, String> {
                drop(next.clone());
                let other = next.clone();
                drop(next);
                awaited!(other.run(topic, limit))
            }
            fn none(&self, next: Next<'_>) -> Vec<u8> {
                drop(next.clone());
                let other = next.clone();
                drop(next);
                awaited!(other.run())
            }
        }
    }
    let pm = manager();
    let attempts = flaky(&pm, "x", 0);
    pm.register_fn("none", Specs::none, |_| 1).unwrap();
    pm.register(Unused).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("t", 1)), Ok(vec!["t1@0".to_owned()]));
    assert_eq!(wait!(pm.caller(Specs::none).call()), [1]);
    assert_eq!(attempts.load(Ordering::Relaxed), 1);
}

#[test]
fn a_wrapper_keeps_an_outcome_for_later_calls() {
    #[derive(Default)]
    struct Cache(Mutex<Option<Vec<u8>>>);
    implement! {
        #[extension(wrapper)]
        impl Specs for Cache {
            fn none(&self, next: Next<'_>) -> Vec<u8> {
                let kept = self.0.lock().unwrap().clone();
                match kept {
                    Some(kept) => kept,
                    None => {
                        let found = awaited!(next.run());
                        self.0.lock().unwrap().insert(found).clone()
                    }
                }
            }
        }
    }
    let (pm, log) = (manager(), Log::new());
    let inner = log.clone();
    pm.register_fn("x", Specs::none, move |_| {
        inner.push("x");
        1
    })
    .unwrap();
    pm.register(Cache::default()).unwrap();
    for _ in 0..3 {
        assert_eq!(wait!(pm.caller(Specs::none).call()), [1]);
    }
    assert_eq!(log.line(), "x");
}

#[test]
fn observers_see_each_run() {
    let (pm, log) = (manager(), Log::new());
    pm.register_as("outer", Retry).unwrap();
    pm.register_as("inner", Bound).unwrap();
    flaky(&pm, "x", 4);
    let _observer = pm.observe(Show("", log.clone()));
    assert_eq!(wait!(pm.caller(Specs::fetch).try_call("t", 1)).unwrap(), ["t1@4"]);
    let failed = |number| format!("x> x!x fails at {number}");
    assert_eq!(
        log.line(),
        format!(
            "fetch> outer> inner> {} {} {} inner!x fails at 2 inner> {} x> x< inner< outer< fetch<",
            failed(0),
            failed(1),
            failed(2),
            failed(3)
        )
    );
}

#[test]
fn predicates_are_asked_for_each_run() {
    struct Once(AtomicUsize);
    impl Once {
        fn first(&self) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed) == 0
        }
    }
    implement! {
        #[extension]
        impl Specs for Once {
            #[extension(when = Self::first)]
            fn none(&self) -> u8 {
                2
            }
        }
    }
    let pm = manager();
    pm.register_fn("always", Specs::none, |_| 1).unwrap();
    pm.register(Once(AtomicUsize::new(0))).unwrap();
    pm.register(Retry).unwrap();
    assert_eq!(wait!(pm.caller(Specs::none).call()), [1, 2, 1]);
}

/// Runs the rest twice, and fails as it says.
struct Twice(&'static str);

implement! {
    #[extension(wrapper)]
    impl Specs for Twice {
        fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Result<Vec<String>, String> {
            let first = awaited!(next.clone().run(topic, limit));
            let second = awaited!(next.run(topic, limit));
            match self.0 {
                "first" => first,
                "second" => second,
                own => Err(own.to_owned()),
            }
        }
    }
}

#[test]
fn a_failure_of_any_run_is_that_of_its_source() {
    for observed in [false, true] {
        for (does, plugin, text) in
            [("first", "x", "x fails at 0"), ("second", "y", "y fails at 0"), ("own", "w", "own")]
        {
            let pm = manager();
            flaky(&pm, "x", 1);
            flaky(&pm, "y", 9);
            pm.register_as("outermost", Twice("second")).unwrap();
            pm.unregister("outermost").unwrap();
            pm.register_as("w", Twice(does)).unwrap();
            let _observer = observed.then(|| pm.observe(Show("", Log::new())));
            let error = wait!(pm.caller(Specs::fetch).try_call("t", 1)).unwrap_err();
            assert_eq!(error.plugin().map(PluginId::as_str), Some(plugin), "{does}: {error}");
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}

#[test]
fn runs_inside_of_runs_keep_their_failures_apart() {
    for observed in [false, true] {
        let pm = manager();
        flaky(&pm, "x", 9);
        // It returns the failure of its first run, in which the inner one returned that of its second run.
        pm.register_as("outer", Twice("first")).unwrap();
        pm.register_as("inner", Twice("second")).unwrap();
        let _observer = observed.then(|| pm.observe(Show("", Log::new())));
        let error = wait!(pm.caller(Specs::fetch).try_call("t", 1)).unwrap_err();
        assert_eq!(error.plugin().map(PluginId::as_str), Some("x"));
        assert!(error.to_string().contains("x fails at 1"), "{error}");
        // An error that nothing inside has returned is its own.
        pm.register_as("own", Twice("x fails at 99")).unwrap();
        let error = wait!(pm.caller(Specs::fetch).try_call("t", 1)).unwrap_err();
        assert_eq!(error.plugin().map(PluginId::as_str), Some("own"), "{error}");
    }
}

#[test]
fn a_thousand_wrappers_run_clones() {
    struct Deep;
    implement! {
        #[extension(wrapper)]
        impl Specs for Deep {
            fn none(&self, next: Next<'_>) -> Vec<u8> {
                awaited!(next.clone().run())
            }
            fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Result<Vec<String>, String> {
                awaited!(next.clone().run(topic, limit))
            }
        }
    }
    let run = || {
        let pm = manager();
        pm.register_fn("x", Specs::none, |_| 1).unwrap();
        flaky(&pm, "flaky", 1);
        for number in 0..1000 {
            pm.register_as(format!("w{number}"), Deep).unwrap();
        }
        assert_eq!(wait!(pm.caller(Specs::none).call()), [1]);
        let error = wait!(pm.caller(Specs::fetch).try_call("t", 1)).unwrap_err();
        assert_eq!(error.plugin().map(PluginId::as_str), Some("flaky"));
    };
    // Frames of clones are larger in an unoptimised build with the fast path.
    std::thread::Builder::new().stack_size(2 * STACK).spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_run_that_is_dropped_costs_the_last_one_no_clone() {
    struct Drops;
    implement! {
        #[extension(wrapper)]
        impl Specs for Drops {
            fn count(&self, next: Next<'_>) {
                drop(next.clone());
                let other = next.clone();
                drop(next);
                awaited!(other.run());
            }
        }
    }
    let pm = Manager::new("again");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Drops).unwrap();
    let (clones, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&counted);
    pm.register_fn("counts", Specs::count, move |_| {
        seen.fetch_add(1, Ordering::Relaxed);
    })
    .unwrap();
    wait!(pm.caller(Specs::count).call(Counted(Arc::clone(&clones))));
    assert_eq!((clones.load(Ordering::Relaxed), counted.load(Ordering::Relaxed)), (0, 1));
}
