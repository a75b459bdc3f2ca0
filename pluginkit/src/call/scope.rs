//! [`Scope`]: the span of `tracing` in which a call or an implementation runs.
//!
//! It exists if an observer [requests](crate::observe::Observer::spans) spans and the feature `tracing` is on. A future enters it
//! on every poll and leaves it after.

#[cfg(not(feature = "tracing"))]
use std::marker::PhantomData;
use std::time::Duration;

#[cfg(feature = "tracing")]
use crate::observe::observer::OVERRAN;
use crate::observe::observer::{End, Watchers};
#[cfg(feature = "tracing")]
use crate::observe::spans::Spans;
use crate::plugin::implementation::Implementation;
#[cfg(feature = "tracing")]
use crate::plugin::implementation::Role;
use crate::spec::point::PointInfo;

/// The span of one call or one implementation.
pub(super) struct Scope<'w> {
    /// Boxed, because most scopes have none.
    #[cfg(feature = "tracing")]
    span: Option<Box<(tracing::Span, &'w dyn Spans)>>,
    #[cfg(not(feature = "tracing"))]
    watchers: PhantomData<&'w Watchers>,
}

/// A guard: the thread is in a scope until it is dropped.
pub(crate) struct Entered<'s> {
    #[cfg(feature = "tracing")]
    _span: Option<tracing::span::Entered<'s>>,
    #[cfg(not(feature = "tracing"))]
    _scope: PhantomData<&'s Scope<'s>>,
}

#[cfg(feature = "tracing")]
impl<'w> Scope<'w> {
    /// Returns the scope of a call of `point`.
    pub(super) fn of_call(watchers: Option<&'w Watchers>, point: &PointInfo) -> Self {
        let spans = watchers.and_then(Watchers::spans);
        Self { span: spans.map(|(manager, spans)| Box::new((spans.of_call(manager, point), spans))) }
    }

    /// Returns the scope of an implementation.
    pub(super) fn of_implementation(watchers: Option<&'w Watchers>, implementation: &Implementation) -> Self {
        let contribution = &implementation.contribution;
        let span = |spans: &dyn Spans| {
            let is_wrapper = contribution.role == Role::Wrapper;
            spans.of_extension(implementation.plugin(), contribution.info, is_wrapper)
        };
        let spans = watchers.and_then(Watchers::spans);
        Self { span: spans.map(|(_, spans)| Box::new((span(spans), spans))) }
    }

    /// Enters the scope until the returned guard is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        Entered { _span: self.span.as_ref().map(|span| span.0.enter()) }
    }

    /// Records the end, the time if it had begun, and whether it exceeded its limit.
    pub(super) fn end(&self, end: End<'_>, elapsed: Option<Duration>, overran: bool) {
        if let Some((span, spans)) = self.span.as_deref() {
            let error = if let End::Failed(error) = end { Some(error) } else { None };
            let outcome = if overran { OVERRAN } else { end.word() };
            spans.end(span, outcome, elapsed, error);
        }
    }

    /// Records that the implementation does not run, in one word.
    pub(super) fn decline(&self, outcome: &'static str) {
        if let Some((span, spans)) = self.span.as_deref() {
            spans.end(span, outcome, None, None);
        }
    }
}

#[cfg(not(feature = "tracing"))]
#[allow(clippy::unused_self, reason = "as in builds with the feature")]
impl<'w> Scope<'w> {
    pub(super) fn of_call(_: Option<&'w Watchers>, _: &PointInfo) -> Self {
        Self { watchers: PhantomData }
    }

    pub(super) fn of_implementation(_: Option<&'w Watchers>, _: &Implementation) -> Self {
        Self { watchers: PhantomData }
    }

    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        Entered { _scope: PhantomData }
    }

    pub(super) fn end(&self, _: End<'_>, _: Option<Duration>, _: bool) {}

    pub(super) fn decline(&self, _: &'static str) {}
}
