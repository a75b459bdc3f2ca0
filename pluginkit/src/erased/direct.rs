//! [`Direct`]: a value as an object of a trait that one of its methods implements.
//!
//! A method is named by a function that captures nothing, so that the pointer to the value is all that its object needs:
//! no memory of its own, no second pointer to follow on a call, and no code that makes and drops it, which a host would
//! compile for each method.

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

/// A `T` with a function `F` without a size.
#[repr(transparent)]
pub(crate) struct Direct<T, F> {
    value: T,
    call: PhantomData<F>,
}

impl<T, F: Copy> Direct<T, F> {
    /// The same value, with the function `F`, which must have no size.
    pub(crate) fn new(value: Arc<T>, _: F) -> Arc<Self> {
        const { assert!(size_of::<F>() == 0, "a method captures nothing") }
        let value = Arc::into_raw(value) as *const Self;
        // SAFETY: a `Direct` is a `T` with a field of no size and no alignment, so that an `Arc` of the one is laid out as one
        // of the other, and to drop either is to drop a `T`.
        unsafe { Arc::from_raw(value) }
    }

    #[inline]
    pub(crate) fn value(&self) -> &T {
        &self.value
    }

    #[inline]
    #[expect(clippy::unused_self, reason = "a value is the proof that there is a function")]
    pub(crate) fn function(&self) -> &F {
        // SAFETY: an `F` has no size, so any aligned pointer points to one; `new` was given a value, so that there is one, and
        // it may be shared as `self` is, which holds it by its types.
        unsafe { NonNull::dangling().as_ref() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    static DROPS: AtomicUsize = AtomicUsize::new(0);

    struct Counts(String);

    impl Drop for Counts {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }

    trait Says {
        fn say(&self, word: &str) -> String;
    }

    impl<F: Fn(&Counts, &str) -> String + Copy> Says for Direct<Counts, F> {
        fn say(&self, word: &str) -> String {
            self.function()(self.value(), word)
        }
    }

    fn bound<F>(value: &Arc<Counts>, call: F) -> Arc<dyn Says>
    where
        F: Fn(&Counts, &str) -> String + Copy + 'static,
    {
        Direct::new(Arc::clone(value), call)
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
