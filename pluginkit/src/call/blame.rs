//! Whose failure it is: one rule for all calls, and [`Blame`], which follows a guarded call that nothing else follows.
//!
//! A [`Tracer`](crate::call::trace::Tracer) follows calls with observers, time limits, predicates or a failure policy.
//!
//! - An extension that fails has failed itself.
//! - A wrapper has failed itself, unless it [passes on](How::passes_on) the failure of what it ran.

use std::any::{Any, TypeId};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use crate::base::drops::{DropPanic, caught, contain_quietly, reported, text};
use crate::base::sync::{AtomicBool, AtomicUsize, Mutex, MutexGuard};

/// A failure on its way out of a call.
pub(crate) struct Raised {
    /// The position of the implementation whose code raised it.
    pub(crate) position: usize,
    pub(crate) how: How,
}

/// A part of a call: the whole of it, or one run of its rest that a clone of a `next` makes.
///
/// Several runs of a rest may be under way at once, and a wrapper may pass on the failure of any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Branch(u32);

impl Branch {
    /// The whole call, without the runs that clones make.
    pub(crate) const MAIN: Self = Self(0);

    fn origin(self, origins: &[Origin]) -> Option<Origin> {
        origins.get(usize::try_from(self.0).ok()?.checked_sub(1)?).copied()
    }
}

/// The wrapper that made a branch: the branch that it runs in, and its position.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Origin {
    branch: Branch,
    wrapper: usize,
}

/// The failures that are on their way out of a call: the last one of each branch.
pub(crate) struct Failures {
    /// Whether there is one.
    any: AtomicBool,
    list: Mutex<List>,
}

struct List {
    /// The first failure. Most calls have at most one.
    first: Option<(Branch, Raised)>,
    others: Vec<(Branch, Raised)>,
    /// The origins of the branches after [`Branch::MAIN`].
    origins: Vec<Origin>,
}

impl Failures {
    pub(crate) fn new() -> Self {
        let list = List { first: None, others: Vec::new(), origins: Vec::new() };
        Self { any: AtomicBool::new(false), list: Mutex::new(list) }
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a new branch for another run of the rest behind the wrapper at a position, whose `next` runs in `branch`.
    pub(crate) fn another(&self, branch: Branch, wrapper: usize) -> Branch {
        let mut list = self.lock();
        // A clone of a clone is a run for the same wrapper.
        let origin = match branch.origin(&list.origins) {
            Some(origin) if origin.wrapper == wrapper => origin,
            _ => Origin { branch, wrapper },
        };
        list.origins.push(origin);
        Branch(u32::try_from(list.origins.len()).unwrap_or(u32::MAX))
    }

    /// Returns the branch in which the wrapper at a position runs, of which a run of the rest runs in `branch`.
    pub(crate) fn runner(&self, branch: Branch, wrapper: usize) -> Branch {
        if branch == Branch::MAIN {
            return branch;
        }
        let origin = branch.origin(&self.lock().origins).filter(|origin| origin.wrapper == wrapper);
        origin.map_or(branch, |origin| origin.branch)
    }

    /// Records a failure of the implementation at `position` in `branch`. Returns whether the failure is its own.
    ///
    /// A `wrapper` may pass on the failure of another: see [`How::passes_on`].
    pub(crate) fn raise(&self, branch: Branch, position: usize, wrapper: bool, how: How) -> bool {
        let mut list = self.lock();
        let raised = if wrapper { list.take_passed_on(branch, position, &how) } else { None };
        let is_own = raised.is_none();
        list.remove(branch, wrapper.then_some(position));
        list.add(branch, raised.unwrap_or(Raised { position, how }));
        self.any.store(true, Ordering::Relaxed);
        is_own
    }

    /// Records that no failure is on its way in `branch`, nor out of the other runs of the `wrapper` at a position: an
    /// implementation starts, or has returned a value.
    #[inline]
    pub(crate) fn clear(&self, branch: Branch, wrapper: Option<usize>) {
        if self.any.load(Ordering::Relaxed) {
            self.remove(branch, wrapper);
        }
    }

    #[cold]
    #[inline(never)]
    fn remove(&self, branch: Branch, wrapper: Option<usize>) {
        let mut list = self.lock();
        list.remove(branch, wrapper);
        self.any.store(list.each().next().is_some(), Ordering::Relaxed);
    }

    /// Makes the failure in `chosen` that of `branch`, and removes the others of extensions that ran beside it in `branch`.
    ///
    /// Each of these extensions has [`another`](Self::another) branch, of no wrapper.
    #[cfg(feature = "async")]
    pub(crate) fn choose(&self, branch: Branch, chosen: Option<Branch>) {
        if !self.any.load(Ordering::Relaxed) {
            return;
        }
        let mut list = self.lock();
        let raised = chosen.and_then(|chosen| list.take(chosen));
        list.remove(branch, Some(NOBODY));
        if let Some(raised) = raised {
            list.add(branch, raised);
        }
        self.any.store(list.each().next().is_some(), Ordering::Relaxed);
    }

    /// Returns the position of the implementation whose code raised the failure of the call, if that is a panic or, unless
    /// `panicked`, an error.
    pub(crate) fn blamed(&self, panicked: bool) -> Option<usize> {
        let list = self.lock();
        let (_, raised) = list.each().find(|(branch, _)| *branch == Branch::MAIN)?;
        (raised.how.is_panic() == panicked).then_some(raised.position)
    }

    /// Returns whether a panic is on its way that may be why what runs in `branch` is dropped.
    ///
    /// The panics of extensions that run beside others are kept, so that these unwind nothing else.
    pub(crate) fn has_panic(&self, branch: Branch) -> bool {
        let list = self.lock();
        let is_kept = |of: Branch| {
            of != branch && of.origin(&list.origins).is_some_and(|origin| origin.wrapper == NOBODY)
        };
        list.each().any(|(of, raised)| raised.how.is_panic() && !is_kept(*of))
    }
}

impl List {
    /// The most failures of other runs that are kept for a wrapper.
    const MOST: usize = 32;

