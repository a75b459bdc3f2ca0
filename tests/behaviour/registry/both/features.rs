//! A feature of another crate, by what the core offers to the features of the library.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use pluginkit::__core::registry::{Entry, EntryPart, Registry, RegistryPart};
use pluginkit::Manager;
use pluginkit::kind::Kind;
use pluginkit::manager::ManagerBuilder;
use pluginkit::metadata::PluginDescriptor;
use pluginkit::prelude::*;

use super::kind;

/// What the feature keeps for a manager.
#[derive(Default)]
struct Quarantine {
    /// The greatest number of plugins in quarantine.
    places: AtomicUsize,
    /// The number of plugins in quarantine that have left the manager.
    lost: Arc<AtomicUsize>,
}

impl RegistryPart for Quarantine {}

/// What the feature keeps for a plugin: the services of a plugin in quarantine are not found.
struct Patient {
    is_in: AtomicBool,
    lost: Arc<AtomicUsize>,
}

impl EntryPart for Patient {
    fn describe(&self, descriptor: &mut PluginDescriptor) {
        if !self.is_available() {
            descriptor.disabled_reason = Some("in quarantine".to_owned());
        }
    }

    fn is_available(&self) -> bool {
        !self.is_in.load(Ordering::SeqCst)
    }

    fn left(&self) {
        if !self.is_available() {
            self.lost.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn patient<'e>(registry: &Registry, entry: &'e Entry) -> &'e Patient {
    let lost = &registry.part::<Quarantine>().lost;
    entry.part(|| Patient { is_in: AtomicBool::new(false), lost: Arc::clone(lost) })
}

/// The methods of the feature.
trait Quarantines {
    /// Puts a plugin into quarantine. Returns whether there is such a plugin, and a place for it.
    fn isolate(&self, plugin: &str) -> bool;
    fn release(&self, plugin: &str);
    /// The number of plugins in quarantine that have left the manager.
    fn lost(&self) -> usize;
}

impl<K: Kind> Quarantines for Manager<K> {
    fn isolate(&self, plugin: &str) -> bool {
        let Some(entry) = self.registry().entry(plugin) else { return false };
        let places = &self.registry().part::<Quarantine>().places;
        let taken = places.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |places| places.checked_sub(1));
        if taken.is_ok() {
            patient(self.registry(), &entry).is_in.store(true, Ordering::SeqCst);
        }
        taken.is_ok()
    }

    fn release(&self, plugin: &str) {
        if let Some(entry) = self.registry().entry(plugin)
            && patient(self.registry(), &entry).is_in.swap(false, Ordering::SeqCst)
        {
            self.registry().part::<Quarantine>().places.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn lost(&self) -> usize {
        self.registry().part::<Quarantine>().lost.load(Ordering::SeqCst)
    }
}

/// The setting of the feature.
fn with_places<K: Kind>(builder: ManagerBuilder<K>, places: usize) -> ManagerBuilder<K> {
    builder.setting(move |registry| {
        registry.part::<Quarantine>().places.store(places, Ordering::SeqCst);
    })
}

#[extension_point(service)]
trait Clock: Send + Sync {
    fn hour(&self) -> u8;
}

struct Stopped(u8);

#[extension(service)]
impl Clock for Stopped {
    fn hour(&self) -> u8 {
        self.0
    }
}

#[test]
fn a_feature_of_another_crate_keeps_state_with_a_manager_and_with_its_plugins() {
    let pm = with_places(kind::Manager::builder("clocks"), 1).build();
    pm.register_as("first", Stopped(1)).unwrap();
    pm.register_as("second", Stopped(2)).unwrap();
    assert!(!pm.isolate("third"));
    assert_eq!(pm.service::<dyn Clock>().unwrap().hour(), 1);

    assert!(pm.isolate("first"));
    assert!(!pm.isolate("second"), "there is one place");
    assert_eq!(pm.service::<dyn Clock>().unwrap().hour(), 2);
    assert_eq!(pm.descriptor("first").unwrap().disabled_reason.as_deref(), Some("in quarantine"));

    pm.release("first");
    assert_eq!(pm.service::<dyn Clock>().unwrap().hour(), 1);
    assert_eq!(pm.descriptor("first").unwrap().disabled_reason, None);

    assert!(pm.isolate("second"));
    pm.unregister("first").unwrap();
    assert_eq!(pm.lost(), 0);
    pm.unregister("second").unwrap();
    assert_eq!(pm.lost(), 1);
}

#[test]
fn managers_share_no_state_of_a_feature_of_another_crate() {
    let (one, other) =
        (with_places(kind::Manager::builder("clocks"), 1).build(), kind::Manager::new("clocks"));
    one.register_as("first", Stopped(1)).unwrap();
    other.register_as("first", Stopped(1)).unwrap();
    assert!(!other.isolate("first"));
    assert!(one.isolate("first"));
    assert!(one.service::<dyn Clock>().is_err());
    assert!(other.service::<dyn Clock>().is_ok());
}
