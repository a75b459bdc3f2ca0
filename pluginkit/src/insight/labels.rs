//! The values of the label `manager`: which manager has which, so that no two managers mix.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, Weak};

use crate::base::name::PluginId;
use crate::base::sync::Mutex;
use crate::observe::manager::ObservedManager;

/// The plugins whose circuits have series.
pub(super) type Circuits = Mutex<HashSet<PluginId>>;

/// A label under which a manager has series.
struct Labelled {
    manager: ObservedManager,
    label: Arc<str>,
    /// Whether it is the label of the manager where the host gives none.
    is_default: bool,
    /// The observers with the label hold them.
    circuits: Weak<Circuits>,
}

impl Labelled {
    /// Returns whether the manager lives, or a call that has outlived it may still count something.
    fn is_taken(&self) -> bool {
        self.manager.lives() || self.circuits.strong_count() > 0
    }
}

/// The labels of the managers of the process.
static LABELS: Mutex<Vec<Labelled>> = Mutex::new(Vec::new());

/// Returns the label of a manager, and the plugins whose circuits have series under it. The facades with that label share
/// them: when the first is removed, the next goes on with its series.
///
/// If the host gives no label, it is the project of the manager. If another manager has that label, it is the project with
/// the lowest number from 2 that no other manager has. A manager keeps it as long as it lives.
pub(super) fn label_of(manager: &ObservedManager, given: Option<&str>) -> (Arc<str>, Arc<Circuits>) {
    let mut labels = LABELS.lock().unwrap_or_else(PoisonError::into_inner);
    labels.retain(Labelled::is_taken);
    let is_own = |each: &Labelled| each.manager == *manager;
    let label = match given {
        Some(given) => Arc::from(given),
        None => match labels.iter().find(|each| is_own(each) && each.is_default) {
            Some(own) => Arc::clone(&own.label),
            None => free(manager.name(), labels.iter().filter(|each| !is_own(each))),
        },
    };
    let own = labels.iter_mut().find(|each| is_own(each) && each.label == label);
    let circuits = own.as_ref().and_then(|own| own.circuits.upgrade()).unwrap_or_default();
    let (is_default, held) = (given.is_none(), Arc::downgrade(&circuits));
    match own {
        Some(own) => {
            own.is_default |= is_default;
            own.circuits = held;
        }
        None => labels.push(Labelled {
            manager: manager.clone(),
            label: Arc::clone(&label),
            is_default,
            circuits: held,
        }),
    }
    (label, circuits)
}

/// Returns the first label for a manager of this name that none of the others has.
fn free<'l>(name: &str, others: impl Iterator<Item = &'l Labelled>) -> Arc<str> {
    let taken: HashSet<&str> = others.map(|other| &*other.label).collect();
    let mut label = name.to_owned();
    let mut number = 2_u64;
    while taken.contains(label.as_str()) {
        label = format!("{name}-{number}");
        number += 1;
    }
    label.into()
}