    fn each(&self) -> impl DoubleEndedIterator<Item = &(Branch, Raised)> {
        self.first.iter().chain(&self.others)
    }

    /// Takes the last failure that the wrapper at `position` in `branch` got and passes on when it fails like this.
    fn take_passed_on(&mut self, branch: Branch, position: usize, how: &How) -> Option<Raised> {
        let Self { first, others, origins } = self;
        let origin = Some(Origin { branch, wrapper: position });
        let is_passed_on = |(of, raised): &(Branch, Raised)| {
            (*of == branch || of.origin(origins) == origin) && how.passes_on(raised)
        };
        let taken = match others.iter().rposition(is_passed_on) {
            Some(index) => Some(others.remove(index)),
            None => first.take_if(|each| is_passed_on(each)),
        };
        taken.map(|(_, raised)| raised)
    }

    /// Takes the failure of `branch`.
    #[cfg(feature = "async")]
    fn take(&mut self, branch: Branch) -> Option<Raised> {
        let Self { first, others, .. } = self;
        let taken = match others.iter().position(|(of, _)| *of == branch) {
            Some(index) => Some(others.remove(index)),
            None => first.take_if(|(of, _)| *of == branch),
        };
        taken.map(|(_, raised)| raised)
    }

    /// Removes the failure of `branch`, and those of the other runs of the `wrapper` at a position.
    fn remove(&mut self, branch: Branch, wrapper: Option<usize>) {
        let Self { first, others, origins } = self;
        let origin = wrapper.map(|wrapper| Origin { branch, wrapper });
        let is_gone = |of: Branch| of == branch || (origin.is_some() && of.origin(origins) == origin);
        first.take_if(|(of, _)| is_gone(*of));
        others.retain(|(of, _)| !is_gone(*of));
    }

    /// Adds the failure of `branch`, which has none.
    fn add(&mut self, branch: Branch, raised: Raised) {
        if self.first.is_none() && self.others.is_empty() {
            self.first = Some((branch, raised));
            return;
        }
        // A wrapper may run its rest again and again.
        let Self { others, origins, .. } = self;
        let origin = branch.origin(origins);
        let is_sibling = |(of, _): &(Branch, Raised)| origin.is_some() && of.origin(origins) == origin;
        if others.iter().filter(|each| is_sibling(each)).count() >= Self::MOST
            && let Some(oldest) = others.iter().position(is_sibling)
        {
            others.remove(oldest);
        }
        self.others.push((branch, raised));
    }
}

/// How an implementation failed.
pub(crate) enum How {
    /// It returned an error with this text, if the error has one.
    Failed(Option<Box<str>>),
    /// It panicked with a payload of this type and this text, if it was seen.
    Panicked(Option<(TypeId, Box<str>)>),
}

impl How {
    /// Returns the panic with this payload.
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        Self::Panicked(Some((payload.type_id(), text(payload).into())))
    }

    /// Returns a panic whose payload is unknown.
    pub(crate) fn unseen_panic() -> Self {
        Self::Panicked(None)
    }

    pub(crate) fn is_panic(&self) -> bool {
        matches!(self, Self::Panicked(_))
    }

    /// Returns whether a wrapper that fails like this passes on the failure that its rest `raised`.
    ///
    /// It does if it fails as the rest did, and with the same text. What has no text cannot be told apart.
    pub(crate) fn passes_on(&self, raised: &Raised) -> bool {
        match (self, &raised.how) {
            (Self::Failed(Some(own)), Self::Failed(Some(other))) => own == other,
            (Self::Panicked(Some(own)), Self::Panicked(Some(other))) => own == other,
            (Self::Failed(_), Self::Failed(_)) | (Self::Panicked(_), Self::Panicked(_)) => true,
            (Self::Failed(_), Self::Panicked(_)) | (Self::Panicked(_), Self::Failed(_)) => false,
        }
    }
}

/// Returns the text of an error; `None` if it has none or panics. No observer sees it.
pub(crate) fn text_of(text: &mut dyn FnMut() -> Option<String>) -> Option<String> {
    let mut found = None;
    contain_quietly(&mut || found = text());
    found
}

