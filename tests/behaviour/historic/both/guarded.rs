//! Historic calls that survive their listeners.

use std::time::Duration;

use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, enter, implement, wait};

#[extension_point]
trait Specs {
    #[extension_point(historic)]
    fn told(&self, text: &str) -> Result<Option<String>, String>;
    #[extension_point(historic)]
    fn seen(&self, number: u32);
}

/// A manager of listeners: `a` and `c` answer, and `b` does what the text says.
fn manager() -> Manager {
    let pm = Manager::new("guarded-history");
    pm.add_extension_points(Specs).unwrap();
    for name in ["a", "b", "c"] {
        let hears = move |text: &str| match (name, text) {
            ("b", "fails") => Err("no".to_owned()),
            ("b", "panics") => panic!("boom"),
            ("b", "late") => {
                std::thread::sleep(Duration::from_millis(3));
                Ok(None)
            }
            ("c", _) => Ok(None),
            _ => Ok(Some(format!("{name} {text}"))),
        };
        pm.register_fn(name, Specs::told, move |args| hears(args.text)).unwrap();
    }
    pm.set_plugin_timeout("b", Some(Duration::from_millis(1))).unwrap();
    pm
}

/// What is replayed to one who comes now.
fn remembered(pm: &Manager) -> String {
    let log = Log::new();
    let newcomer = PluginBuilder::new(log.clone()).named("newcomer");
    let newcomer = newcomer.extension(Specs::told, pluginkit::Options::new(), |log, args| {
        log.push(args.text);
        Ok(None)
    });
    wait!(enter(pm, newcomer)).unwrap();
    pm.unregister("newcomer");
    log.line()
}

#[test]
fn a_tried_call_names_the_failing_plugin_and_is_remembered_only_without_a_failure() {
    let pm = manager();
    let caller = pm.caller(Specs::told);
    assert_eq!(wait!(caller.try_call_historic("x")).unwrap(), ["a x", "b x"]);
    for (text, expected) in [("fails", "failed"), ("panics", "panicked"), ("late", "took")] {
        let error = wait!(caller.try_call_historic(text)).unwrap_err().to_string();
        assert!(error.starts_with("plugin `b` ") && error.contains(expected), "{error}");
    }
    assert_eq!(remembered(&pm), "x");
}

#[test]
fn a_settled_call_goes_on_after_a_failure_and_is_remembered() {
    let pm = manager();
    let caller = pm.caller(Specs::told);
    for (text, expected) in [("fails", "failed"), ("panics", "panicked"), ("late", "took")] {
        let settled = wait!(caller.settle_historic(text));
        let plugins: Vec<_> = settled.iter().map(|each| each.plugin.as_str()).collect();
        assert_eq!(plugins, ["a", "b", "c"]);
        assert_eq!(settled[0].result.as_ref().unwrap().as_deref(), Some(format!("a {text}").as_str()));
        let error = settled[1].result.as_ref().unwrap_err().to_string();
        assert!(error.starts_with("plugin `b` ") && error.contains(expected), "{error}");
        assert_eq!(settled[2].result.as_ref().unwrap(), &None);
    }
    assert_eq!(remembered(&pm), "fails panics late");
}

struct Guest(Log);

implement! {
    #[extension]
    impl Specs for Guest {
        fn seen(&self, number: u32) {
            self.0.push(number.to_string());
        }
    }
}

#[test]
fn a_plugin_registered_within_the_call_is_called_once() {
    let pm = std::sync::Arc::new(manager());
    let (inner, log) = (std::sync::Arc::downgrade(&pm), Log::new());
    let heard = log.clone();
    pm.register_fn("inviting", Specs::seen, move |_| {
        // The second time it is there already.
        let guest = PluginBuilder::new(Guest(heard.clone())).named("guest");
        let _ = wait!(enter(&inner.upgrade().unwrap(), guest));
    })
    .unwrap();
    let settled = wait!(pm.caller(Specs::seen).settle_historic(1));
    assert_eq!((settled.len(), log.line().as_str()), (1, "1"));
    wait!(pm.caller(Specs::seen).try_call_historic(2)).unwrap();
    assert_eq!(log.line(), "2");
}

#[test]
fn observers_see_the_listeners() {
    let pm = manager();
    let log = Log::new();
    let _guard = pm.observe(Show("", log.clone()));
    wait!(pm.caller(Specs::told).settle_historic("fails"));
    assert_eq!(log.line(), "a> a< b> b!no c> c<");
}
