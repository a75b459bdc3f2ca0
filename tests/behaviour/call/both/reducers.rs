//! Collecting points with a reducer, which makes the outcome of the items.

use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow::{self, Break, Continue};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pluginkit::limits::FailurePolicy;
use pluginkit::points::Mode;
use pluginkit::prelude::*;
use pluginkit::reduce::{self, Any, Reduce, Sum};
use pluginkit::{CallError, Options};
use pluginkit_tests::{Log, Show, panic_of};

use super::kind::{Manager, adding, awaited, implement, lazily, wait};

/// Joins words until one is `stop`. Panics at `panic`, and its end panics after `late`.
struct Joins {
    words: Vec<String>,
}

impl Reduce for Joins {
    type Item = String;
    type Output = String;

    fn start() -> Self {
        Self { words: Vec::new() }
    }

    fn take(&mut self, item: String) -> ControlFlow<()> {
        assert!(item != "panic", "the reducer");
        let is_over = item == "stop";
        self.words.push(item);
        if is_over { Break(()) } else { Continue(()) }
    }

    fn finish(self) -> String {
        assert!(self.words.iter().all(|word| word != "late"), "the end of the reducer");
        self.words.join(" ")
    }
}

/// Keeps the longest item, which borrows from an argument.
struct Longest<'a>(&'a str);

impl<'a> Reduce for Longest<'a> {
    type Item = &'a str;
    type Output = &'a str;

    fn start() -> Self {
        Self("")
    }

    fn take(&mut self, item: &'a str) -> ControlFlow<()> {
        if item.len() > self.0.len() {
            self.0 = item;
        }
        Continue(())
    }

    fn finish(self) -> &'a str {
        self.0
    }
}

struct Context<'a>(&'a mut Vec<String>);

#[extension_point]
trait Specs {
    #[extension_point(reduce = pluginkit::reduce::All)]
    fn allows(&self, name: &str) -> bool;
    #[extension_point(reduce = Any)]
    fn handles(&self, name: &str) -> Option<bool>;
    #[extension_point(reduce = Sum)]
    fn weighs(&self, name: &str) -> Result<u32, String>;
    #[extension_point(reduce = Sum)]
    fn takes(&self) -> Duration;
    #[extension_point(reduce = reduce::Extend<BTreeSet<String>>)]
    fn words(&self, text: &str) -> Vec<String>;
    #[extension_point(reduce = reduce::Collect<HashMap<u8, u8>>)]
    fn pairs(&self) -> Option<(u8, u8)>;
    #[extension_point(reduce = Joins)]
    fn join(&self, word: String) -> String;
    #[extension_point(reduce = Joins, on_failure = "skip")]
    fn try_join(&self, word: &str) -> Result<Option<String>, String>;
    #[extension_point(reduce = Longest<'a>)]
    fn longest<'a>(&self, text: &'a str, separator: &str) -> Option<&'a str>;
    #[extension_point(reduce = Sum)]
    fn within(&self, cx: &mut Context<'_>) -> usize;
}

fn manager() -> Manager {
    let pm = Manager::new("reduce");
    pm.add_extension_points(Specs).unwrap();
    pm
}

struct Plugin;

implement! {
    #[extension]
    impl Specs for Plugin {
        fn allows(&self, name: &str) -> bool {
            name != "no"
        }
        fn handles(&self, name: &str) -> Option<bool> {
            if name.is_empty() { None } else { Some(name == "yes") }
        }
        fn weighs(&self, name: &str) -> Result<u32, String> {
            name.parse().map_err(|_| format!("not({name})"))
        }
        fn takes(&self) -> Duration {
            Duration::from_secs(1)
        }
        fn words(&self, text: &str) -> Vec<String> {
            text.split(' ').map(str::to_owned).collect()
        }
        fn join(&self, word: String) -> String {
            word
        }
        fn try_join(&self, word: &str) -> Result<Option<String>, String> {
            match word {
                "err" => Err(word.to_owned()),
                "none" => Ok(None),
                "boom" => panic!("boom"),
                _ => Ok(Some(word.to_owned())),
            }
        }
        fn longest<'a>(&self, text: &'a str, separator: &str) -> Option<&'a str> {
            text.split(separator).next()
        }
        fn within(&self, cx: &mut Context<'_>) -> usize {
            cx.0.push("p".to_owned());
            cx.0.len()
        }
    }
}

