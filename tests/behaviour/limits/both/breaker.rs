//! Circuit breakers: plugins that fail again and again are taken out of calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use pluginkit::Options;
use pluginkit::limits::{BreakerPolicy, CircuitState, FailurePolicy};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit_tests::panic_of;

use super::kind::{Manager, awaited, implement, lazily, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> Result<String, String>;
}

struct Around;

implement! {
    #[extension]
    impl Specs for Around {
        #[extension(wrapper)]
        fn fetch(&self, next: Next<'_>) -> Result<Vec<String>, String> {
            awaited!(next.run())
        }
    }
}

struct Sound;

implement! {
    #[extension]
    impl Specs for Sound {
        fn fetch(&self) -> Result<String, String> {
            Ok("sound".to_owned())
        }
    }
}

/// A manager with the plugin `a`, which fails while the switch is on.
fn manager() -> (Manager, Arc<AtomicBool>) {
    let (pm, broken) = (Manager::new("breaker"), Arc::new(AtomicBool::new(true)));
    pm.add_extension_points(Specs).unwrap();
    register(&pm, &broken);
    (pm, broken)
}

fn register(pm: &Manager, broken: &Arc<AtomicBool>) {
    let broken = Arc::clone(broken);
    let fails = move |topic: &str| match topic {
        "panic" => panic!("boom"),
        _ if broken.load(Ordering::Relaxed) => Err("broken".to_owned()),
        _ => Ok(String::new()),
    };
    pm.register_fn("a", Specs::fetch, move |args| fails(args.topic)).unwrap();
}

/// A clock that stands still, and the seconds it shows.
fn clock() -> (Arc<AtomicU64>, impl Fn() -> SystemTime + Send + Sync + 'static) {
    let seconds = Arc::new(AtomicU64::new(0));
    let shown = Arc::clone(&seconds);
    (seconds, move || SystemTime::UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::Relaxed)))
}

fn call(pm: &Manager) -> Result<Vec<String>, String> {
    wait!(pm.caller(Specs::fetch).call("x"))
}

#[test]
fn a_plugin_that_fails_so_often_in_a_row_is_disabled_with_its_reason() {
    let (pm, _broken) = manager();
    let breaker = pm.break_circuits(BreakerPolicy::new(3));
    for _ in 0..2 {
        call(&pm).unwrap_err();
    }
    assert!(pm.is_enabled("a") && pm.disabled_reason("a").is_none());
    panic_of(|| wait!(pm.caller(Specs::fetch).call("panic")));
    assert!(!pm.is_enabled("a"));
    assert_eq!(breaker.state("a"), CircuitState::Open);
    let reason = "failed 3 times in a row, at last by a panic in `Specs::fetch`";
    assert_eq!(pm.disabled_reason("a").as_deref(), Some(reason));
    assert!(pm.report().to_string().contains(reason));
    let descriptor = pm.descriptor("a").unwrap();
    assert_eq!((descriptor.enabled, descriptor.disabled_reason.as_deref()), (false, Some(reason)));
    assert_eq!(call(&pm), Ok(vec![]));
}

#[test]
fn a_success_in_between_starts_the_count_anew() {
    let (pm, broken) = manager();
    let _breaker = pm.break_circuits(BreakerPolicy::new(2));
    for _ in 0..3 {
        call(&pm).unwrap_err();
        broken.store(false, Ordering::Relaxed);
        call(&pm).unwrap();
        broken.store(true, Ordering::Relaxed);
    }
    assert!(pm.is_enabled("a"));
    call(&pm).unwrap_err();
    call(&pm).unwrap_err();
    assert!(!pm.is_enabled("a"));
}

#[test]
fn a_call_asks_the_clock_only_after_a_failure() {
    let (pm, broken) = manager();
    broken.store(false, Ordering::Relaxed);
    let asked = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&asked);
    let clock = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        SystemTime::UNIX_EPOCH
    };
    let breaker = pm.break_circuits(BreakerPolicy::new(2).retry_after(Duration::from_secs(1)).clock(clock));
    call(&pm).unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    broken.store(true, Ordering::Relaxed);
    call(&pm).unwrap_err();
    broken.store(false, Ordering::Relaxed);
    let after_failure = asked.load(Ordering::Relaxed);
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    call(&pm).unwrap();
    assert_eq!((after_failure > 0, asked.load(Ordering::Relaxed)), (true, after_failure));
}

