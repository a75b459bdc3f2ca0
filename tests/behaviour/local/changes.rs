//! A plugin registers, unregisters and calls within a call: such a change affects calls that start afterwards.

use std::cell::RefCell;

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn refresh(&self, pm: &LocalPluginManager<'_>);
}

fn manager<'p>() -> LocalPluginManager<'p> {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn a_plugin_registers_another_within_a_call() {
    let pm = manager();
    let own = pm.clone();
    pm.register_fn("registers", Specs::fetch, move |_| {
        let late = own.register_fn("late", Specs::fetch, |_| "late".to_owned());
        late.map_or_else(|error| error.to_string(), |id| id.to_string())
    })
    .unwrap();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("a"), ["late"]);
    let taken = "a plugin named `late` is registered already; unregister it first, or choose another name with `register_as`";
    assert_eq!(fetch.call("a"), [taken, "late"]);
    assert!(pm.unregister("registers"));
}

#[test]
fn a_plugin_unregisters_itself_within_a_call() {
    let pm = manager();
    let own = pm.clone();
    pm.register_fn("once", Specs::fetch, move |_| own.unregister("once").to_string()).unwrap();
    pm.register_fn("other", Specs::fetch, |_| "other".to_owned()).unwrap();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("a"), ["true", "other"]);
    assert_eq!(fetch.call("a"), ["other"]);
}

#[test]
fn a_plugin_unregisters_one_that_the_call_has_not_reached() {
    let pm = manager();
    let own = pm.clone();
    pm.register_fn("first", Specs::fetch, move |_| own.unregister("second").to_string()).unwrap();
    pm.register_fn("second", Specs::fetch, |_| "second".to_owned()).unwrap();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("a"), ["true", "second"]);
    assert_eq!(fetch.call("a"), ["false"]);
    pm.unregister("first");
}

#[test]
fn a_plugin_disables_and_calls_others_within_a_call() {
    let pm = manager();
    let own = pm.clone();
    pm.register_fn("first", Specs::fetch, move |args| {
        own.set_enabled("first", false).unwrap();
        own.caller(Specs::fetch).call(args.topic).join("+")
    })
    .unwrap();
    pm.register_fn("second", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("a"), ["a", "a"]);
    assert_eq!(fetch.call("a"), ["a"]);
    assert!(!pm.is_enabled("first"));
    pm.set_enabled("first", true).unwrap();
    assert_eq!(fetch.call("a"), ["a", "a"]);
    pm.unregister("first");
}

#[test]
fn a_plugin_gets_the_manager_as_an_argument() {
    let log = RefCell::new(Vec::new());
    let pm = manager();
    pm.register_fn("registers", Specs::refresh, |args| {
        let id = args.pm.register_fn("late", Specs::fetch, |_| "late".to_owned());
        log.borrow_mut().push(id.unwrap().to_string());
    })
    .unwrap();
    pm.caller(Specs::refresh).call(&pm);
    assert_eq!(pm.caller(Specs::fetch).call("a"), ["late"]);
    assert_eq!(*log.borrow(), ["late"]);
}

#[test]
fn an_iterator_lets_the_host_change_the_manager() {
    let pm = manager();
    pm.register_fn("a", Specs::fetch, |_| "a".to_owned()).unwrap();
    pm.register_fn("b", Specs::fetch, |_| "b".to_owned()).unwrap();
    let fetch = pm.caller(Specs::fetch);
    let mut seen = Vec::new();
    for name in fetch.iter("topic") {
        pm.unregister(&name);
        seen.push(name);
    }
    assert_eq!((seen, pm.plugin_names().len()), (vec!["a".to_owned(), "b".to_owned()], 0));
}
