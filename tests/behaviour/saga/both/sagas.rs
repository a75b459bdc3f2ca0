//! Sagas: calls that are done as a unit, or undone in the reverse order.

use std::error::Error as _;
use std::sync::atomic::{AtomicU32, Ordering};

use pluginkit::CallError;
use pluginkit::lifecycle::StateMap;
use pluginkit::prelude::*;
use pluginkit::saga::{SagaError, StepError};
use pluginkit_tests::{Log, panic_of};

use super::kind::{Manager, Saga, each, run, step, wait};

#[extension_point]
trait Booking {
    fn reserve(&self, trip: &str) -> Result<String, String>;
    fn release(&self, place: &str) -> Result<(), String>;
    #[extension_point(firstresult)]
    fn charge(&self, euros: u32) -> Result<Option<u32>, std::num::ParseIntError>;
    #[extension_point(pipeline)]
    fn route(&self, trip: String) -> String;
}

/// A manager with these plugins, each of which reserves `name:trip` and releases, unless the trip names it:
/// `!a` is a trip for which `a` has no place, `?a` one for which it panics.
fn manager(names: &[&'static str]) -> (Manager, Log) {
    let (pm, log) = (Manager::new("trips"), Log::new());
    pm.add_extension_points(Booking).unwrap();
    for &name in names {
        let (reserved, released) = (log.clone(), log.clone());
        let reserve = move |trip: &str| {
            assert!(!trip.contains(&format!("?{name}")), "no way");
            if trip.contains(&format!("!{name}")) {
                return Err(format!("{name} is full"));
            }
            reserved.push(format!("+{name}"));
            Ok(format!("{name}:{trip}"))
        };
        let release = move |place: &str| {
            released.push(format!("-{place}"));
            if place.contains("stuck") { Err("cannot".to_owned()) } else { Ok(()) }
        };
        PluginBuilder::new(())
            .named(name)
            .extension(Booking::reserve, pluginkit::Options::new(), move |_, args| reserve(args.trip))
            .extension(Booking::release, pluginkit::Options::new(), move |_, args| release(args.place))
            .register(&pm)
            .unwrap();
    }
    pm.register_fn("bank", Booking::charge, |args| {
        let text = if args.euros < 100 { args.euros.to_string() } else { "too much".to_owned() };
        text.parse().map(Some)
    })
    .unwrap();
    pm.register_fn("detour", Booking::route, |args| args.trip + " via B").unwrap();
    (pm, log)
}

fn fail(text: &str) {
    panic!("{text}");
}

fn texts(errors: &[StepError]) -> Vec<String> {
    errors.iter().map(|error| format!("{error:?}")).collect()
}

#[test]
fn a_failed_step_undoes_the_steps_before_it_in_reverse_order_each_with_its_result() {
    let (pm, log) = manager(&["a"]);
    let mut saga = Saga::new();
    let [first, second, failing] = [log.clone(), log.clone(), log.clone()];
    let places = step(
        &mut saga,
        "places",
        || pm.caller(Booking::reserve).call("t"),
        move |places| first.push(places.concat()),
    );
    assert_eq!(places.unwrap(), ["a:t"]);
    let paid = step(
        &mut saga,
        "paid",
        || pm.caller(Booking::charge).try_call(7),
        move |paid| {
            second.push(format!("back {paid:?}"));
        },
    );
    assert_eq!(paid.unwrap(), Some(7));
    let error = step(
        &mut saga,
        "more",
        || pm.caller(Booking::charge).try_call(700),
        move |_| {
            failing.push("never: it was not done");
        },
    );
    let error = error.unwrap_err();
    assert_eq!(log.line(), "+a back Some(7) a:t");
    assert_eq!((error.step(), error.plugin(), error.failed().len()), ("more", None, 1));
    assert!(error.not_undone().is_empty());
    let source = error.source().unwrap().downcast_ref::<CallError<std::num::ParseIntError>>().unwrap();
    assert_eq!(source.plugin().unwrap(), "bank");
    assert_eq!(
        format!("{error:?}"),
        "step `more` failed: plugin `bank` failed in `Booking::charge`: invalid digit found in string: invalid digit found in string; the steps before it were undone: fix the cause and begin again"
    );
    drop(saga);
    assert_eq!(log.line(), "", "nothing is undone twice");
}

#[test]
fn after_a_failure_no_step_is_run() {
    let (pm, log) = manager(&["a"]);
    let mut saga = Saga::new();
    run(&mut saga, "charge", || pm.caller(Booking::charge).call(700)).unwrap_err();
    let error = run(&mut saga, "places", || pm.caller(Booking::reserve).call("t")).unwrap_err();
    assert_eq!(error.step(), "places");
    let reason = error.source().unwrap().to_string();
    assert_eq!(reason, "it was not run, as the saga was rolled back when step `charge` failed");
    saga.commit();
    assert_eq!(log.line(), "");
}

#[test]
fn all_compensations_are_tried_and_those_that_fail_are_told() {
    let (pm, log) = manager(&["a", "b"]);
    let (release, mut saga) = (pm.caller(Booking::release), Saga::new());
    let done = || pm.caller(Booking::charge).call(1);
    let (first, release_one, release_all) = (log.clone(), release.clone(), release);
    step(&mut saga, "first", done, move |_| first.push("first")).unwrap();
    step(&mut saga, "panics", done, move |_| fail("boom")).unwrap();
    step(&mut saga, "one", done, move |_| wait!(release_one.call("stuck")).map(drop)).unwrap();
    step(&mut saga, "all", done, move |_| wait!(release_all.settle("stuck"))).unwrap();
    let error = run(&mut saga, "last", || pm.caller(Booking::charge).call(700)).unwrap_err();
    assert_eq!(log.line(), "-stuck -stuck -stuck first");
    assert_eq!(
        texts(error.not_undone()),
        [
            "step `all`: plugin `a` failed: cannot",
            "step `all`: plugin `b` failed: cannot",
            "step `one`: cannot",
            "step `panics`: its compensation panicked: boom",
        ]
    );
    assert_eq!(error.step(), "last");
    assert!(error.to_string().starts_with(
        "step `last` failed; these steps could not be undone; undo them by hand: step `all`: plugin `a`"
    ));
}

fn rolled_back(saga: Saga<'_>) -> Vec<StepError> {
    wait!(saga.rollback())
}

#[test]
fn a_saga_that_is_committed_stays_and_one_that_is_not_does_not() {
    let (pm, log) = manager(&["a"]);
    let book = |end: fn(Saga<'_>) -> Vec<StepError>| {
        let mut saga = Saga::new();
        let [undone, first, last] = [log.clone(), log.clone(), log.clone()];
        saga.on_rollback("first", move || first.push("first"));
        run(&mut saga, "places", || pm.caller(Booking::reserve).call("t")).unwrap();
        saga.on_rollback("places", move || {
            undone.push("places");
            Err::<(), _>("cannot")
        });
        saga.on_rollback("last", move || last.push("last"));
        texts(&end(saga))
    };
    let commit = |saga: Saga<'_>| {
        saga.commit();
        Vec::new()
    };
    let dropped = |saga: Saga<'_>| {
        drop(saga);
        Vec::new()
    };
    assert!(book(commit).is_empty());
    assert_eq!(log.line(), "+a");
    assert!(book(dropped).is_empty());
    assert_eq!(log.line(), "+a last places first");
    assert_eq!(book(rolled_back), ["step `places`: cannot"]);
    assert_eq!(log.line(), "+a last places first");
}

