//! A sync manager whose plugins several threads start and stop at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

use pluginkit::prelude::*;
use pluginkit::{BoxError, Error, Lifecycle, PluginState};

/// Says when it is being started, and waits for leave to go on.
struct Slow {
    starts: Arc<AtomicUsize>,
    entered: Sender<()>,
    leave: Mutex<Receiver<Result<(), BoxError>>>,
}

#[extension]
impl Lifecycle for Slow {
    fn start(&self) -> Result<(), BoxError> {
        self.starts.fetch_add(1, Ordering::SeqCst);
        self.entered.send(()).unwrap();
        self.leave.lock().unwrap().recv().unwrap()
    }
}

struct Started {
    pm: Arc<PluginManager>,
    starts: Arc<AtomicUsize>,
    entered: Receiver<()>,
    leave: Sender<Result<(), BoxError>>,
}

fn slow() -> Started {
    let (pm, starts) = (Arc::new(PluginManager::new("lives")), Arc::default());
    let ((entered, seen), (leave, waiting)) = (channel(), channel());
    pm.register(Slow { starts: Arc::clone(&starts), entered, leave: Mutex::new(waiting) }).unwrap();
    Started { pm, starts, entered: seen, leave }
}

#[test]
fn two_threads_start_a_plugin_once() {
    let Started { pm, starts, entered, leave } = slow();
    thread::scope(|scope| {
        let first = scope.spawn(|| pm.start_plugin("Slow"));
        entered.recv().unwrap();
        let second = scope.spawn(|| pm.start_all());
        let third = scope.spawn(|| pm.stop_all());
        leave.send(Ok(())).unwrap();
        first.join().unwrap().unwrap();
        third.join().unwrap().unwrap();
        // If it came after the stop, it starts it again.
        leave.send(Ok(())).unwrap();
        second.join().unwrap().unwrap();
    });
    assert!(starts.load(Ordering::SeqCst) <= 2);
    assert_ne!(pm.descriptor("Slow").unwrap().state, PluginState::Starting);
}

#[test]
fn who_waits_for_a_start_has_its_outcome() {
    let Started { pm, starts, entered, leave } = slow();
    let ready = Barrier::new(2);
    thread::scope(|scope| {
        let first = scope.spawn(|| pm.start_plugin("Slow"));
        entered.recv().unwrap();
        let second = scope.spawn(|| {
            ready.wait();
            pm.start_plugin("Slow")
        });
        ready.wait();
        leave.send(Err("not today".into())).unwrap();
        let first = first.join().unwrap().unwrap_err();
        assert!(format!("{first:?}").ends_with("not today"), "{first:?}");
        // If it came after the failure, it tries again.
        leave.send(Err("not today".into())).unwrap();
        let second = second.join().unwrap().unwrap_err();
        assert!(format!("{second:?}").ends_with("not today"), "{second:?}");
    });
    assert!(starts.load(Ordering::SeqCst) <= 2);
    assert_eq!(pm.descriptor("Slow").unwrap().state, PluginState::Failed);
}

/// Meets the other in its `start`, and starts the other then.
struct Crossed {
    pm: std::sync::Weak<PluginManager>,
    other: &'static str,
    meet: Arc<Barrier>,
    refused: Arc<AtomicUsize>,
}

#[extension]
impl Lifecycle for Crossed {
    fn start(&self) -> Result<(), BoxError> {
        self.meet.wait();
        let pm = self.pm.upgrade().ok_or("gone")?;
        match pm.start_plugin(self.other) {
            Err(Error::LifecycleBusy { .. }) => {
                self.refused.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
            other => Ok(other?),
        }
    }
}

#[test]
fn two_starts_that_wait_for_each_other_do_not_wait_forever() {
    let pm = Arc::new(PluginManager::new("lives"));
    let (meet, refused) = (Arc::new(Barrier::new(2)), Arc::default());
    for (name, other) in [("a", "b"), ("b", "a")] {
        let (meet, refused) = (Arc::clone(&meet), Arc::clone(&refused));
        pm.register_as(name, Crossed { pm: Arc::downgrade(&pm), other, meet, refused }).unwrap();
    }
    let (pm, scoped) = (&pm, ["a", "b"]);
    thread::scope(|scope| {
        let starts = scoped.map(|name| scope.spawn(move || pm.start_plugin(name)));
        for start in starts {
            start.join().unwrap().unwrap();
        }
    });
    assert_eq!(refused.load(Ordering::SeqCst), 1);
    assert!(pm.descriptors().iter().all(|it| it.state == PluginState::Started));
}

#[test]
fn many_threads_leave_every_plugin_whole() {
    struct Counted(Arc<AtomicUsize>);
    #[extension]
    impl Lifecycle for Counted {
        fn start(&self) -> Result<(), BoxError> {
            assert_eq!(self.0.fetch_add(1, Ordering::SeqCst), 0, "started twice");
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            assert_eq!(self.0.fetch_sub(1, Ordering::SeqCst), 1, "stopped twice");
            Ok(())
        }
    }
    let pm = PluginManager::new("lives");
    let counts: Vec<_> = (0..4).map(|_| Arc::<AtomicUsize>::default()).collect();
    for (number, count) in counts.iter().enumerate() {
        let metadata = pluginkit::PluginMetadata::new(format!("p{number}"));
        let requires = number.checked_sub(1).map(|before| format!("p{before}"));
        let metadata = metadata.requires(requires);
        pm.plugin(Counted(Arc::clone(count))).metadata(metadata).extends(Lifecycle).register().unwrap();
    }
    thread::scope(|scope| {
        for thread in 0..6 {
            let pm = &pm;
            scope.spawn(move || {
                for turn in 0..50 {
                    // What another thread stops meanwhile may keep it from starting; that is told, and whole.
                    let outcome = match (thread + turn) % 4 {
                        0 => pm.start_all(),
                        1 => pm.start_plugin("p3"),
                        2 => pm.stop_plugin("p1"),
                        _ => pm.stop_all(),
                    };
                    assert!(
                        matches!(outcome, Ok(()) | Err(Error::DependencyNotStarted { .. })),
                        "{outcome:?}"
                    );
                }
            });
        }
    });
    pm.stop_all().unwrap();
    assert!(counts.iter().all(|count| count.load(Ordering::SeqCst) == 0));
    assert!(!pm.descriptors().iter().any(|it| it.state == PluginState::Started));
}