#[test]
fn overruns_count_though_they_return() {
    let (pm, broken) = manager();
    broken.store(false, Ordering::Relaxed);
    let _breaker = pm.break_circuits(BreakerPolicy::new(2));
    let hurried = pm.caller(Specs::fetch).timeout(Duration::from_nanos(1));
    // Some clocks are too coarse for what takes so little.
    pm.register_fn("slow", Specs::fetch, |_| {
        Ok((0..20_000_u64).map(|number| number.to_string()).collect::<String>())
    })
    .unwrap();
    for _ in 0..2 {
        wait!(hurried.try_call("x")).unwrap_err();
    }
    let reason = pm.disabled_reason("slow").unwrap();
    assert!(reason.starts_with("failed 2 times in a row, at last by an overrun ("), "{reason}");
    assert!(reason.ends_with(" instead of 1ns) in `Specs::fetch`"), "{reason}");
}

#[test]
fn a_wrapper_is_not_blamed_for_a_wrapped_failure() {
    let (pm, _broken) = manager();
    pm.register(Around).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(2));
    for _ in 0..2 {
        call(&pm).unwrap_err();
    }
    assert!(!pm.is_enabled("a") && pm.is_enabled("Around"));
    assert_eq!(breaker.state("Around"), CircuitState::Closed);
}

#[test]
fn a_required_plugin_and_its_dependencies_are_never_disabled() {
    let (pm, _broken) = manager();
    let front = PluginMetadata::new("front").requires(["middle"]);
    PluginBuilder::new(()).metadata(front).register(&pm).unwrap();
    let middle = PluginMetadata::new("middle").requires(["a"]).optional_requires(["b"]);
    PluginBuilder::new(1).metadata(middle).register(&pm).unwrap();
    {
        let breaker = pm.break_circuits(BreakerPolicy::new(1).required(["front"]));
        for _ in 0..3 {
            call(&pm).unwrap_err();
        }
        assert!(pm.is_enabled("a"));
        assert_eq!(breaker.state("a"), CircuitState::Closed);
    }
    let _breaker = pm.break_circuits(BreakerPolicy::new(1).required(["b"]));
    call(&pm).unwrap_err();
    assert!(!pm.is_enabled("a"));
}

#[test]
fn plugins_that_come_and_go_change_which_plugins_are_required() {
    let (pm, _broken) = manager();
    let _breaker = pm.break_circuits(BreakerPolicy::new(1).required(["front"]));
    let require_it = || {
        let front = PluginMetadata::new("front").requires(["a"]);
        PluginBuilder::new(()).metadata(front).register(&pm).unwrap();
    };
    require_it();
    call(&pm).unwrap_err();
    assert!(pm.is_enabled("a"));

    pm.unregister("front").unwrap();
    call(&pm).unwrap_err();
    assert!(!pm.is_enabled("a"));

    pm.set_enabled("a", true).unwrap();
    require_it();
    call(&pm).unwrap_err();
    assert!(pm.is_enabled("a"));

    // Another one comes as it goes.
    pm.unregister("front").unwrap();
    pm.register_as("other", Sound).unwrap();
    call(&pm).unwrap_err();
    assert!(!pm.is_enabled("a"));
}

#[test]
fn a_disabled_plugin_is_tried_again_after_the_cool_down() {
    let (pm, broken) = manager();
    let (seconds, now) = clock();
    let policy = BreakerPolicy::new(2).retry_after(Duration::from_secs(30)).clock(now);
    let breaker = pm.break_circuits(policy);
    for _ in 0..2 {
        call(&pm).unwrap_err();
    }
    seconds.store(29, Ordering::Relaxed);
    call(&pm).unwrap();
    assert_eq!(breaker.state("a"), CircuitState::Open);

    seconds.store(30, Ordering::Relaxed);
    call(&pm).unwrap_err(); // tries `a` at once, and one failure is enough now
    assert_eq!(breaker.state("a"), CircuitState::Open);
    assert!(pm.disabled_reason("a").unwrap().starts_with("failed 3 times"));

    seconds.store(60, Ordering::Relaxed);
    broken.store(false, Ordering::Relaxed);
    breaker.retry();
    assert_eq!(breaker.state("a"), CircuitState::HalfOpen);
    assert!(pm.is_enabled("a") && pm.disabled_reason("a").is_none());
    assert_eq!(call(&pm), Ok(vec![String::new()]));
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    broken.store(true, Ordering::Relaxed);
    call(&pm).unwrap_err(); // and no longer
    assert_eq!(breaker.state("a"), CircuitState::Closed);
}

#[test]
fn the_host_has_the_last_word() {
    let (pm, broken) = manager();
    let (seconds, now) = clock();
    let breaker = pm.break_circuits(BreakerPolicy::new(2).retry_after(Duration::from_secs(1)).clock(now));
    for _ in 0..2 {
        call(&pm).unwrap_err();
    }
    pm.disable("a", "by hand").unwrap();
    seconds.store(5, Ordering::Relaxed);
    breaker.retry();
    assert!(!pm.is_enabled("a"), "it was not disabled by the breaker");

    pm.set_enabled("a", true).unwrap();
    call(&pm).unwrap_err();
    broken.store(false, Ordering::Relaxed);
    call(&pm).unwrap();
    assert_eq!(breaker.state("a"), CircuitState::Closed);
}

