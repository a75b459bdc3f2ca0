//! [`State`]: the plugins and points of a manager, under the registry's lock.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::base::clock::Clock;
use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::base::sync::AtomicU64;
use crate::observe::observer::{Observation, Observers, Watchers};
use crate::plugin::implementation::{Implementation, Owner};
use crate::plugin::{AnyPlugin, NamePlace};
#[cfg(feature = "config")]
use crate::registry::config_notes::ConfigNotes;
use crate::registry::dependents::Users;
use crate::registry::members::Members;
#[cfg(all(feature = "config", feature = "macros"))]
use crate::registry::overrides::Overrides;
use crate::registry::points::{IdHash, IdMap};
use crate::registry::{DeferredDrops, Entry, HistoricEvent, Slot, StatePart};
use crate::spec::order::Place;

/// The part of the registry under the lock.
#[derive(Default)]
pub struct State {
    pub(super) specs: HashSet<TypeId>,
    /// In the order of declaration.
    pub(super) points: Vec<Point>,
    /// The index of each point in `points`.
    pub(super) places: IdMap<usize>,
    /// The number of points that every manager has, which come first.
    pub(super) built_in: usize,
    /// By the number of the registration.
    pub(super) plugins: BTreeMap<u64, Record>,
    /// The plugins beside the registered ones, by number: those that are prepared for a change, and those that have left
    /// with one and are yet to stop.
    pub(super) aside: BTreeMap<u64, Record>,
    /// The plugins that prepared ones do not see any more. A plugin is in it once for each change.
    pub(super) superseded: Vec<(u64, u64)>,
    /// The number of changes that were prepared.
    #[cfg(feature = "macros")]
    pub(super) changes: u64,
    pub(super) names: HashMap<PluginId, u64>,
    /// By the address of the plugin, to find an `Arc` again.
    pub(super) addresses: HashMap<usize, u64, IdHash>,
    pub(super) users: Users,
    pub(super) blocked: HashSet<PluginId>,
    /// Optional implementations of specs that the manager lacks, by their points.
    pub(super) pending: IdMap<BTreeMap<Place, Arc<Implementation>>>,
    /// The historic calls by their numbers, in the order in which they began.
    pub(super) history: BTreeMap<u64, Arc<HistoricEvent>>,
    /// The number of the next historic call.
    pub(super) events: u64,
    /// The numbers of the events of each point in the history.
    pub(super) remembered: IdMap<BTreeSet<u64>>,
    /// The plugins of each named group, in order.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(super) groups: Arc<Groups>,
    /// The options of extensions that the last configuration has set.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(super) overrides: Arc<Overrides>,
    /// What the configuration says that was loaded last, beside the plugins that it has.
    #[cfg(feature = "config")]
    pub(super) config_notes: Arc<ConfigNotes>,
    /// The names in views that no plugin had when the view was made, and where they are.
    pub(super) views: Vec<(PluginId, NamePlace)>,
    pub(super) parts: Vec<Box<dyn StatePart>>,
    pub(super) observers: Vec<Observation>,
    pub(super) watchers: Observers,
    /// The plugins that came or went, of which observers are yet to be told.
    pub(super) moved: Vec<PluginId>,
    /// The points that changed and are yet to be published.
    pub(super) changed: Vec<usize>,
    pub(super) registrations: u64,
    /// The number of publications of snapshots.
    pub(super) publications: u64,
    /// The number of plugins that wait for a start that nothing has begun.
    pub(super) waiting: usize,
    /// Whether calls need not tell of them: that was told, or a start has begun.
    pub(super) has_told: bool,
    /// The points whose implementations keep their plugins out of calls until these are let in.
    pub(super) gates: Vec<TypeId>,
    pub(super) observations: u64,
    /// The number of changes to the plugins.
    pub(super) revision: Arc<AtomicU64>,
}

/// One point and its implementations.
pub(super) struct Point {
    pub(super) slot: Arc<Slot>,
    pub(super) members: Members,
}

impl Point {
    /// Publishes the members for the calls that start from now on.
    pub(super) fn publish(&self, publication: &Publication<'_>, deferred: &mut DeferredDrops) {
        self.slot.publish(self.members.member_list(), publication, deferred);
    }
}

/// The plugins of each named group, in order.
#[cfg(all(feature = "config", feature = "macros"))]
pub(crate) type Groups = HashMap<String, Vec<PluginId>>;

/// The snapshots that one change publishes.
pub(super) struct Publication<'p> {
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(super) groups: &'p Arc<Groups>,
    pub(super) observers: &'p Observers,
    /// The number among the publications of the manager.
    pub(super) number: u64,
    /// Whether a call tells that plugins wait for a start.
    pub(super) tells_waiting: bool,
}

