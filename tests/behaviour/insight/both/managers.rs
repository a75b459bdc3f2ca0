//! `Metrics` of several managers, and observers that are one.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pluginkit::insight::{Measurement, Metrics};
use pluginkit::metadata::PluginState;
use pluginkit::observe::{Event, Fault, ObservedManager, Observer, ObserverId};
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

/// Starts, unless its name is bad.
struct Weather(&'static str);

implement! {
    #[extension]
    impl Specs for Weather {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Weather {
        fn start(&self) -> Result<(), BoxError> {
            if self.0 == "bad" { Err("no station".into()) } else { Ok(()) }
        }
    }
}

fn manager(project: &str) -> Manager {
    let pm = Manager::new(project);
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("weather", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm
}

fn call(pm: &Manager, times: usize) {
    for _ in 0..times {
        wait!(pm.caller(Specs::fetch).call("x"));
    }
}

fn calls(metrics: &Metrics) -> Option<u64> {
    metrics.of("weather", Specs::fetch).map(|measured| measured.calls)
}

#[test]
fn managers_of_one_metrics_never_mix_even_with_the_same_project() {
    let (one, other, metrics) = (manager("feed"), manager("feed"), Metrics::new());
    let _guards = [one.observe(metrics.clone()), other.observe(metrics.clone())];
    call(&one, 3);
    call(&other, 1);
    let within = [metrics.within(&one), metrics.within(&other)];
    assert_eq!(within.each_ref().map(calls), [Some(3), Some(1)]);
    assert_eq!(calls(&metrics), Some(4), "the sum over the managers");
    for (pm, expected) in [(&one, 3), (&other, 1)] {
        let report = pm.report();
        assert_eq!(report.extensions.iter().map(|each| each.calls).collect::<Vec<_>>(), [expected]);
        assert_eq!(report.plugins[0].calls, expected);
    }
    let mut all: Vec<_> = metrics.extensions().iter().map(|each| each.calls).collect();
    all.sort_unstable();
    assert_eq!(all, [1, 3]);
    let of_calls: Vec<_> = within[1].calls().iter().map(|each| (each.manager.clone(), each.calls)).collect();
    assert_eq!(of_calls, [(Some("feed".to_owned()), 1)]);
    within[0].reset();
    assert_eq!(within.each_ref().map(calls), [None, Some(1)]);
    within[1].forget("weather");
    assert_eq!(calls(&metrics), None);
    assert_eq!(calls(&metrics.within(&manager("feed"))), None);
}

#[test]
fn a_sum_over_managers_names_none_of_them() {
    let (one, other, metrics) = (manager("one"), manager("other"), Metrics::new());
    let _guards = [one.observe(metrics.clone()), other.observe(metrics.clone())];
    call(&one, 2);
    let of = |metrics: &Metrics| -> Measurement { metrics.of("weather", Specs::fetch).unwrap() };
    assert_eq!(of(&metrics).manager.as_deref(), Some("one"));
    call(&other, 2);
    let (sum, parts) = (of(&metrics), [of(&metrics.within(&one)), of(&metrics.within(&other))]);
    assert_eq!(sum.manager, None);
    assert_eq!(sum.total, parts[0].total + parts[1].total);
    assert_eq!(sum.max, parts[0].max.max(parts[1].max));
    assert_eq!(sum.last, parts[1].last);
    assert!(sum.percentile(100.0) == sum.max && sum.percentile(1.0) <= sum.max);
}

#[test]
fn a_manager_that_two_clones_observe_is_counted_once() {
    let (pm, metrics) = (manager("feed"), Metrics::new());
    let first = pm.observe(metrics.clone());
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    let _other = pm.observe(move |event: &Event<'_>| {
        count.fetch_add(usize::from(matches!(event, Event::CallFinished { .. })), Ordering::Relaxed);
    });
    let second = pm.observe(metrics.clone());
    let unlike = Metrics::new();
    let _unlike = pm.observe(unlike.clone());
    call(&pm, 2);
    assert_eq!((calls(&metrics), calls(&unlike)), (Some(2), Some(2)));
    assert_eq!(seen.load(Ordering::Relaxed), 2);
    drop(first);
    call(&pm, 1);
    assert_eq!(calls(&metrics), Some(3), "the second takes the place of the first");
    drop(second);
    call(&pm, 1);
    assert_eq!((calls(&metrics), calls(&unlike)), (Some(3), Some(4)));
    assert_eq!(seen.load(Ordering::Relaxed), 4);
}

/// An observer that contains `Metrics`.
struct Contains(Metrics);

impl Observer for Contains {
    fn observe(&self, event: &Event<'_>) {
        self.0.observe(event);
    }
    fn fault(&self, fault: &Fault<'_>) {
        self.0.fault(fault);
    }
    fn for_manager(&self, manager: &ObservedManager) -> Option<Arc<dyn Observer>> {
        Some(Arc::new(Self(self.0.of_manager(manager))))
    }
    fn inner(&self) -> Option<&dyn Any> {
        Some(&self.0)
    }
}

#[test]
fn an_observer_that_contains_metrics_keeps_managers_apart_too() {
    let (one, other, metrics) = (manager("feed"), manager("feed"), Metrics::new());
    let contains = || Contains(metrics.clone());
    let _guards = [one.observe(contains()), other.observe(contains())];
    call(&one, 2);
    call(&other, 1);
    assert_eq!(calls(&metrics.within(&one)), Some(2));
    assert_eq!(other.report().extensions[0].calls, 1);
}

#[test]
fn fast_first_goes_by_the_times_of_its_own_manager() {
    let (one, other, metrics) = (manager("feed"), manager("feed"), Metrics::new());
    let _guard = one.observe(metrics.clone());
    for pm in [&one, &other] {
        pm.register_fn("news", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    }
    let first = |pm: &Manager| {
        let fetch = pm.caller(Specs::fetch).fast_first(&metrics);
        wait!(fetch.call("x"));
        fetch.implementations()[0].plugin.to_string()
    };
    wait!(one.caller(Specs::fetch).only(["weather"]).call("x"));
    assert_eq!(first(&one), "news", "it has no measurement yet");
    assert_eq!(first(&other), "weather", "the order of registration");
}

/// Logs the states of plugins.
struct States(&'static str, Log);

impl Observer for States {
    fn observe(&self, event: &Event<'_>) {
        if let Event::StateChanged { plugin, state, .. } = event {
            let state = state.map_or_else(|| "gone".to_owned(), |state| state.to_string());
            self.1.push(format!("{plugin}:{state}"));
        }
    }
    fn id(&self) -> Option<ObserverId> {
        Some(ObserverId::of::<Self>(self.0))
    }
}

#[test]
fn observers_are_told_the_states_of_plugins_from_the_first_to_the_last() {
    let (pm, log) = (manager("feed"), Log::new());
    pm.register_as("good", Weather("good")).unwrap();
    let _guard = pm.observe(States("a", log.clone()));
    assert_eq!(log.line(), "weather:loaded good:loaded");
    wait!(pm.start_all()).unwrap();
    assert_eq!(log.line(), "weather:starting weather:started good:starting good:started");
    pm.register_as("bad", Weather("bad")).unwrap();
    assert_eq!(log.line(), "bad:loaded");
    wait!(pm.start_plugin("bad")).unwrap_err();
    assert_eq!(log.line(), "bad:starting bad:failed bad:stopping bad:failed");
    wait!(pm.stop_plugin("good")).unwrap();
    assert_eq!(log.line(), "good:stopping good:stopped");
    wait!(pm.remove("good")).unwrap();
    assert_eq!(log.line(), "good:gone");
    pm.unregister("weather").unwrap();
    assert_eq!(log.line(), "weather:gone");
    pm.register_fn("weather", Specs::fetch, |_| String::new()).unwrap();
    pm.register_fn("weather", Specs::fetch, |_| String::new()).unwrap_err();
    assert_eq!(log.line(), "weather:loaded");
    drop(pm);
    assert!(log.line().ends_with("gone"), "the manager is gone");
}

#[test]
fn observers_with_the_same_id_are_told_once() {
    let (pm, log) = (manager("feed"), Log::new());
    let first = pm.observe(States("a", log.clone()));
    let _second = pm.observe(States("a", log.clone()));
    assert_eq!(log.line(), "weather:loaded");
    let _third = pm.observe(States("b", log.clone()));
    assert_eq!(log.line(), "weather:loaded");
    pm.register_fn("news", Specs::fetch, |_| String::new()).unwrap();
    assert_eq!(log.line(), "news:loaded news:loaded");
    drop(first);
    pm.unregister("news").unwrap();
    assert_eq!(log.line(), "news:gone news:gone");
}

#[test]
fn an_observer_asks_its_manager_for_current_states() {
    struct Asks(std::sync::Mutex<Option<ObservedManager>>);
    impl Observer for Asks {
        fn observe(&self, _: &Event<'_>) {}
        fn for_manager(&self, manager: &ObservedManager) -> Option<Arc<dyn Observer>> {
            *self.0.lock().unwrap() = Some(manager.clone());
            None
        }
    }
    impl Observer for Arc2 {
        fn observe(&self, _: &Event<'_>) {}
        fn for_manager(&self, manager: &ObservedManager) -> Option<Arc<dyn Observer>> {
            self.0.for_manager(manager)
        }
    }
    struct Arc2(Arc<Asks>);
    let (pm, asks) = (manager("feed"), Arc::new(Asks(std::sync::Mutex::default())));
    let _guard = pm.observe(Arc2(Arc::clone(&asks)));
    let known = asks.0.lock().unwrap().clone().unwrap();
    assert_eq!(known.name(), "feed");
    assert_eq!(known.state("weather"), Some(PluginState::Loaded));
    wait!(pm.start_all()).unwrap();
    assert_eq!(known.state("weather"), Some(PluginState::Started));
    assert_eq!((known.state("nobody"), known.circuit("weather")), (None, None));
    let other = manager("feed");
    let _guard = other.observe(Arc2(Arc::clone(&asks)));
    assert_ne!(asks.0.lock().unwrap().clone().unwrap(), known);
    drop(pm);
    assert_eq!(known.state("weather"), None);
}

#[test]
fn an_observer_that_panics_at_a_state_does_not_fail_the_operation() {
    let pm = manager("feed");
    let _guard = pm.observe(|event: &Event<'_>| assert!(!matches!(event, Event::StateChanged { .. })));
    pm.register_as("good", Weather("good")).unwrap();
    wait!(pm.start_all()).unwrap();
    wait!(pm.unload_all()).unwrap();
}
