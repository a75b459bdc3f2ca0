//! [`Direct`]: a value with a method, as a trait object.
//!
//! The method is a function that captures nothing. So the object needs only the pointer to the value: no memory of its
//! own, no second indirection, and no constructor and destructor per method.

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// A `T` with a zero-sized function `F`.
#[repr(transparent)]
pub struct Direct<T, F> {
    value: T,
    call: PhantomData<F>,
}

impl<T, F: Copy> Direct<T, F> {
    /// Returns the same value with the function `F`, which must be zero-sized.
    #[expect(
        clippy::transmute_ptr_to_ptr,
        reason = "a host would compile the checks of a cast for each method"
    )]
    pub fn of(value: &T, _: F) -> &Self {
        const { assert!(size_of::<F>() == 0, "a method captures nothing") }
        // SAFETY: a `Direct` is a `T` with a zero-sized field of alignment 1. So both have the same layout.
        unsafe { std::mem::transmute::<&T, &Self>(value) }
    }

    /// Returns the value.
    #[inline]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Returns the function.
    #[inline]
    pub fn function(&self) -> &F {
        // SAFETY: an `F` is zero-sized, so that any aligned pointer is valid for it. `of` took a value, so that the type is
        // inhabited. `self` has `F` in its type, so that it is shared only if `F` may be.
        unsafe { NonNull::dangling().as_ref() }
    }
}

impl<T, F> fmt::Debug for Direct<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Direct").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::erased::Shared;

    static DROPS: AtomicUsize = AtomicUsize::new(0);

    struct Counts(String);

    impl Drop for Counts {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }

    trait Says: Send + Sync {
        fn say(&self, word: &str) -> String;
    }

    impl<F: Fn(&Counts, &str) -> String + Copy + Send + Sync> Says for Direct<Counts, F> {
        fn say(&self, word: &str) -> String {
            self.function()(self.value(), word)
        }
    }

    fn bound<F>(value: &Arc<Counts>, call: F) -> Shared<dyn Says>
    where
        F: Fn(&Counts, &str) -> String + Copy + Send + Sync + 'static,
    {
        Shared::<dyn Says>::within(Arc::clone(value), |value| Direct::of(value, call))
    }

    #[test]
    fn a_value_is_shared_with_its_objects_and_dropped_once() {
        let value = Arc::new(Counts("value".to_owned()));
        let one = bound(&value, |this, word| format!("{} {word}", this.0));
        let other = bound(&value, |this, word| format!("{word} {}", this.0));
        assert_eq!(Arc::strong_count(&value), 3);
        drop(value);
        assert_eq!(one.say("says"), "value says");
        assert_eq!(other.say("not"), "not value");
        drop(one);
        assert_eq!(DROPS.load(Ordering::Relaxed), 0);
        drop(other);
        assert_eq!(DROPS.load(Ordering::Relaxed), 1);
    }
}
