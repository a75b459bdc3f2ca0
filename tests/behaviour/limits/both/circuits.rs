//! Circuits: what is left out, which failures count, and how a plugin is tried again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pluginkit::limits::{BreakerPolicy, CircuitState, FailurePolicy};
use pluginkit::metadata::PluginMetadata;
use pluginkit::observe::FaultKind;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit_tests::panic_of;

use super::kind::{Manager, awaited, implement, lazily, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> Result<String, String>;
    #[extension_point(pipeline)]
    fn enter(&self, user: String) -> Result<String, String>;
    #[extension_point(historic)]
    fn configure(&self, setting: &str) -> Result<(), String>;
}

const SECOND: Duration = Duration::from_secs(1);

fn manager() -> (Manager, FakeClock) {
    let clock = FakeClock::new();
    let pm = Manager::builder("circuits").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    (pm, clock)
}

/// Registers a plugin that fails where the topic says so.
fn register(pm: &Manager, name: &str) {
    pm.register_fn(name, Specs::fetch, |args| match args.topic {
        "panic" => std::panic::resume_unwind(Box::new("boom")),
        "bad" => Err("bad".to_owned()),
        topic => Ok(topic.to_owned()),
    })
    .unwrap();
}

fn fetch(pm: &Manager, topic: &str) -> Result<Vec<String>, String> {
    wait!(pm.caller(Specs::fetch).call(topic))
}

struct Guard;

implement! {
    #[extension]
    impl Specs for Guard {
        #[extension(wrapper)]
        fn enter(&self, user: String, next: Next<'_>) -> Result<String, String> {
            match user.as_str() {
                "root" => awaited!(next.run(user)),
                "panic" => std::panic::resume_unwind(Box::new("boom")),
                _ => Err("refused".to_owned()),
            }
        }
    }
}

#[test]
fn a_guard_is_never_taken_away() {
    let (pm, _) = manager();
    pm.register(Guard).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(3));
    let enter = |user: &str| wait!(pm.caller(Specs::enter).call(user.to_owned()));
    for _ in 0..5 {
        assert_eq!(enter("mallory"), Err("refused".to_owned()));
    }
    for _ in 0..5 {
        panic_of(|| enter("panic"));
    }
    assert_eq!(enter("mallory"), Err("refused".to_owned()));
    assert_eq!((breaker.state("Guard"), pm.is_enabled("Guard")), (CircuitState::Closed, true));
}

#[test]
fn a_policy_may_include_wrappers() {
    let (pm, _) = manager();
    pm.register(Guard).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(3).including_wrappers());
    let enter = |user: &str| wait!(pm.caller(Specs::enter).call(user.to_owned()));
    for _ in 0..5 {
        enter("mallory").unwrap_err();
    }
    assert!(pm.is_enabled("Guard"), "the `Err` of a wrapper does not count");
    for _ in 0..3 {
        panic_of(|| enter("panic"));
    }
    assert_eq!(breaker.state("Guard"), CircuitState::Open);
    assert_eq!(enter("mallory"), Ok("mallory".to_owned()));
}

struct Both(Arc<AtomicBool>);

implement! {
    #[extension]
    impl Specs for Both {
        fn fetch(&self, topic: &str) -> Result<String, String> {
            if topic == "bad" { Err("bad".to_owned()) } else { Ok(topic.to_owned()) }
        }
        #[extension(wrapper, target = "fetch")]
        fn around(&self, next: Next<'_>) -> Result<Vec<String>, String> {
            if self.0.load(Ordering::Relaxed) {
                std::panic::resume_unwind(Box::new("around"));
            }
            let mut all = awaited!(next.run())?;
            all.push("around".to_owned());
            Ok(all)
        }
        fn configure(&self, setting: &str) -> Result<(), String> {
            Err(setting.to_owned())
        }
    }
}

