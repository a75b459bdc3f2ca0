//! [`ThreadSafe`]: a value that may go to any thread and be shared among threads, as its constructor checks.
//!
//! A compiler that asks whether a type may go to another thread walks through the types of all its fields. For the caller of
//! a point, these are all types of the registry. A host pays for this walk for each point. It ends at this type.

use std::ops::Deref;

/// A value that is `Send + Sync`.
#[derive(Clone, Debug)]
pub(crate) struct ThreadSafe<T>(T);

// SAFETY: the constructors take only values that are `Send + Sync`: `new` asks for it, and `clone` makes values
// of the same type.
unsafe impl<T> Send for ThreadSafe<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for ThreadSafe<T> {}

impl<T: Send + Sync> ThreadSafe<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for ThreadSafe<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}
