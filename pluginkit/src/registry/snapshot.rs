//! [`Snapshot`]: what a call works on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::boxed::AnyValue;
use crate::base::drops;
#[cfg(feature = "async")]
use crate::base::sync::AtomicUsize;
use crate::erased::Shelf;
use crate::observe::observer::{self, Observers};
#[cfg(feature = "async")]
use crate::plugin::implementation::Run;
use crate::plugin::implementation::{Implementation, Role};
use crate::registry::members::MemberList;
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::point::PointInfo;

/// What a call works on: the implementations of a point at one moment.
///
/// Calls read them in an array, which takes a time that grows with their number to fill. A change that did
/// that would make a registration dearer the more plugins there are, so where they are more than a few it leaves
/// the member list instead, and the first call that finds that fills the array: of what it costs to call them all
/// that is a fraction, and if nobody calls between changes it is never done.
#[allow(clippy::struct_excessive_bools, reason = "what calls look at first, each by itself")]
pub(crate) struct Snapshot {
    /// Wrappers first, then extensions, each in call order.
    pub(crate) shelf: Shelf,
    pub(crate) observers: Observers,
    /// Whether any extension has a predicate.
    pub(crate) conditional: bool,
    /// Whether any wrapper has a predicate.
    pub(crate) wraps_conditionally: bool,
    /// Whether a call has nothing to do but to run the extensions.
    pub(crate) plain: bool,
    /// Whether, moreover, no extension is awaited or goes elsewhere.
    #[cfg(feature = "async")]
    pub(crate) in_place: bool,
    /// Whether any extension needs a place before it runs.
    #[cfg(feature = "async")]
    pub(crate) limited: bool,
    /// How much room the futures of its extensions were seen to need.
    #[cfg(feature = "async")]
    pub(crate) room: AtomicUsize,
    /// What every implementation is held to, by its point or by this view of it.
    pub(crate) timeout: Option<Duration>,
    /// What an extension that fails does to its call, if the manager or this view of the point says so.
    pub(crate) on_failure: Option<FailurePolicy>,
    /// Who is to stand on the shelf, if that is yet to be filled.
    member_list: Option<Box<MemberList>>,
    /// What a view made it of.
    base: Option<Arc<Self>>,
    /// What a view that made it keeps for the next one.
    pub(crate) note: Option<AnyValue>,
}

impl Snapshot {
    pub(crate) fn new(implementations: Vec<Arc<Implementation>>, observers: Observers) -> Self {
        let any_conditional = |role| {
            let asks =
                |each: &Arc<Implementation>| each.contribution.role == role && each.contribution.conditional;
            implementations.iter().any(asks)
        };
        let conditional = any_conditional(Role::Extension);
        let wraps_conditionally = any_conditional(Role::Wrapper);
        #[cfg(feature = "async")]
        let all_in_place = implementations.iter().all(|each| each.contribution.run == Run::InPlace);
        #[cfg(feature = "async")]
        let limited = implementations.iter().any(|each| each.is_limited());
        let shelf = Shelf::new(implementations);
        let plain = !conditional && observers.is_none() && shelf.wrapper_count() == 0;
        #[cfg(feature = "async")]
        let plain = plain && !limited;
        #[cfg(feature = "async")]
        let in_place = plain && all_in_place;
        Self {
            shelf,
            observers,
            conditional,
            wraps_conditionally,
            plain,
            #[cfg(feature = "async")]
            in_place,
            #[cfg(feature = "async")]
            limited,
            #[cfg(feature = "async")]
            room: AtomicUsize::new(0),
            timeout: None,
            on_failure: None,
            member_list: None,
            base: None,
            note: None,
        }
    }

    /// What a view that has these `implementations` makes of `base`.
    pub(crate) fn derived(
        implementations: Vec<Arc<Implementation>>,
        timeout: Option<Duration>,
        on_failure: Option<FailurePolicy>,
        base: Arc<Self>,
    ) -> Self {
        let mut derived = Self::new(implementations, base.observers.clone());
        derived.timeout = [timeout, base.timeout].into_iter().flatten().min();
        derived.on_failure = on_failure.or(base.on_failure);
        derived.base = Some(base);
        derived
    }

    /// Whether a view made it of `base`.
    pub(crate) fn is_derived_from(&self, base: &Self) -> bool {
        self.base.as_deref().is_some_and(|own| std::ptr::eq(own, base))
    }

    /// The snapshot of `members`, which may be left to be filled by a call.
    pub(super) fn of(member_list: &MemberList, observers: Observers, point: &'static PointInfo) -> Self {
        if member_list.is_short() {
            return Self::new(member_list.calls(point), observers);
        }
        let mut unfilled = Self::new(Vec::new(), observers);
        unfilled.member_list = Some(Box::new(member_list.clone()));
        unfilled
    }

    /// Whether calls can work on it.
    #[inline]
    pub(super) fn is_filled(&self) -> bool {
        self.member_list.is_none()
    }

    /// The same, filled.
    pub(super) fn filled(&self, point: &'static PointInfo) -> Self {
        let calls = self.member_list.as_ref().map_or_else(Vec::new, |member_list| member_list.calls(point));
        Self::new(calls, self.observers.clone()).held_to(self.timeout).under(self.on_failure)
    }

    /// The same, with what every implementation is held to.
    pub(super) fn held_to(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same, with what an extension that fails does to its call.
    pub(super) fn under(mut self, on_failure: Option<FailurePolicy>) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// The same, whose extensions need no places.
    #[cfg(feature = "macros")]
    #[cfg_attr(not(feature = "async"), allow(unused_mut, reason = "only async extensions need places"))]
    pub(super) fn unlimited(mut self) -> Self {
        #[cfg(feature = "async")]
        {
            self.limited = false;
        }
        self
    }

    /// Tells the observers that a call begins.
    pub(crate) fn tell_called(&self) {
        if let Some(watchers) = &self.observers {
            watchers.iter().for_each(|observer| observer.called());
        }
    }

    /// Wrappers first, then extensions, each in call order.
    #[inline]
    pub(crate) fn implementations(&self) -> &[Arc<Implementation>] {
        self.shelf.implementations()
    }

    /// Whether the implementation at `place` has a predicate.
    pub(crate) fn asks(&self, place: usize) -> bool {
        self.implementations()[place].contribution.conditional
    }

    /// How many extensions there are.
    #[inline]
    pub(crate) fn extension_count(&self) -> usize {
        self.implementations().len() - self.shelf.wrapper_count()
    }

    /// The extension at `index`.
    #[inline]
    pub(crate) fn extension(&self, index: usize) -> &Arc<Implementation> {
        &self.implementations()[self.shelf.wrapper_count() + index]
    }
}

impl Drop for Snapshot {
    /// Drops the implementations that nobody else has, one at a time.
    fn drop(&mut self) {
        let observers = self.observers.take();
        drops::scope(
            |panic| observer::report(&observers, panic),
            || {
                drop(std::mem::take(&mut self.shelf));
                drop(self.member_list.take());
                drop(self.note.take());
                drop(self.base.take());
            },
        );
        drops::drop_each(observers);
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("implementations", &self.shelf).finish_non_exhaustive()
    }
}
