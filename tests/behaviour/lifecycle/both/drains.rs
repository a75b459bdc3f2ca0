//! A stop waits for the calls that are under way with its plugin on other threads.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::PluginState;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit::{BoxError, Error};
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, implement, lazily, wait};
use crate::lifecycle::{ALMOST_AN_HOUR, HOUR, drained};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

/// Tells when a call has reached it, and waits for leave to go on.
struct Slow {
    entered: Mutex<Sender<()>>,
    leave: Mutex<Receiver<()>>,
    log: Log,
}

implement! {
    #[extension]
    impl Specs for Slow {
        fn fetch(&self, topic: &str) -> String {
            if topic == "slow" {
                self.entered.lock().unwrap().send(()).unwrap();
                self.leave.lock().unwrap().recv().unwrap();
            }
            self.log.push(format!("fetched {topic}"));
            topic.to_owned()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Slow {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.log.push("stopped");
            Ok(())
        }
    }
}

struct Started {
    pm: Arc<Manager>,
    log: Log,
    entered: Receiver<()>,
    leave: Sender<()>,
}

fn started() -> Started {
    started_in(Manager::builder("drains").drain_limit(None).build())
}

fn started_in(pm: Manager) -> Started {
    let pm = Arc::new(pm);
    pm.add_extension_points(Specs).unwrap();
    let ((entered, seen), (leave, waiting), log) = (channel(), channel(), Log::new());
    let slow = Slow { entered: Mutex::new(entered), leave: Mutex::new(waiting), log: log.clone() };
    pm.register_as("slow", slow).unwrap();
    pm.register_fn("other", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    wait!(pm.start_all()).unwrap();
    Started { pm, log, entered: seen, leave }
}

/// Calls on this thread.
fn fetch(pm: &Manager, topic: &str) -> Vec<String> {
    wait!(pm.caller(Specs::fetch).call(topic))
}

/// Waits until a plugin is in this state.
fn reach(pm: &Manager, name: &str, state: PluginState) {
    while pm.descriptor(name).unwrap().state != state {
        thread::yield_now();
    }
}

/// Waits until no new call has a plugin.
fn leave_calls(pm: &Manager, name: &str) {
    while pm.caller(Specs::fetch).implementations().iter().any(|each| each.plugin == name) {
        thread::yield_now();
    }
}

#[test]
fn a_stop_waits_for_calls_and_lets_no_new_one_in() {
    let call: [fn(&Manager) -> usize; 5] = [
        |pm| fetch(pm, "slow").len(),
        |pm| wait!(pm.caller(Specs::fetch).try_call("slow")).unwrap().len(),
        |pm| wait!(pm.caller(Specs::fetch).without(["nobody"]).call("slow")).len(),
        |pm| wait!(pm.caller(Specs::fetch).settle("slow")).len(),
        |pm| {
            let fetch = pm.caller(Specs::fetch);
            lazily!(fetch, "slow").count()
        },
    ];
    for call in call {
        let Started { pm, log, entered, leave } = started();
        thread::scope(|scope| {
            let called = scope.spawn(|| call(&pm));
            entered.recv().unwrap();
            let stopped = scope.spawn(|| wait!(pm.stop_plugin("slow")));
            reach(&pm, "slow", PluginState::Stopping);
            leave_calls(&pm, "slow");
            assert_eq!(fetch(&pm, "new"), ["new"]);
            assert!(!log.take().contains(&"stopped".to_owned()));
            leave.send(()).unwrap();
            assert_eq!(called.join().unwrap(), 2);
            stopped.join().unwrap().unwrap();
            assert_eq!(log.take(), ["fetched slow", "stopped"]);
        });
    }
}

#[test]
fn a_stop_waits_for_results_that_another_thread_takes_one_by_one() {
    for taken in 0..=2 {
        let Started { pm, log, .. } = started();
        let fetch = pm.caller(Specs::fetch);
        let results = lazily!(fetch, "x");
        thread::scope(|scope| {
            let stopped = scope.spawn(|| wait!(pm.stop_plugin("slow")));
            leave_calls(&pm, "slow");
            assert_eq!(log.take(), [""; 0]);
            // The others are dropped.
            assert_eq!(results.take(taken).count(), taken);
            stopped.join().unwrap().unwrap();
        });
        let log = log.take();
        assert_eq!(log.last().unwrap(), "stopped", "{log:?}");
        assert_eq!(pm.descriptor("slow").unwrap().calls_left, 0);
    }
}

#[test]
fn a_stop_does_not_wait_for_calls_that_cannot_have_its_plugin() {
    let late: [fn(&Manager); 2] = [
        |pm| drop(pm.register_fn("late", Specs::fetch, |_| "late".to_owned()).unwrap()),
        // It joins calls with its start, and not with its registration.
        |pm| {
            let (log, entered, leave) = (Log::new(), Mutex::new(channel().0), Mutex::new(channel().1));
            pm.register_as("late", Slow { entered, leave, log }).unwrap();
        },
    ];
    for register in late {
        let Started { pm, log, entered, leave } = started();
        thread::scope(|scope| {
            let called = scope.spawn(|| fetch(&pm, "slow"));
            entered.recv().unwrap();
            // It came after the call.
            register(&pm);
            wait!(pm.start_plugin("late")).unwrap();
            wait!(pm.stop_plugin("late")).unwrap();
            assert_eq!(log.take(), [""; 0]);
            leave.send(()).unwrap();
            called.join().unwrap();
        });
    }
}

#[test]
fn a_stop_does_not_wait_for_calls_that_start_after_it_and_whose_plugins_change() {
    let Started { pm, entered, leave, .. } = started();
    let ((here, seen), (go_on, waiting)) = (channel(), channel());
    let waiting = Arc::new(Mutex::new(waiting));
    pm.register_fn("held", Specs::fetch, move |args| {
        if args.topic == "held" {
            here.send(()).unwrap();
            waiting.lock().unwrap().recv().unwrap();
        }
        String::new()
    })
    .unwrap();
    thread::scope(|scope| {
        scope.spawn(|| fetch(&pm, "slow"));
        entered.recv().unwrap();
        let stop = scope.spawn(|| wait!(pm.stop_plugin("slow")).unwrap());
        leave_calls(&pm, "slow");
        let held = scope.spawn(|| fetch(&pm, "held"));
        seen.recv().unwrap();
        // The call under way is now on a snapshot that is not current any more.
        pm.register_fn("third", Specs::fetch, |_| String::new()).unwrap();
        leave.send(()).unwrap();
        stop.join().unwrap();
        assert_eq!(pm.descriptor("slow").unwrap().calls_left, 0);
        assert!(!held.is_finished());
        go_on.send(()).unwrap();
    });
}

#[test]
fn a_stop_ends_at_the_drain_limit_and_tells_so() {
    let Started { pm, log, entered, leave } = started();
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let _guard = pm.observe(move |event: &Event<'_>| {
        if let Event::Drained { plugin, calls_left, .. } = event {
            telling.lock().unwrap().push((plugin.to_string(), *calls_left));
        }
    });
    pm.set_drain_limit("slow", Duration::ZERO).unwrap();
    assert!(matches!(pm.set_drain_limit("nobody", None), Err(Error::UnknownPlugin { .. })));
    thread::scope(|scope| {
        let calls: Vec<_> = (0..2).map(|_| scope.spawn(|| fetch(&pm, "slow"))).collect();
        entered.recv().unwrap();
        // The other call waits for the lock of the plugin.
        wait!(pm.stop_plugin("slow")).unwrap();
        assert_eq!(log.take(), ["stopped"]);
        let left = pm.descriptor("slow").unwrap().calls_left;
        assert!((1..=2).contains(&left), "{left}");
        assert_eq!(*told.lock().unwrap(), [("slow".to_owned(), left)]);
        // No plugin with the same limit waits for calls that were given up.
        pm.set_drain_limit("other", Duration::ZERO).unwrap();
        wait!(pm.stop_plugin("other")).unwrap();
        leave.send(()).unwrap();
        leave.send(()).unwrap();
        for call in calls {
            call.join().unwrap();
        }
    });
    wait!(pm.start_all()).unwrap();
    assert_eq!(pm.descriptor("slow").unwrap().calls_left, 0);
}

/// Stops itself in a call.
struct Selfish(Arc<Manager>, Log);

implement! {
    #[extension]
    impl Specs for Selfish {
        fn fetch(&self, topic: &str) -> String {
            if topic == "stop" {
                awaited!(self.0.stop_plugin("selfish")).unwrap();
                self.1.push("stopped itself");
            }
            topic.to_owned()
        }
    }
}

#[test]
fn a_plugin_that_stops_itself_waits_for_the_other_calls() {
    let Started { pm, log, entered, leave } = started();
    let plugin = Selfish(Arc::clone(&pm), log.clone());
    pm.register_as("selfish", plugin).unwrap();
    wait!(pm.start_all()).unwrap();
    thread::scope(|scope| {
        let called = scope.spawn(|| fetch(&pm, "slow"));
        entered.recv().unwrap();
        let stops = scope.spawn(|| wait!(pm.caller(Specs::fetch).without(["slow"]).call("stop")));
        reach(&pm, "selfish", PluginState::Stopping);
        leave.send(()).unwrap();
        assert_eq!(called.join().unwrap().len(), 3);
        assert_eq!(stops.join().unwrap().len(), 2);
    });
    assert_eq!(log.take(), ["fetched slow", "stopped itself"]);
    wait!(pm.unload_all()).unwrap();
}

#[test]
fn a_plugin_that_stops_itself_does_not_give_its_own_call_up() {
    let pm = Arc::new(Manager::builder("drains").drain_limit(Duration::ZERO).build());
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("selfish", Selfish(Arc::clone(&pm), Log::new())).unwrap();
    for view in [false, true] {
        wait!(pm.start_all()).unwrap();
        let caller = pm.caller(Specs::fetch);
        let caller = if view { caller.without(["nobody"]) } else { caller };
        assert_eq!(wait!(caller.call("stop")), ["stop"]);
        assert_eq!(pm.descriptor("selfish").unwrap().calls_left, 0);
    }
    wait!(pm.unload_all()).unwrap();
}

struct Weather;

implement! {
    #[extension]
    impl Specs for Weather {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }
    }
}

