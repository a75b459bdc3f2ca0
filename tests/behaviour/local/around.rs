//! Work of the host inside the wrappers of a local manager: `call_around`.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pluginkit::prelude::*;
use pluginkit::{CallError, Options};
use pluginkit_tests::panic_of;

struct Ctx<'x> {
    lines: &'x mut Vec<String>,
}

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> Result<String, String>;
    #[extension_point(pipeline)]
    fn thread(&self, text: String) -> String;
    fn wide(&self, cx: &mut Ctx<'_>);
    fn none(&self) -> u8;
}

/// Counts in itself, and runs the rest of `thread` and `none` twice.
struct Wrapper {
    name: &'static str,
    runs: Rc<Cell<u32>>,
    own: u32,
}

#[extension(local, wrapper)]
impl Specs for Wrapper {
    fn fetch(&mut self, topic: &str, next: Next<'_>) -> Result<Vec<String>, String> {
        self.own += 1;
        self.runs.set(self.own);
        next.run(&format!("{}({topic})", self.name))
    }
    fn thread(&self, next: Next<'_>) -> String {
        next.clone().run() + &next.run()
    }
    fn wide(&self, cx: &mut Ctx<'_>, next: Next<'_>) {
        cx.lines.push(self.name.to_owned());
        next.run(cx);
    }
    fn none(&self, next: Next<'_>) -> Vec<u8> {
        let mut all = next.clone().run();
        all.extend(next.run());
        all
    }
}

fn manager<'p>() -> (LocalPluginManager<'p>, Rc<Cell<u32>>) {
    let (pm, runs) = (LocalPluginManager::new("around"), Rc::default());
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("x", Specs::fetch, |_| panic!("no extension runs")).unwrap();
    for name in ["a", "b"] {
        pm.register_as(name, Wrapper { name, runs: Rc::clone(&runs), own: 0 }).unwrap();
    }
    (pm, runs)
}

#[test]
fn work_of_the_host_runs_in_the_place_of_the_extensions() {
    let (pm, runs) = manager();
    let (mut calls, shared) = (0, Rc::new("host"));
    let fetched = pm.caller(Specs::fetch).call_around("t", |args| {
        calls += 1;
        Ok(vec![format!("{shared} {}", args.topic)])
    });
    assert_eq!(fetched, Ok(vec!["host b(a(t))".to_owned()]));
    assert_eq!((calls, runs.get()), (1, 1));
    assert_eq!(pm.caller(Specs::thread).call_around("v".into(), |args| args.text + "!"), "v!v!v!v!");
    assert_eq!(pm.caller(Specs::none).try_call_around(|_| vec![7]).unwrap(), [7; 4]);
    let mut lines = Vec::new();
    pm.caller(Specs::wide)
        .call_around(&mut Ctx { lines: &mut lines }, |args| args.cx.lines.push("host".into()));
    assert_eq!(lines, ["a", "b", "host"]);
}

#[test]
fn a_failure_of_the_work_is_that_of_no_plugin() {
    let (pm, _) = manager();
    let fetch = pm.caller(Specs::fetch);
    let error = fetch.try_call_around("t", |_| Err("host".into())).unwrap_err();
    assert!(matches!(&error, CallError::Failed { plugin: None, error, .. } if error == "host"), "{error}");
    let error = fetch.try_call_around("t", |_| panic!("work")).unwrap_err();
    assert!(
        matches!(&error, CallError::Panicked { plugin: None, message, .. } if message == "work"),
        "{error}"
    );
    assert_eq!(panic_of(|| fetch.call_around("t", |_| panic!("work"))), "work");
    // The wrappers are as good as before.
    assert_eq!(fetch.call_around("t", |_| Ok(Vec::new())), Ok(Vec::new()));
}

#[test]
fn a_wrapper_that_fails_around_the_work_is_named() {
    let pm = LocalPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    let builder = pm.plugin(()).named("w").wrapper(Specs::fetch, Options::new(), |_, args, next| {
        next.run(args.topic).map_err(|error| format!("own: {error}"))
    });
    builder.register().unwrap();
    let fetch = pm.caller(Specs::fetch);
    let error = fetch.try_call_around("t", |_| Err("host".into())).unwrap_err();
    assert_eq!(error.plugin().map(PluginId::as_str), Some("w"));
    assert_eq!(fetch.without(["w"]).try_call_around("t", |_| Err("host".into())).unwrap_err().plugin(), None);
}

#[test]
fn views_choose_the_wrappers_around_the_work() {
    let (pm, _) = manager();
    let fetch = pm.caller(Specs::fetch);
    let called = |fetch: &LocalCaller<'_, pluginkit::point!(Specs::fetch)>| {
        fetch.call_around("t", |args| Ok(vec![args.topic.to_owned()])).unwrap().concat()
    };
    assert_eq!(called(&fetch), "b(a(t))");
    assert_eq!(called(&fetch.without(["a"])), "b(t)");
    assert_eq!(called(&fetch.extra(|_| panic!("no extension runs"))), "b(a(t))");
}

#[test]
fn the_work_may_change_the_manager_and_call_it() {
    let (pm, _) = manager();
    let none = pm.caller(Specs::none);
    let outcome = none.call_around(|_| {
        pm.unregister("a");
        let inner = none.call_around(|_| vec![1]);
        pm.register_fn("one", Specs::none, |_| 1).ok();
        inner
    });
    assert_eq!(outcome, [1; 8], "the outer call has both wrappers");
    assert_eq!(none.call_around(|_| vec![2]), [2; 2]);
}

#[test]
fn work_that_runs_inside_of_itself_panics() {
    type Next<'n> = Box<dyn Fn() + 'n>;

    let pm = LocalPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    let again: Rc<RefCell<Option<Next<'static>>>> = Rc::default();
    let inner = Rc::clone(&again);
    let builder = pm.plugin(()).named("w").wrapper(Specs::none, Options::new(), move |_, _, next| {
        let first = next.clone().run();
        if let Some(again) = &*inner.borrow() {
            again();
        }
        first.into_iter().chain(next.run()).collect()
    });
    builder.register().unwrap();
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    *again.borrow_mut() = Some(Box::new(move || counted.set(counted.get() + 1)));
    assert_eq!(pm.caller(Specs::none).call_around(|_| vec![1]), [1, 1]);
    assert_eq!(calls.get(), 1);
}

#[test]
fn values_are_dropped_once_however_the_call_ends() {
    struct Counts<'c>(&'c Cell<u32>);
    impl Drop for Counts<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let dropped = Cell::new(0);
    let (pm, _) = manager();
    let fetch = pm.caller(Specs::fetch);
    for ends in 0..3 {
        let held = Counts(&dropped);
        let _ = fetch.try_call_around("t", move |_| {
            let _ = &held;
            match ends {
                0 => Ok(Vec::new()),
                1 => Err("host".into()),
                _ => panic!("work"),
            }
        });
        assert_eq!(dropped.get(), ends + 1);
    }
}
