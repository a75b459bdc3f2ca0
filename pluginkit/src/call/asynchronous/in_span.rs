//! [`InSpan`]: futures that are polled inside a span, up to a time limit.

use std::pin::Pin;
use std::task::{Context, Poll};

#[cfg(feature = "tokio")]
use crate::base::clock::{LOOK, Moment};
use crate::base::drops::contain;
#[cfg(feature = "tokio")]
use crate::call::permits::Permitted;
use crate::call::trace::Span;

/// The timer of a time limit.
#[cfg(feature = "tokio")]
pub(super) type Timer = tokio::time::Sleep;
#[cfg(not(feature = "tokio"))]
pub(super) type Timer = std::convert::Infallible;

/// Polls and drops a future inside a span, if there is one.
pub(super) struct InSpan<'i, 'c, F> {
    span: Option<&'i Span<'i, 'c>>,
    /// Set until the future is ready.
    work: Pin<&'i mut Option<F>>,
    #[cfg(feature = "tokio")]
    limit: Option<Limit<'i>>,
    /// Returns whether the work has begun; work that waits for a permit has not.
    #[cfg(feature = "tokio")]
    has_begun: fn(&F) -> bool,
}

/// A time limit and its start.
#[cfg(feature = "tokio")]
struct Limit<'i> {
    allowed: std::time::Duration,
    started: Started,
    over: Pin<&'i mut Timer>,
}

/// When a time limit began: by the time of tokio, or by the clock of the host.
#[cfg(feature = "tokio")]
enum Started {
    Passing(tokio::time::Instant),
    Told(Moment),
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

    /// Applies the time limit of the span, if it has one. When the time is over, the future is dropped and the call ends.
    #[cfg(feature = "tokio")]
    pub(super) fn limited(mut self, mut over: Pin<&'i mut Option<Timer>>) -> Self {
        let Some(span) = self.span else { return self };
        let Some(limit) = span.limit() else { return self };
        // Read before the timer is created, so that an expired future never took less than the limit.
        let (started, first) = match span.clock_of_host() {
            None => (Started::Passing(tokio::time::Instant::now()), limit),
            // The clock cannot wake the future, so it is looked at now and then.
            clock => (Started::Told(Moment::now(clock)), limit.min(LOOK)),
        };
        over.set(crate::call::runtime::timer(first));
        self.limit = over.as_pin_mut().map(|over| Limit { allowed: limit, started, over });
        self
    }

    #[cfg(not(feature = "tokio"))]
    pub(super) fn limited(self, _: Pin<&'i mut Option<Timer>>) -> Self {
        self
    }

    /// Drops the future if its time is over.
    #[cfg(feature = "tokio")]
    #[inline(never)]
    fn expire(&mut self, cx: &mut Context<'_>) {
        if let (Some(span), Some(limit)) = (self.span, &mut self.limit)
            && let Some(elapsed) = limit.poll(span, cx)
        {
            let began = self.work.as_ref().get_ref().as_ref().is_some_and(self.has_begun);
            span.expire(limit.allowed, elapsed, began);
            // The call ends with the overrun, whatever the destructors do.
            span.drop_reporting(&mut || self.end());
        }
    }

    fn end(&mut self) {
        if self.work.is_some() {
            let _entered = Span::enter(self.span);
            self.work.set(None);
        }
    }
}

#[cfg(feature = "tokio")]
impl Limit<'_> {
    /// Returns the time that has passed, if the limit is reached.
    fn poll(&mut self, span: &Span<'_, '_>, cx: &mut Context<'_>) -> Option<std::time::Duration> {
        while self.over.as_mut().poll(cx).is_ready() {
            let started = match &self.started {
                Started::Passing(started) => return Some(started.elapsed()),
                Started::Told(started) => started,
            };
            let elapsed = started.elapsed(span.clock_of_host());
            if elapsed >= self.allowed {
                return Some(elapsed);
            }
            let look = self.allowed.saturating_sub(elapsed).min(LOOK);
            self.over.as_mut().reset(tokio::time::Instant::now() + look);
        }
        None
    }
}

/// A future during a poll. If it panics, it is dropped at once, because its destructor may panic too.
struct Polling<'p, F>(Pin<&'p mut Option<F>>);

impl<F> Drop for Polling<'_, F> {
    fn drop(&mut self) {
        contain(None, &mut || self.0.set(None));
    }
}

#[cfg(feature = "tokio")]
impl<'i, 'c, 'w, F> InSpan<'i, 'c, Permitted<'w, F>> {
    /// Returns the same for work that waits for permits first.
    pub(super) fn permitted(
        span: Option<&'i Span<'i, 'c>>,
        work: Pin<&'i mut Option<Permitted<'w, F>>>,
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
        // Ready or expired: the caller does not await it again.
        if this.work.is_none() {
            return Poll::Pending;
        }
        // The span is left between polls, when the thread runs other code.
        let polled = {
            let _entered = Span::enter(this.span);
            let mut polling = Polling(this.work.as_mut());
            let polled = Span::watch(this.span, || {
                polling.0.as_mut().as_pin_mut().map_or(Poll::Pending, |work| work.poll(cx))
            });
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
