//! Wrappers run around all other extensions of their point.

use pluginkit::prelude::*;
use pluginkit_tests::{Log, panic_of};

use super::kind::{Manager, awaited, implement, wait};

struct Ctx<'x> {
    lines: &'x mut Vec<&'static str>,
}

#[derive(Debug, PartialEq)]
struct Draft(String);

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, limit: usize) -> String;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<u32>;
    #[extension_point(pipeline)]
    fn transform(&self, draft: Draft) -> Draft;
    fn collect(&self, cx: &mut Ctx<'_>, owned: String);
    fn lend<'a>(&self, from: &'a [String]) -> Option<&'a str>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String, slot: &mut Option<&mut u32>);
}

fn manager() -> (Manager, Log) {
    let pm = Manager::new("wrappers");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::new())
}

struct Traced(&'static str, Log);

implement! {
    #[extension]
    impl Specs for Traced {
        #[extension(wrapper)]
        fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Vec<String> {
            self.1.push(format!("{}(", self.0));
            let outcome = awaited!(next.run(topic, limit));
            self.1.push(format!("){}", self.0));
            outcome
        }
        #[extension(wrapper)]
        fn find(&self, next: Next<'_>) -> Option<u32> {
            self.1.push(format!("{}(", self.0));
            let outcome = awaited!(next.run());
            self.1.push(format!("){}", self.0));
            outcome
        }
    }
}

#[test]
fn wrappers_nest_in_order_around_all_extensions() {
    let (pm, log) = manager();
    let inner = log.clone();
    pm.register_fn("x", Specs::fetch, move |args| {
        inner.push("x");
        format!("{}{}", args.topic, args.limit)
    })
    .unwrap();
    pm.register_as("a", Traced("a", log.clone())).unwrap();
    pm.register_as("b", Traced("b", log.clone())).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("t", 1)), ["t1"]);
    assert_eq!(log.line(), "a( b( x )b )a");
}

#[test]
fn firstresult_stops_early_under_wrappers() {
    let (pm, log) = manager();
    for (name, answer) in [("none", None), ("some", Some(1)), ("never", Some(2))] {
        let log = log.clone();
        pm.register_fn(name, Specs::find, move |_| {
            log.push(name);
            answer
        })
        .unwrap();
    }
    pm.register_as("w", Traced("w", log.clone())).unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("k")), Some(1));
    assert_eq!(log.line(), "w( none some )w");
}

struct Changing;

implement! {
    #[extension]
    impl Specs for Changing {
        #[extension(wrapper)]
        fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Vec<String> {
            let mut outcome = awaited!(next.run(&topic.to_uppercase(), limit + 1));
            outcome.insert(0, "changed".into());
            outcome
        }
        #[extension(wrapper)]
        fn find(&self, key: &str, next: Next<'_>) -> Option<u32> {
            if key == "short" { Some(0) } else { awaited!(next.run(key)).map(|found| found * 10).or(Some(7)) }
        }
        #[extension(wrapper)]
        fn transform(&self, draft: Draft, next: Next<'_>) -> Draft {
            let inner = awaited!(next.run(Draft(draft.0 + "<")));
            Draft(inner.0 + ">")
        }
        #[extension(wrapper)]
        fn collect(&self, cx: &mut Ctx<'_>, owned: String, next: Next<'_>) {
            let mut local = Vec::new();
            awaited!(next.run(&mut Ctx { lines: &mut local }, owned + "!"));
            cx.lines.push("wrapper");
            cx.lines.append(&mut local);
        }
        #[extension(wrapper)]
        fn lend<'a>(&self, from: &'a [String], next: Next<'_>) -> Vec<&'a str> {
            awaited!(next.run(&from[1..]))
        }
        #[extension(wrapper)]
        fn edit(&self, text: &mut String, slot: &mut Option<&mut u32>, next: Next<'_>) {
            let mut own = 0;
            awaited!(next.run(text, &mut Some(&mut own)));
            if let Some(slot) = slot {
                **slot += own;
            }
            text.push('>');
        }
    }
}

#[test]
fn a_wrapper_may_change_arguments_and_outcome() {
    let (pm, _) = manager();
    pm.register(Changing).unwrap();
    pm.register_fn("x", Specs::fetch, |args| format!("{}{}", args.topic, args.limit)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("t", 1)), ["changed", "T2"]);
    pm.register_fn("x2", Specs::find, |args| (args.key == "k").then_some(2)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("k")), Some(20));
    assert_eq!(wait!(pm.caller(Specs::find).call("other")), Some(7));
}

#[test]
fn a_wrapper_may_answer_without_running_the_rest() {
    let (pm, log) = manager();
    let inner = log.clone();
    pm.register(Changing).unwrap();
    pm.register_fn("x", Specs::find, move |_| {
        inner.push("ran");
        None
    })
    .unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("short")), Some(0));
    assert!(log.take().is_empty());
}