#[test]
fn of_a_plugin_with_both_only_the_extensions_are_left_out() {
    let (pm, _) = manager();
    pm.register_as("both", Both(Arc::default())).unwrap();
    let _breaker = pm.break_circuits(BreakerPolicy::new(2));
    for _ in 0..2 {
        fetch(&pm, "bad").unwrap_err();
    }
    assert_eq!(pm.circuit("both"), CircuitState::Open);
    assert_eq!(fetch(&pm, "x"), Ok(vec!["around".to_owned()]));
    assert!(!pm.is_enabled("both"));
    let reason = "failed 2 times in a row, at last by an error in `Specs::fetch`";
    assert_eq!(pm.disabled_reason("both").unwrap(), reason);
    let shown: Vec<_> =
        pm.caller(Specs::fetch).implementations().iter().map(|each| each.is_wrapper).collect();
    assert_eq!(shown, [true]);
    // Historic calls reach a plugin whatever its state.
    assert_eq!(wait!(pm.caller(Specs::configure).call_historic("x")), Err("x".to_owned()));
    pm.enable("both").unwrap();
    assert_eq!(fetch(&pm, "x"), Ok(vec!["x".to_owned(), "around".to_owned()]));
    assert_eq!(pm.circuit("both"), CircuitState::Closed);
}

#[test]
fn a_panic_of_a_wrapper_counts_for_the_extensions_of_its_plugin() {
    let (pm, _) = manager();
    let broken = Arc::new(AtomicBool::new(true));
    pm.register_as("both", Both(Arc::clone(&broken))).unwrap();
    let _breaker = pm.break_circuits(BreakerPolicy::new(2));
    for _ in 0..2 {
        panic_of(|| fetch(&pm, "x"));
    }
    assert_eq!(pm.circuit("both"), CircuitState::Open);
    broken.store(false, Ordering::Relaxed);
    assert_eq!(fetch(&pm, "x"), Ok(vec!["around".to_owned()]));
}

#[test]
fn failures_of_historic_calls_count_though_these_reach_the_plugin() {
    let (pm, _) = manager();
    pm.register_as("both", Both(Arc::default())).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(2));
    let configure = || wait!(pm.caller(Specs::configure).call_historic("x"));
    configure().unwrap_err();
    assert_eq!(breaker.state("both"), CircuitState::Closed);
    configure().unwrap_err();
    assert_eq!(breaker.state("both"), CircuitState::Open);
    configure().unwrap_err();
}

#[test]
fn a_plugin_that_only_hears_historic_calls_has_no_circuit() {
    let (pm, _) = manager();
    pm.register_fn("hears", Specs::configure, |args| Err(args.setting.to_owned())).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(1));
    wait!(pm.caller(Specs::configure).call_historic("x")).unwrap_err();
    assert_eq!((breaker.state("hears"), pm.is_enabled("hears")), (CircuitState::Closed, true));
}

#[test]
fn a_predicate_says_which_failures_count() {
    let (pm, _) = manager();
    register(&pm, "a");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (heard, manager) = (Arc::clone(&asked), Arc::new(pm));
    let inner = Arc::downgrade(&manager);
    let policy = BreakerPolicy::new(2).count_if(move |fault| {
        // It runs under no lock.
        assert!(
            inner.upgrade().is_some_and(|pm| pm.is_enabled("a") && pm.circuit("a") == CircuitState::Closed)
        );
        heard.lock().unwrap().push((fault.plugin.to_string(), fault.error.map(str::to_owned)));
        fault.kind == FaultKind::Panicked
    });
    let breaker = manager.break_circuits(policy);
    for _ in 0..3 {
        fetch(&manager, "bad").unwrap_err();
    }
    panic_of(|| fetch(&manager, "panic"));
    fetch(&manager, "bad").unwrap_err(); // one that does not count is a success
    panic_of(|| fetch(&manager, "panic"));
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    panic_of(|| fetch(&manager, "panic"));
    assert_eq!(breaker.state("a"), CircuitState::Open);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 7);
    assert_eq!(asked[0], ("a".to_owned(), Some("bad".to_owned())));
    assert_eq!(asked[3], ("a".to_owned(), None));
}

