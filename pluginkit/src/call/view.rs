//! [`View`]: a slot as one caller sees it, whole or changed by options.
#![forbid(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crate::base::boxed::AnyValue;
use crate::base::name::PluginId;
use crate::call::fast_first::{FastFirst, Ties};
use crate::erased::hazard_cell::Guard;
use crate::plugin::implementation::{
    Contribution, EXTRA, EXTRA_NAME, Implementation, ImplementationInfo, Owner,
};
use crate::plugin::{LeftOut, NamePlace};
use crate::registry::{Slot, Snapshot, ViewCell, known_order};
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::order::Place;

/// A slot as one caller sees it.
#[derive(Clone)]
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct View {
    pub(crate) slot: Arc<Slot>,
    options: Option<Arc<ViewOptions>>,
}

impl View {
    /// Returns a slot as a caller without options sees it.
    pub fn whole(slot: Arc<Slot>) -> Self {
        Self { slot, options: None }
    }

    /// Returns the snapshot for a call that starts now.
    #[inline]
    pub(crate) fn load(&self) -> Guard<Snapshot> {
        if self.options.is_none() { self.slot.load() } else { self.load_derived() }
    }

    /// Returns whether it differs from its slot.
    pub(crate) fn has_options(&self) -> bool {
        self.options.is_some()
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

    /// Returns the snapshot for a call that starts now, by reference count.
    pub(crate) fn load_owned(&self) -> Arc<Snapshot> {
        self.load().into_arc()
    }

    /// Returns a view without the implementations of `plugins`.
    pub(crate) fn without(&self, plugins: impl Iterator<Item = PluginId>) -> Self {
        let plugins: Vec<_> = plugins.collect();
        self.note(&plugins, &NamePlace::Without { point: self.slot.info });
        self.with_options(|options| options.without.extend(plugins))
    }

    /// Returns a view with the implementations of `plugins` only.
    pub(crate) fn only(&self, plugins: impl Iterator<Item = PluginId>) -> Self {
        let plugins: Vec<_> = plugins.collect();
        self.note(&plugins, &NamePlace::Only { point: self.slot.info });
        let mut plugins: HashSet<_> = plugins.into_iter().collect();
        self.with_options(|options| {
            if let Some(named) = &options.only {
                plugins.retain(|plugin| named.contains(plugin));
            }
            options.only = Some(plugins);
        })
    }

    /// Notes the names that no plugin has.
    fn note(&self, plugins: &[PluginId], place: &NamePlace) {
        if let Some(registry) = self.slot.registry() {
            registry.note_view(plugins, place);
        }
    }

    /// Returns a view with the implementations of the plugins of a group.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) fn within_group(&self, group: &str) -> Self {
        self.note(&[group.into()], &NamePlace::Group { point: self.slot.info });
        self.with_options(|options| {
            options.groups.push(Group(group.into()));
        })
    }

    /// Returns a view with one more implementation.
    pub(crate) fn with(&self, contribution: Contribution) -> Self {
        self.with_all(EXTRA_NAME.into(), [contribution])
    }

    /// Returns a view with more implementations, which reports name like this.
    pub(crate) fn with_all(
        &self,
        name: PluginId,
        contributions: impl IntoIterator<Item = Contribution>,
    ) -> Self {
        self.with_options(|options| {
            let owner = Arc::new(Owner::new(name));
            for contribution in contributions {
                let index = u32::try_from(options.extra.len()).unwrap_or(u32::MAX);
                let place = Place::new(contribution.role, &contribution.options, EXTRA, index);
                options.extra.push(Arc::new(Implementation::new(Arc::clone(&owner), place, contribution)));
            }
        })
    }

    /// Returns a view that applies the time limit `limit`, too.
    pub(crate) fn timeout(&self, limit: Duration) -> Self {
        self.with_options(|options| {
            options.timeout = Some(options.timeout.map_or(limit, |other| other.min(limit)));
        })
    }

    /// Returns a view that runs the fastest extensions first.
    pub(crate) fn fast_first(&self, order: FastFirst) -> Self {
        self.with_options(|options| options.fast_first = Some(order))
    }

    /// Returns a view with another failure policy.
    pub(crate) fn on_failure(&self, policy: FailurePolicy) -> Self {
        self.with_options(|options| options.on_failure = Some(policy))
    }

