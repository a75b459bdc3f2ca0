//! [`OwnThread`]: a reference that only the thread that made it can follow.
//!
//! The rest of a call is `Send + Sync`, so that a wrapper may use it on other threads. A rest of a local manager has the same
//! type, and so has the rest of a call around a closure of the host, which need not be `Send`. Both may be followed on one
//! thread only. The thread is checked when the reference is used. The alternative is that no rest can go to another thread.
//!
//! 1. A reference has the number of the thread that made it. No two threads have the same number: `base/threads.rs`.
//! 2. It is followed on that thread only, and has no destructor.

use std::fmt;

use crate::base::threads::current;

/// A reference that only the thread that made it can follow.
pub(crate) struct OwnThread<'t, T: ?Sized> {
    value: &'t T,
    thread: u64,
}

// SAFETY: by rule 2, other threads do not reach the value.
unsafe impl<T: ?Sized> Send for OwnThread<'_, T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized> Sync for OwnThread<'_, T> {}

impl<'t, T: ?Sized> OwnThread<'t, T> {
    pub(crate) fn new(value: &'t T) -> Self {
        Self { value, thread: current() }
    }

    /// Returns the reference.
    ///
    /// # Panics
    ///
    /// Panics with the text `misuse` on another thread than the one that made it.
    pub(crate) fn get(self, misuse: &'static str) -> &'t T {
        assert!(self.thread == current(), "{misuse}");
        self.value
    }
}

impl<T: ?Sized> Clone for OwnThread<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for OwnThread<'_, T> {}

impl<T: ?Sized> fmt::Debug for OwnThread<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnThread").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::thread;

    use super::*;

    #[test]
    fn a_reference_is_followed_on_its_own_thread_only() {
        let value = Cell::new(1);
        let reference = OwnThread::new(&value);
        reference.get("misuse").set(2);
        thread::scope(|scope| {
            let elsewhere = scope
                .spawn(move || catch_unwind(AssertUnwindSafe(|| reference.get("misuse").set(3))).is_err());
            assert!(elsewhere.join().unwrap());
        });
        assert_eq!(value.get(), 2);
    }
}