#[test]
fn views_that_are_kept_hold_neither_a_stop_nor_a_plugin() {
    let pm = Manager::builder("drains").drain_limit(None).build();
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("weather", Weather).unwrap();
    let view = pm.caller(Specs::fetch).without(["nobody"]);
    assert_eq!(wait!(view.call("x")), ["x"]);
    wait!(pm.start_all()).unwrap();
    wait!(pm.stop_all()).unwrap();
    let plugin = pm.unregister("weather").unwrap();
    assert_eq!(Arc::strong_count(&plugin), 1);
    assert_eq!(wait!(view.call("x")), [""; 0]);
}

#[test]
fn a_drain_limit_ends_by_the_clock_of_the_manager() {
    let clock = FakeClock::new();
    let pm = Manager::builder("drains").drain_limit(HOUR).clock(clock.reader()).build();
    let Started { pm, log, entered, leave } = started_in(pm);
    let drained = drained(&pm);
    thread::scope(|scope| {
        let called = scope.spawn(|| fetch(&pm, "slow"));
        entered.recv().unwrap();
        let stopped = scope.spawn(|| wait!(pm.stop_plugin("slow")));
        reach(&pm, "slow", PluginState::Stopping);
        clock.advance(ALMOST_AN_HOUR);
        assert!(!stopped.is_finished());
        clock.advance(Duration::from_secs(1));
        stopped.join().unwrap().unwrap();
        assert_eq!(pm.descriptor("slow").unwrap().calls_left, 1);
        leave.send(()).unwrap();
        called.join().unwrap();
    });
    assert_eq!(log.take(), ["stopped", "fetched slow"]);
    assert_eq!(*drained.lock().unwrap(), [HOUR]);
}