#[test]
fn owned_mutable_and_borrowing_arguments_pass_through_wrappers() {
    let (pm, log) = manager();
    pm.register(Changing).unwrap();
    pm.register_fn("t", Specs::transform, |args| Draft(args.draft.0 + "t")).unwrap();
    assert_eq!(wait!(pm.caller(Specs::transform).call(Draft("-".into()))), Draft("-<t>".into()));

    let owned = log.clone();
    pm.register_fn("c", Specs::collect, move |args| {
        args.cx.lines.push("inner");
        owned.push(args.owned);
    })
    .unwrap();
    let mut lines = Vec::new();
    wait!(pm.caller(Specs::collect).call(&mut Ctx { lines: &mut lines }, "o".into()));
    assert_eq!((lines, log.line()), (vec!["wrapper", "inner"], "o!".to_owned()));

    pm.register_fn("l", Specs::lend, |args| args.from.first().map(String::as_str)).unwrap();
    let from = ["a".to_owned(), "b".to_owned()];
    assert_eq!(wait!(pm.caller(Specs::lend).call(&from)), ["b"]);

    pm.register_fn("e", Specs::edit, |args| {
        args.text.push('e');
        if let Some(slot) = args.slot {
            **slot += 5;
        }
    })
    .unwrap();
    let (mut text, mut number) = (String::from("<"), 1);
    wait!(pm.caller(Specs::edit).call(&mut text, &mut Some(&mut number)));
    assert_eq!((text.as_str(), number), ("<e>", 6));
}

#[test]
fn a_wrapper_that_leaves_the_arguments_out_passes_them_on() {
    struct Plain(Log);
    implement! {
        #[extension(wrapper)]
        impl Specs for Plain {
            fn fetch(&self, next: Next<'_>) -> Vec<String> {
                self.0.push("fetch");
                awaited!(next.run())
            }
            fn transform(&self, next: Next<'_>) -> Draft {
                Draft(awaited!(next.run()).0 + "!")
            }
            fn collect(&self, next: Next<'_>) {
                awaited!(next.run());
            }
            fn lend<'a>(&self, next: Next<'_>) -> Vec<&'a str> {
                awaited!(next.run())
            }
        }
    }
    let (pm, log) = manager();
    pm.register(Plain(log.clone())).unwrap();
    pm.register_fn("x", Specs::fetch, |args| format!("{}{}", args.topic, args.limit)).unwrap();
    pm.register_fn("t", Specs::transform, |args| args.draft).unwrap();
    pm.register_fn("l", Specs::lend, |args| args.from.first().map(String::as_str)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("t", 2)), ["t2"]);
    assert_eq!(log.line(), "fetch");
    assert_eq!(wait!(pm.caller(Specs::transform).call(Draft("d".into()))), Draft("d!".into()));
    assert_eq!(wait!(pm.caller(Specs::lend).call(&["a".to_owned()])), ["a"]);
    wait!(pm.caller(Specs::collect).call(&mut Ctx { lines: &mut Vec::new() }, String::new()));
}

#[test]
fn a_panic_or_an_early_return_runs_the_destructors_of_started_wrappers_innermost_first() {
    struct Guard(&'static str, Log);
    impl Drop for Guard {
        fn drop(&mut self) {
            self.1.push(format!("drop-{}", self.0));
        }
    }
    struct Guarded(&'static str, Log);
    implement! {
        #[extension]
        impl Specs for Guarded {
            #[extension(wrapper)]
            fn find(&self, key: &str, next: Next<'_>) -> Option<u32> {
                let _guard = Guard(self.0, self.1.clone());
                if key == self.0 {
                    return None;
                }
                let found = awaited!(next.run(key))?;
                self.1.push(format!("after-{}", self.0));
                Some(found)
            }
        }
    }
    let (pm, log) = manager();
    for name in ["a", "b", "c"] {
        pm.register_as(name, Guarded(name, log.clone())).unwrap();
    }
    pm.register_fn("x", Specs::find, |args| {
        assert!(args.key != "panic", "boom");
        Some(1)
    })
    .unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("ok")), Some(1));
    assert_eq!(log.line(), "after-c drop-c after-b drop-b after-a drop-a");
    assert_eq!(wait!(pm.caller(Specs::find).call("b")), None);
    assert_eq!(log.line(), "drop-b drop-a");
    assert_eq!(panic_of(|| wait!(pm.caller(Specs::find).call("panic"))), "boom");
    assert_eq!(log.line(), "drop-c drop-b drop-a");
}

#[test]
fn a_disabled_wrapper_takes_no_part() {
    let (pm, log) = manager();
    pm.register_as("w", Traced("w", log.clone())).unwrap();
    pm.set_enabled("w", false).unwrap();
    assert!(wait!(pm.caller(Specs::fetch).call("t", 1)).is_empty());
    assert!(log.take().is_empty());
}