struct Wraps;

implement! {
    #[extension]
    impl Specs for Wraps {
        #[extension(wrapper)]
        fn join(&self, word: String, next: Next<'_>) -> String {
            if word == "alone" {
                return word;
            }
            format!("[{}]", awaited!(next.run(word)))
        }
        #[extension(wrapper)]
        fn weighs(&self, next: Next<'_>) -> Result<u32, String> {
            awaited!(next.run()).map(|weight| weight * 10)
        }
        #[extension(wrapper)]
        fn longest<'a>(&self, text: &'a str, separator: &str, next: Next<'_>) -> &'a str {
            awaited!(next.run(text, separator)).trim()
        }
    }
}

#[test]
fn without_items_the_outcome_is_that_of_an_empty_reduction() {
    let pm = manager();
    assert!(wait!(pm.caller(Specs::allows).call("no")));
    assert!(!wait!(pm.caller(Specs::handles).call("yes")));
    assert_eq!(wait!(pm.caller(Specs::weighs).call("7")), Ok(0));
    assert_eq!(wait!(pm.caller(Specs::takes).call()), Duration::ZERO);
    assert!(wait!(pm.caller(Specs::words).call("a")).is_empty());
    assert_eq!(wait!(pm.caller(Specs::join).call("a".into())), "");
    assert_eq!(wait!(pm.caller(Specs::join).try_call("a".into())).unwrap(), "");
    assert_eq!(pm.caller(Specs::join).extension_point().mode, Mode::Collecting);
}

#[test]
fn a_sum_adds_the_items() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register_fn("b", Specs::weighs, |_| Ok(1)).unwrap();
    pm.register_fn("c", Specs::takes, |_| Duration::from_secs(2)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::weighs).call("7")), Ok(8));
    assert_eq!(wait!(pm.caller(Specs::weighs).call("x")), Err("not(x)".to_owned()));
    assert_eq!(wait!(pm.caller(Specs::takes).call()), Duration::from_secs(3));
    let mut seen = Vec::new();
    pm.register_fn("d", Specs::within, |args| args.cx.0.len()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::within).call(&mut Context(&mut seen))), 2);
}

#[test]
fn all_and_any_end_the_call_early() {
    let (pm, log) = (manager(), Log::new());
    pm.register(Plugin).unwrap();
    let late = log.clone();
    pm.register_fn("late", Specs::allows, move |_| {
        late.push("late");
        true
    })
    .unwrap();
    let late = log.clone();
    pm.register_fn("later", Specs::handles, move |_| {
        late.push("later");
        None
    })
    .unwrap();
    assert!(!wait!(pm.caller(Specs::allows).call("no")));
    assert!(wait!(pm.caller(Specs::handles).call("yes")));
    assert_eq!(log.line(), "");
    assert!(wait!(pm.caller(Specs::allows).call("x")));
    assert!(!wait!(pm.caller(Specs::handles).call("x")));
    assert!(!wait!(pm.caller(Specs::handles).call("")));
    assert_eq!(log.line(), "late later later");
}

#[test]
fn a_collection_is_extended_by_each_item() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register_fn("b", Specs::words, |_| vec!["b".to_owned(), "a".to_owned()]).unwrap();
    let words: BTreeSet<String> = wait!(pm.caller(Specs::words).call("c a"));
    assert_eq!(words.into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    pm.register_fn("one", Specs::pairs, |_| Some((1, 2))).unwrap();
    pm.register_fn("none", Specs::pairs, |_| None).unwrap();
    assert_eq!(wait!(pm.caller(Specs::pairs).call()), HashMap::from([(1, 2)]));
}

