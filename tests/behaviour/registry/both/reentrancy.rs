//! Plugins that change or call their manager from inside a call.

use std::sync::{Arc, Weak};

use pluginkit::prelude::*;
use pluginkit_tests::{Log, panic_of};

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
}

fn manager() -> Arc<Manager> {
    let pm = Manager::new("reentrancy");
    pm.add_extension_points(Specs).unwrap();
    Arc::new(pm)
}

#[test]
fn a_plugin_registered_inside_a_call_takes_part_in_the_next() {
    let pm = manager();
    let weak = Arc::downgrade(&pm);
    pm.register_fn("registrar", Specs::fetch, move |_| {
        let pm = weak.upgrade().unwrap();
        let _ = pm.register_fn("new", Specs::fetch, |_| "new".into());
        "registrar".into()
    })
    .unwrap();
    pm.register_fn("other", Specs::fetch, |_| "other".into()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["registrar", "other"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["registrar", "other", "new"]);
}

#[test]
fn a_plugin_unregistered_inside_a_call_still_finishes_it() {
    let pm = manager();
    let weak = Arc::downgrade(&pm);
    pm.register_fn("remover", Specs::fetch, move |_| {
        let pm = weak.upgrade().unwrap();
        pm.unregister("remover");
        pm.unregister("victim");
        "remover".into()
    })
    .unwrap();
    pm.register_fn("victim", Specs::fetch, |_| "victim".into()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["remover", "victim"]);
    assert!(wait!(pm.caller(Specs::fetch).call("x")).is_empty());
}

#[test]
fn a_plugin_may_call_its_own_point_and_others() {
    struct Recursive(Weak<Manager>);
    implement! {
        #[extension]
        impl Specs for Recursive {
            fn fetch(&self, topic: &str) -> String {
                let pm = self.0.upgrade().unwrap();
                let text = awaited!(pm.caller(Specs::transform).call(topic.to_owned()));
                let Some(rest) = topic.strip_prefix('.') else { return text };
                let inner = awaited!(pm.caller(Specs::fetch).call(rest));
                format!("{text}({})", inner.join(","))
            }
        }
    }
    let pm = manager();
    pm.register(Recursive(Arc::downgrade(&pm))).unwrap();
    pm.register_fn("upper", Specs::transform, |args| args.text.to_uppercase()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("..x")), ["..X(.X(X))"]);
}

#[test]
fn destructors_of_plugins_run_without_a_lock() {
    struct Drops(Arc<Manager>, Log);
    #[extension]
    impl Specs for Drops {
        fn fetch(&self) -> String {
            String::new()
        }
    }
    impl Drop for Drops {
        fn drop(&mut self) {
            // Each of these would deadlock if the registry's lock were held.
            self.1.push(format!("{:?}", self.0.plugin_names()));
            self.0.set_blocked("gone");
            let _ = self.0.register_fn("from drop", Specs::fetch, |_| String::new());
        }
    }
    let pm = manager();
    let log = Log::new();
    pm.register_as("a", Drops(Arc::clone(&pm), log.clone())).unwrap();
    drop(pm.unregister("a"));
    assert_eq!(log.line(), "[]");
    assert_eq!(pm.plugin_names(), ["from drop"]);

    pm.unregister("from drop");
    assert!(pm.register_as("gone", Drops(Arc::clone(&pm), log.clone())).is_err());
    assert_eq!(log.line(), "[]");
}

#[test]
fn panics_leave_the_manager_usable_and_unchanged() {
    struct Panics(&'static str);
    impl Panics {
        fn judge(&self) -> bool {
            assert!(self.0 != "predicate", "predicate");
            true
        }
    }
    implement! {
        #[extension]
        impl Specs for Panics {
            #[extension(when = Self::judge)]
            fn fetch(&self) -> String {
                assert!(self.0 != "extension", "extension");
                "fine".into()
            }
            #[extension(wrapper, target = "fetch")]
            fn around(&self, next: Next<'_>) -> Vec<String> {
                assert!(self.0 != "wrapper", "wrapper");
                let outcome = awaited!(next.run());
                assert!(self.0 != "after", "after");
                outcome
            }
        }
    }
    for place in ["predicate", "extension", "wrapper", "after"] {
        let pm = manager();
        pm.register_as(place, Panics(place)).unwrap();
        pm.register_as("good", Panics("good")).unwrap();
        let caller = pm.caller(Specs::fetch);
        for _ in 0..2 {
            assert_eq!(panic_of(|| wait!(caller.call("x"))), place);
        }
        assert_eq!(pm.plugin_names(), [place, "good"]);
        assert_eq!(wait!(caller.without([place]).call("x")), ["fine"]);
        pm.unregister(place).unwrap();
        assert_eq!(wait!(caller.call("x")), ["fine"]);
    }
}
