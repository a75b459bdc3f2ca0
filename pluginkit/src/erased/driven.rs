//! [`Driven`]: a future over a value whose type it does not know.
//!
//! The slow path of an async call is one future that is compiled once. It reaches the typed half of the call through a
//! trait object. Whether the future is `Send` would depend on a type that the object hides. So the object is a [`Lent`],
//! which is `Send` always, and the future is in a [`Driven`], which is `Send` if the value is.
//!
//! 1. A [`Lent`] gives its value only to the thread that makes, polls or drops the [`Driven`] at that moment.
//! 2. That thread may have the value: a [`Driven`] moves between threads only if the value may.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use crate::base::drops::scope;
use crate::base::futures::BoxFuture;
use crate::base::threads::current;

/// The number of the thread that makes, polls or drops a [`Driven`]; 0 if none does.
#[derive(Default)]
pub(crate) struct Poller(AtomicU64);

impl Poller {
    fn enter(&self) -> Polling<'_> {
        self.0.store(current(), Ordering::Relaxed);
        Polling(self)
    }

    // Threads compare the number with their own. What another thread stored is never equal, whenever it is seen.
    #[inline]
    fn check(&self) {
        assert!(self.0.load(Ordering::Relaxed) == current(), "a value is lent to the thread that polls");
    }
}

/// Ends a poll.
struct Polling<'p>(&'p Poller);

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.0.store(0, Ordering::Relaxed);
    }
}

/// A value that a future of unknown `Send`ness drives.
pub(crate) struct Lent<'c, C> {
    value: &'c mut C,
    poller: &'c Poller,
}

// SAFETY: by rule 1, a thread that gets it reaches the value only while it polls the `Driven`. By rule 2, it may.
unsafe impl<C> Send for Lent<'_, C> {}

impl<'c, C> Lent<'c, C> {
    /// Lends `value` to the future of a [`Driven`], which has the `poller`.
    pub(crate) fn new(value: &'c mut C, poller: &'c mut Poller) -> Self {
        Self { value, poller }
    }

    #[inline]
    pub(crate) fn get(&self) -> &C {
        self.poller.check();
        self.value
    }

    #[inline]
    pub(crate) fn get_mut(&mut self) -> &mut C {
        self.poller.check();
        self.value
    }
}

/// A future that drives a `C`.
pub(crate) struct Driven<'c, C, T> {
    work: Work<'c, T>,
    driven: PhantomData<&'c mut C>,
}

/// The future, without the type of the value.
struct Work<'c, T> {
    /// `None` once the future is dropped.
    future: Option<BoxFuture<'c, T>>,
    poller: &'c Poller,
}

impl<'c, C, T> Driven<'c, C, T> {
    /// Returns the future that `start` makes of `driven`.
    pub(crate) fn new<'l: 'c>(
        driven: &'c mut Lent<'l, C>,
        start: impl FnOnce(&'c mut Lent<'l, C>) -> BoxFuture<'c, T>,
    ) -> Self {
        let poller = driven.poller;
        let starting = poller.enter();
        let future = Some(start(driven));
        drop(starting);
        Self { work: Work { future, poller }, driven: PhantomData }
    }
}

impl<C, T> Future for Driven<'_, C, T> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        self.work.poll(cx)
    }
}

impl<T> Work<'_, T> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let _polling = self.poller.enter();
        let Some(future) = &mut self.future else { return Poll::Pending };
        let polled = future.as_mut().poll(cx);
        if polled.is_ready() {
            // It has dropped what it had. Only its memory is left, which needs no scope.
            self.future = None;
        }
        polled
    }
}

impl<T> Drop for Work<'_, T> {
    /// Drops the future in a scope: it may contain futures of plugins and results, of which several panic.
    fn drop(&mut self) {
        if self.future.is_some() {
            let _polling = self.poller.enter();
            scope(&|_| (), &mut || self.future = None);
        }
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

    impl Counts for Lent<'_, Vec<u8>> {
        fn count(&mut self) -> usize {
            self.get_mut().push(1);
            self.get().len()
        }
    }

    impl Counts for Lent<'_, Rc<()>> {
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
        assert_eq!(
            now(is_send(Driven::new(&mut Lent::new(&mut bytes, &mut Poller::default()), |lent| twice(lent)))),
            3
        );
        assert_eq!(bytes, [0, 1, 1]);
        let mut shared = Rc::new(());
        assert_eq!(
            now(Driven::new(&mut Lent::new(&mut shared, &mut Poller::default()), |lent| twice(lent))),
            1
        );
    }
}
