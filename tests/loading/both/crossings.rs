//! Overrides of options, of a registration and of a configuration, beside other features.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pluginkit::lifecycle::Lifecycle;
use pluginkit::limits::CircuitState;
use pluginkit::metadata::{LeftOut, PluginMetadata, PluginState};
use pluginkit::points::Bucket;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit::{BoxError, Options, PluginBuilder};

use super::kind::{Manager, implement, wait};
use crate::toml;

#[extension_point(project = "crossed")]
pub trait Specs {
    fn order(&self, topic: &str) -> String {
        format!("default {topic}")
    }
}

fn manager() -> Manager {
    let pm = Manager::new("crossed");
    pm.add_extension_points(Specs).unwrap();
    pm
}

struct Named(&'static str);

implement! {
    #[extension]
    impl Specs for Named {
        fn order(&self, topic: &str) -> String {
            if topic == "panic" {
                std::panic::resume_unwind(Box::new("boom"));
            }
            self.0.to_owned()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Named {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
}

/// Registers plugins that answer with their names.
fn add(pm: &Manager, names: &[&'static str]) {
    for name in names {
        pm.register_as(*name, Named(name)).unwrap();
    }
    wait!(pm.start_all()).unwrap();
}

fn load(pm: &Manager, text: &str) {
    wait!(pm.load_config(&toml(text))).unwrap();
}

fn order(pm: &Manager) -> String {
    wait!(pm.caller(Specs::order).call("x")).join(" ")
}

#[test]
fn an_exclusive_plugin_that_is_replaced_has_the_options_of_its_registration_and_of_the_configuration() {
    let pm = manager();
    add(&pm, &["a", "b"]);
    let exclusive = |name: &'static str, options: Options| {
        PluginBuilder::new(Named(name))
            .metadata(PluginMetadata::new("only").exclusive(true))
            .extends(Specs)
            .extends(Lifecycle)
            .options(Specs::order, options)
    };
    exclusive("old", Options::new().tryfirst().timeout(Duration::from_secs(1))).register(&pm).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(order(&pm), "old a b");
    load(&pm, "[extension.only.order]\nbucket = 'trylast'");
    assert_eq!(order(&pm), "a b old");
    wait!(pm.replace_built(exclusive("new", Options::new().tryfirst().priority(3)))).unwrap();
    assert_eq!(order(&pm), "a b new");
    let options = pm.caller(Specs::order).implementations()[2].options.clone();
    assert_eq!((options.bucket, options.priority, options.timeout), (Bucket::Last, 3, None));
    assert_eq!(pm.descriptor("only").unwrap().state, PluginState::Started);
    load(&pm, "");
    assert_eq!(order(&pm), "new a b");
}

#[test]
fn a_replacement_has_the_options_of_its_own_registration() {
    let pm = manager();
    add(&pm, &["a", "b"]);
    let built = |name: &'static str, options: Options| {
        PluginBuilder::new(Named(name)).named("a").options(Specs::order, options)
    };
    wait!(pm.replace_built(built("late", Options::new().after("b")))).unwrap();
    assert_eq!(order(&pm), "b late");
    wait!(pm.replace_built(built("off", Options::new().enabled(false)))).unwrap();
    assert_eq!(order(&pm), "b");
    assert_eq!(pm.caller(Specs::order).left_out()[0].1, LeftOut::Options);
    // The configuration turns it on again.
    load(&pm, "[extension.a.order]\nenabled = true");
    assert_eq!(order(&pm), "off b");
}

#[test]
fn a_group_keeps_its_order_within_buckets_and_priorities() {
    let pm = manager();
    add(&pm, &["a", "b", "c"]);
    let group = |text: &str| {
        load(&pm, &format!("[plugins]\ng = ['c', 'b', 'a']\n{text}"));
        wait!(pm.caller(Specs::order).within_group("g").call("x")).join(" ")
    };
    assert_eq!(group(""), "c b a");
    assert_eq!(group("[extension.a.order]\nbucket = 'tryfirst'"), "a c b");
    assert_eq!(group("[extension.a.order]\nbefore = 'b'"), "c a b");
    assert_eq!(group("[extension.b.order]\nenabled = false"), "c a");
    assert_eq!(group(""), "c b a");
}

#[test]
fn fast_first_keeps_to_overrides() {
    let pm = manager();
    add(&pm, &["a", "b", "c"]);
    let times = Arc::new(Mutex::new(HashMap::from([("a", 3), ("b", 2), ("c", 1)])));
    let fast = pm.caller(Specs::order).fast_first_by(move |plugin| {
        times.lock().unwrap().get(plugin.as_str()).copied().map(Duration::from_millis)
    });
    let order = || wait!(fast.call("x")).join(" ");
    assert_eq!(order(), "c b a");
    load(&pm, "[extension.a.order]\npriority = 1");
    assert_eq!(order(), "a c b");
    load(&pm, "[extension.b.order]\nbefore = 'c'");
    assert_eq!(order(), "b c a");
    load(&pm, "[extension.c.order]\nenabled = false");
    assert_eq!(order(), "b a");
    load(&pm, "");
    assert_eq!(order(), "c b a");
}

#[test]
fn a_default_body_runs_if_every_extension_is_off() {
    let pm = manager();
    add(&pm, &["a", "b"]);
    load(&pm, "[extension.a.order]\nenabled = false");
    assert_eq!(order(&pm), "b");
    load(&pm, "[extension.a.order]\nenabled = false\n[extension.b.order]\nenabled = false");
    assert_eq!(order(&pm), "default x");
    let implementations = pm.caller(Specs::order).implementations();
    assert!(implementations.iter().all(|each| each.is_default));
    assert_eq!(implementations.left_out().len(), 2);
    load(&pm, "");
    assert_eq!(order(&pm), "a b");
}

#[test]
fn a_circuit_and_overrides_do_not_disturb_each_other() {
    let clock = FakeClock::new();
    let pm = Manager::builder("crossed").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    add(&pm, &["a", "b"]);
    let limits = "[limits.b]\nbreaker = { failures = 1, retry_after = '10s' }\n";
    load(&pm, limits);
    wait!(pm.caller(Specs::order).without(["a"]).try_call("panic")).unwrap_err();
    assert_eq!((order(&pm).as_str(), pm.circuit("b")), ("a", CircuitState::Open));
    // It gets its options while it is left out.
    load(&pm, &format!("{limits}[extension.b.order]\nbucket = 'tryfirst'"));
    assert_eq!((order(&pm).as_str(), pm.circuit("b")), ("a", CircuitState::Open));
    assert!(matches!(pm.caller(Specs::order).left_out()[0].1, LeftOut::Circuit(Some(_))));
    clock.advance(Duration::from_secs(10));
    order(&pm);
    assert_eq!(order(&pm), "b a");
    assert_eq!(pm.circuit("b"), CircuitState::Closed);
    // What is off stays off when the circuit closes.
    wait!(pm.caller(Specs::order).without(["a"]).try_call("panic")).unwrap_err();
    load(&pm, &format!("{limits}[extension.b.order]\nenabled = false"));
    clock.advance(Duration::from_secs(10));
    order(&pm);
    assert_eq!(order(&pm), "a");
}
