//! [`View`]: what a caller sees of a point: all of it, or a view of it.
#![forbid(unsafe_code)]

#[cfg(all(feature = "config", feature = "macros"))]
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::base::boxed::AnyValue;
use crate::base::name::PluginId;
use crate::call::fast_first::{FastFirst, Ties};
use crate::erased::hazard_cell::{Guard, HazardCell};
use crate::plugin::implementation::{Contribution, EXTRA, Implementation, ImplementationInfo, Owner};
use crate::registry::{Slot, Snapshot, known_order};
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::order::Place;

/// A slot, seen whole or in part.
#[derive(Clone)]
pub(crate) struct View {
    pub(crate) slot: Arc<Slot>,
    options: Option<Arc<ViewOptions>>,
}

impl View {
    pub(crate) fn whole(slot: Arc<Slot>) -> Self {
        Self { slot, options: None }
    }

    /// The snapshot for a call that starts now.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Snapshot> {
        if self.options.is_none() { self.slot.load() } else { self.load_derived() }
    }

    #[cold]
    #[inline(never)]
    fn load_derived(&self) -> Guard<Snapshot> {
        let base = self.slot.load();
        match &self.options {
            None => base,
            Some(options) => {
                options.derive(&self.slot, base, options.fast_first.as_ref().is_some_and(FastFirst::count))
            }
        }
    }

    /// The snapshot for a call that starts now, to keep.
    pub(crate) fn load_owned(&self) -> Arc<Snapshot> {
        self.load().into_arc()
    }

    /// The snapshot for a call that starts now, and the slot's own one that it was seen in.
    pub(crate) fn load_with_base(&self) -> (Arc<Snapshot>, Arc<Snapshot>) {
        self.load_pair(FastFirst::count)
    }

    fn load_pair(&self, measures: fn(&FastFirst) -> bool) -> (Arc<Snapshot>, Arc<Snapshot>) {
        let base = self.slot.load().into_arc();
        let derived = self.options.as_ref().map(|options| {
            let measures = options.fast_first.as_ref().is_some_and(measures);
            options.derive(&self.slot, Arc::clone(&base).into(), measures).into_arc()
        });
        (derived.unwrap_or_else(|| Arc::clone(&base)), base)
    }

    /// Without what the named plugins have.
    pub(crate) fn without(&self, plugins: impl Iterator<Item = PluginId>) -> Self {
        self.with_options(|options| options.without.extend(plugins))
    }

    /// With what the named plugins have, and nothing else.
    pub(crate) fn only(&self, plugins: impl Iterator<Item = PluginId>) -> Self {
        let mut plugins: HashSet<_> = plugins.collect();
        self.with_options(|options| {
            if let Some(named) = &options.only {
                plugins.retain(|plugin| named.contains(plugin));
            }
            options.only = Some(plugins);
        })
    }

    /// With what the plugins of a group have.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) fn within_group(&self, group: &str) -> Self {
        let members = members(&self.slot, group);
        self.with_options(|options| {
            options.groups.push(Group { name: group.into(), members: members.unwrap_or_default() });
        })
    }

    /// With one more implementation.
    pub(crate) fn with(&self, contribution: Contribution) -> Self {
        self.with_options(|options| {
            let owner = Arc::new(Owner::new("(extra)".into()));
            let index = u32::try_from(options.extra.len()).unwrap_or(u32::MAX);
            let place = Place::new(contribution.role, &contribution.options, EXTRA, index);
            options.extra.push(Arc::new(Implementation::new(owner, place, contribution)));
        })
    }

    /// With all that is called held to `limit`, too.
    pub(crate) fn timeout(&self, limit: Duration) -> Self {
        self.with_options(|options| {
            options.timeout = Some(options.timeout.map_or(limit, |other| other.min(limit)))
        })
    }

    /// With those first that take the least time.
    pub(crate) fn fast_first(&self, order: FastFirst) -> Self {
        self.with_options(|options| options.fast_first = Some(order))
    }

    /// With another policy for extensions that fail.
    pub(crate) fn on_failure(&self, policy: FailurePolicy) -> Self {
        self.with_options(|options| options.on_failure = Some(policy))
    }

    fn with_options(&self, change: impl FnOnce(&mut ViewOptions)) -> Self {
        let mut options = ViewOptions::default();
        if let Some(current) = &self.options {
            options.without.clone_from(&current.without);
            options.only.clone_from(&current.only);
            options.extra.clone_from(&current.extra);
            options.timeout = current.timeout;
            options.on_failure = current.on_failure;
            options.fast_first.clone_from(&current.fast_first);
            #[cfg(all(feature = "config", feature = "macros"))]
            options.groups.clone_from(&current.groups);
        }
        change(&mut options);
        Self { slot: Arc::clone(&self.slot), options: Some(Arc::new(options)) }
    }

    pub(crate) fn implementations(&self) -> Vec<ImplementationInfo> {
        let (snapshot, _) = self.load_pair(FastFirst::is_due);
        snapshot.implementations().iter().map(|each| ImplementationInfo::of(each)).collect()
    }
}

