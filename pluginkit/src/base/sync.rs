//! What threads share, by the names the standard library gives it.
//!
//! Under `--cfg pluginkit_shuttle` a model checker's take the place of the standard library's, so that it decides which
//! thread goes on at each use: `tests/interleavings` builds the library like that. What is made once and then only
//! read, what no other thread sees, and what is merely counted stays with the standard library.
#![forbid(unsafe_code)]

#[cfg(not(pluginkit_shuttle))]
pub use std::sync::{
    Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard,
    atomic::{AtomicBool, AtomicU64, AtomicUsize},
};
#[cfg(not(pluginkit_shuttle))]
pub(crate) use std::sync::{
    OnceLock,
    atomic::{AtomicPtr, AtomicU8},
};
#[cfg(all(not(pluginkit_shuttle), any(feature = "macros", feature = "testing")))]
pub use std::thread;
#[cfg(not(pluginkit_shuttle))]
pub use std::thread_local;

#[cfg(pluginkit_shuttle)]
pub(crate) use once_lock::OnceLock;
#[cfg(pluginkit_shuttle)]
pub(crate) use shuttle::sync::atomic::{AtomicPtr, AtomicU8};
#[cfg(pluginkit_shuttle)]
pub use shuttle::sync::{
    Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard,
    atomic::{AtomicBool, AtomicU64, AtomicUsize},
};
#[cfg(all(pluginkit_shuttle, any(feature = "macros", feature = "testing")))]
pub use shuttle::thread;
#[cfg(pluginkit_shuttle)]
pub use shuttle::thread_local;

#[cfg(pluginkit_shuttle)]
mod once_lock {
    use std::sync::atomic::Ordering;

    use super::AtomicBool;

    /// The standard library's, with a turn for the other threads before each use.
    pub(crate) struct OnceLock<T> {
        value: std::sync::OnceLock<T>,
        touched: AtomicBool,
    }

    impl<T> Default for OnceLock<T> {
        fn default() -> Self {
            Self { value: std::sync::OnceLock::new(), touched: AtomicBool::new(false) }
        }
    }

    impl<T> OnceLock<T> {
        pub(crate) fn get(&self) -> Option<&T> {
            self.touched.load(Ordering::SeqCst);
            self.value.get()
        }

        pub(crate) fn get_or_init(&self, init: impl FnOnce() -> T) -> &T {
            self.touched.store(true, Ordering::SeqCst);
            self.value.get_or_init(init)
        }
    }
}