#[test]
fn enabling_a_plugin_closes_its_open_circuit() {
    let (pm, _broken) = manager();
    let breaker = pm.break_circuits(BreakerPolicy::new(2));
    for _ in 0..2 {
        call(&pm).unwrap_err();
    }
    pm.set_enabled("a", true).unwrap();
    call(&pm).unwrap_err();
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    call(&pm).unwrap_err();
    assert_eq!(breaker.state("a"), CircuitState::Open);
}

#[test]
fn another_plugin_of_the_same_name_starts_anew_and_a_dropped_breaker_watches_no_more() {
    let (pm, broken) = manager();
    let breaker = pm.break_circuits(BreakerPolicy::new(2));
    call(&pm).unwrap_err();
    pm.unregister("a").unwrap();
    register(&pm, &broken);
    call(&pm).unwrap_err();
    assert!(pm.is_enabled("a"));
    drop(breaker);
    call(&pm).unwrap_err();
    assert!(pm.is_enabled("a"));
}

#[test]
fn a_policy_of_no_failures_is_refused() {
    assert!(panic_of(|| BreakerPolicy::new(0)).contains("but `failures` is 0"));
}

#[test]
fn calls_of_every_form_try_a_disabled_plugin_again() {
    let (pm, broken) = manager();
    let (seconds, clock) = clock();
    let policy = BreakerPolicy::new(1).retry_after(Duration::from_secs(10)).clock(clock);
    let breaker = pm.break_circuits(policy);
    for form in 0..2 {
        broken.store(true, Ordering::Relaxed);
        call(&pm).unwrap_err();
        assert_eq!(breaker.state("a"), CircuitState::Open);
        seconds.fetch_add(10, Ordering::Relaxed);
        broken.store(false, Ordering::Relaxed);
        let caller = pm.caller(Specs::fetch);
        if form == 0 {
            assert_eq!(wait!(caller.settle("x")).len(), 1, "the plugin takes part in the call that tries it");
        } else {
            drop(lazily!(caller, "x"));
            assert_eq!(breaker.state("a"), CircuitState::HalfOpen);
            call(&pm).unwrap();
        }
        assert_eq!(breaker.state("a"), CircuitState::Closed, "{form}");
    }
}

#[test]
fn the_first_call_of_each_view_after_the_retry_time_tries_the_plugin() {
    let (pm, broken) = manager();
    let (seconds, clock) = clock();
    pm.register(Around).unwrap();
    pm.register(Sound).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(Duration::from_secs(10)).clock(clock));
    let fetch = pm.caller(Specs::fetch);
    let calls: [&dyn Fn() -> usize; 6] = [
        &|| wait!(fetch.call("x")).unwrap().len(),
        &|| wait!(fetch.try_call("x")).unwrap().len(),
        &|| wait!(fetch.on_failure(FailurePolicy::Skip).try_call("x")).unwrap().len(),
        &|| wait!(fetch.without(["none"]).call("x")).unwrap().len(),
        &|| wait!(fetch.only(["a", "Sound"]).call("x")).unwrap().len(),
        &|| wait!(fetch.extra(|_| Ok(String::new())).try_call("x")).unwrap().len() - 1,
    ];
    for (form, call_it) in calls.iter().enumerate() {
        broken.store(true, Ordering::Relaxed);
        call(&pm).unwrap_err();
        assert_eq!((breaker.state("a"), call_it()), (CircuitState::Open, 1), "{form}");
        seconds.fetch_add(10, Ordering::Relaxed);
        broken.store(false, Ordering::Relaxed);
        assert_eq!((call_it(), breaker.state("a")), (2, CircuitState::Closed), "{form}");
    }
}

#[test]
fn a_later_plugin_of_the_same_name_has_no_circuit_yet() {
    let (pm, broken) = manager();
    let breaker = pm.break_circuits(BreakerPolicy::new(1));
    call(&pm).unwrap_err();
    assert_eq!(breaker.state("a"), CircuitState::Open);
    pm.unregister("a");
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    broken.store(false, Ordering::Relaxed);
    register(&pm, &broken);
    assert_eq!((breaker.state("a"), pm.is_enabled("a")), (CircuitState::Closed, true));
    // What is no plugin has none either.
    let fails = |_: &str| -> Result<String, String> { Err("extra".to_owned()) };
    wait!(pm.caller(Specs::fetch).extra(move |args| fails(args.topic)).call("x")).unwrap_err();
    assert_eq!(breaker.state("(extra)"), CircuitState::Closed);
}

