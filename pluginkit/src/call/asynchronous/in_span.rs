//! [`InSpan`]: futures that are polled inside a span, up to a time limit.

use std::pin::Pin;
use std::task::{Context, Poll};

#[cfg(feature = "tokio")]
use crate::base::clock::{LOOK, Moment};
use crate::base::drops::contain;
#[cfg(feature = "tokio")]
use crate::call::bounds::{Bounds, Late};
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

/// Longer than any timer needs to be, and short enough to be added to any time.
#[cfg(feature = "tokio")]
const FAR: std::time::Duration = std::time::Duration::from_secs(365 * 24 * 3600);

/// Time limits and their start.
#[cfg(feature = "tokio")]
struct Limit<'i> {
    bounds: Bounds,
    started: Started,
    over: Pin<&'i mut Timer>,
    /// Whether the timer is far off, because nothing is waited for.
    is_idle: bool,
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

    /// Applies the time limits of the span, if it has some. When the time is over, the future is dropped and the call ends.
    #[cfg(feature = "tokio")]
    pub(super) fn limited(mut self, mut over: Pin<&'i mut Option<Timer>>) -> Self {
        let Some(span) = self.span else { return self };
        let Some(bounds) = span.bounds() else { return self };
        let Some(limit) = bounds.first() else { return self };
        // Read before the timer is created, so that an expired future never took less than the limit.
        let (started, first) = match span.clock_of_host() {
            None => (Started::Passing(tokio::time::Instant::now()), limit),
            // The clock cannot wake the future, so it is looked at now and then.
            clock => (Started::Told(Moment::now(clock)), limit.min(LOOK)),
        };
        over.set(crate::call::runtime::timer(first));
        self.limit = over.as_pin_mut().map(|over| Limit { bounds, started, over, is_idle: false });
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
            // What it runs may have been late in this poll. Then the call ends with that.
            && !span.runs_late()
            && let Some(late) = limit.poll(span, cx)
        {
            let began = self.work.as_ref().get_ref().as_ref().is_some_and(self.has_begun);
            span.expire(late, began);
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
    /// Returns the limit that is reached, with the time that has passed.
    fn poll(&mut self, span: &Span<'_, '_>, cx: &mut Context<'_>) -> Option<Late> {
        // Without a wrapper, only the timer moves the time that is left.
        if self.bounds.own.is_none() && self.over.as_mut().poll(cx).is_pending() {
            return None;
        }
        loop {
            let now = tokio::time::Instant::now();
            let (rest, is_in_rest) = span.rest();
            let (elapsed, in_rest) = match &self.started {
                Started::Passing(started) => (now.saturating_duration_since(*started), rest.timed),
                Started::Told(started) => (started.elapsed(span.clock_of_host()), rest.measured),
            };
            let left = match self.bounds.left(elapsed, in_rest, is_in_rest) {
                Ok(Some(left)) => left,
                Ok(None) => {
                    // Else the call would wake for nothing.
                    if !self.is_idle {
                        self.over.as_mut().reset(now + FAR);
                        self.is_idle = true;
                    }
                    return None;
                }
                Err(late) => return Some(late),
            };
            self.is_idle = false;
            let left = match &self.started {
                Started::Passing(_) => left.min(FAR),
                Started::Told(_) => left.min(LOOK),
            };
            let look = now + left;
            if self.over.deadline() != look {
                self.over.as_mut().reset(look);
            }
            if self.over.as_mut().poll(cx).is_pending() {
                return None;
            }
        }
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