#[test]
fn a_reducer_of_the_host_takes_items_in_call_order_and_may_stop() {
    let (pm, log) = (manager(), Log::new());
    pm.register_fn("first", Specs::join, |args| format!("first-{}", args.word)).unwrap();
    pm.register(Plugin).unwrap();
    let late = log.clone();
    pm.register_fn("late", Specs::join, move |args| {
        late.push("late");
        args.word
    })
    .unwrap();
    let join = pm.caller(Specs::join);
    assert_eq!(wait!(join.call("a".into())), "first-a a a");
    assert_eq!(log.line(), "late");
    assert_eq!(wait!(join.call("stop".into())), "first-stop stop");
    assert_eq!(log.line(), "");
    assert_eq!(wait!(join.without(["first"]).call("a".into())), "a a");
    assert_eq!(wait!(join.extra(|_| "extra".to_owned()).call("a".into())), "first-a a a extra");
}

#[test]
fn an_item_may_borrow_from_an_argument() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register_fn("last", Specs::longest, |args| args.text.split(args.separator).last()).unwrap();
    let text = String::from("one two three");
    assert_eq!(wait!(pm.caller(Specs::longest).call(&text, " ")), "three");
    pm.register(Wraps).unwrap();
    assert_eq!(wait!(pm.caller(Specs::longest).call(&text, "t")), "one");
}

#[test]
fn wrappers_see_the_reduced_outcome() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register(Wraps).unwrap();
    assert_eq!(wait!(pm.caller(Specs::join).call("a".into())), "[a]");
    assert_eq!(wait!(pm.caller(Specs::join).call("alone".into())), "alone");
    assert_eq!(wait!(pm.caller(Specs::weighs).call("4")), Ok(40));
    assert_eq!(wait!(pm.caller(Specs::weighs).call("x")), Err("not(x)".to_owned()));
    assert_eq!(wait!(pm.caller(Specs::weighs).try_call("4")).unwrap(), 40);
    let failure = wait!(pm.caller(Specs::weighs).try_call("x")).unwrap_err();
    assert_eq!(failure.to_string(), "plugin `Plugin` failed in `Specs::weighs`: not(x)");
}

#[test]
fn items_one_by_one_and_settled_results_come_before_the_reduction() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register_fn("b", Specs::weighs, |_| Ok(1)).unwrap();
    let items: Vec<_> = lazily!(pm.caller(Specs::weighs), "7").collect();
    assert_eq!(items, [Ok(7), Ok(1)]);
    let settled = wait!(pm.caller(Specs::weighs).settle("x"));
    assert!(settled[0].result.is_err());
    assert_eq!(settled[1].result.as_ref().unwrap(), &1);
    let settled = wait!(pm.caller(Specs::join).settle("stop".into()));
    assert_eq!(settled.len(), 1);
}

#[test]
fn a_predicate_and_a_policy_leave_items_out() {
    let pm = manager();
    let builder = PluginBuilder::new(()).named("short");
    adding!(
        builder,
        Specs::try_join,
        Options::new(),
        |_this, _args| Ok(Some("short".to_owned())),
        |_, args| { args.word.len() < 3 }
    )
    .register(&pm)
    .unwrap();
    pm.register(Plugin).unwrap();
    pm.register_fn("b", Specs::try_join, |_| Ok(Some("b".to_owned()))).unwrap();
    let join = pm.caller(Specs::try_join);
    assert_eq!(wait!(join.call("a")), Ok("short a b".to_owned()));
    assert_eq!(wait!(join.call("long")), Ok("long b".to_owned()));
    assert_eq!(wait!(join.call("none")), Ok("b".to_owned()));
    assert_eq!(wait!(join.call("err")), Err("err".to_owned()));
    assert_eq!(wait!(join.try_call("err")).unwrap(), "b");
    assert_eq!(wait!(join.try_call("boom")).unwrap(), "b");
    assert!(wait!(join.on_failure(FailurePolicy::FailFast).try_call("boom")).is_err());
}