    fn with_options(&self, change: impl FnOnce(&mut ViewOptions)) -> Self {
        let mut options = ViewOptions::new(self.slot.view_cell());
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

    /// Returns the implementations that calls of the point leave out, each with the reason.
    pub(crate) fn left_out(&self) -> Vec<(ImplementationInfo, LeftOut)> {
        let Some(registry) = self.slot.registry() else { return Vec::new() };
        let (entries, left_out) = registry.behind_calls(&self.slot);
        let plugins: HashMap<_, _> = entries.iter().map(|entry| (Arc::as_ptr(&entry.owner), entry)).collect();
        let of = |each: &Arc<Implementation>| {
            let of_plugin = plugins.get(&Arc::as_ptr(&each.owner))?.descriptor().left_out;
            let of_options = (!each.options().enabled).then_some(LeftOut::Options);
            Some((ImplementationInfo::of(each), of_plugin.or(of_options)?))
        };
        let infos = left_out.iter().filter_map(of).collect();
        drop((plugins, left_out));
        drop(entries);
        infos
    }

    /// Returns what a call would run now, in order.
    pub fn implementations(&self) -> Vec<ImplementationInfo> {
        let base = self.slot.look();
        let snapshot = match &self.options {
            None => base,
            Some(options) => {
                options.derive(&self.slot, base, options.fast_first.as_ref().is_some_and(FastFirst::is_due))
            }
        };
        let implementations =
            snapshot.implementations().iter().map(|each| ImplementationInfo::of(each)).collect();
        // Not at the end of the scope: the compiler leaks a value that is returned while a destructor panics.
        drop(snapshot);
        implementations
    }
}

/// A group of the configuration.
#[cfg(all(feature = "config", feature = "macros"))]
#[derive(Clone)]
struct Group(Arc<str>);

#[cfg(all(feature = "config", feature = "macros"))]
impl Group {
    /// Keeps the implementations of the plugins of the group, in the order of the group.
    ///
    /// Extra implementations, which belong to no plugin, keep their position.
    fn narrow(&self, base: &Snapshot, implementations: &mut Vec<Arc<Implementation>>) {
        let members = base.groups.as_ref().and_then(|groups| groups.get(&*self.0));
        let mut positions = HashMap::new();
        for (position, member) in members.into_iter().flatten().enumerate() {
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

/// The differences between a view and its slot, and the snapshot that they gave last.
struct ViewOptions {
    without: HashSet<PluginId>,
    /// The only plugins of the view, if it has a list.
    only: Option<HashSet<PluginId>>,
    extra: Vec<Arc<Implementation>>,
    timeout: Option<Duration>,
    on_failure: Option<FailurePolicy>,
    fast_first: Option<FastFirst>,
    /// The groups of the view. A plugin must be a member of each.
    #[cfg(all(feature = "config", feature = "macros"))]
    groups: Vec<Group>,
    /// The snapshot derived last.
    derived: Arc<ViewCell>,
}

impl ViewOptions {
    fn new(derived: Arc<ViewCell>) -> Self {
        Self {
            without: HashSet::new(),
            only: None,
            extra: Vec::new(),
            timeout: None,
            on_failure: None,
            fast_first: None,
            #[cfg(all(feature = "config", feature = "macros"))]
            groups: Vec::new(),
            derived,
        }
    }
}

impl ViewOptions {
    /// Returns whether the view has the same implementations as its slot.
    ///
    /// It then keeps the order of the slot, in which `before` and `after` may also name disabled plugins.
    fn keeps_order(&self) -> bool {
        #[cfg(all(feature = "config", feature = "macros"))]
        if !self.groups.is_empty() {
            return false;
        }
        self.without.is_empty() && self.only.is_none() && self.extra.is_empty()
    }

    /// Returns the snapshot derived from `base`, a snapshot of `slot`. If `measures`, it reads the times of plugins again.
    fn derive(&self, slot: &Slot, base: Guard<Snapshot>, measures: bool) -> Guard<Snapshot> {
        let derived = self.derived.load();
        let is_current = derived.is_derived_from(&base);
        let Some(fast_first) = &self.fast_first else {
            let calls = if is_current { None } else { Some(self.declared(slot, &base)) };
            return self.renew(slot, calls, None, derived, base);
        };
        // Read before the plugins, so that the next call sees a change that happens meanwhile.
        let revision = slot.revision();
        let known = derived.note.as_ref().and_then(|note| Arc::clone(note).downcast::<Ties>().ok());
        let ties = known.as_ref().filter(|ties| is_current && ties.revision == revision);
        if ties.is_some() && !measures {
            return self.renew(slot, None, None, derived, base);
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
            && calls.iter().zip(derived.implementations().iter()).all(is_same_implementation);
        let calls = if is_same { None } else { Some(calls) };
        // Dropped before the result exists, because it may hold the last reference to plugins.
        drop(known);
        self.renew(slot, calls, Some(ties), derived, base)
    }

    /// Returns `derived`, or a new snapshot if the view has other `calls`.
    fn renew(
        &self,
        slot: &Slot,
        calls: Option<Vec<Arc<Implementation>>>,
        ties: Option<Arc<Ties>>,
        derived: Guard<Snapshot>,
        base: Guard<Snapshot>,
    ) -> Guard<Snapshot> {
        let Some(calls) = calls else {
            // Dropped while the result is a variable: if a destructor panics, a value that is being returned leaks.
            drop((ties, base));
            return derived;
        };
        let renewed = self.publish(slot, calls, ties, base);
        drop(derived);
        renewed
    }

    /// Returns the implementations of the view from `base`, a snapshot of `slot`, in declared order.
    fn declared(&self, slot: &Slot, base: &Snapshot) -> Vec<Arc<Implementation>> {
        let named = |owner: &Owner, those: &HashSet<PluginId>| owner.names().any(|name| those.contains(name));
        let has = |owner: &Owner| {
            !named(owner, &self.without) && self.only.as_ref().is_none_or(|only| named(owner, only))
        };
        // `only` names plugins, which the default body is none of.
        let is_left = |each: &&Arc<Implementation>| {
            has(&each.owner) || (each.place.is_default() && !named(&each.owner, &self.without))
        };
        let left = base.implementations().iter().filter(is_left);
        let mut members: Vec<_> = left.cloned().collect();
        if self.keeps_order() {
            return members;
        }
        members.extend(self.extra.iter().cloned());
        members.sort_by_key(|each| each.place);
        #[cfg(all(feature = "config", feature = "macros"))]
        for group in &self.groups {
            group.narrow(base, &mut members);
        }
        known_order(members, slot.info)
    }

    /// Publishes `calls`, derived from `base`, to later calls.
    fn publish(
        &self,
        slot: &Slot,
        calls: Vec<Arc<Implementation>>,
        ties: Option<Arc<Ties>>,
        base: Guard<Snapshot>,
    ) -> Guard<Snapshot> {
        let base = base.into_arc();
        let mut snapshot = Snapshot::derived(calls, self.timeout, self.on_failure, &base);
        snapshot.note = ties.map(|ties| ties as AnyValue);
        slot.publish_view(&self.derived, snapshot, base)
    }
}