#[test]
fn a_failure_counts_if_the_predicate_panics() {
    let (pm, _) = manager();
    register(&pm, "a");
    let policy = BreakerPolicy::new(1).count_if(|_| std::panic::resume_unwind(Box::new("predicate")));
    let breaker = pm.break_circuits(policy);
    fetch(&pm, "bad").unwrap_err();
    assert_eq!(breaker.state("a"), CircuitState::Open);
}

#[test]
fn a_circuit_may_open_by_the_rate_of_failures_in_a_time() {
    let (pm, clock) = manager();
    register(&pm, "a");
    let breaker = pm.break_circuits(BreakerPolicy::by_rate(0.5, 10 * SECOND).min_calls(6));
    // Too few calls, though all fail.
    for _ in 0..5 {
        fetch(&pm, "bad").unwrap_err();
    }
    // They are older than the window.
    clock.advance(11 * SECOND);
    for _ in 0..2 {
        fetch(&pm, "bad").unwrap_err();
    }
    for _ in 0..4 {
        fetch(&pm, "x").unwrap();
    }
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    fetch(&pm, "bad").unwrap_err(); // 3 of 7
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    fetch(&pm, "bad").unwrap_err(); // 4 of 8
    assert_eq!(breaker.state("a"), CircuitState::Open);
    let reason = "failed in 4 of 8 runs within 10s, at last by an error in `Specs::fetch`";
    assert_eq!(pm.disabled_reason("a").unwrap(), reason);
}

/// A plugin that calls its own point while it runs, and notes what that returns.
fn nested(pm: &Arc<Manager>) -> Arc<Mutex<Vec<Result<Vec<String>, String>>>> {
    let (inner, seen) = (Arc::downgrade(pm), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&seen);
    let fetch = move |topic: &str| {
        if let Some(rest) = topic.strip_prefix("nested ") {
            let outcome = fetch(&inner.upgrade().unwrap(), rest);
            noted.lock().unwrap().push(outcome);
            return Ok("outer".to_owned());
        }
        if topic == "bad" { Err("bad".to_owned()) } else { Ok(topic.to_owned()) }
    };
    pm.register_fn("a", Specs::fetch, move |args| fetch(args.topic)).unwrap();
    seen
}

#[test]
fn a_half_open_circuit_lets_one_run_through_and_leaves_the_others_out() {
    let (pm, clock) = manager();
    let pm = Arc::new(pm);
    let seen = nested(&pm);
    let breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND));
    fetch(&pm, "bad").unwrap_err();
    assert_eq!(breaker.state("a"), CircuitState::Open);
    clock.advance(SECOND);
    breaker.retry();
    assert_eq!(breaker.state("a"), CircuitState::HalfOpen);
    // The probe makes a call, which leaves the plugin out.
    assert_eq!(fetch(&pm, "nested x"), Ok(vec!["outer".to_owned()]));
    assert_eq!(*seen.lock().unwrap(), [Ok(vec![])]);
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    fetch(&pm, "nested x").unwrap();
    assert_eq!(seen.lock().unwrap()[1], Ok(vec!["x".to_owned()]));
}

