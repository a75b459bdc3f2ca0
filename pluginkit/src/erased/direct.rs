//! [`Direct`]: a value with a method, as a trait object.
//!
//! The method is a function that captures nothing. So the object needs only the pointer to the value: no memory of its
//! own, no second indirection, and no constructor and destructor per method.

use std::fmt;

/// A `T` with a zero-sized function `F`.
///
/// The fields are public. A getter would be compiled again for each method of each plugin.
#[repr(C)]
pub struct Direct<T, F> {
    /// The value.
    pub value: T,
    /// The function.
    pub call: F,
}

impl<T, F: Copy> Direct<T, F> {
    /// Returns the same value with the function `F`, which must be zero-sized.
    #[expect(
        clippy::transmute_ptr_to_ptr,
        reason = "a host would compile the checks of a cast for each method"
    )]
    pub fn of(value: &T, _: F) -> &Self {
        const {
            assert!(size_of::<Self>() == size_of::<T>(), "a method captures nothing");
            assert!(align_of::<Self>() == align_of::<T>(), "a method captures nothing");
        }
        // SAFETY: the value is the first field, and the function has no bytes: a `Direct` has the layout of a `T`. An `F` is
        // inhabited, because there is one, and may be used again, because it is `Copy`. `Direct` has `F` in its type, so that
        // it is shared only if `F` may be.
        unsafe { std::mem::transmute::<&T, &Self>(value) }
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
            (self.call)(&self.value, word)
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