#[test]
fn a_success_that_began_before_does_not_close_a_circuit() {
    let pm = Arc::new(Manager::new("breaker"));
    pm.add_extension_points(Specs).unwrap();
    let (seconds, clock) = clock();
    let policy = BreakerPolicy::new(1).retry_after(Duration::from_secs(10)).clock(clock);
    let breaker = Arc::new(pm.break_circuits(policy));
    let (inner, watched) = (Arc::downgrade(&pm), Arc::clone(&breaker));
    let fetch = move |topic: &str| {
        if topic == "fails" {
            return Err("broken".to_owned());
        }
        let pm = inner.upgrade().unwrap();
        wait!(pm.caller(Specs::fetch).call("fails")).unwrap_err();
        assert_eq!(watched.state("a"), CircuitState::Open);
        seconds.fetch_add(10, Ordering::Relaxed);
        watched.retry();
        assert_eq!(watched.state("a"), CircuitState::HalfOpen);
        Ok(topic.to_owned())
    };
    pm.register_fn("a", Specs::fetch, move |args| fetch(args.topic)).unwrap();
    call(&pm).unwrap();
    assert_eq!(breaker.state("a"), CircuitState::HalfOpen);
    wait!(pm.caller(Specs::fetch).call("fails")).unwrap_err();
    assert_eq!(breaker.state("a"), CircuitState::Open);
    pm.unregister("a");
}

#[test]
fn a_call_that_goes_on_after_its_plugin_was_disabled_leaves_the_circuit_open() {
    let pm = Manager::new("breaker");
    pm.add_extension_points(Specs).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(1));
    PluginBuilder::new(())
        .named("a")
        .extension(Specs::fetch, Options::new(), |_, _| Err("broken".to_owned()))
        .extension(Specs::fetch, Options::new(), |_, args| Ok(args.topic.to_owned()))
        .register(&pm)
        .unwrap();
    // The call has the snapshot of its start, with both extensions.
    assert_eq!(wait!(pm.caller(Specs::fetch).settle("x")).len(), 2);
    assert_eq!((breaker.state("a"), pm.is_enabled("a")), (CircuitState::Open, false));
}

#[test]
fn a_plugin_is_not_disabled_for_a_failure_of_an_earlier_one_of_its_name() {
    for replaced in [false, true] {
        let pm = Arc::new(Manager::new("breaker"));
        pm.add_extension_points(Specs).unwrap();
        let breaker = pm.break_circuits(BreakerPolicy::new(1));
        let inner = Arc::downgrade(&pm);
        let leaves = move || {
            let pm = inner.upgrade().unwrap();
            if replaced {
                wait!(pm.replace(Sound)).unwrap();
            } else {
                pm.unregister("Sound").unwrap();
                pm.register(Sound).unwrap();
            }
            Err("too late".to_owned())
        };
        pm.register_fn("Sound", Specs::fetch, move |_| leaves()).unwrap();
        call(&pm).unwrap_err();
        assert_eq!((breaker.state("Sound"), pm.is_enabled("Sound")), (CircuitState::Closed, true));
        assert_eq!(call(&pm).unwrap(), ["sound"]);
    }
}

#[test]
fn a_success_of_an_earlier_plugin_of_its_name_does_not_end_the_failures_of_a_plugin() {
    let pm = Arc::new(Manager::new("breaker"));
    pm.add_extension_points(Specs).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(2));
    let inner = Arc::downgrade(&pm);
    let leaves = move || {
        let pm = inner.upgrade().unwrap();
        pm.unregister("a").unwrap();
        register(&pm, &Arc::new(AtomicBool::new(true)));
        call(&pm).unwrap_err();
        Ok("at last".to_owned())
    };
    pm.register_fn("a", Specs::fetch, move |_| leaves()).unwrap();
    call(&pm).unwrap();
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    call(&pm).unwrap_err();
    assert_eq!(breaker.state("a"), CircuitState::Open);
}

#[test]
fn states_of_circuits_are_shown_by_name() {
    let shown =
        [CircuitState::Closed, CircuitState::Open, CircuitState::HalfOpen].map(|state| state.to_string());
    assert_eq!(shown, ["closed", "open", "half-open"]);
    assert_eq!(format!("[{:>6}]", CircuitState::Open), "[  open]");
}

#[test]
fn a_policy_shows_its_settings() {
    let policy = BreakerPolicy::new(3)
        .retry_after(Duration::from_secs(5))
        .required(["audit"])
        .clock(|| SystemTime::UNIX_EPOCH);
    let shown = format!("{policy:?}");
    for part in ["BreakerPolicy", "failures: 3", "retry_after: Some(5s)", "audit"] {
        assert!(shown.contains(part), "{shown}");
    }
}