#[test]
fn a_step_of_several_plugins_undoes_the_completed_parts_in_reverse_order() {
    let (pm, log) = manager(&["a", "b", "c", "d", "e"]);
    let (reserve, release) = (pm.caller(Booking::reserve), pm.caller(Booking::release));
    let mut saga = Saga::new();
    let before = log.clone();
    saga.on_rollback("before", move || before.push("before"));
    let error = each(
        &mut saga,
        "reserve",
        || reserve.settle("!c ?e"),
        |plugin, place| {
            wait!(release.only([plugin]).try_call(&place)).map(drop).map_err(|error| error.to_string())
        },
    );
    let error = error.unwrap_err();
    assert_eq!(log.line(), "+a +b +d -d:!c ?e -b:!c ?e -a:!c ?e before");
    assert_eq!((error.step(), error.plugin().unwrap().as_str()), ("reserve", "c"));
    assert_eq!(
        texts(error.failed()),
        [
            "step `reserve` of plugin `c`: c is full",
            "step `reserve` of plugin `e`: plugin `e` panicked in `Booking::reserve`: no way",
        ]
    );
    assert!(error.to_string().contains(" (also step `reserve` of plugin `e`: "), "{error}");
}

#[test]
fn a_later_failure_undoes_the_part_of_each_plugin() {
    let (pm, log) = manager(&["a", "stuck", "b"]);
    let (reserve, release) = (pm.caller(Booking::reserve), pm.caller(Booking::release));
    let mut saga = Saga::new();
    let places = each(
        &mut saga,
        "reserve",
        || reserve.settle("t"),
        |plugin, place| wait!(release.only([plugin]).call(&place)).map(drop),
    );
    let places: Vec<_> =
        places.unwrap().into_iter().map(|(plugin, place)| format!("{plugin}={place}")).collect();
    assert_eq!(places, ["a=a:t", "stuck=stuck:t", "b=b:t"]);
    let error = run(&mut saga, "charge", || pm.caller(Booking::charge).try_call(700)).unwrap_err();
    assert_eq!(log.line(), "+a +stuck +b -b:t -stuck:t -a:t");
    assert_eq!(texts(error.not_undone()), ["step `reserve` of plugin `stuck`: cannot"]);
    assert_eq!(error.not_undone()[0].plugin().unwrap(), "stuck");
    assert_eq!(error.not_undone()[0].step(), "reserve");
}