/// A group of the configuration.
#[cfg(all(feature = "config", feature = "macros"))]
#[derive(Clone)]
struct Group {
    name: Arc<str>,
    /// Its plugins when the view was made: for when the manager is gone.
    members: Vec<PluginId>,
}

#[cfg(all(feature = "config", feature = "macros"))]
impl Group {
    /// Leaves those of its plugins in, in their order. What is no plugin's stays where it is.
    fn narrow(&self, slot: &Slot, implementations: &mut Vec<Arc<Implementation>>) {
        let members = members(slot, &self.name).unwrap_or_else(|| self.members.clone());
        let mut positions = HashMap::new();
        for (position, member) in members.iter().enumerate() {
            positions.entry(member).or_insert(position as u64);
        }
        let position = |each: &Implementation| match each.place.plugin {
            EXTRA => Some(EXTRA),
            _ => positions.get(each.plugin()).copied(),
        };
        implementations.retain(|each| position(each).is_some());
        implementations.sort_by_cached_key(|each| {
            let mut place = each.place;
            place.plugin = position(each).unwrap_or(EXTRA);
            place
        });
    }
}

/// The plugins of a group of the manager of a slot, if there is the manager.
#[cfg(all(feature = "config", feature = "macros"))]
fn members(slot: &Slot, group: &str) -> Option<Vec<PluginId>> {
    let registry = slot.registry()?;
    Some(registry.group(group))
}

/// A slot seen without some plugins, with some only, with some more implementations, in another order, held to a time,
/// or under a policy.
struct ViewOptions {
    without: HashSet<PluginId>,
    /// The only plugins it has, if it was told any.
    only: Option<HashSet<PluginId>>,
    extra: Vec<Arc<Implementation>>,
    timeout: Option<Duration>,
    on_failure: Option<FailurePolicy>,
    fast_first: Option<FastFirst>,
    /// The groups in all of which a plugin must be.
    #[cfg(all(feature = "config", feature = "macros"))]
    groups: Vec<Group>,
    /// What it made of the snapshot it saw last.
    derived: HazardCell<Snapshot>,
}

impl Default for ViewOptions {
    fn default() -> Self {
        let none = HazardCell::new(Arc::new(Snapshot::new(Vec::new(), None)));
        Self {
            without: HashSet::new(),
            only: None,
            extra: Vec::new(),
            timeout: None,
            on_failure: None,
            fast_first: None,
            #[cfg(all(feature = "config", feature = "macros"))]
            groups: Vec::new(),
            derived: none,
        }
    }
}

impl ViewOptions {
    /// Whether it has all that it is a view of, and no more: then the order is that of the whole, where `before` and
    /// `after` count also if they name who is disabled.
    fn keeps_order(&self) -> bool {
        #[cfg(all(feature = "config", feature = "macros"))]
        if !self.groups.is_empty() {
            return false;
        }
        self.without.is_empty() && self.only.is_none() && self.extra.is_empty()
    }

