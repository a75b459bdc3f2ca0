//! [`InSpan`]: futures that are polled inside what they run in, and up to their timeout.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::base::drops::contain;
#[cfg(feature = "tokio")]
use crate::call::permits::Permitted;
use crate::call::trace::Span;

/// What tells that a timeout is over.
#[cfg(feature = "tokio")]
pub(super) type Timer = tokio::time::Sleep;
#[cfg(not(feature = "tokio"))]
pub(super) type Timer = std::convert::Infallible;

/// What the code of a span, if there is one, does: polled and dropped inside what that runs in.
pub(super) struct InSpan<'i, 'c, F> {
    span: Option<&'i Span<'i, 'c>>,
    /// Until it is done.
    work: Pin<&'i mut Option<F>>,
    #[cfg(feature = "tokio")]
    limit: Option<Limit<'i>>,
    /// Whether it has begun, which what waits for its places has not.
    #[cfg(feature = "tokio")]
    has_begun: fn(&F) -> bool,
}

/// A timeout, and when it began.
#[cfg(feature = "tokio")]
struct Limit<'i> {
    allowed: std::time::Duration,
    started: tokio::time::Instant,
    over: Pin<&'i mut Timer>,
}

impl<'i, 'c, F> InSpan<'i, 'c, F> {
    pub(super) fn new(span: Option<&'i Span<'i, 'c>>, work: Pin<&'i mut Option<F>>) -> Self {
        Self {
            span,
            work,
            #[cfg(feature = "tokio")]
            limit: None,
            #[cfg(feature = "tokio")]
            has_begun: |_| true,
        }
    }

    /// The same, dropped when its timeout is over, if somebody holds it to that: the call is then at its end.
    #[cfg(feature = "tokio")]
    pub(super) fn limited(mut self, mut over: Pin<&'i mut Option<Timer>>) -> Self {
        let Some(limit) = self.span.and_then(Span::limit) else { return self };
        // Before the timer is made, so that what it ends has never taken less than it.
        let started = tokio::time::Instant::now();
        over.set(crate::call::runtime::timer(limit));
        self.limit = over.as_pin_mut().map(|over| Limit { allowed: limit, started, over });
        self
    }

    #[cfg(not(feature = "tokio"))]
    pub(super) fn limited(self, _: Pin<&'i mut Option<Timer>>) -> Self {
        self
    }

    /// Drops what is not done if its time is over.
    #[cfg(feature = "tokio")]
    #[inline(never)]
    fn expire(&mut self, cx: &mut Context<'_>) {
        if let (Some(span), Some(limit)) = (self.span, &mut self.limit)
            && limit.over.as_mut().poll(cx).is_ready()
        {
            let began = self.work.as_ref().get_ref().as_ref().is_some_and(self.has_begun);
            span.expire(limit.allowed, limit.started.elapsed(), began);
            self.end();
        }
    }

    fn end(&mut self) {
        if self.work.is_some() {
            let _entered = Span::enter(self.span);
            self.work.set(None);
        }
    }
}

/// A future that is polled. One that panics is dropped at once, as its destructor may panic, too.
struct Polling<'p, F>(Pin<&'p mut Option<F>>);

impl<F> Drop for Polling<'_, F> {
    fn drop(&mut self) {
        contain(None, || self.0.set(None));
    }
}

#[cfg(feature = "tokio")]
impl<'i, 'c, 'w, T> InSpan<'i, 'c, Permitted<'w, T>> {
    /// The same, of what has places to wait for.
    pub(super) fn permitted(
        span: Option<&'i Span<'i, 'c>>,
        work: Pin<&'i mut Option<Permitted<'w, T>>>,
    ) -> Self {
        let mut inside = Self::new(span, work);
        inside.has_begun = Permitted::has_begun;
        inside
    }
}

impl<F: Future> Future for InSpan<'_, '_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        // Nobody awaits it any more once it is done or its time is over.
        if this.work.is_none() {
            return Poll::Pending;
        }
        // Left between polls, when the thread does something else.
        let polled = {
            let _entered = Span::enter(this.span);
            let mut polling = Polling(this.work.as_mut());
            let polled = polling.0.as_mut().as_pin_mut().map_or(Poll::Pending, |work| work.poll(cx));
            std::mem::forget(polling);
            if polled.is_ready() {
                this.work.set(None);
            }
            polled
        };
        #[cfg(feature = "tokio")]
        if this.limit.is_some() && polled.is_pending() {
            this.expire(cx);
        }
        polled
    }
}

impl<F> Drop for InSpan<'_, '_, F> {
    fn drop(&mut self) {
        self.end();
    }
}
