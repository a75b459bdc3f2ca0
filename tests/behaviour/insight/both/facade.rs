//! `MetricsFacade`: names, labels, units and gauges.

use std::time::Duration;

use metrics::Unit;
use pluginkit::insight::MetricsFacade;
use pluginkit::limits::BreakerPolicy;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;

use super::kind::{Manager, PREFIX, implement, wait};
use crate::insight::board::Board;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> Result<String, String>;
}

struct Weather;

implement! {
    #[extension]
    impl Specs for Weather {
        fn fetch(&self, topic: &str) -> Result<String, String> {
            if topic == "bad" { Err("no".to_owned()) } else { Ok(topic.to_owned()) }
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Weather {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
}

/// A project that no other test has: managers of one project have different labels.
fn project(test: &str) -> String {
    format!("{test}{PREFIX}")
}

fn manager(project: &str) -> Manager {
    let pm = Manager::new(project);
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("weather", Specs::fetch, |args| match args.topic {
        "bad" => Err("no".to_owned()),
        topic => Ok(topic.to_owned()),
    })
    .unwrap();
    pm
}

fn call(pm: &Manager, topic: &str) {
    let _ = wait!(pm.caller(Specs::fetch).call(topic));
}

#[test]
fn every_metric_has_the_label_of_its_manager() {
    let board = Board::default();
    board.record(|| {
        let (a, b) = (project("one"), project("other"));
        let (one, other) = (manager(&a), manager(&b));
        one.observe(MetricsFacade::new()).forget();
        other.observe(MetricsFacade::new()).forget();
        call(&one, "x");
        call(&other, "bad");
        assert_eq!(
            board.of("pluginkit_calls_total"),
            [
                format!("manager={a} point=Specs::fetch outcome=returned 1"),
                format!("manager={b} point=Specs::fetch outcome=failed 1")
            ]
        );
        assert_eq!(
            board.of("pluginkit_extensions_total"),
            [
                format!("manager={a} plugin=weather point=Specs::fetch outcome=returned 1"),
                format!("manager={b} plugin=weather point=Specs::fetch outcome=failed 1")
            ]
        );
        for (metric, labels) in [
            ("pluginkit_call_duration_seconds", "point=Specs::fetch"),
            ("pluginkit_extension_duration_seconds", "plugin=weather point=Specs::fetch"),
            ("pluginkit_plugin_state", "plugin=weather state=loaded"),
        ] {
            let of = |manager: &str| format!("manager={manager} {labels} 1");
            assert_eq!(board.of(metric), [of(&a), of(&b)]);
        }
        assert_eq!(board.series_of("pluginkit_calls_in_flight"), 2);
        assert!(board.of("pluginkit_calls_in_flight").is_empty());
    });
}

/// The labels of the managers that have counted calls, each with the number of calls.
fn counted(board: &Board) -> Vec<String> {
    let of_calls = board.of("pluginkit_calls_total");
    let shown =
        |line: &String| line.replace("manager=", "").replace(" point=Specs::fetch outcome=returned", "");
    of_calls.iter().map(shown).collect()
}

#[test]
fn managers_with_the_same_project_never_mix() {
    let (board, feed) = (Board::default(), project("mix"));
    board.record(|| {
        let managers = [manager(&feed), manager(&feed), manager(&feed)];
        for pm in &managers {
            pm.observe(MetricsFacade::new()).forget();
        }
        for (pm, calls) in managers.iter().zip(1..) {
            (0..calls).for_each(|_| call(pm, "x"));
        }
        assert_eq!(counted(&board), [format!("{feed} 1"), format!("{feed}-2 2"), format!("{feed}-3 3")]);
        let states = board.of("pluginkit_plugin_state");
        assert!(states[1].starts_with(&format!("manager={feed}-2 plugin=weather")), "{states:?}");
        // Another facade of a manager is the same observer.
        managers[1].observe(MetricsFacade::new()).forget();
        call(&managers[1], "x");
        assert_eq!(counted(&board)[1], format!("{feed}-2 3"));
        // The lowest number that is free.
        let [first, second, third] = managers;
        drop(second);
        let (next, last) = (manager(&feed), manager(&feed));
        next.observe(MetricsFacade::new()).forget();
        last.observe(MetricsFacade::new()).forget();
        call(&next, "x");
        call(&last, "x");
        let of = |number: &str, calls: u64| format!("{feed}{number} {calls}");
        assert_eq!(counted(&board), [of("", 1), of("-2", 4), of("-3", 3), of("-4", 1)]);
        drop((first, third));
    });
}

#[test]
fn a_manager_keeps_its_label_as_long_as_it_lives() {
    let (board, feed) = (Board::default(), project("keeps"));
    board.record(|| {
        let (one, other) = (manager(&feed), manager(&feed));
        let first = one.observe(MetricsFacade::new());
        let second = other.observe(MetricsFacade::new());
        // Without a facade for a while.
        drop((first, second));
        other.observe(MetricsFacade::new()).forget();
        one.observe(MetricsFacade::new()).forget();
        call(&one, "x");
        (0..2).for_each(|_| call(&other, "x"));
        assert_eq!(counted(&board), [format!("{feed} 1"), format!("{feed}-2 2")]);
        // What outlives its manager keeps the label for as long.
        let caller = one.caller(Specs::fetch);
        drop(one);
        let next = manager(&feed);
        next.observe(MetricsFacade::new()).forget();
        call(&next, "x");
        let _ = wait!(caller.call("x"));
        drop((caller, next));
        let labels: Vec<_> = counted(&board).iter().map(|line| line.replace(&feed, "feed")).collect();
        assert!(labels[0] == "feed 2" && labels[2] == "feed-3 1", "{labels:?}");
        let last = manager(&feed);
        last.observe(MetricsFacade::new()).forget();
        call(&last, "x");
        assert_eq!(counted(&board)[0], format!("{feed} 3"));
    });
}

#[test]
fn the_name_that_the_host_gives_is_the_label_and_no_other_manager_gets_it_by_itself() {
    let (board, feed) = (Board::default(), project("names"));
    board.record(|| {
        let managers = [manager(&feed), manager(&feed), manager(&feed), manager(&feed)];
        let second = format!("{feed}-2");
        managers[0].observe(MetricsFacade::new().manager(second.clone())).forget();
        managers[1].observe(MetricsFacade::new()).forget();
        managers[2].observe(MetricsFacade::new()).forget();
        // The host may let managers share a label.
        managers[3].observe(MetricsFacade::new().manager(second)).forget();
        for (pm, calls) in managers.iter().zip([1, 10, 100, 1000]) {
            (0..calls).for_each(|_| call(pm, "x"));
        }
        let of = |number: &str, calls: u64| format!("{feed}{number} {calls}");
        assert_eq!(counted(&board), [of("", 10), of("-2", 1001), of("-3", 100)]);
        // The project as the given name is the same label as that without a name.
        let (same, same_project) = (project("same"), manager(&project("same")));
        same_project.observe(MetricsFacade::new().manager(same.clone())).forget();
        same_project.observe(MetricsFacade::new()).forget();
        call(&same_project, "x");
        assert!(counted(&board).contains(&format!("{same} 1")), "{:?}", counted(&board));
    });
}

#[test]
fn a_manager_that_two_facades_observe_is_counted_once_for_each_label() {
    let (board, feed) = (Board::default(), project("twice"));
    board.record(|| {
        let pm = manager(&feed);
        let first = pm.observe(MetricsFacade::new());
        let _second = pm.observe(MetricsFacade::new());
        let other = format!("{feed}-other");
        let _third = pm.observe(MetricsFacade::new().manager(other.clone()));
        call(&pm, "x");
        assert_eq!(counted(&board), [format!("{feed} 1"), format!("{other} 1")]);
        drop(first);
        call(&pm, "x");
        assert_eq!(counted(&board), [format!("{feed} 2"), format!("{other} 2")]);
    });
}

#[test]
fn every_metric_has_a_kind_a_unit_and_a_description() {
    let (board, feed) = (Board::default(), project("kinds"));
    board.record(|| {
        let pm = manager(&feed);
        pm.observe(MetricsFacade::new()).forget();
        let policy = BreakerPolicy::new(1);
        let _breaker = pm.break_circuits(policy);
        call(&pm, "x");
        call(&pm, "bad");
        let hurried = pm.caller(Specs::fetch).timeout(Duration::from_nanos(1));
        pm.register_fn("works", Specs::fetch, |_| {
            Ok((0..20_000_u64).map(|number| number.to_string()).collect())
        })
        .unwrap();
        wait!(hurried.try_call("x")).unwrap_err();
    });
    let described = board.described();
    assert_eq!(described.len(), 10);
    for (name, (kind, unit, text)) in &described {
        assert!(name.starts_with("pluginkit_"), "{name}");
        assert_eq!(name.ends_with("_total"), *kind == "counter", "{name}");
        assert_eq!(name.ends_with("_duration_seconds"), *kind == "histogram", "{name}");
        let expected = if *kind == "histogram" { Unit::Seconds } else { Unit::Count };
        assert_eq!(*unit, Some(expected), "{name}");
        assert!(text.ends_with('.'), "{name}: {text}");
    }
    let recorded = board.recorded();
    for (name, kind) in &recorded {
        assert_eq!(described.get(name).map(|described| described.0), Some(*kind), "{name}");
    }
    // All but those of drains.
    assert_eq!(recorded.len(), 8, "{recorded:?}");
    assert_eq!(
        board.of("pluginkit_overruns_total"),
        [format!("manager={feed} plugin=works point=Specs::fetch 1")]
    );
    let outcomes = board.of("pluginkit_extensions_total");
    let expected = format!("manager={feed} plugin=works point=Specs::fetch outcome=overran 1");
    assert!(outcomes.contains(&expected), "{outcomes:?}");
    let later = Board::default();
    later.record(MetricsFacade::describe);
    assert_eq!(later.described(), described);
}

#[test]
fn a_plugin_has_one_state_at_a_time() {
    let feed = project("states");
    let (pm, board) = (manager(&feed), Board::default());
    let states = || board.of("pluginkit_plugin_state");
    let of = |plugin: &str, state: &str| format!("manager={feed} plugin={plugin} state={state} 1");
    board.record(|| {
        let guard = pm.observe(MetricsFacade::new());
        assert_eq!(states(), [of("weather", "loaded")], "that of before the observation");
        pm.register(Weather).unwrap();
        assert_eq!(states(), [of("Weather", "loaded"), of("weather", "loaded")]);
        wait!(pm.start_all()).unwrap();
        assert_eq!(states(), [of("Weather", "started"), of("weather", "started")]);
        wait!(pm.stop_plugin("Weather")).unwrap();
        assert_eq!(states(), [of("Weather", "stopped"), of("weather", "started")]);
        wait!(pm.start_plugin("Weather")).unwrap();
        wait!(pm.replace(Weather)).unwrap();
        assert_eq!(states(), [of("Weather", "started"), of("weather", "started")]);
        wait!(pm.remove("Weather")).unwrap();
        assert_eq!(states(), [of("weather", "started")]);
        assert_eq!(board.series_of("pluginkit_plugin_state"), 12);
        guard.forget();
        drop(pm);
    });
    assert!(states().is_empty(), "the manager is gone");
}

#[test]
fn a_circuit_has_one_state_at_a_time() {
    let (board, clock) = (Board::default(), FakeClock::new());
    let feed = project("circuits");
    let pm = Manager::builder(&feed).clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("weather", Weather).unwrap();
    wait!(pm.start_all()).unwrap();
    let circuits = || board.of("pluginkit_circuit_state");
    let of = |state: &str| [format!("manager={feed} plugin=weather state={state} 1")];
    board.record(|| {
        let _breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(Duration::from_secs(1)));
        call(&pm, "bad");
        let guard = pm.observe(MetricsFacade::new());
        assert_eq!(circuits(), of("open"), "that of before the observation");
        clock.advance(Duration::from_secs(2));
        // A call without the plugin looks whether it is due.
        wait!(pm.caller(Specs::fetch).without(["weather"]).call("x")).unwrap();
        assert_eq!(circuits(), of("half_open"));
        call(&pm, "x");
        assert_eq!(circuits(), of("closed"));
        call(&pm, "bad");
        assert_eq!(circuits(), of("open"));
        pm.set_enabled("weather", true).unwrap();
        call(&pm, "x");
        assert_eq!(circuits(), of("closed"), "the host has decided");
        call(&pm, "bad");
        assert_eq!(circuits(), of("open"));
        wait!(pm.remove("weather")).unwrap();
        assert!(circuits().is_empty());
        pm.register_as("weather", Weather).unwrap();
        assert_eq!(circuits(), of("closed"), "a new plugin starts closed");
        assert_eq!(board.series_of("pluginkit_circuit_state"), 3);
        drop(guard);
    });
}

#[test]
fn the_next_of_two_facades_goes_on_with_the_series_of_the_first() {
    let board = Board::default();
    let (feed, later) = (project("next"), project("later"));
    let pm = manager(&feed);
    let (circuits, states) = (|| board.of("pluginkit_circuit_state"), || board.of("pluginkit_plugin_state"));
    board.record(|| {
        let first = pm.observe(MetricsFacade::new());
        pm.observe(MetricsFacade::new()).forget();
        let _breaker = pm.break_circuits(BreakerPolicy::new(1));
        call(&pm, "bad");
        assert_eq!(circuits(), [format!("manager={feed} plugin=weather state=open 1")]);
        drop(first);
        assert_eq!(circuits(), [format!("manager={feed} plugin=weather state=open 1")]);
        assert_eq!(states(), [format!("manager={feed} plugin=weather state=loaded 1")]);
        pm.unregister("weather");
        assert!(circuits().is_empty() && states().is_empty(), "{:?} {:?}", circuits(), states());
        // It knows them though it was added after they were there.
        let pm = manager(&later);
        let first = pm.observe(MetricsFacade::new());
        let _breaker = pm.break_circuits(BreakerPolicy::new(1));
        call(&pm, "bad");
        pm.observe(MetricsFacade::new()).forget();
        drop(first);
        pm.set_enabled("weather", true).unwrap();
        call(&pm, "x");
        assert_eq!(circuits(), [format!("manager={later} plugin=weather state=closed 1")]);
        pm.unregister("weather");
        assert!(circuits().is_empty(), "{:?}", circuits());
    });
}

#[test]
fn a_call_is_under_way_until_it_ends_also_by_a_panic() {
    let (board, feed) = (Board::default(), project("under-way"));
    board.record(|| {
        let pm = manager(&feed);
        pm.observe(MetricsFacade::new()).forget();
        let (seen, label) = (board.clone(), feed.clone());
        pm.register_fn("looks", Specs::fetch, move |args| {
            let under_way = seen.of("pluginkit_calls_in_flight");
            assert_eq!(under_way, [format!("manager={label} point=Specs::fetch 1")]);
            assert_ne!(args.topic, "panic", "boom");
            Ok(String::new())
        })
        .unwrap();
        wait!(pm.caller(Specs::fetch).call("x")).unwrap();
        pluginkit_tests::panic_of(|| wait!(pm.caller(Specs::fetch).call("panic")));
        drop(Box::pin(async {}));
        assert!(board.of("pluginkit_calls_in_flight").is_empty());
    });
}