#[test]
fn a_half_open_circuit_closes_after_as_many_successes_as_it_lets_through() {
    let (pm, clock) = manager();
    let pm = Arc::new(pm);
    let seen = nested(&pm);
    let breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND).probes(3));
    for is_well in [false, true] {
        fetch(&pm, "bad").unwrap_err();
        clock.advance(SECOND);
        breaker.retry();
        fetch(&pm, "x").unwrap();
        assert_eq!(breaker.state("a"), CircuitState::HalfOpen);
        // Two places are left: one for the outer run, one for the inner.
        fetch(&pm, "nested nested x").unwrap();
        assert_eq!(*seen.lock().unwrap(), [Ok(vec![]), Ok(vec!["outer".to_owned()])]);
        seen.lock().unwrap().clear();
        assert_eq!(breaker.state("a"), CircuitState::Closed);
        if is_well {
            continue;
        }
        fetch(&pm, "bad").unwrap_err();
        clock.advance(SECOND);
        breaker.retry();
        fetch(&pm, "x").unwrap();
        fetch(&pm, "bad").unwrap_err();
        assert_eq!(breaker.state("a"), CircuitState::Open);
        clock.advance(SECOND);
        breaker.retry();
        for _ in 0..3 {
            fetch(&pm, "x").unwrap();
        }
        assert_eq!(breaker.state("a"), CircuitState::Closed);
    }
}

#[test]
fn forms_of_calls_without_a_call_as_a_whole_are_probes_too() {
    let (pm, clock) = manager();
    register(&pm, "a");
    let breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND));
    for form in 0..2 {
        fetch(&pm, "bad").unwrap_err();
        clock.advance(SECOND);
        breaker.retry();
        let caller = pm.caller(Specs::fetch);
        if form == 0 {
            assert_eq!(wait!(caller.settle("bad")).len(), 1);
        } else {
            assert_eq!(lazily!(caller, "bad").count(), 1);
        }
        assert_eq!(breaker.state("a"), CircuitState::Open, "{form}");
        clock.advance(SECOND);
        breaker.retry();
        if form == 0 {
            assert_eq!(wait!(caller.settle("x")).len(), 1);
        } else {
            assert_eq!(lazily!(caller, "x").count(), 1);
        }
        assert_eq!(breaker.state("a"), CircuitState::Closed, "{form}");
    }
}

#[test]
fn a_failure_that_began_before_a_change_does_not_decide() {
    let (pm, clock) = manager();
    let pm = Arc::new(pm);
    let breaker = Arc::new(pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND)));
    let (inner, watched) = (Arc::downgrade(&pm), Arc::clone(&breaker));
    let go = move |topic: &str| {
        let (state, _) = topic.split_once(' ').unwrap_or((topic, ""));
        let pm = inner.upgrade().unwrap();
        match state {
            "bad" => return Err("bad".to_owned()),
            "x" => return Ok("x".to_owned()),
            _ => {}
        }
        fetch(&pm, "bad").unwrap_err();
        clock.advance(SECOND);
        watched.retry();
        if state == "closed" {
            fetch(&pm, "x").unwrap();
        }
        Err("late".to_owned())
    };
    pm.register_fn("a", Specs::fetch, move |args| go(args.topic)).unwrap();
    assert_eq!(fetch(&pm, "half-open"), Err("late".to_owned()));
    assert_eq!(breaker.state("a"), CircuitState::HalfOpen);
    fetch(&pm, "x").unwrap();
    assert_eq!(breaker.state("a"), CircuitState::Closed);
    assert_eq!(fetch(&pm, "closed"), Err("late".to_owned()));
    assert_eq!(breaker.state("a"), CircuitState::Closed);
}

