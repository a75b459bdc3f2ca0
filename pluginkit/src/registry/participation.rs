//! Which plugins take part in calls.
//!
//! A feature can keep a plugin out of calls, whether or not the host has enabled it. The registry does not know why.

use std::any::TypeId;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::name::PluginId;
use crate::plugin::implementation::{Implementation, Owner};
use crate::registry::{DeferredDrops, Drain, Registry, Siblings, State};
use crate::spec::point::Mode;

impl Registry {
    /// Keeps plugins that implement one of these points out of calls until they [join](Self::join_calls). It concerns
    /// plugins that are registered from now on.
    pub fn set_gates(&self, points: impl IntoIterator<Item = TypeId>) {
        self.look(|state| state.gates = points.into_iter().collect());
    }

    /// Lets the plugins with these numbers take part in the calls that start from now on. Those that are part of a change
    /// join with its step. Those that are late do not join.
    pub fn join_calls(&self, numbers: &[u64]) {
        let ((), panic) = self.change_caught(|state, deferred| {
            for &number in numbers {
                let Some(record) = state.plugins.get(&number) else { continue };
                let is_ahead = record.entry.ahead.load(Ordering::Relaxed) != 0;
                if !is_ahead && !record.entry.is_late.load(Ordering::Relaxed) {
                    state.let_back(number, deferred);
                }
            }
        });
        if let Some(panic) = &panic {
            self.report_drop(panic);
        }
    }

    /// Leaves the plugins with these numbers out of the calls that start from now on. Returns the calls with them that are
    /// under way, historic calls excepted.
    pub fn leave_calls(&self, numbers: &[u64]) -> Drain {
        let (left, panic) = self.change_caught(|state, deferred| {
            let mut left = Vec::new();
            for &number in numbers {
                let Some(record) = state.record(number) else { continue };
                let leaves = record.owner.leave(state.publications);
                let joined = record.owner.joined.load(Ordering::Relaxed);
                let last = record.owner.left.load(Ordering::Relaxed);
                for each in &*record.implementations {
                    if each.contribution.info.mode != Mode::Historic
                        && let Some(point) = state.point(each.contribution.point)
                    {
                        left.push((point.slot.address(), joined, last));
                    }
                }
                if leaves && state.plugins.contains_key(&number) {
                    state.renew(number, deferred);
                }
            }
            left.sort_unstable();
            left.dedup_by(|(other, _, later), (slot, _, last)| {
                let is_same = other == slot;
                if is_same {
                    *last = (*last).max(*later);
                }
                is_same
            });
            left
        });
        if let Some(panic) = &panic {
            self.report_drop(panic);
        }
        Drain::new(Arc::clone(&self.drains), left)
    }

    /// Notes that plugins are started, so that calls need not tell of those that wait for that.
    pub fn note_start(&self) {
        self.end_telling();
    }

    /// Tells once that calls leave out plugins which no start was begun for.
    #[cold]
    pub(super) fn tell_not_started(&self) {
        if let Some(waiting) = self.end_telling() {
            let names: Vec<_> = waiting.iter().map(|id| format!("`{id}`")).collect();
            let them = if names.len() == 1 { "it" } else { "them" };
            warn(&format!(
                "manager `{}`: calls leave out {}, because nothing has started {them}: call `start_all()`",
                self.project(),
                names.join(", ")
            ));
        }
    }

    /// Returns the plugins that wait for a start, unless they were told before.
    fn end_telling(&self) -> Option<Vec<PluginId>> {
        self.change(|state, deferred| {
            if std::mem::replace(&mut state.has_told, true) {
                return None;
            }
            if state.waiting > 0 {
                state.publish(0..state.points.len(), deferred);
            }
            let is_waiting = |owner: &&Arc<Owner>| owner.is_waiting.load(Ordering::Relaxed);
            Some(
                state.ranked().map(|record| &record.owner).filter(is_waiting).map(|o| o.id.clone()).collect(),
            )
        })
    }
}

impl State {
    /// Lets a new plugin into calls, or notes that it waits outside.
    pub(super) fn begin(&mut self, owner: &Owner, implementations: &[Arc<Implementation>]) {
        let waits = implementations.iter().any(|each| self.gates.contains(&each.contribution.point));
        owner.is_out.store(waits, Ordering::Relaxed);
        owner.joined.store(self.publications + 1, Ordering::Relaxed);
        self.count_waiting(owner, waits);
    }

    /// Lets a plugin take part in calls.
    pub(super) fn let_back(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let owner = Arc::clone(&self.plugins[&number].owner);
        self.count_waiting(&owner, false);
        if owner.is_out.swap(false, Ordering::Relaxed) {
            owner.joined.store(self.publications + 1, Ordering::Relaxed);
            self.renew(number, deferred);
        }
    }

    /// Publishes whether the implementations of a plugin take part.
    pub(super) fn renew(&mut self, number: u64, deferred: &mut DeferredDrops) {
        let implementations = Arc::clone(&self.plugins[&number].implementations);
        self.change_members(&*implementations, deferred, |siblings, each, _| {
            if let Siblings::Members(members) = siblings {
                members.renew(each, each.takes_part());
            }
        });
    }

    /// Counts a plugin among those that wait for a start, or not any more.
    pub(super) fn count_waiting(&mut self, owner: &Owner, waits: bool) {
        if owner.is_waiting.swap(waits, Ordering::Relaxed) != waits {
            self.waiting = if waits { self.waiting + 1 } else { self.waiting.saturating_sub(1) };
        }
    }
}

/// Tells the developer of the host something that is probably a mistake.
fn warn(message: &str) {
    #[cfg(feature = "tracing")]
    tracing::warn!("{message}");
    #[cfg(all(not(feature = "tracing"), debug_assertions))]
    eprintln!("pluginkit: {message}");
    #[cfg(all(not(feature = "tracing"), not(debug_assertions)))]
    let _ = message;
}
