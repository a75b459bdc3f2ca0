//! [`Direct`]: a plugin that is its own extension.
//!
//! A method of a plugin is bound by a closure that captures nothing, so that the pointer to the plugin is all
//! that its object needs: no memory of its own, no second pointer to follow on a call, and no code that makes
//! and drops it, which a host would compile for each of its extensions.

use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::call::signature::{ExtensionOf, Signature};
use crate::plugin::bind::BindMethod;

/// A plugin `T` as the extension that calls an `F` on it, which has no size.
#[repr(transparent)]
struct Direct<T, F> {
    plugin: T,
    call: PhantomData<F>,
}

impl<P, T, F> ExtensionOf<P> for Direct<T, F>
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a> Fn(&T, P::Args<'a>) -> P::Return + Copy + Send + Sync + 'static,
{
    #[inline]
    fn call(&self, args: P::Args<'_>) -> P::Return {
        // SAFETY: an `F` has no size, so any aligned pointer points to one; `bind_method` was given a value, so that
        // there is one, and it may be shared as `self` is, which holds it by its types.
        let call: &F = unsafe { NonNull::dangling().as_ref() };
        call(&self.plugin, args)
    }
}

impl<P, T, F> BindMethod<T, F> for P
where
    P: Signature,
    T: Send + Sync + 'static,
    F: for<'a> Fn(&T, P::Args<'a>) -> P::Return + Copy + Send + Sync + 'static,
{
    fn bind_method(this: Arc<T>, _: F) -> Arc<dyn ExtensionOf<P>> {
        const { assert!(size_of::<F>() == 0, "what is called on a plugin captures nothing") }
        let this = Arc::into_raw(this) as *const Direct<T, F> as *const dyn ExtensionOf<P>;
        // SAFETY: a `Direct` is a `T` with a field of no size and no alignment, so that an `Arc` of the one is laid
        // out as one of the other, and to drop either is to drop a `T`.
        unsafe { Arc::from_raw(this) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::call::signature::ExtensionOf;
    use crate::manual::*;
    use crate::{Mode, PointInfo};

    static DROPS: AtomicUsize = AtomicUsize::new(0);

    struct Counts(String);

    impl Drop for Counts {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[derive(Clone, Copy)]
    struct Feed;

    impl Specs for Feed {
        const NAME: &'static str = "Feed";
        const PROJECT: Option<&'static str> = None;
        fn declare(_: &mut Points) {}
    }

    #[derive(Clone, Copy)]
    struct Say;

    impl Signature for Say {
        type Specs = Feed;
        type Form = Collects;
        type Arity = Arity<1>;
        type Concurrency = InTurn;
        type Shape = Values;
        type Return = String;
        type Args<'a> = &'a str;
        type Held<'a> = &'a str;
        type Peeked<'x> = &'x str;
        const INFO: &'static PointInfo = &PointInfo::new("Feed", "say", Mode::Collecting, &["word"]);

        fn open<'w, 'a: 'w>(held: Self::Held<'a>) -> Self::Args<'w> {
            held
        }
        fn close(args: Self::Args<'_>) -> Self::Held<'_> {
            args
        }
        fn peek<'x>(held: &'x Self::Held<'_>) -> Self::Peeked<'x> {
            held
        }
        fn give<'s>(held: &'s mut Self::Held<'_>, _: bool) -> Self::Args<'s> {
            held
        }
    }

    impl Signature1 for Say {
        type A<'a> = &'a str;
        fn args(word: Self::A<'_>) -> Self::Args<'_> {
            word
        }
    }

    fn bound<F>(plugin: &Arc<Counts>, call: F) -> Arc<dyn ExtensionOf<Say>>
    where
        F: Fn(&Counts, &str) -> String + Copy + Send + Sync + 'static,
    {
        Say::bind_method(Arc::clone(plugin), call)
    }

    #[test]
    fn a_plugin_is_shared_with_its_extensions_and_dropped_once() {
        let plugin = Arc::new(Counts("plugin".to_owned()));
        let one = bound(&plugin, |this, word| format!("{} {word}", this.0));
        let other = bound(&plugin, |this, word| format!("{word} {}", this.0));
        assert_eq!(Arc::strong_count(&plugin), 3);
        drop(plugin);
        assert_eq!(one.call("says"), "plugin says");
        assert_eq!(other.call("not"), "not plugin");
        drop(one);
        assert_eq!(DROPS.load(Ordering::Relaxed), 0);
        drop(other);
        assert_eq!(DROPS.load(Ordering::Relaxed), 1);
    }
}