#[test]
fn a_plugin_that_comes_in_for_another_starts_closed() {
    struct Sound(bool);
    implement! {
        #[extension]
        impl Specs for Sound {
            fn fetch(&self, topic: &str) -> Result<String, String> {
                if self.0 { Ok(topic.to_owned()) } else { Err("broken".to_owned()) }
            }
        }
    }
    let (pm, clock) = manager();
    let breaker = pm.break_circuits(BreakerPolicy::new(2).retry_after(SECOND));
    pm.register(Sound(false)).unwrap();
    for _ in 0..2 {
        fetch(&pm, "x").unwrap_err();
    }
    assert_eq!(breaker.state("Sound"), CircuitState::Open);
    wait!(pm.replace(Sound(false))).unwrap();
    assert_eq!((breaker.state("Sound"), pm.is_enabled("Sound")), (CircuitState::Closed, true));
    assert_eq!(pm.disabled_reason("Sound"), None);
    fetch(&pm, "x").unwrap_err();
    assert_eq!(breaker.state("Sound"), CircuitState::Closed, "its first failure");
    fetch(&pm, "x").unwrap_err();
    clock.advance(SECOND);
    breaker.retry();
    assert_eq!(breaker.state("Sound"), CircuitState::HalfOpen);
    wait!(pm.replace(Sound(true))).unwrap();
    assert_eq!(breaker.state("Sound"), CircuitState::Closed);
    fetch(&pm, "x").unwrap();
    // What the host has disabled stays so.
    pm.disable("Sound", "by hand").unwrap();
    wait!(pm.replace(Sound(true))).unwrap();
    assert_eq!(pm.disabled_reason("Sound").as_deref(), Some("by hand"));
}

#[test]
fn a_plugin_may_have_a_policy_of_its_own() {
    let (pm, _) = manager();
    register(&pm, "a");
    register(&pm, "b");
    let policy = BreakerPolicy::new(1).for_plugin("a", BreakerPolicy::new(3)).required(["c"]);
    let breaker = pm.break_circuits(policy);
    fetch(&pm, "bad").unwrap_err();
    wait!(pm.caller(Specs::fetch).without(["a"]).call("bad")).unwrap_err();
    assert_eq!((breaker.state("a"), breaker.state("b")), (CircuitState::Closed, CircuitState::Open));
    for _ in 0..2 {
        fetch(&pm, "bad").unwrap_err();
    }
    assert_eq!(breaker.state("a"), CircuitState::Open);
    let needs = PluginMetadata::new("c").requires(["d"]);
    register(&pm, "d");
    PluginBuilder::new(()).metadata(needs).register(&pm).unwrap();
    fetch(&pm, "bad").unwrap_err();
    assert_eq!(breaker.state("d"), CircuitState::Closed);
}

#[test]
fn two_breakers_of_a_manager_count_by_themselves() {
    let (pm, clock) = manager();
    register(&pm, "a");
    let hasty = pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND));
    let patient = pm.break_circuits(BreakerPolicy::new(2));
    fetch(&pm, "bad").unwrap_err();
    assert_eq!((hasty.state("a"), patient.state("a")), (CircuitState::Open, CircuitState::Closed));
    assert_eq!(pm.circuit("a"), CircuitState::Open);
    clock.advance(SECOND);
    hasty.retry();
    fetch(&pm, "bad").unwrap_err();
    assert_eq!((hasty.state("a"), patient.state("a")), (CircuitState::Open, CircuitState::Open));
    clock.advance(SECOND);
    hasty.retry();
    fetch(&pm, "x").unwrap();
    assert_eq!((hasty.state("a"), patient.state("a")), (CircuitState::Closed, CircuitState::Closed));
    drop((hasty, patient));
    assert_eq!(pm.circuit("a"), CircuitState::Closed);
}

#[test]
fn two_managers_have_circuits_of_their_own() {
    let ((one, _), (two, _)) = (manager(), manager());
    register(&one, "a");
    register(&two, "a");
    let breakers = [&one, &two].map(|pm| pm.break_circuits(BreakerPolicy::new(1)));
    fetch(&one, "bad").unwrap_err();
    assert_eq!(breakers.each_ref().map(|each| each.state("a")), [CircuitState::Open, CircuitState::Closed]);
    assert_eq!(fetch(&two, "x"), Ok(vec!["x".to_owned()]));
}

