//! A call of a local manager returns what a call of a sync manager returns.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pluginkit::prelude::*;

#[derive(Debug)]
struct Walk<'w> {
    seen: Vec<&'w str>,
}

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn some(&self, topic: &str) -> Option<usize>;
    fn unit(&self, seen: &mut Vec<String>);
    fn fallible(&self, topic: &str) -> Result<usize, String>;
    #[extension_point(firstresult)]
    fn find(&self, topic: &str) -> Option<String>;
    #[extension_point(firstresult)]
    fn try_find(&self, topic: &str) -> Result<Option<String>, String>;
    #[extension_point(pipeline)]
    fn thread(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn thread_if_any(&self, text: String) -> Option<String>;
    #[extension_point(pipeline)]
    fn try_thread(&self, text: String) -> Result<String, String>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    fn count(&self, counted: Rc<Cell<u32>>);
    fn walk(&self, walk: &mut Walk<'_>, node: &Rc<str>) -> usize;
    fn pick<'a>(&self, from: &'a str) -> &'a str;
}

/// A plugin that is not `Send`, whose methods change it.
#[derive(Default)]
struct Counting {
    calls: usize,
    _stays: Rc<()>,
}

impl Counting {
    fn count(&mut self) -> usize {
        self.calls += 1;
        self.calls
    }
}

#[extension(local)]
impl Specs for Counting {
    fn fetch(&mut self, topic: &str) -> String {
        format!("{topic}{}", self.count())
    }
    fn some(&mut self, topic: &str) -> Option<usize> {
        let calls = self.count();
        topic.is_empty().then_some(calls)
    }
    fn unit(&mut self, seen: &mut Vec<String>) {
        seen.push(self.count().to_string());
    }
    fn fallible(&mut self, topic: &str) -> Result<usize, String> {
        self.count();
        topic.parse().map_err(|_| topic.to_owned())
    }
    fn find(&self, topic: &str) -> Option<String> {
        (topic == "mine").then(|| "found".to_owned())
    }
    fn try_find(&self, topic: &str) -> Result<Option<String>, String> {
        match topic {
            "mine" => Ok(Some("found".to_owned())),
            "bad" => Err("bad".to_owned()),
            _ => Ok(None),
        }
    }
    fn thread(&mut self, text: String) -> String {
        text + &self.count().to_string()
    }
    fn thread_if_any(&self, text: String) -> Option<String> {
        (text.len() < 3).then(|| text + "+")
    }
    fn try_thread(&self, text: String) -> Result<String, String> {
        if text.is_empty() { Err("empty".to_owned()) } else { Ok(text + "!") }
    }
    fn edit(&mut self, text: &mut String) {
        text.push_str(&self.count().to_string());
    }
    #[extension(target = "count")]
    fn counts(counted: Rc<Cell<u32>>) {
        counted.set(counted.get() + 1);
    }
    fn walk(&mut self, walk: &mut Walk<'_>, node: &Rc<str>) -> usize {
        walk.seen.push("counting");
        node.len() + walk.seen.len()
    }
}

/// A plugin of any manager.
struct Plain;

#[extension]
impl Specs for Plain {
    fn fetch(&self, topic: &str) -> String {
        format!("plain {topic}")
    }
    fn some(&self) -> Option<usize> {
        Some(7)
    }
    fn find(&self, topic: &str) -> Option<String> {
        Some(format!("plain {topic}"))
    }
    fn thread(&self, text: String) -> String {
        text + "."
    }
    fn edit(&self, text: &mut String) {
        text.push('.');
    }
    fn pick<'a>(&self, from: &'a str) -> &'a str {
        from.trim()
    }
}

fn manager() -> LocalPluginManager<'static> {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Counting::default()).unwrap();
    pm.register(Plain).unwrap();
    pm
}

#[test]
fn a_collecting_call_returns_the_results_in_call_order() {
    let pm = manager();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("a"), ["a1", "plain a"]);
    assert_eq!(fetch.call("a"), ["a2", "plain a"]);
    assert_eq!(pm.caller(Specs::some).call("a"), [7]);
    assert_eq!(pm.caller(Specs::some).call(""), [4, 7]);
}

#[test]
fn a_call_returns_nothing_or_its_first_error() {
    let pm = manager();
    let mut seen = Vec::new();
    pm.caller(Specs::unit).call(&mut seen);
    assert_eq!(seen, ["1"]);
    assert_eq!(pm.caller(Specs::fallible).call("12"), Ok(vec![12]));
    assert_eq!(pm.caller(Specs::fallible).call("twelve"), Err("twelve".to_owned()));
}

#[test]
fn the_first_answer_ends_a_firstresult_call() {
    let pm = manager();
    let find = pm.caller(Specs::find);
    assert_eq!(find.call("mine").as_deref(), Some("found"));
    assert_eq!(find.call("other").as_deref(), Some("plain other"));
    assert_eq!(find.without(["Plain"]).call("other"), None);
    let find = pm.caller(Specs::try_find);
    assert_eq!(find.call("mine"), Ok(Some("found".to_owned())));
    assert_eq!(find.call("bad"), Err("bad".to_owned()));
    assert_eq!(find.call("none"), Ok(None));
}

