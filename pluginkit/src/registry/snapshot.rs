//! [`Snapshot`]: what a call works on.

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use crate::base::boxed::AnyValue;
use crate::base::clock::Clock;
use crate::base::drops;
#[cfg(feature = "async")]
use crate::base::sync::AtomicUsize;
use crate::erased::{ErasedArray, ErasedRow};
use crate::observe::observer::{self, Observers};
use crate::plugin::implementation::{Implementation, Role, marks};
#[cfg(all(feature = "config", feature = "macros"))]
use crate::registry::Groups;
use crate::registry::drains::Drains;
use crate::registry::members::MemberList;
use crate::registry::state::Publication;
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::point::PointInfo;

/// The implementations of a point at one moment, on which a call works.
///
/// It shares the nodes of the tree that the point keeps its implementations in, and calls loop over the leaves. So a
/// change costs a path of the tree, and the first call after it costs no more than the next. Where `before` and `after`
/// bind, the order of calls is another than that of the tree. With more than a few implementations, a change stores the
/// member list only then, and the first call arranges it.
#[allow(clippy::struct_excessive_bools, reason = "what calls look at first, each by itself")]
pub(crate) struct Snapshot {
    /// Wrappers as the front and extensions as the back, each in call order.
    pub(crate) array: ErasedArray<Implementation>,
    pub(crate) observers: Observers,
    /// Whether some extension may not run: one has a predicate, or is the default body of the point.
    pub(crate) conditional: bool,
    /// Whether any extension has a predicate.
    pub(crate) predicated: bool,
    /// Whether the last extension is the default body of the point.
    pub(crate) has_default: bool,
    /// Whether any wrapper has a predicate.
    pub(crate) wraps_conditionally: bool,
    /// Whether the fast path is enough: a call has nothing to do but to run the extensions.
    pub(crate) plain: bool,
    /// Whether gates decide which implementations run.
    pub(crate) gated: bool,
    /// Whether any implementation has a time limit, of its own or of its plugin.
    pub(crate) timed: bool,
    /// Whether a guarded call has no more to do than to catch a panic, as long as nothing limits the call as a whole.
    guards_plainly: bool,
    /// Whether the fast path is enough and no extension is awaited or offloaded.
    #[cfg(feature = "async")]
    pub(crate) in_place: bool,
    /// The same, apart from the default body of the point.
    #[cfg(feature = "async")]
    pub(crate) default_in_place: bool,
    /// Whether any extension needs a permit before it runs.
    #[cfg(feature = "async")]
    pub(crate) limited: bool,
    /// The size of the largest future of an extension that earlier calls have found, in bytes.
    #[cfg(feature = "async")]
    pub(crate) future_size: AtomicUsize,
    /// The size of the largest future of a wrapper that earlier calls have found, in bytes.
    #[cfg(feature = "async")]
    pub(crate) wrapper_size: AtomicUsize,
    /// The time limit of every implementation, set by the point or by this view of it.
    pub(crate) timeout: Option<Duration>,
    /// The effect of a failing extension on its call, if the manager or this view of the point sets one.
    pub(crate) on_failure: Option<FailurePolicy>,
    /// The members that the array is filled from, if it is not filled yet.
    member_list: Option<Box<MemberList>>,
    /// The snapshot that a view derived it from.
    base: Option<Weak<Self>>,
    /// Whether the next call tells that plugins wait for a start that nothing has begun.
    pub(super) is_forgotten: bool,
    /// Whether a call asks gates before it runs on the snapshot.
    asks_gates: bool,
    /// The number of its publication; that of its base, if it is that of a view.
    pub(super) number: u64,
    /// What is told when the last call on the snapshot has ended. It has the clock that measures the calls.
    drains: Option<Arc<Drains>>,
    /// The groups of plugins, for views.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) groups: Option<Arc<Groups>>,
    /// A value that the view keeps for the next snapshot.
    pub(crate) note: Option<AnyValue>,
}

impl Snapshot {
    /// Returns a snapshot without implementations, which all cells of views share.
    pub(super) fn empty() -> Arc<Self> {
        static EMPTY: OnceLock<Arc<Snapshot>> = OnceLock::new();
        Arc::clone(EMPTY.get_or_init(|| Arc::new(Self::new(Vec::new(), None))))
    }

    /// Returns whether a slot or a view of it has published the snapshot.
    pub(super) fn is_published(&self) -> bool {
        self.drains.is_some()
    }

    /// Returns the snapshot of these `implementations`: wrappers, then extensions.
    pub(crate) fn new(mut implementations: Vec<Arc<Implementation>>, observers: Observers) -> Self {
        let wrappers = implementations.partition_point(|each| each.contribution.role == Role::Wrapper);
        let extensions = match wrappers {
            0 => std::mem::take(&mut implementations),
            _ => implementations.split_off(wrappers),
        };
        Self::over(implementations.into(), extensions.into(), observers)
    }