#[test]
fn a_call_that_panics_is_rolled_back_before_the_panic_goes_on() {
    let (pm, log) = manager(&["a"]);
    let mut saga = Saga::new();
    let undone = log.clone();
    step(&mut saga, "places", || pm.caller(Booking::reserve).call("t"), move |_| undone.push("undone"))
        .unwrap();
    assert_eq!(panic_of(|| run(&mut saga, "more", || pm.caller(Booking::reserve).call("?a"))), "no way");
    assert_eq!(log.line(), "+a undone");
    let error = run(&mut saga, "again", || pm.caller(Booking::reserve).call("t")).unwrap_err();
    assert!(error.source().unwrap().to_string().ends_with("when step `more` failed"));
}

#[test]
fn a_panic_between_steps_rolls_back() {
    let (_, log) = manager(&[]);
    let undone = log.clone();
    let text = panic_of(|| {
        let mut saga = Saga::new();
        saga.on_rollback("panics", || fail("second"));
        saga.on_rollback("place", move || undone.push("undone"));
        panic!("first");
    });
    assert_eq!((text.as_str(), log.line().as_str()), ("first", "undone"));
}

#[derive(Debug, PartialEq)]
struct Seats(u32);

#[derive(Debug, Default)]
struct Hits(AtomicU32);

#[test]
fn shared_state_is_put_back_in_its_turn() {
    let (pm, log) = manager(&[]);
    let state = pm.shared_state();
    state.insert(Seats(9));
    let hits = state.get_or_insert_with(Hits::default);
    let failed = |saga: &mut Saga<'_>| -> SagaError {
        run(saga, "charge", || pm.caller(Booking::charge).call(700)).unwrap_err()
    };

    let mut saga = Saga::new();
    saga.remember::<Seats>(state);
    saga.remember::<String>(state);
    saga.remember::<Hits>(state);
    let seen = log.clone();
    saga.on_rollback("seats", move || seen.push(format!("{:?}", state.get::<Seats>().unwrap())));
    state.update(|seats: Option<&Seats>| Seats(seats.unwrap().0 - 1));
    state.insert(String::from("new"));
    state.insert(7_u8);
    hits.0.fetch_add(1, Ordering::Relaxed);
    failed(&mut saga);
    assert_eq!(log.line(), "Seats(8)", "what was done later is undone before");
    assert_eq!(*state.get::<Seats>().unwrap(), Seats(9));
    assert!(state.get::<String>().is_none(), "there was none");
    assert_eq!(*state.get::<u8>().unwrap(), 7, "it was not remembered");
    assert_eq!(hits.0.load(Ordering::Relaxed), 1, "the value is the same, so is what is in it");
}

#[test]
fn a_whole_state_is_put_back_or_stays() {
    let state = StateMap::default();
    state.insert(Seats(9));
    for commits in [false, true] {
        let mut saga = Saga::new();
        saga.remember_all(&state);
        state.insert(Seats(1));
        state.insert(String::from("new"));
        if commits {
            saga.commit();
        } else {
            drop(saga);
        }
        let left = (state.get::<Seats>().unwrap().0, state.len());
        assert_eq!(left, if commits { (1, 2) } else { (9, 1) });
    }
}

#[test]
fn a_saga_tells_its_steps() {
    let mut saga = Saga::new();
    saga.on_rollback("one", || {});
    assert!(format!("{saga:?}").contains("done: [\"one\"]"));
}
