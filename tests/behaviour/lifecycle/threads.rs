//! A sync manager on which several threads start and stop plugins at once.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex, Weak};
use std::thread;

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::PluginState;
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error};

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
fn a_thread_that_waits_for_a_start_has_its_outcome() {
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
    pm: Weak<PluginManager>,
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

/// Counts whether it runs.
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

#[test]
fn many_threads_leave_every_plugin_whole() {
    let pm = PluginManager::new("lives");
    let counts: Vec<_> = (0..4).map(|_| Arc::<AtomicUsize>::default()).collect();
    for (number, count) in counts.iter().enumerate() {
        let metadata = pluginkit::metadata::PluginMetadata::new(format!("p{number}"));
        let requires = number.checked_sub(1).map(|before| format!("p{before}"));
        let metadata = metadata.requires(requires);
        PluginBuilder::new(Counted(Arc::clone(count)))
            .metadata(metadata)
            .extends(Lifecycle)
            .register(&pm)
            .unwrap();
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

/// Starts the first time with an error, which asks for the state of the plugin when it is dropped.
struct Recovers {
    pm: Weak<PluginManager>,
    asked: Arc<Mutex<Vec<PluginState>>>,
    has_failed: AtomicBool,
}

#[extension]
impl Lifecycle for Recovers {
    fn start(&self) -> Result<(), BoxError> {
        if self.has_failed.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        Err(Box::new(Asks { pm: Weak::clone(&self.pm), asked: Arc::clone(&self.asked) }))
    }
}

#[derive(Debug)]
struct Asks {
    pm: Weak<PluginManager>,
    asked: Arc<Mutex<Vec<PluginState>>>,
}

impl std::fmt::Display for Asks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not yet")
    }
}

impl std::error::Error for Asks {}

impl Drop for Asks {
    fn drop(&mut self) {
        let Some(pm) = self.pm.upgrade() else { return };
        let state = pm.descriptor("Recovers").unwrap().state;
        // Another operation on lives goes through the same lock.
        pm.stop_plugin("Other").unwrap();
        self.asked.lock().unwrap().push(state);
    }
}

#[test]
fn the_error_of_a_start_is_dropped_by_the_next_start_without_a_lock() {
    let (pm, asked) = (Arc::new(PluginManager::new("lives")), Arc::<Mutex<Vec<_>>>::default());
    let weak = Arc::downgrade(&pm);
    let plugin = Recovers { pm: weak, asked: Arc::clone(&asked), has_failed: AtomicBool::new(false) };
    pm.register(plugin).unwrap();
    pm.register_as("Other", Counted(Arc::default())).unwrap();
    assert!(pm.start_plugin("Recovers").is_err());
    assert!(asked.lock().unwrap().is_empty());
    pm.start_plugin("Recovers").unwrap();
    assert_eq!(*asked.lock().unwrap(), [PluginState::Starting]);
}

/// Stops all plugins when its thread ends, and says how that went.
struct StopsLast(Arc<PluginManager>, Sender<Result<(), Error>>);

impl Drop for StopsLast {
    fn drop(&mut self) {
        let _ = self.1.send(self.0.stop_all());
    }
}

thread_local! {
    static LAST: RefCell<Option<StopsLast>> = const { RefCell::new(None) };
}

#[test]
fn the_destructor_of_a_thread_local_stops_plugins() {
    let (pm, (told, stopped)) = (Arc::new(PluginManager::new("lives")), channel());
    let running = Arc::new(AtomicUsize::new(0));
    pm.register(Counted(Arc::clone(&running))).unwrap();
    let own = Arc::clone(&pm);
    let thread = thread::spawn(move || {
        // The first to be set is the last to be dropped.
        LAST.set(Some(StopsLast(Arc::clone(&own), told)));
        own.start_all().unwrap();
    });
    thread.join().unwrap();
    stopped.recv().unwrap().unwrap();
    assert_eq!(running.load(Ordering::SeqCst), 0);
}