    fn over(wrappers: Row, extensions: Row, observers: Observers) -> Self {
        let has = |row: &Row, mark| row.marks() & mark != 0;
        let has_default = has(&extensions, marks::DEFAULT);
        let predicated = has(&extensions, marks::CONDITIONAL);
        let wraps_conditionally = has(&wrappers, marks::CONDITIONAL);
        let plain = !predicated && observers.is_none() && wrappers.len() == 0;
        #[cfg(feature = "async")]
        let limited = has(&extensions, marks::LIMITED);
        #[cfg(feature = "async")]
        let plain = plain && !limited;
        #[cfg(feature = "async")]
        let in_place = plain && !has(&extensions, marks::NOT_IN_PLACE);
        let timed = has(&extensions, marks::TIMED) || has(&wrappers, marks::TIMED);
        let asks = predicated || wraps_conditionally;
        let guards_plainly = !asks && !timed && observers.is_none() && !has(&extensions, marks::WAITS);
        Self {
            conditional: has_default || predicated,
            predicated,
            has_default,
            wraps_conditionally,
            plain: plain && !has_default,
            gated: true,
            timed,
            guards_plainly,
            #[cfg(feature = "async")]
            in_place: in_place && !has_default,
            #[cfg(feature = "async")]
            default_in_place: in_place && has_default,
            #[cfg(feature = "async")]
            limited,
            array: ErasedArray::new(wrappers, extensions),
            observers,
            #[cfg(feature = "async")]
            future_size: AtomicUsize::new(0),
            #[cfg(feature = "async")]
            wrapper_size: AtomicUsize::new(0),
            timeout: None,
            on_failure: None,
            member_list: None,
            base: None,
            is_forgotten: false,
            asks_gates: false,
            number: 0,
            drains: None,
            #[cfg(all(feature = "config", feature = "macros"))]
            groups: None,
            note: None,
        }
    }

    /// Returns the snapshot of a view with these `implementations`, derived from `base`.
    pub(crate) fn derived(
        implementations: Vec<Arc<Implementation>>,
        timeout: Option<Duration>,
        on_failure: Option<FailurePolicy>,
        base: &Arc<Self>,
    ) -> Self {
        let mut derived = Self::new(implementations, base.observers.clone());
        derived.timeout = [timeout, base.timeout].into_iter().flatten().min();
        derived.on_failure = on_failure.or(base.on_failure);
        derived.base = Some(Arc::downgrade(base));
        derived.number = base.number;
        derived.drains.clone_from(&base.drains);
        derived
    }

    /// Returns whether a view derived it from `base`.
    pub(crate) fn is_derived_from(&self, base: &Self) -> bool {
        // The weak reference keeps the address from another snapshot.
        self.base.as_ref().is_some_and(|own| std::ptr::eq(own.as_ptr(), base))
    }

    /// Returns the snapshot of `members`, perhaps without its array.
    pub(super) fn of(member_list: &MemberList, observers: Observers, point: &'static PointInfo) -> Self {
        if let Some([wrappers, extensions]) = member_list.rows() {
            return Self::over(wrappers.clone(), extensions.clone(), observers);
        }
        if member_list.is_short() {
            return Self::new(member_list.calls(point), observers);
        }
        let mut unfilled = Self::new(Vec::new(), observers);
        unfilled.member_list = Some(Box::new(member_list.clone()));
        unfilled
    }

    /// Returns whether a call may run on it as it is.
    #[inline]
    pub(super) fn is_ready(&self) -> bool {
        self.is_filled() && !self.asks_gates
    }

    /// Returns whether it has its array, and nothing to tell.
    #[inline]
    pub(super) fn is_filled(&self) -> bool {
        self.member_list.is_none() && !self.is_forgotten
    }

    /// Returns the same snapshot with its array.
    pub(super) fn filled(&self, point: &'static PointInfo) -> Self {
        let calls = match &self.member_list {
            Some(member_list) => member_list.calls(point),
            None => self.implementations().iter().cloned().collect(),
        };
        let mut filled =
            Self::new(calls, self.observers.clone()).held_to(self.timeout).under(self.on_failure);
        (filled.number, filled.asks_gates) = (self.number, self.asks_gates);
        filled.drains.clone_from(&self.drains);
        #[cfg(all(feature = "config", feature = "macros"))]
        filled.groups.clone_from(&self.groups);
        filled
    }

    /// Returns the same snapshot, perhaps as one that tells of plugins that wait for a start.
    pub(super) fn forgotten(mut self, is_forgotten: bool) -> Self {
        self.is_forgotten = is_forgotten;
        self
    }

    /// Returns the same snapshot as part of a publication.
    pub(super) fn published(mut self, publication: &Publication<'_>, drains: &Arc<Drains>) -> Self {
        self.number = publication.number;
        self.asks_gates = self.observers.as_ref().is_some_and(|watchers| !watchers.gates().is_empty());
        self.drains = Some(Arc::clone(drains));
        #[cfg(all(feature = "config", feature = "macros"))]
        {
            self.groups = Some(Arc::clone(publication.groups));
        }
        self
    }

