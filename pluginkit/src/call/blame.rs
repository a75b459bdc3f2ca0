//! [`Blame`]: which implementation of a guarded call failed, where nothing else follows the call.
//!
//! A [`Tracer`](crate::call::trace::Tracer) follows calls with observers, time limits, predicates or a failure policy, and
//! attributes failures by the same rules:
//!
//! - An error or a panic that passes through wrappers is the failure of the implementation that it came from.
//! - A wrapper that makes an error of a success, or of a panic that it caught, has failed itself.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use crate::base::drops::{DropPanic, caught, reported};
use crate::base::sync::{AtomicUsize, Mutex};

/// The value of `failed` while no implementation has failed.
const NONE: usize = usize::MAX;

/// The positions of the implementation that runs and of the one that failed, among all of the call.
///
/// `running` goes back to a wrapper when the rest of its call returns, but not when the rest panics. So during an unwind
/// `running` stays at the source of the panic. At the end of a wrapper that caught a panic, `running` is not its position.
pub(crate) struct Blame {
    running: AtomicUsize,
    /// The implementation that returned an error; [`NONE`] if none did.
    failed: AtomicUsize,
    /// The first panic of a destructor of a value that the call no longer needed.
    dropped: Mutex<Option<DropPanic>>,
}

impl Blame {
    pub(crate) fn new() -> Self {
        Self { running: AtomicUsize::new(NONE), failed: AtomicUsize::new(NONE), dropped: Mutex::new(None) }
    }

    /// Records that the implementation at `position` runs, and no other inside of it.
    #[inline]
    pub(crate) fn runs(&self, position: usize) {
        self.running.store(position, Ordering::Relaxed);
    }

    /// Records the end of the wrapper at `position`, which returned an error if `is_error`.
    #[inline]
    pub(crate) fn wrapper_ended(&self, position: usize, is_error: bool) {
        if is_error {
            let has_caught = self.running.load(Ordering::Relaxed) != position;
            if has_caught || self.failed.load(Ordering::Relaxed) == NONE {
                self.failed.store(position, Ordering::Relaxed);
            }
        } else {
            self.failed.store(NONE, Ordering::Relaxed);
        }
        self.runs(position.wrapping_sub(1));
    }

    /// Records that the extension at `position` returned an error.
    #[inline]
    pub(crate) fn extension_failed(&self, position: usize) {
        self.failed.store(position, Ordering::Relaxed);
    }

    /// Returns the position of the implementation that panicked, in a call that ended with a panic.
    pub(crate) fn panicked(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    /// Returns the position of the implementation that failed, in a call that ended with an error.
    pub(crate) fn failed(&self) -> usize {
        self.failed.load(Ordering::Relaxed)
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

    /// Takes the first panic of a destructor.
    #[inline]
    pub(crate) fn take_dropped(&mut self) -> Option<DropPanic> {
        self.dropped.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }
}