#[test]
fn a_declined_extension_is_no_probe() {
    struct Picky(Arc<AtomicUsize>);
    impl Picky {
        fn likes(&self, topic: &str) -> bool {
            topic != "dull"
        }
    }
    implement! {
        #[extension]
        impl Specs for Picky {
            #[extension(when = Self::likes)]
            fn fetch(&self, topic: &str) -> Result<String, String> {
                self.0.fetch_add(1, Ordering::Relaxed);
                if topic == "bad" { Err("bad".to_owned()) } else { Ok(topic.to_owned()) }
            }
        }
    }
    let (pm, clock) = manager();
    let ran = Arc::new(AtomicUsize::new(0));
    pm.register(Picky(Arc::clone(&ran))).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND));
    fetch(&pm, "bad").unwrap_err();
    clock.advance(SECOND);
    breaker.retry();
    fetch(&pm, "dull").unwrap();
    assert_eq!((breaker.state("Picky"), ran.load(Ordering::Relaxed)), (CircuitState::HalfOpen, 1));
    fetch(&pm, "x").unwrap();
    assert_eq!((breaker.state("Picky"), ran.load(Ordering::Relaxed)), (CircuitState::Closed, 2));
}

/// Its predicate panics where the topic says so.
struct Fearful;

impl Fearful {
    fn likes(&self, topic: &str) -> bool {
        if topic == "bad" {
            std::panic::resume_unwind(Box::new("boom"));
        }
        true
    }
}

implement! {
    #[extension]
    impl Specs for Fearful {
        #[extension(when = Self::likes)]
        fn fetch(&self, topic: &str) -> Result<String, String> {
            Ok(topic.to_owned())
        }
    }
}

#[test]
fn a_predicate_that_panics_is_a_failure_of_its_plugin() {
    let (pm, clock) = manager();
    pm.register(Fearful).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(2).retry_after(SECOND));
    assert_eq!(panic_of(|| fetch(&pm, "bad")), "boom");
    assert_eq!(breaker.state("Fearful"), CircuitState::Closed);
    wait!(pm.caller(Specs::fetch).try_call("bad")).unwrap_err();
    assert_eq!(breaker.state("Fearful"), CircuitState::Open);
    assert_eq!(fetch(&pm, "x"), Ok(Vec::new()));
    // It is a probe, too.
    for (topic, state) in [("bad", CircuitState::Open), ("x", CircuitState::Closed)] {
        clock.advance(SECOND);
        breaker.retry();
        assert_eq!(breaker.state("Fearful"), CircuitState::HalfOpen);
        wait!(pm.caller(Specs::fetch).try_call(topic)).ok();
        assert_eq!(breaker.state("Fearful"), state);
    }
}

#[test]
fn a_predicate_that_panics_after_a_skipped_failure_is_a_failure_of_its_plugin() {
    let (pm, _) = manager();
    register(&pm, "a");
    pm.register(Fearful).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(1));
    let skipping = pm.caller(Specs::fetch).on_failure(FailurePolicy::Skip);
    assert_eq!(wait!(skipping.try_call("bad")).unwrap(), [""; 0]);
    assert_eq!(breaker.state("a"), CircuitState::Open);
    assert_eq!(breaker.state("Fearful"), CircuitState::Open);
}

#[test]
fn wrong_numbers_of_a_policy_are_refused() {
    assert!(panic_of(|| BreakerPolicy::by_rate(0.0, SECOND)).contains("but `share` is 0"));
    assert!(panic_of(|| BreakerPolicy::by_rate(1.5, SECOND)).contains("but `share` is 1.5"));
    assert!(panic_of(|| BreakerPolicy::by_rate(f64::NAN, SECOND)).contains("`share`"));
    assert!(panic_of(|| BreakerPolicy::by_rate(0.5, Duration::ZERO)).contains("`window` is zero"));
    assert!(panic_of(|| BreakerPolicy::new(1).probes(0)).contains("`probes` is 0"));
    let shown = format!("{:?}", BreakerPolicy::by_rate(0.5, SECOND).min_calls(7).including_wrappers());
    for part in ["share: 0.5", "window: 1s", "min_calls: 7", "probes: 1", "takes_wrappers: true"] {
        assert!(shown.contains(part), "{shown}");
    }
}