    /// What it makes of `base`, a snapshot of `slot`; if `measures`, with a look at what takes the least time.
    fn derive(&self, slot: &Slot, base: Guard<Snapshot>, measures: bool) -> Guard<Snapshot> {
        let derived = self.derived.load();
        let is_current = derived.is_derived_from(&base);
        let Some(fast_first) = &self.fast_first else {
            let calls = if is_current { None } else { Some(self.declared(slot, &base)) };
            return self.renew(calls, None, derived, base);
        };
        // Before the plugins are looked at: what changes meanwhile is seen by the next call.
        let revision = slot.revision();
        let known = derived.note.as_ref().and_then(|note| Arc::clone(note).downcast::<Ties>().ok());
        let ties = known.as_ref().filter(|ties| is_current && ties.revision == revision);
        if ties.is_some() && !measures {
            return self.renew(None, None, derived, base);
        }
        let ties = ties.map_or_else(
            || {
                let behind = slot.registry().map(|registry| registry.behind_calls(slot));
                Arc::new(Ties::of(self.declared(slot, &base), behind.as_ref(), revision))
            },
            Arc::clone,
        );
        let calls = fast_first.order(&ties);
        let is_same_implementation = |(one, other): (&Arc<Implementation>, _)| Arc::ptr_eq(one, other);
        let is_same = known.as_ref().is_some_and(|known| Arc::ptr_eq(known, &ties))
            && calls.iter().zip(derived.implementations()).all(is_same_implementation);
        let calls = if is_same { None } else { Some(calls) };
        // Dropped before the result is there: it may be the last that has the plugins.
        drop(known);
        self.renew(calls, Some(ties), derived, base)
    }

    /// Returns `derived` or, if there are other `calls` to make of `base`, what they come to.
    fn renew(
        &self,
        calls: Option<Vec<Arc<Implementation>>>,
        ties: Option<Arc<Ties>>,
        derived: Guard<Snapshot>,
        base: Guard<Snapshot>,
    ) -> Guard<Snapshot> {
        let Some(calls) = calls else {
            // Dropped while the result is a variable: a destructor may panic, and a value that is returned would leak.
            drop((ties, base));
            return derived;
        };
        let renewed = self.publish(calls, ties, base);
        drop(derived);
        renewed
    }

    /// What it makes of the implementations in `base`, a snapshot of `slot`, in the order that is declared.
    fn declared(&self, slot: &Slot, base: &Snapshot) -> Vec<Arc<Implementation>> {
        let has = |plugin: &PluginId| {
            !self.without.contains(plugin) && self.only.as_ref().is_none_or(|only| only.contains(plugin))
        };
        let left = base.implementations().iter().filter(|each| has(each.plugin()));
        let mut members: Vec<_> = left.cloned().collect();
        if self.keeps_order() {
            return members;
        }
        members.extend(self.extra.iter().cloned());
        members.sort_by_key(|each| each.place);
        #[cfg(all(feature = "config", feature = "macros"))]
        for group in &self.groups {
            group.narrow(slot, &mut members);
        }
        known_order(members, slot.info)
    }

    /// Shows `calls`, made of `base`, to calls from now on.
    fn publish(
        &self,
        calls: Vec<Arc<Implementation>>,
        ties: Option<Arc<Ties>>,
        base: Guard<Snapshot>,
    ) -> Guard<Snapshot> {
        let mut snapshot = Snapshot::derived(calls, self.timeout, self.on_failure, base.into_arc());
        snapshot.note = ties.map(|ties| ties as AnyValue);
        let snapshot = Arc::new(snapshot);
        let guard = Guard::from(Arc::clone(&snapshot));
        drop(self.derived.replace(snapshot));
        guard
    }
}
