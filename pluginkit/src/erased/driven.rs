//! [`Driven`]: a future over a value whose type it does not know.
//!
//! The slow path of an async call is one future that is compiled once. It reaches the typed half of the call through a
//! trait object. Whether the future is `Send` would depend on a type that the object hides. So the object is `Send`
//! always, and the future is in a [`Driven`], which is `Send` if the value is.
//!
//! 1. A [`Driven`] is the only owner of the future, and has the type of the value in its own type.
//! 2. The function that starts the future puts the reference into the future only. The future gives it to no other thread.
//!    Both are code of this crate.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::base::futures::BoxFuture;

/// A value that a future of unknown `Send`ness drives.
#[repr(transparent)]
pub(crate) struct Lent<C>(C);

// SAFETY: a reference to it is in a future, which moves between threads as a part of a `Driven` only. That is `Send` only
// if the value is.
unsafe impl<C> Send for Lent<C> {}

impl<C> Lent<C> {
    #[inline]
    pub(crate) fn get(&self) -> &C {
        &self.0
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut C {
        &mut self.0
    }
}

/// A future that drives a `C`.
pub(crate) struct Driven<'c, C, T> {
    future: BoxFuture<'c, T>,
    driven: PhantomData<&'c mut C>,
}

impl<'c, C, T> Driven<'c, C, T> {
    /// Returns the future that `start` makes of `driven`.
    pub(crate) fn new(driven: &'c mut C, start: impl FnOnce(&'c mut Lent<C>) -> BoxFuture<'c, T>) -> Self {
        // SAFETY: a `Lent<C>` has the layout of a `C`, and the reference is exclusive.
        let lent = unsafe { &mut *std::ptr::from_mut(driven).cast::<Lent<C>>() };
        Self { future: start(lent), driven: PhantomData }
    }
}

impl<C, T> Future for Driven<'_, C, T> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.future.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::base::futures::now;

    trait Counts: Send {
        fn count(&mut self) -> usize;
    }

    impl Counts for Lent<Vec<u8>> {
        fn count(&mut self) -> usize {
            self.get_mut().push(1);
            self.get().len()
        }
    }

    impl Counts for Lent<Rc<()>> {
        fn count(&mut self) -> usize {
            Rc::strong_count(self.get())
        }
    }

    fn twice(counts: &mut dyn Counts) -> BoxFuture<'_, usize> {
        Box::pin(async {
            counts.count();
            std::future::ready(()).await;
            counts.count()
        })
    }

    #[test]
    fn a_future_drives_a_value_of_any_type() {
        fn is_send<T: Send>(value: T) -> T {
            value
        }
        let mut bytes = vec![0];
        assert_eq!(now(is_send(Driven::new(&mut bytes, |lent| twice(lent)))), 3);
        assert_eq!(bytes, [0, 1, 1]);
        let mut shared = Rc::new(());
        assert_eq!(now(Driven::new(&mut shared, |lent| twice(lent))), 1);
    }
}
