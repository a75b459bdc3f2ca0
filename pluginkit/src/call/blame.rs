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
use crate::base::sync::{AtomicBool, AtomicUsize, Mutex};

/// A failure on its way out of a call.
pub(crate) struct Raised {
    /// The position of the implementation whose code raised it.
    pub(crate) position: usize,
    pub(crate) how: How,
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

/// The value of `running` before an implementation runs.
const NONE: usize = usize::MAX;

/// The failure of a guarded call on the fast path.
pub(crate) struct Blame {
    /// The position of the extension that panicked, among all implementations of the call.
    running: AtomicUsize,
    /// The failure that is on its way out of the call.
    raised: Mutex<Option<Raised>>,
    /// Whether there is one.
    has_raised: AtomicBool,
    /// The first panic of a destructor of a value that the call no longer needed.
    dropped: Mutex<Option<DropPanic>>,
}

impl Blame {
    pub(crate) fn new() -> Self {
        Self {
            running: AtomicUsize::new(NONE),
            raised: Mutex::new(None),
            has_raised: AtomicBool::new(false),
            dropped: Mutex::new(None),
        }
    }

    /// Records that the extension at `position` panics, or that the call ends well.
    #[inline]
    pub(crate) fn runs(&self, position: usize) {
        self.running.store(position, Ordering::Relaxed);
    }

    /// Runs the wrapper at `position`, or the extensions if there is none. Its panic is recorded.
    #[inline]
    pub(crate) fn watch(&self, wrapper: Option<usize>, work: &mut dyn FnMut()) {
        // What failed before is not inside of it.
        self.nothing_raised();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.unwind(wrapper, panic);
        }
    }

    /// Continues a panic that comes out of the wrapper at a position, or of the extensions if there is none. It is recorded
    /// in a guarded call.
    #[cfg(feature = "async")]
    #[cold]
    #[inline(never)]
    pub(crate) fn pass_on(this: Option<&Self>, wrapper: Option<usize>, panic: Box<dyn Any + Send>) -> ! {
        match this {
            Some(blame) => blame.unwind(wrapper, panic),
            None => resume_unwind(panic),
        }
    }

    #[cold]
    #[inline(never)]
    fn unwind(&self, wrapper: Option<usize>, panic: Box<dyn Any + Send>) -> ! {
        self.raise(wrapper, How::panicked(&*panic));
        resume_unwind(panic)
    }

    /// Records a failure of the wrapper at a position, or of the extension that ran last.
    fn raise(&self, wrapper: Option<usize>, how: How) {
        let mut raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        let is_passed_on = wrapper.is_some() && raised.as_ref().is_some_and(|raised| how.passes_on(raised));
        if !is_passed_on {
            let position = wrapper.unwrap_or_else(|| self.running.load(Ordering::Relaxed));
            *raised = Some(Raised { position, how });
            self.has_raised.store(true, Ordering::Relaxed);
        }
    }

    /// Records that no failure is on its way: an implementation starts, or has returned a value.
    #[inline]
    pub(crate) fn nothing_raised(&self) {
        if self.has_raised.load(Ordering::Relaxed) {
            self.clear();
        }
    }

    #[cold]
    #[inline(never)]
    fn clear(&self) {
        self.has_raised.store(false, Ordering::Relaxed);
        *self.raised.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Records that the wrapper at a position returned an error with this text, or the extension that failed last.
    #[cold]
    #[inline(never)]
    pub(crate) fn failed_with(&self, wrapper: Option<usize>, text: &mut dyn FnMut() -> Option<String>) {
        self.raise(wrapper, How::Failed(text_of(text).map(String::into_boxed_str)));
    }

    /// Records that the extension at `position` returned an error.
    #[inline]
    pub(crate) fn extension_failed(&self, position: usize) {
        self.runs(position);
        self.raise(None, How::Failed(None));
    }

    /// Returns the position of the implementation whose code raised the error or, if `panicked`, the panic of the call.
    pub(crate) fn blamed(&self, panicked: bool) -> usize {
        let raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        match &*raised {
            Some(raised) if raised.how.is_panic() == panicked => raised.position,
            // Without wrappers, nobody has seen the panic on its way.
            _ if panicked => self.running.load(Ordering::Relaxed),
            _ => NONE,
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
