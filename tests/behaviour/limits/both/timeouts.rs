//! Timeouts of extensions, plugins, points and calls: the tightest wins.

use std::time::Duration;

use pluginkit::insight::Metrics;
use pluginkit::observe::FaultKind;
use pluginkit::prelude::*;
use pluginkit::{CallError, Error, Options};
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, implement, wait};

/// Nothing keeps to it.
const NEVER: Duration = Duration::from_nanos(1);
/// Everything keeps to it.
const LONG: Duration = Duration::from_secs(3600);
const LONGER: Duration = Duration::from_secs(7200);

#[extension_point]
trait Specs {
    fn fetch(&self) -> String;
    fn other(&self) -> String;
}

#[extension_point]
trait Elsewhere {
    fn fetch(&self);
}

struct Around;

implement! {
    #[extension]
    impl Specs for Around {
        #[extension(wrapper)]
        fn fetch(&self, next: Next<'_>) -> Vec<String> {
            awaited!(next.run())
        }
    }
}

fn manager(timeout: Option<Duration>) -> Manager {
    let pm = Manager::new("limits");
    pm.add_extension_points(Specs).unwrap();
    let options = timeout.map_or(Options::new(), |timeout| Options::new().timeout(timeout));
    // Takes long enough for any clock to show it.
    let work = || (0..20_000_u64).map(|number| number.to_string().len()).sum::<usize>().to_string();
    pm.register_fn_with("a", Specs::fetch, options, move |_| work()).unwrap();
    pm
}

/// The plugin that was late, and what it was held to.
fn late(pm: &Manager) -> Option<(String, Duration)> {
    match wait!(pm.caller(Specs::fetch).try_call()) {
        Ok(_) => None,
        Err(CallError::TimedOut { plugin, limit, elapsed, .. }) => {
            assert!(elapsed > limit);
            Some((plugin?.to_string(), limit))
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_plugin_is_held_to_its_timeout_until_that_is_lifted() {
    let pm = manager(None);
    pm.register_fn("b", Specs::other, |_| String::new()).unwrap();
    pm.set_plugin_timeout("b", NEVER).unwrap();
    assert_eq!(late(&pm), None, "it is another's");
    pm.set_plugin_timeout("a", NEVER).unwrap();
    assert_eq!(late(&pm), Some(("a".into(), NEVER)));
    assert_eq!(pm.overruns("a"), Some(1));
    assert_eq!(wait!(pm.caller(Specs::fetch).call()).len(), 1, "`call` holds nobody to anything");
    pm.set_plugin_timeout("a", None).unwrap();
    assert_eq!(late(&pm), None);
    assert!(matches!(pm.set_plugin_timeout("x", LONG), Err(Error::UnknownPlugin { .. })));
}

#[test]
fn a_point_is_held_to_its_timeout_until_that_is_lifted() {
    let pm = manager(None);
    let caller = pm.caller(Specs::fetch);
    pm.set_point_timeout(Specs::other, NEVER).unwrap();
    assert_eq!(late(&pm), None, "it is another's");
    pm.set_point_timeout(Specs::fetch, NEVER).unwrap();
    assert!(wait!(caller.try_call()).is_err(), "callers there are see it");
    assert!(wait!(caller.without(["b"]).try_call()).is_err(), "so do views");
    for number in 0..100 {
        pm.register_fn(format!("more-{number}"), Specs::fetch, |_| String::new()).unwrap();
    }
    assert_eq!(late(&pm), Some(("a".into(), NEVER)), "so do later plugins, however many");
    pm.set_point_timeout(Specs::fetch, None).unwrap();
    assert_eq!(late(&pm), None);
    let unknown = pm.set_point_timeout(Elsewhere::fetch, LONG);
    assert!(matches!(unknown, Err(Error::UnknownExtensionPoint { .. })));
}

#[test]
fn a_call_is_held_to_its_timeout_whatever_else_its_view_does() {
    let pm = manager(None);
    let hurried = pm.caller(Specs::fetch).timeout(NEVER);
    assert!(wait!(hurried.try_call()).is_err());
    assert!(wait!(hurried.extra(|_| String::new()).try_call()).is_err());
    assert!(wait!(hurried.timeout(LONG).try_call()).is_err(), "a longer one does not lift it");
    let settled = wait!(hurried.settle());
    assert!(matches!(settled[0].result, Err(CallError::TimedOut { limit: NEVER, .. })));
    assert_eq!(late(&pm), None, "other callers are not");
}

#[test]
fn the_tightest_of_all_timeouts_wins() {
    let limits = |own, plugin, point, call| {
        let pm = manager(Some(own));
        pm.set_plugin_timeout("a", plugin).unwrap();
        pm.set_point_timeout(Specs::fetch, point).unwrap();
        wait!(pm.caller(Specs::fetch).timeout(call).try_call()).is_err()
    };
    assert!(!limits(LONG, LONG, LONG, LONG));
    assert!(limits(NEVER, LONG, LONGER, LONGER));
    assert!(limits(LONG, NEVER, LONGER, LONGER));
    assert!(limits(LONG, LONGER, NEVER, LONGER));
    assert!(limits(LONG, LONGER, LONGER, NEVER));
}

#[test]
fn an_overrun_is_a_fault_of_whom_it_begins_with() {
    struct Faults(Log);
    impl pluginkit::observe::Observer for Faults {
        fn observe(&self, _: &pluginkit::observe::Event<'_>) {}
        fn fault(&self, fault: &pluginkit::observe::Fault<'_>) {
            let FaultKind::Overran { limit, elapsed, .. } = fault.kind else { panic!("{fault:?}") };
            assert!(elapsed > limit);
            self.0.push(fault.plugin.as_str());
        }
    }
    let (pm, log, metrics) = (manager(None), Log::new(), Metrics::new());
    pm.register(Around).unwrap();
    let _guards = (pm.observe(Faults(log.clone())), pm.observe(metrics.clone()));
    pm.set_point_timeout(Specs::fetch, NEVER).unwrap();
    assert_eq!(late(&pm), Some(("a".into(), NEVER)));
    assert_eq!(log.line(), "a", "the wrapper is late by nobody's fault but its");
    assert_eq!(metrics.of("a", Specs::fetch).unwrap().overruns, 1);
    assert_eq!(metrics.of("Around", Specs::fetch).unwrap().overruns, 0);
}