    /// Returns the same snapshot with this time limit.
    pub(super) fn held_to(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns the same snapshot, with calls that the clock of these drains measures.
    #[cfg(feature = "macros")]
    pub(super) fn measured_by(mut self, drains: &Arc<Drains>) -> Self {
        self.drains = Some(Arc::clone(drains));
        self
    }

    /// Returns the clock that measures its calls, if the host has set one.
    pub(crate) fn clock(&self) -> Option<&Clock> {
        self.drains.as_ref()?.clock.as_ref()
    }

    /// Returns the same snapshot with this failure policy.
    pub(super) fn under(mut self, on_failure: Option<FailurePolicy>) -> Self {
        self.on_failure = on_failure;
        self
    }

    /// Returns the same snapshot without permits and gates.
    #[cfg(feature = "macros")]
    pub(super) fn unlimited(mut self) -> Self {
        self.gated = false;
        #[cfg(feature = "async")]
        {
            self.limited = false;
        }
        self
    }

    /// Returns whether a guarded call of `point` has no more to do than to catch a panic and to name the plugin that failed.
    #[inline]
    pub(crate) fn guards_plainly(&self, point: &PointInfo) -> bool {
        let policy = self.on_failure.unwrap_or(point.failure_policy);
        self.guards_plainly
            && (!self.has_default || point.has_default_body)
            && self.timeout.is_none()
            && policy == FailurePolicy::FailFast
    }

    /// Tells the gates that a call begins. They may change which plugins take part in it.
    pub(super) fn ask_gates(&self) {
        if let (true, Some(watchers)) = (self.asks_gates, &self.observers) {
            watchers.gates().iter().for_each(|gate| gate.called());
        }
    }

    /// Wrappers first, then extensions, each in call order.
    #[inline]
    pub(crate) fn implementations(&self) -> Implementations<'_> {
        Implementations::All(&self.array)
    }

    /// Returns whether the implementation at `place` has a predicate.
    pub(crate) fn asks(&self, place: usize) -> bool {
        self.implementations().at(place).contribution.conditional
    }

    /// Returns whether a call would wait where the current thread must not.
    pub(crate) fn must_not_wait(&self) -> bool {
        let extensions = self.array.back_items();
        extensions.marks() & marks::WAITS != 0
            && extensions.iter().any(|each| each.contribution.must_not_wait())
    }

    /// Returns whether the extension at `index` is the default body of the point.
    pub(crate) fn is_default(&self, index: usize) -> bool {
        self.has_default && index + 1 == self.extension_count()
    }

    /// Returns the number of extensions.
    #[inline]
    pub(crate) fn extension_count(&self) -> usize {
        self.array.back_items().len()
    }

    /// Returns the extension at `index`.
    #[inline]
    pub(crate) fn extension(&self, index: usize) -> &Arc<Implementation> {
        self.array.back_items().get(index).expect(IN_SNAPSHOT)
    }
}

type Row = ErasedRow<Implementation>;

const IN_SNAPSHOT: &str = "a call counts the implementations of its snapshot";

/// The implementations that a call runs: wrappers first, then extensions, each in call order.
#[derive(Clone, Copy)]
pub(crate) enum Implementations<'s> {
    /// Those of a snapshot.
    All(&'s ErasedArray<Implementation>),
    /// A single one.
    One(&'s Arc<Implementation>),
}

impl<'s> Implementations<'s> {
    pub(crate) fn iter(self) -> impl Iterator<Item = &'s Arc<Implementation>> {
        let (all, one) = match self {
            Self::All(all) => (Some(all), None),
            Self::One(one) => (None, Some(one)),
        };
        let rows = all.into_iter().flat_map(|all| [all.front_items(), all.back_items()]);
        one.into_iter().chain(rows.flat_map(ErasedRow::iter))
    }

    /// Returns the implementation at `position`.
    pub(crate) fn get(self, position: usize) -> Option<&'s Arc<Implementation>> {
        match self {
            Self::One(one) => Some(one).filter(|_| position == 0),
            Self::All(all) => match position.checked_sub(all.front_len()) {
                None => all.front_items().get(position),
                Some(position) => all.back_items().get(position),
            },
        }
    }

    /// Returns the implementation at `position`, which is one of them.
    pub(crate) fn at(self, position: usize) -> &'s Arc<Implementation> {
        self.get(position).expect(IN_SNAPSHOT)
    }
}

impl Drop for Snapshot {
    /// Drops the implementations that no other snapshot has, one at a time.
    fn drop(&mut self) {
        let _told = Told(self.drains.take());
        let observers = self.observers.take();
        drops::scope(&|panic| observer::report(&observers, panic), &mut || {
            drop(std::mem::take(&mut self.array));
            drop(self.member_list.take());
            drop(self.note.take());
        });
        observer::drop_last(observers);
    }
}

/// Tells that a snapshot is dropped, even if a destructor panics.
struct Told(Option<Arc<Drains>>);

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(drains) = &self.0 {
            drains.tell();
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("implementations", &self.array).finish_non_exhaustive()
    }
}