#[test]
fn a_drain_limit_within_a_call_ends_by_the_clock_of_the_manager() {
    let clock = FakeClock::new();
    let pm = Manager::builder("drains").drain_limit(HOUR).clock(clock.reader()).build();
    let Started { pm, log, entered, leave } = started_in(pm);
    let plugin = Selfish(Arc::clone(&pm), log.clone());
    pm.register_as("selfish", plugin).unwrap();
    wait!(pm.start_all()).unwrap();
    let drained = drained(&pm);
    thread::scope(|scope| {
        let called = scope.spawn(|| fetch(&pm, "slow"));
        entered.recv().unwrap();
        let stops = scope.spawn(|| wait!(pm.caller(Specs::fetch).without(["slow"]).call("stop")));
        reach(&pm, "selfish", PluginState::Stopping);
        clock.advance(ALMOST_AN_HOUR);
        assert!(!stops.is_finished());
        clock.advance(Duration::from_secs(1));
        stops.join().unwrap();
        assert_eq!(pm.descriptor("selfish").unwrap().calls_left, 1);
        leave.send(()).unwrap();
        called.join().unwrap();
    });
    assert_eq!(log.take(), ["stopped itself", "fetched slow"]);
    assert_eq!(*drained.lock().unwrap(), [HOUR]);
    wait!(pm.unload_all()).unwrap();
}

#[test]
fn a_stop_of_all_ends_at_the_drain_limit_of_the_manager() {
    let pm = Manager::builder("drains").drain_limit(Duration::ZERO).build();
    let Started { pm, log, entered, leave } = started_in(pm);
    thread::scope(|scope| {
        let called = scope.spawn(|| fetch(&pm, "slow"));
        entered.recv().unwrap();
        wait!(pm.stop_all()).unwrap();
        assert_eq!(log.take(), ["stopped"]);
        for name in ["slow", "other"] {
            assert_eq!(pm.descriptor(name).unwrap().calls_left, 1, "{name}");
        }
        leave.send(()).unwrap();
        assert_eq!(called.join().unwrap(), ["slow", "slow"]);
    });
}