/// One registered plugin.
pub(super) struct Record {
    /// The position among the plugins: the number of the registration, or the rank of the plugin that it replaced.
    pub(super) rank: u64,
    pub(super) owner: Arc<Owner>,
    pub(super) instance: Foreign<AnyPlugin>,
    pub(super) entry: Arc<Entry>,
    pub(super) implementations: Arc<[Arc<Implementation>]>,
}

impl State {
    /// Publishes the observers at every point of the manager of this name.
    pub(super) fn watch(&mut self, manager: &Arc<str>, clock: Option<&Clock>, deferred: &mut DeferredDrops) {
        // The registry still has them: this runs no destructor.
        deferred.changes_observers();
        let watchers = Watchers::of(manager, clock, &self.observers);
        let old = std::mem::replace(&mut self.watchers, watchers);
        deferred.push(old);
        self.publish(0..self.points.len(), deferred);
    }

    /// Publishes the points at these indices.
    pub(super) fn publish(&mut self, places: impl IntoIterator<Item = usize>, deferred: &mut DeferredDrops) {
        self.publications += 1;
        let publication = Publication {
            #[cfg(all(feature = "config", feature = "macros"))]
            groups: &self.groups,
            observers: &self.watchers,
            number: self.publications,
            tells_waiting: self.waiting > 0 && !self.has_told,
        };
        for place in places {
            self.points[place].publish(&publication, deferred);
        }
    }

    /// Returns the plugin with this number, registered or beside the registered ones.
    pub(super) fn record(&self, number: u64) -> Option<&Record> {
        self.plugins.get(&number).or_else(|| self.aside.get(&number))
    }

    /// Lets prepared plugins of other changes see these plugins again.
    #[cfg(feature = "macros")]
    pub(super) fn forget_superseded(&mut self, change: u64) {
        self.superseded.retain(|(other, _)| *other != change);
    }

    /// Returns which plugins a look-up sees, for `viewer` or for the host.
    pub fn sight(&self, viewer: Option<&Entry>) -> Sight {
        let change = viewer.map_or(0, |viewer| viewer.ahead.load(Ordering::Relaxed));
        let superseded =
            self.superseded.iter().filter(|(other, _)| *other == change).map(|(_, plugin)| *plugin);
        Sight { change, superseded: superseded.collect() }
    }

    pub(super) fn point(&self, id: TypeId) -> Option<&Point> {
        self.places.get(&id).map(|&place| &self.points[place])
    }

    /// Calls `change` for each of `implementations` with its siblings: the members of its point, or those that wait
    /// for the point. [`Registry::change`] publishes the points afterwards.
    pub(super) fn change_members<'i>(
        &mut self,
        implementations: impl IntoIterator<Item = &'i Arc<Implementation>>,
        deferred: &mut DeferredDrops,
        mut change: impl FnMut(Siblings<'_>, &'i Arc<Implementation>, &mut DeferredDrops),
    ) {
        self.revision.fetch_add(1, Ordering::Release);
        for implementation in implementations {
            match self.places.get(&implementation.contribution.point) {
                Some(&place) => {
                    change(Siblings::Members(&mut self.points[place].members), implementation, deferred);
                    self.changed.push(place);
                }
                None => {
                    let pending = self.pending.entry(implementation.contribution.point).or_default();
                    change(Siblings::Pending(pending), implementation, deferred);
                }
            }
        }
    }

    /// Publishes the points that have changed.
    pub(super) fn show_changed(&mut self, deferred: &mut DeferredDrops) {
        if self.changed.is_empty() {
            return;
        }
        let mut changed = std::mem::take(&mut self.changed);
        changed.sort_unstable();
        changed.dedup();
        self.publish(changed, deferred);
    }

    /// Returns the plugins in the order of their ranks.
    pub(super) fn ranked(&self) -> impl Iterator<Item = &Record> {
        let mut ranked: Vec<_> = self.plugins.values().collect();
        ranked.sort_by_key(|record| record.rank);
        ranked.into_iter()
    }
}

/// The plugins that a look-up sees: the registered ones, or those that a change has prepared instead of those that they
/// replace.
pub struct Sight {
    /// The number of the change; 0 if there is none.
    change: u64,
    superseded: Vec<u64>,
}

impl Sight {
    /// Returns whether the look-up sees what `plugin` offers.
    pub fn sees(&self, plugin: &Entry) -> bool {
        let aside = plugin.aside.load(Ordering::Relaxed);
        (aside == 0 || aside == self.change) && !self.superseded.contains(&plugin.number)
    }
}

/// The implementations beside one.
pub(super) enum Siblings<'s> {
    /// The members of its point.
    Members(&'s mut Members),
    /// The implementations that wait for a point.
    Pending(&'s mut BTreeMap<Place, Arc<Implementation>>),
}
