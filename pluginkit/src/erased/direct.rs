//! [`Direct`]: a plugin that is its own extension.
//!
//! A method of a plugin is bound by a closure that captures nothing, so that the pointer to the plugin is all
//! that its object needs: no memory of its own, no second pointer to follow on a call, and no code that makes
//! and drops it, which a host would compile for each of its extensions.

use std::marker::PhantomData;
use std::mem;
use std::ptr::NonNull;
use std::sync::Arc;

/// A plugin `T` as the extension that calls an `F` on it.
#[repr(transparent)]
pub(crate) struct Direct<T, F> {
    plugin: T,
    call: PhantomData<F>,
}

impl<T, F> Direct<T, F> {
    /// The plugin `this` as the extension that runs `call`, which must not capture anything.
    pub(crate) fn new(this: Arc<T>, call: F) -> Arc<Self> {
        const { assert!(size_of::<F>() == 0, "what is called on a plugin captures nothing") }
        // What has no size is still there when its value is forgotten, and is not dropped.
        mem::forget(call);
        // SAFETY: a `Self` is a `T` with a field of no size and no alignment, so that an `Arc` of the one is laid
        // out as one of the other, and to drop either is to drop a `T`.
        unsafe { Arc::from_raw(Arc::into_raw(this) as *const Self) }
    }

    /// The plugin, and what runs on it.
    #[inline]
    pub(crate) fn parts(&self) -> (&T, &F) {
        // SAFETY: an `F` has no size, so any aligned pointer points to one; `new` was given a value, which it
        // forgot, so that there is one, and it may be shared as `self` is, which holds it by its types.
        (&self.plugin, unsafe { NonNull::<F>::dangling().as_ref() })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::Direct;

    static DROPS: AtomicUsize = AtomicUsize::new(0);

    struct Counts(String);

    impl Drop for Counts {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn say<F: Fn(&Counts, &str) -> String>(direct: &Direct<Counts, F>, word: &str) -> String {
        let (plugin, call) = direct.parts();
        call(plugin, word)
    }

    #[test]
    fn a_plugin_is_shared_with_its_extensions_and_dropped_once() {
        let plugin = Arc::new(Counts("plugin".to_owned()));
        let one = Direct::new(Arc::clone(&plugin), |this: &Counts, word: &str| format!("{} {word}", this.0));
        let other =
            Direct::new(Arc::clone(&plugin), |this: &Counts, word: &str| format!("{word} {}", this.0));
        assert_eq!(Arc::strong_count(&plugin), 3);
        drop(plugin);
        assert_eq!(say(&one, "says"), "plugin says");
        assert_eq!(say(&other, "not"), "not plugin");
        drop(one);
        assert_eq!(DROPS.load(Ordering::Relaxed), 0);
        drop(other);
        assert_eq!(DROPS.load(Ordering::Relaxed), 1);
    }
}