/// The position of no implementation: that of work of the host, and before an implementation runs.
pub(crate) const NOBODY: usize = usize::MAX;

/// The failure of a guarded call on the fast path.
pub(crate) struct Blame {
    /// The position of the extension that panicked, among all implementations of the call.
    running: AtomicUsize,
    /// The failures that are on their way out of the call.
    failures: Failures,
    /// The first panic of a destructor of a value that the call no longer needed.
    dropped: Mutex<Option<DropPanic>>,
}

impl Blame {
    pub(crate) fn new() -> Self {
        Self { running: AtomicUsize::new(NOBODY), failures: Failures::new(), dropped: Mutex::new(None) }
    }

    /// Records that the extension at `position` panics, or that the call ends well.
    #[inline]
    pub(crate) fn runs(&self, position: usize) {
        self.running.store(position, Ordering::Relaxed);
    }

    /// Runs the wrapper at `position`, or the extensions if there is none, in `branch`. Its panic is recorded.
    #[inline]
    pub(crate) fn watch(&self, branch: Branch, wrapper: Option<usize>, work: &mut dyn FnMut()) {
        // What failed before is not inside of it.
        self.nothing_raised(branch, wrapper);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.unwind(branch, wrapper, panic);
        }
    }

    /// Continues a panic that comes out of the wrapper at a position, or of the extensions if there is none. It is recorded
    /// in a guarded call.
    #[cfg(feature = "async")]
    #[cold]
    #[inline(never)]
    pub(crate) fn pass_on(
        this: Option<&Self>,
        branch: Branch,
        wrapper: Option<usize>,
        panic: Box<dyn Any + Send>,
    ) -> ! {
        match this {
            Some(blame) => blame.unwind(branch, wrapper, panic),
            None => resume_unwind(panic),
        }
    }

    #[cold]
    #[inline(never)]
    fn unwind(&self, branch: Branch, wrapper: Option<usize>, panic: Box<dyn Any + Send>) -> ! {
        self.raise(branch, wrapper, How::panicked(&*panic));
        resume_unwind(panic)
    }

    /// Records a failure of the wrapper at a position, or of the extension that ran last.
    fn raise(&self, branch: Branch, wrapper: Option<usize>, how: How) {
        let position = wrapper.unwrap_or_else(|| self.running.load(Ordering::Relaxed));
        self.failures.raise(branch, position, wrapper.is_some(), how);
    }

    /// Records that no failure is on its way to the wrapper at a position, or to the extensions if there is none: it starts,
    /// or has returned a value.
    #[inline]
    pub(crate) fn nothing_raised(&self, branch: Branch, wrapper: Option<usize>) {
        self.failures.clear(branch, wrapper);
    }

    /// Records that the wrapper at a position returned an error with this text, or the extension that failed last.
    #[cold]
    #[inline(never)]
    pub(crate) fn failed_with(
        &self,
        branch: Branch,
        wrapper: Option<usize>,
        text: &mut dyn FnMut() -> Option<String>,
    ) {
        self.raise(branch, wrapper, How::Failed(text_of(text).map(String::into_boxed_str)));
    }

    /// Records that the extension at `position` returned an error.
    #[inline]
    pub(crate) fn extension_failed(&self, branch: Branch, position: usize) {
        self.runs(position);
        self.raise(branch, None, How::Failed(None));
    }

    /// Returns a new branch for another run of the rest behind the wrapper at a position.
    pub(crate) fn another(&self, branch: Branch, wrapper: usize) -> Branch {
        self.failures.another(branch, wrapper)
    }

    /// Returns the position of the implementation whose code raised the error or, if `panicked`, the panic of the call.
    pub(crate) fn blamed(&self, panicked: bool) -> usize {
        match self.failures.blamed(panicked) {
            Some(position) => position,
            // Without wrappers, nobody has seen the panic on its way.
            None if panicked => self.running.load(Ordering::Relaxed),
            None => NOBODY,
        }
    }

    /// Runs `drops`, which drops values that a call no longer needs. The first panic of a destructor is kept.
    #[cold]
    #[inline(never)]
    pub(crate) fn drop_used(&self, drops: &mut dyn FnMut()) {
        let Some(panic) = caught(&|_| (), drops) else { return };
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        let _later = if dropped.is_none() { dropped.replace(panic) } else { Some(panic) };
        // The payload of a later panic is dropped without the lock.
        drop(dropped);
    }

    /// Runs `drops`, which drops the results of a call that failed. Panics of destructors are not kept.
    #[cold]
    #[inline(never)]
    pub(crate) fn drop_left(drops: &mut dyn FnMut()) {
        reported(&|_| (), drops);
    }

    /// Returns whether a destructor has panicked.
    #[inline]
    pub(crate) fn has_dropped(&mut self) -> bool {
        self.dropped.get_mut().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Takes the first panic of a destructor.
    pub(crate) fn take_dropped(&mut self) -> Option<DropPanic> {
        self.dropped.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }
}
