//! Arguments that are handed on, reducers and default bodies under a local manager.

use std::ops::ControlFlow::{self, Break, Continue};
use std::rc::Rc;

use pluginkit::PluginId;
use pluginkit::prelude::*;
use pluginkit::reduce::{All, Collect};
use pluginkit_tests::panic_of;

/// Neither `Clone` nor `Send`.
#[derive(Debug, PartialEq)]
struct Request(Rc<String>);

#[extension_point]
trait Specs {
    #[extension_point(firstresult)]
    fn handle(&self, request: Request) -> ControlFlow<u16, Request> {
        if request.0.is_empty() { Break(404) } else { Continue(request) }
    }
    #[extension_point(reduce = All)]
    fn allows(&self, name: &str) -> Result<bool, String>;
    #[extension_point(reduce = Collect<Vec<String>>)]
    fn names(&self) -> Option<String> {
        Some("default".to_owned())
    }
    fn fetch(&self, topic: &str) -> String {
        assert!(topic != "boom", "the default body");
        format!("default[{topic}]")
    }
}

fn manager() -> LocalPluginManager<'static> {
    let pm = LocalPluginManager::new("local");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn request(path: &str) -> Request {
    Request(Rc::new(path.to_owned()))
}

#[test]
fn an_argument_that_is_not_send_is_handed_on() {
    let pm = manager();
    let handle = pm.caller(Specs::handle);
    assert_eq!(handle.call(request("a")), Continue(request("a")));
    assert_eq!(handle.call(request("")), Break(404));
    pm.register_fn("front", Specs::handle, |args| {
        if *args.request.0 == "/" {
            Break(200)
        } else {
            Continue(Request(Rc::new(format!("{}!", args.request.0))))
        }
    })
    .unwrap();
    assert_eq!(handle.call(request("/")), Break(200));
    assert_eq!(handle.call(request("a")), Continue(request("a!")));
    assert_eq!(handle.try_call(request("a")).unwrap(), Continue(request("a!")));
}

#[test]
fn a_reducer_makes_the_outcome() {
    let pm = manager();
    let allows = pm.caller(Specs::allows);
    assert_eq!(allows.call("a"), Ok(true));
    pm.register_fn("no", Specs::allows, |args| Ok(args.name != "no")).unwrap();
    pm.register_fn(
        "late",
        Specs::allows,
        |args| {
            if args.name == "err" { Err("late".to_owned()) } else { Ok(true) }
        },
    )
    .unwrap();
    assert_eq!(allows.call("no"), Ok(false));
    assert_eq!(allows.call("err"), Err("late".to_owned()));
    assert!(allows.try_call("a").unwrap());
    assert_eq!(allows.iter("no").collect::<Vec<_>>(), [Ok(false), Ok(true)]);
    assert_eq!(allows.settle("err").len(), 2);
}

#[test]
fn a_default_body_runs_if_no_extension_has_answered() {
    let pm = manager();
    let (names, fetch) = (pm.caller(Specs::names), pm.caller(Specs::fetch));
    assert_eq!(names.call(), ["default"]);
    assert_eq!(fetch.call("a"), ["default[a]"]);
    assert_eq!(fetch.iter("a").collect::<Vec<_>>(), ["default[a]"]);
    assert_eq!(fetch.settle("a")[0].plugin, "(default)");
    let failure = fetch.try_call("boom").unwrap_err();
    assert_eq!(failure.plugin().map(PluginId::as_str), Some("(default)"));
    assert_eq!(panic_of(|| fetch.call("boom")), "the default body");
    pm.register_fn("none", Specs::names, |_| None).unwrap();
    assert_eq!(names.call(), ["default"]);
    pm.register_fn("some", Specs::names, |_| Some("some".to_owned())).unwrap();
    assert_eq!(names.call(), ["some"]);
    assert_eq!(names.without(["some"]).call(), ["default"]);
    assert!(names.without(["some", "(default)"]).call().is_empty());
    assert_eq!(names.extra(|_| Some("extra".to_owned())).call(), ["some", "extra"]);
    assert!(names.implementations()[2].is_default);
    pm.register_fn("a", Specs::fetch, |_| "a".to_owned()).unwrap();
    assert_eq!(fetch.call("a"), ["a"]);
    assert_eq!(fetch.iter("a").collect::<Vec<_>>(), ["a"]);
    assert_eq!(fetch.settle("a").len(), 1);
}
