//! The state of a plugin decides whether calls run it.

use std::sync::{Arc, OnceLock, Weak};

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::{LeftOut, PluginState};
use pluginkit::points::ImplementationInfo;
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error};
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, implement, lazily, wait};
use super::plugins::state;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<String>;
    #[extension_point(pipeline)]
    fn render(&self, text: String) -> String;
    #[extension_point(historic)]
    fn configure(&self, level: u32) -> u32;
}

/// Has a `start`, which may fail, and a `stop`.
struct Store {
    name: &'static str,
    log: Log,
    fails: bool,
}

implement! {
    #[extension]
    impl Specs for Store {
        fn fetch(&self, topic: &str) -> String {
            format!("{}: {topic}", self.name)
        }
        fn find(&self, key: &str) -> Option<String> {
            Some(format!("{}: {key}", self.name))
        }
        fn render(&self, text: String) -> String {
            format!("{text} {}", self.name)
        }
        fn configure(&self, level: u32) -> u32 {
            self.log.push(format!("configured {level}"));
            level
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Store {
        fn start(&self) -> Result<(), BoxError> {
            if self.fails { Err("no disk".into()) } else { Ok(()) }
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.log.push("stopped");
            Ok(())
        }
    }
}

/// Has no phases.
struct Plain;

implement! {
    #[extension]
    impl Specs for Plain {
        fn fetch(&self, topic: &str) -> String {
            format!("plain: {topic}")
        }
    }
}

struct Around;

implement! {
    #[extension(wrapper)]
    impl Specs for Around {
        fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
            let mut all = awaited!(next.run(topic));
            all.push("around".to_owned());
            all
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Around {
        fn init(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
}

fn manager() -> Manager {
    let pm = Manager::new("calls");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn store(name: &'static str) -> Store {
    Store { name, log: Log::new(), fails: false }
}

fn fetch(pm: &Manager) -> Vec<String> {
    wait!(pm.caller(Specs::fetch).call("x"))
}

fn left_out(pm: &Manager, name: &str) -> Option<LeftOut> {
    pm.descriptor(name).unwrap().left_out
}

#[test]
fn a_plugin_with_a_start_takes_part_while_it_is_started() {
    let pm = manager();
    pm.register_as("store", store("store")).unwrap();
    pm.register_as("around", Around).unwrap();
    pm.register_as("plain", Plain).unwrap();
    assert_eq!(fetch(&pm), ["plain: x"]);
    assert_eq!(left_out(&pm, "store"), Some(LeftOut::State(PluginState::Loaded)));
    assert_eq!(left_out(&pm, "plain"), None);

    wait!(pm.start_all()).unwrap();
    assert_eq!(fetch(&pm), ["store: x", "plain: x", "around"]);
    assert_eq!(left_out(&pm, "store"), None);

    wait!(pm.stop_plugin("store")).unwrap();
    assert_eq!(fetch(&pm), ["plain: x", "around"]);
    assert_eq!(left_out(&pm, "store"), Some(LeftOut::State(PluginState::Stopped)));
    wait!(pm.start_plugin("store")).unwrap();
    assert_eq!(fetch(&pm), ["store: x", "plain: x", "around"], "it has its place again");

    wait!(pm.stop_all()).unwrap();
    assert_eq!(fetch(&pm), [""; 0]);
    assert_eq!(left_out(&pm, "plain"), Some(LeftOut::State(PluginState::Stopped)));
    wait!(pm.start_all()).unwrap();
    assert_eq!(fetch(&pm), ["store: x", "plain: x", "around"]);
}

#[test]
fn all_forms_of_a_call_leave_it_out() {
    let pm = manager();
    pm.register_as("store", store("store")).unwrap();
    let fetch = pm.caller(Specs::fetch);
    let forms = || {
        let mut forms = vec![wait!(fetch.try_call("x")).unwrap().len()];
        forms.push(wait!(fetch.settle("x")).len());
        forms.push(lazily!(fetch, "x").count());
        forms.push(wait!(fetch.without(["other"]).call("x")).len());
        forms.push(wait!(fetch.only(["store"]).call("x")).len());
        forms.push(wait!(fetch.extra(|_| String::new()).call("x")).len() - 1);
        forms.push(usize::from(wait!(pm.caller(Specs::find).call("x")).is_some()));
        forms.push(wait!(pm.caller(Specs::render).call(String::new())).len() / " store".len());
        forms.push(fetch.implementations().len());
        forms
    };
    assert_eq!(forms(), [0; 9]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(forms(), [1; 9]);
    wait!(pm.stop_all()).unwrap();
    assert_eq!(forms(), [0; 9]);
}

#[test]
fn a_caller_and_a_report_say_who_is_left_out_and_why() {
    let pm = manager();
    pm.register_as("store", store("store")).unwrap();
    pm.register_as("around", Around).unwrap();
    pm.register_as("plain", Plain).unwrap();
    pm.disable("plain", "not now").unwrap();
    let of = |left_out: Vec<(ImplementationInfo, LeftOut)>| {
        left_out.iter().map(|(each, reason)| format!("{each}: {reason}")).collect::<Vec<_>>()
    };
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(
        of(fetch.left_out()),
        ["around (wrapper): not started", "store: not started", "plain: disabled: not now"]
    );
    assert_eq!(of(fetch.without(["store"]).left_out()), of(fetch.left_out()));
    let implementations = fetch.implementations();
    assert!(implementations.is_empty());
    assert_eq!(of(implementations.left_out().to_vec()), of(fetch.left_out()));
    let shown = format!("{implementations:?}");
    assert!(shown.contains("not now") && shown.contains("around"), "{shown}");
    wait!(pm.start_all()).unwrap();
    wait!(pm.stop_plugin("store")).unwrap();
    assert_eq!(of(fetch.left_out()), ["store: stopped", "plain: disabled: not now"]);
    let report = pm.report();
    let reasons: Vec<_> = report.plugins.iter().map(|plugin| plugin.left_out.clone()).collect();
    assert_eq!(
        reasons,
        [
            Some(LeftOut::State(PluginState::Stopped)),
            None,
            Some(LeftOut::Disabled(Some("not now".to_owned())))
        ]
    );
    assert!(report.to_string().contains("takes no part in calls"), "{report}");
}

#[test]
fn a_plugin_that_fails_is_left_out() {
    let pm = manager();
    pm.register_as("bad", Store { fails: true, ..store("bad") }).unwrap();
    assert!(wait!(pm.start_all()).is_err());
    assert_eq!(fetch(&pm), [""; 0]);
    assert_eq!(left_out(&pm, "bad"), Some(LeftOut::State(PluginState::Failed)));
}

/// Fails when it stops, and has no start.
struct Bad;

implement! {
    #[extension]
    impl Specs for Bad {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Bad {
        fn stop(&self) -> Result<(), BoxError> {
            Err("no".into())
        }
    }
}

#[test]
fn a_plugin_without_a_start_takes_part_until_it_stops() {
    let pm = manager();
    pm.register_as("bad", Bad).unwrap();
    assert_eq!(fetch(&pm), ["x"]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(fetch(&pm), ["x"]);
    assert!(matches!(wait!(pm.stop_all()), Err(Error::Stop { .. })));
    assert_eq!(left_out(&pm, "bad"), Some(LeftOut::State(PluginState::Failed)));
    assert_eq!(fetch(&pm), [""; 0]);
}

#[test]
fn a_disabled_plugin_that_starts_is_left_out_until_it_is_enabled() {
    let pm = manager();
    pm.register_as("store", store("store")).unwrap();
    pm.disable("store", "not now").unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(fetch(&pm), [""; 0]);
    assert_eq!(left_out(&pm, "store"), Some(LeftOut::Disabled(Some("not now".to_owned()))));
    pm.enable("store").unwrap();
    assert_eq!(fetch(&pm), ["store: x"]);
    wait!(pm.stop_all()).unwrap();
    pm.enable("store").unwrap();
    assert_eq!(fetch(&pm), [""; 0], "to enable it is not to start it");
}

#[test]
fn historic_calls_reach_a_plugin_in_every_state() {
    let (pm, store) = (manager(), store("store"));
    let log = store.log.clone();
    pm.register_as("store", store).unwrap();
    for level in 1..=3 {
        assert_eq!(wait!(pm.caller(Specs::configure).call_historic(level)), [level]);
        match level {
            1 => wait!(pm.start_all()).unwrap(),
            _ => wait!(pm.stop_all()).unwrap(),
        }
    }
    assert_eq!(log.take(), ["configured 1", "configured 2", "stopped", "configured 3"]);
}

#[test]
fn specs_that_are_added_later_leave_it_out() {
    let pm = Manager::new("calls");
    let builder = PluginBuilder::new(Optional).named("optional").extends(Later).extends(Lifecycle);
    builder.register(&pm).unwrap();
    pm.add_extension_points(Later).unwrap();
    assert_eq!(wait!(pm.caller(Later::late).call()), [0; 0]);
    wait!(pm.start_all()).unwrap();
    assert_eq!(wait!(pm.caller(Later::late).call()), [1]);
}

#[extension_point]
trait Later {
    fn late(&self) -> u32;
}

struct Optional;

implement! {
    #[extension(optional)]
    impl Later for Optional {
        fn late(&self) -> u32 {
            1
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Optional {
        fn init(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
}

#[test]
fn a_manager_can_call_plugins_in_every_state() {
    let pm = Manager::builder("calls").calls_follow_states(false).build();
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("store", store("store")).unwrap();
    for _ in 0..2 {
        assert_eq!(fetch(&pm), ["store: x"]);
        assert_eq!(left_out(&pm, "store"), None);
        wait!(pm.start_all()).unwrap();
        assert_eq!(fetch(&pm), ["store: x"]);
        wait!(pm.stop_all()).unwrap();
    }
}

/// Stops a plugin of its manager while a call runs it.
struct Stops {
    host: Arc<OnceLock<Weak<Manager>>>,
    log: Log,
    whom: &'static str,
    /// The number of calls within each other.
    depth: u32,
}

impl Stops {
    fn manager(&self) -> Arc<Manager> {
        self.host.get().unwrap().upgrade().unwrap()
    }
}

#[extension_point]
trait Deep {
    fn stop_at(&self, depth: u32) -> bool;
}

implement! {
    #[extension]
    impl Deep for Stops {
        fn stop_at(&self, depth: u32) -> bool {
            let pm = self.manager();
            if depth < self.depth {
                let call = pm.caller(Deep::stop_at).without(["other"]);
                return awaited!(call.call(depth + 1)).into_iter().all(|stopped| stopped);
            }
            let stopped = match self.whom {
                "" => awaited!(pm.stop_all()),
                whom => awaited!(pm.stop_plugin(whom)),
            };
            self.log.push(format!("{} calls left", pm.descriptor("stops").unwrap().calls_left));
            stopped.is_ok()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Stops {
        fn stop(&self) -> Result<(), BoxError> {
            self.log.push("stops");
            Ok(())
        }
    }
}

#[test]
fn a_plugin_that_stops_itself_does_not_wait_for_its_own_call() {
    for (whom, depth) in [("stops", 0), ("", 0), ("stops", 12), ("", 3)] {
        // Without a limit, a wait for itself would never end.
        let pm = Arc::new(Manager::builder("calls").drain_limit(None).build());
        let (host, log) = (Arc::new(OnceLock::new()), Log::new());
        host.set(Arc::downgrade(&pm)).unwrap();
        pm.add_extension_points(Deep).unwrap();
        pm.register_as("stops", Stops { host, log: log.clone(), whom, depth }).unwrap();
        pm.register_fn("also", Deep::stop_at, |_| true).unwrap();
        wait!(pm.start_all()).unwrap();
        let forms = pm.caller(Deep::stop_at);
        assert_eq!(wait!(forms.call(0)), [true, true]);
        assert_eq!(log.take(), ["stops", "0 calls left"]);
        assert_eq!(state(&pm, "stops"), PluginState::Stopped);

        wait!(pm.start_all()).unwrap();
        assert_eq!(wait!(forms.try_call(0)).unwrap(), [true, true]);
        wait!(pm.start_all()).unwrap();
        assert_eq!(wait!(forms.only(["stops"]).call(0)), [true]);
        wait!(pm.start_all()).unwrap();
        assert_eq!(wait!(forms.settle(0)).len(), 2);
        assert_eq!(log.take(), ["stops", "0 calls left"].repeat(3));
    }
}