#[test]
fn a_pipeline_passes_its_value_on() {
    let pm = manager();
    assert_eq!(pm.caller(Specs::thread).call("v".to_owned()), "v1.");
    assert_eq!(pm.caller(Specs::thread).without(["Counting", "Plain"]).call("v".to_owned()), "v");
    assert_eq!(pm.caller(Specs::thread_if_any).call("v".to_owned()), "v+");
    assert_eq!(pm.caller(Specs::thread_if_any).call("long".to_owned()), "long");
    assert_eq!(pm.caller(Specs::try_thread).call("v".to_owned()), Ok("v!".to_owned()));
    assert_eq!(pm.caller(Specs::try_thread).call(String::new()), Err("empty".to_owned()));
    let mut text = String::from("v");
    pm.caller(Specs::edit).call(&mut text);
    assert_eq!(text, "v2.");
}

#[test]
fn arguments_need_not_be_send() {
    let pm = manager();
    pm.register_fn("closure", Specs::count, |args| args.counted.set(args.counted.get() + 10)).unwrap();
    let counted = Rc::new(Cell::new(0));
    pm.caller(Specs::count).call(Rc::clone(&counted));
    assert_eq!((counted.get(), Rc::strong_count(&counted)), (11, 1));
}

#[test]
fn arguments_may_have_lifetimes_of_their_own() {
    let pm = manager();
    let word = String::from("host");
    let mut walk = Walk { seen: vec![&word] };
    let mut calls = 0;
    let node = Rc::from("abc");
    {
        let pm = LocalPluginManager::new("feed");
        pm.add_extension_points(Specs).unwrap();
        pm.register_fn_mut("closure", Specs::walk, |args| {
            calls += 1;
            args.walk.seen.push("closure");
            args.node.len()
        })
        .unwrap();
        assert_eq!(pm.caller(Specs::walk).call(&mut walk, &node), [3]);
    }
    assert_eq!(pm.caller(Specs::walk).call(&mut walk, &node), [6]);
    assert_eq!((walk.seen, calls), (vec!["host", "closure", "counting"], 1));
}

#[test]
fn a_result_may_borrow_from_an_argument() {
    assert_eq!(manager().caller(Specs::pick).call(" word "), ["word"]);
}

#[test]
fn an_iterator_runs_an_extension_when_its_result_is_requested() {
    let pm = manager();
    let fetch = pm.caller(Specs::fetch);
    let mut results = fetch.iter("a");
    assert_eq!(results.next().as_deref(), Some("a1"));
    pm.unregister("Plain");
    // It works on the snapshot of its creation.
    assert_eq!(results.next().as_deref(), Some("plain a"));
    assert_eq!(results.next(), None);
    assert_eq!(results.next(), None);
    drop(fetch.iter("a"));
    assert_eq!(fetch.call("a"), ["a2"]);
}

#[test]
fn an_iterator_of_a_fallible_point_goes_on_after_an_error() {
    let pm = manager();
    pm.register_fn("closure", Specs::fallible, |args| Ok(args.topic.len())).unwrap();
    let results: Vec<_> = pm.caller(Specs::fallible).iter("four").collect();
    assert_eq!(results, [Err("four".to_owned()), Ok(4)]);
}

#[test]
fn a_view_leaves_out_and_adds_extensions() {
    let pm = manager();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.without(["Counting"]).call("a"), ["plain a"]);
    let heard = RefCell::new(Vec::new());
    {
        let pm = LocalPluginManager::new("feed");
        pm.add_extension_points(Specs).unwrap();
        let view = pm.caller(Specs::fetch).extra(|args| {
            heard.borrow_mut().push(args.topic.to_owned());
            "extra".to_owned()
        });
        pm.register(Plain).unwrap();
        assert_eq!(view.call("a"), ["plain a", "extra"]);
        assert_eq!(view.without(["Plain"]).call("b"), ["extra"]);
        let names: Vec<_> = view.implementations().into_iter().map(|each| each.plugin).collect();
        assert_eq!(names, ["Plain", "(extra)"]);
    }
    assert_eq!(*heard.borrow(), ["a", "b"]);
}

#[test]
fn a_caller_tells_what_it_runs_and_what_it_leaves_out() {
    let pm = manager();
    pm.set_enabled("Plain", false).unwrap();
    let implementations: pluginkit::points::Implementations = pm.caller(Specs::fetch).implementations();
    assert_eq!(implementations.iter().map(|each| &*each.plugin).collect::<Vec<_>>(), ["Counting"]);
    let (plain, why) = &implementations.left_out()[0];
    assert_eq!(format!("{}: {why}", plain.plugin), "Plain: disabled");
    assert_eq!(pm.caller(Specs::fetch).without(["Counting"]).implementations().left_out().len(), 1);
    pm.set_enabled("Plain", true).unwrap();
    assert!(pm.caller(Specs::fetch).implementations().left_out().is_empty());
}

#[test]
fn a_view_sees_later_registrations() {
    let pm = manager();
    let view = pm.caller(Specs::fetch).without(["Counting"]);
    assert_eq!(view.call("a"), ["plain a"]);
    assert_eq!(view.call("a"), ["plain a"]);
    pm.register_fn("late", Specs::fetch, |_| "late".to_owned()).unwrap();
    assert_eq!(view.call("a"), ["plain a", "late"]);
    pm.unregister("Plain");
    assert_eq!(view.call("a"), ["late"]);
}

#[test]
fn a_caller_names_its_point_and_outlives_its_manager() {
    let pm = manager();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.extension_point().to_string(), "Specs::fetch");
    assert_eq!(format!("{fetch:?}"), "LocalCaller { point: Specs::fetch, .. }");
    drop(pm);
    assert_eq!(fetch.clone().call("a"), ["a1", "plain a"]);
}