#[test]
fn observers_see_the_extensions_that_ran_and_the_outcome() {
    let (pm, log) = (manager(), Log::new());
    pm.register(Plugin).unwrap();
    pm.register_fn("b", Specs::try_join, |_| Ok(None)).unwrap();
    let _guard = pm.observe(Show("", log.clone()));
    assert_eq!(wait!(pm.caller(Specs::try_join).call("stop")), Ok("stop".to_owned()));
    assert_eq!(log.line(), "try_join> Plugin> Plugin< try_join<");
    assert_eq!(wait!(pm.caller(Specs::try_join).call("err")), Err("err".to_owned()));
    assert_eq!(log.line(), "try_join> Plugin> Plugin!err try_join!err");
}

#[test]
fn a_panic_of_the_reducer_is_that_of_no_plugin() {
    for (word, text) in [("panic", "the reducer"), ("late", "the end of the reducer")] {
        for (wraps, observed) in [(false, false), (true, false), (false, true), (true, true)] {
            let pm = manager();
            pm.register(Plugin).unwrap();
            if wraps {
                pm.register(Wraps).unwrap();
            }
            let _guard = observed.then(|| pm.observe(|_: &pluginkit::observe::Event<'_>| {}));
            let join = pm.caller(Specs::join);
            assert_eq!(panic_of(|| wait!(join.call(word.into()))), text);
            match wait!(join.try_call(word.into())).unwrap_err() {
                CallError::Panicked { plugin, message, .. } => {
                    assert_eq!(plugin, None, "{word} {wraps} {observed}");
                    assert_eq!(message, text);
                }
                other => panic!("{other}"),
            }
        }
    }
}

static DROPS: AtomicUsize = AtomicUsize::new(0);

/// Panics when it is dropped.
struct Panics(&'static str);

impl Drop for Panics {
    fn drop(&mut self) {
        DROPS.fetch_add(1, Ordering::SeqCst);
        panic!("{}", self.0);
    }
}

/// A reducer with a destructor that panics.
struct Holds {
    items: Vec<Panics>,
}

impl Reduce for Holds {
    type Item = Panics;
    type Output = Panics;

    fn start() -> Self {
        Self { items: Vec::new() }
    }

    fn take(&mut self, item: Panics) -> ControlFlow<()> {
        if self.items.is_empty() {
            self.items.push(item);
        } else {
            std::mem::forget(item);
        }
        Continue(())
    }

    fn finish(mut self) -> Panics {
        self.items.pop().unwrap_or_else(|| unreachable!("there is an item"))
    }
}

#[extension_point]
trait Dropped {
    #[extension_point(reduce = Holds)]
    fn hold(&self, fails: bool) -> Result<Panics, Panics>;
}

#[test]
fn no_destructor_of_a_reducer_aborts() {
    let pm = Manager::new("drops");
    pm.add_extension_points(Dropped).unwrap();
    pm.register_fn("item", Dropped::hold, |_| Ok(Panics("item"))).unwrap();
    pm.register_fn(
        "fails",
        Dropped::hold,
        |args| if args.fails { Err(Panics("error")) } else { Ok(Panics("b")) },
    )
    .unwrap();
    let hold = pm.caller(Dropped::hold);
    let caught = |run: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(run)).is_err();
    let mut outcome = None;
    assert!(!caught(&mut || outcome = wait!(hold.call(false)).ok()));
    assert!(caught(&mut || outcome = None));
    assert!(caught(&mut || std::mem::forget(wait!(hold.call(true)))));
    assert!(!caught(&mut || std::mem::forget(wait!(hold.try_call(true)))));
    pm.register_fn("panics", Dropped::hold, |_| panic!("an extension")).unwrap();
    assert!(caught(&mut || std::mem::forget(wait!(hold.call(false)))));
    assert!(!caught(&mut || std::mem::forget(wait!(hold.try_call(false)))));
    // The outcome, the item of each reducer that was left, and an error in each call that drops one.
    assert!(DROPS.load(Ordering::SeqCst) >= 5);
}
