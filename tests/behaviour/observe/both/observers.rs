//! Observers see every call and every extension.

use pluginkit::observe::{End, Event, ObserverGuard};
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show, panic_of};

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn parse(&self, text: &str) -> Result<u32, String>;
    #[extension_point(firstresult)]
    fn find(&self) -> Option<u32>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
}

fn observed() -> (Manager, Log, ObserverGuard) {
    let (pm, log) = (Manager::new("observers"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    let guard = pm.observe(Show("", log.clone()));
    (pm, log, guard)
}

#[test]
fn every_call_and_every_extension_is_seen_before_and_after() {
    struct Wrapper;
    implement! {
        #[extension]
        impl Specs for Wrapper {
            #[extension(wrapper)]
            fn fetch(&self, next: Next<'_>) -> Vec<String> {
                awaited!(next.run())
            }
        }
    }
    let (pm, log, _guard) = observed();
    pm.register_fn("a", Specs::fetch, |_| String::new()).unwrap();
    pm.register_fn("b", Specs::fetch, |_| String::new()).unwrap();
    pm.register(Wrapper).unwrap();
    wait!(pm.caller(Specs::fetch).call("x"));
    assert_eq!(log.line(), "fetch> Wrapper> a> a< b> b< Wrapper< fetch<");
}

#[test]
fn errors_and_panics_are_seen() {
    struct Fails;
    implement! {
        #[extension]
        impl Specs for Fails {
            fn parse(&self, text: &str) -> Result<u32, String> {
                Err(format!("not({text})"))
            }
            fn find(&self) -> Option<u32> {
                panic!("boom")
            }
        }
    }
    let (pm, log, _guard) = observed();
    pm.register(Fails).unwrap();
    wait!(pm.caller(Specs::parse).call("x")).unwrap_err();
    assert_eq!(log.line(), "parse> Fails> Fails!not(x) parse!not(x)");
    panic_of(|| wait!(pm.caller(Specs::find).call()));
    assert_eq!(log.line(), "find> Fails> Failspanic findpanic");
}

#[test]
fn every_mode_is_observed() {
    let (pm, log, _guard) = observed();
    pm.register_fn("none", Specs::find, |_| None).unwrap();
    pm.register_fn("some", Specs::find, |_| Some(1)).unwrap();
    pm.register_fn("never", Specs::find, |_| Some(2)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call()), Some(1));
    assert_eq!(log.line(), "find> none> none< some> some< find<");
    pm.register_fn("t", Specs::transform, |args| args.text + "t").unwrap();
    assert_eq!(wait!(pm.caller(Specs::transform).call("-".into())), "-t");
    assert_eq!(log.line(), "transform> t> t< transform<");
    pm.register_fn("f", Specs::fetch, |_| String::new()).unwrap();
    wait!(pm.caller(Specs::fetch).without(["f"]).call("x"));
    assert_eq!(log.line(), "fetch> fetch<");
}

#[test]
fn observers_are_removed_in_any_order_each_by_its_own_guard() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (pm, log) = (Manager::new("observers"), Log::new());
        pm.add_extension_points(Specs).unwrap();
        let names = ["x", "y", "z"];
        let mut guards = names.map(|name| Some(pm.observe(Show(name, log.clone()))));
        let mut left: Vec<_> = names.to_vec();
        for index in order {
            drop(guards[index].take());
            left.retain(|name| *name != names[index]);
            wait!(pm.caller(Specs::find).call());
            let expected: Vec<_> = left
                .iter()
                .map(|name| format!("{name}find>"))
                .chain(left.iter().map(|name| format!("{name}find<")))
                .collect();
            assert_eq!(log.take(), expected);
        }
    }
}

#[test]
fn a_guard_may_outlive_its_manager_and_be_forgotten() {
    let (pm, log, guard) = observed();
    guard.forget();
    wait!(pm.caller(Specs::find).call());
    assert_eq!(log.take().len(), 2);
    let guard = pm.observe(|_: &Event<'_>| ());
    drop(pm);
    drop(guard);
}

#[test]
fn elapsed_time_is_told() {
    let (pm, _, _guard) = observed();
    let log = Log::new();
    let times = log.clone();
    let _second = pm.observe(move |event: &Event<'_>| {
        if let Event::CallFinished { elapsed, .. } | Event::ExtensionFinished { elapsed, .. } = event {
            times.push(if elapsed.as_secs() < 60 { "sane" } else { "insane" });
        }
    });
    pm.register_fn("a", Specs::find, |_| Some(1)).unwrap();
    wait!(pm.caller(Specs::find).call());
    assert_eq!(log.line(), "sane sane");
}

#[test]
fn a_closure_observes_without_the_type_of_its_parameter() {
    let (pm, log) = (Manager::new("observers"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    let told = log.clone();
    let guard = pm.observe_fn(move |event| {
        if let Event::CallStarted { point, .. } = event {
            told.push(point.name);
        }
    });
    wait!(pm.caller(Specs::fetch).call("x"));
    drop(guard);
    wait!(pm.caller(Specs::find).call());
    assert_eq!(log.line(), "fetch");
}

#[test]
fn an_observer_may_use_the_manager() {
    let pm = std::sync::Arc::new(Manager::new("observers"));
    pm.add_extension_points(Specs).unwrap();
    let inner = std::sync::Arc::downgrade(&pm);
    let _guard = pm.observe(move |event: &Event<'_>| {
        if let (Event::CallStarted { .. }, Some(pm)) = (event, inner.upgrade()) {
            let _ = pm.register_fn("by observer", Specs::find, |_| Some(1));
        }
    });
    assert_eq!(wait!(pm.caller(Specs::find).call()), None);
    assert_eq!(wait!(pm.caller(Specs::find).call()), Some(1));
}

#[test]
fn an_observer_that_panics_while_a_panic_passes_does_not_abort() {
    let (pm, _, _guard) = observed();
    let _second = pm.observe(|event: &Event<'_>| {
        assert!(!matches!(event, Event::ExtensionFinished { end: End::Panicked, .. }), "observer");
    });
    pm.register_fn("panics", Specs::find, |_| panic!("boom")).unwrap();
    assert_eq!(panic_of(|| wait!(pm.caller(Specs::find).call())), "boom");
    assert_eq!(pm.plugin_names(), ["panics"]);
}
