//! [`WithinCall`]: the future of a call that tells the drains that it waits for.
//!
//! An extension may stop its own plugin, and the stop waits for the calls of the plugin. It must not wait for the call that
//! waits for it. So a drain notes on its thread that it is pending, and a call that is pending after it polled the drain
//! tells the drain so.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::base::sync::thread_local;
use crate::registry::{Drain, Snapshot, WaitingCall};

thread_local! {
    /// The number of times that a drain was pending on this thread.
    static PENDING: Cell<u64> = const { Cell::new(0) };
    /// The drains that were pending, each with the number of the last time.
    static DRAINS: RefCell<Vec<(u64, Weak<Drain>)>> = const { RefCell::new(Vec::new()) };
}

/// Notes that `drain` is pending on this thread.
pub fn drain_is_pending(drain: &Arc<Drain>) {
    let number = PENDING.with(|pending| {
        pending.set(pending.get() + 1);
        pending.get()
    });
    let _ = DRAINS.try_with(|drains| {
        let mut drains = drains.borrow_mut();
        drains.retain(|(_, other)| {
            other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Arc::as_ptr(drain))
        });
        drains.push((number, Arc::downgrade(drain)));
    });
}

pin_project! {
    /// The future or the stream of a call on a snapshot.
    pub(crate) struct WithinCall<F> {
        snapshot: usize,
        // Dropped first: while a drain knows the call, the call holds its snapshot, unless it is polled.
        told: Told,
        #[pin]
        call: F,
    }
}

/// The drains that know that a call waits for them, by the addresses of its snapshot and of its future. They forget it when
/// the call ends.
#[derive(Default)]
struct Told(Option<Box<(WaitingCall, Vec<Weak<Drain>>)>>);

impl Told {
    /// Tells the drains whether this thread polls the call, which may release its snapshot meanwhile.
    #[cold]
    #[inline(never)]
    fn is_polled(&self, is_polled: bool) {
        let Some(told) = &self.0 else { return };
        let (call, drains) = &**told;
        drains.iter().filter_map(Weak::upgrade).for_each(|drain| drain.is_polled(*call, is_polled));
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some((call, drains)) = self.0.take().map(|told| *told) {
            drains.iter().filter_map(Weak::upgrade).for_each(|drain| drain.is_without(call));
        }
    }
}

/// The snapshot of a call, by its address.
#[derive(Clone, Copy)]
pub(crate) struct Within(usize);

impl Within {
    /// No snapshot.
    pub(crate) const NOTHING: Self = Self(0);

    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        Self(std::ptr::from_ref(snapshot).addr())
    }

    /// Returns a future of a call on the snapshot.
    pub(crate) fn call<F>(self, call: F) -> WithinCall<F> {
        WithinCall { snapshot: self.0, told: Told::default(), call }
    }
}

/// Polls a call on the snapshot at this address.
#[inline]
fn poll<F, T>(
    call: Pin<&mut F>,
    snapshot: usize,
    told: &mut Told,
    poll: impl FnOnce(Pin<&mut F>) -> Poll<T>,
    has_ended: impl FnOnce(&T) -> bool,
) -> Poll<T> {
    let address = std::ptr::from_ref(&*call).addr();
    let before = PENDING.with(Cell::get);
    if told.0.is_some() {
        told.is_polled(true);
    }
    let polled = poll(call);
    if told.0.is_some() {
        match &polled {
            // It may have released its snapshot.
            Poll::Ready(value) if has_ended(value) => drop(std::mem::take(told)),
            _ => told.is_polled(false),
        }
    }
    if polled.is_pending() && PENDING.with(Cell::get) != before {
        tell_drains(before, (snapshot, address), told);
    }
    polled
}

/// Tells the drains that were pending since `before` that the call waits for them.
#[cold]
#[inline(never)]
fn tell_drains(before: u64, call: WaitingCall, told: &mut Told) {
    let drains = DRAINS.try_with(|drains| {
        let drains = drains.borrow();
        let within = drains.iter().filter(|(number, _)| *number > before);
        within.filter_map(|(_, drain)| drain.upgrade()).collect::<Vec<_>>()
    });
    let (_, known) = &mut **told.0.get_or_insert_with(|| Box::new((call, Vec::new())));
    for drain in drains.into_iter().flatten() {
        known.retain(|other| other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Arc::as_ptr(&drain)));
        known.push(Arc::downgrade(&drain));
        drain.is_within(call);
    }
}

impl<F: Future> Future for WithinCall<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        poll(this.call, *this.snapshot, this.told, |call| call.poll(cx), |_| true)
    }
}

impl<S: Stream> Stream for WithinCall<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        poll(this.call, *this.snapshot, this.told, |call| call.poll_next(cx), Option::is_none)
    }
}
