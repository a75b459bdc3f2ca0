//! Observers that come and go while others call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pluginkit::insight::Metrics;
use pluginkit::observe::{End, Event};
use shuttle::thread;

use crate::explore;
use crate::host::{Host, Model};

/// What one observer saw, by thread: how many spans are open, and how many calls have ended.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeMap<usize, (usize, usize)>>>);

impl Seen {
    fn note(&self, event: &Event<'_>) {
        let own = usize::from(thread::current().id());
        let mut all = self.0.lock().expect("nothing panics");
        let (open, calls) = all.entry(own).or_default();
        match event {
            Event::CallStarted { .. } => {
                assert_eq!(*open, 0, "a call starts within another");
                *open += 1;
            }
            Event::ExtensionStarted { .. } => *open += 1,
            Event::ExtensionFinished { .. } => *open -= 1,
            Event::CallFinished { end, .. } => {
                assert!(matches!(end, End::Returned));
                *open -= 1;
                *calls += 1;
            }
            _ => {}
        }
    }

    fn calls(&self) -> usize {
        let all = self.0.lock().expect("nothing panics");
        assert!(all.values().all(|(open, _)| *open == 0), "an observer saw a part of a call: {all:?}");
        all.values().map(|(_, calls)| calls).sum()
    }
}

#[test]
fn an_observer_sees_whole_calls_and_all_while_it_is_there() {
    explore(|| {
        Host::with(|host| {
            let seen = Seen::default();
            let notes = seen.clone();
            let mut own = 0;
            thread::scope(|scope| {
                scope.spawn(|| {
                    let guard = host.pm.observe(move |event: &Event<'_>| notes.note(event));
                    host.call(1);
                    own = 1;
                    drop(guard);
                    host.call(1);
                });
                scope.spawn(|| {
                    host.call(2);
                    host.call(2);
                });
                scope.spawn(|| host.come("guest", 7).map(drop).expect("its name is free"));
            });
            assert!((own..=own + 2).contains(&seen.calls()), "{} calls were seen", seen.calls());
            let before = seen.calls();
            host.call(3);
            assert_eq!(seen.calls(), before, "an observer that was removed sees calls");
        });
    });
}

#[test]
fn observers_come_and_go_without_one_another() {
    explore(|| {
        Host::with(|host| {
            let all = [(); 2].map(|()| Seen::default());
            thread::scope(|scope| {
                for (seen, order) in all.iter().zip(1..) {
                    scope.spawn(move || {
                        let notes = seen.clone();
                        let guard = host.pm.observe(move |event: &Event<'_>| notes.note(event));
                        host.call(order);
                        drop(guard);
                    });
                }
                scope.spawn(|| host.call(3));
            });
            let before = all.each_ref().map(Seen::calls);
            assert!(before.iter().all(|calls| (1..=3).contains(calls)), "{before:?} calls were seen");
            host.call(4);
            assert_eq!(all.each_ref().map(Seen::calls), before);
        });
    });
}

#[test]
fn metrics_count_every_call() {
    explore(|| {
        Host::with(|host| {
            let metrics = Metrics::new();
            host.pm.observe(metrics.clone()).forget();
            thread::scope(|scope| {
                for order in 1..3 {
                    scope.spawn(move || host.call(order));
                }
                scope.spawn(|| {
                    host.come("guest", 7).expect("its name is free");
                    host.pm.set_enabled("guest", false).expect("it is there");
                    host.pm.unregister("guest");
                });
            });
            for number in 0..2 {
                let name = format!("resident-{number}");
                let counted = metrics.of(&name, Model::answer);
                assert_eq!(counted.map(|counted| counted.calls), Some(2));
            }
        });
    });
}
