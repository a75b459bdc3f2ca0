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
    #[cfg(feature = "tracing")]
    spans: Option<&'w dyn Spans>,
    /// `None` for [`tracing::Span::none`]. Boxed, because most scopes have none.
    #[cfg(feature = "tracing")]
    span: Option<Box<tracing::Span>>,
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
static NO_SPAN: tracing::Span = tracing::Span::none();

#[cfg(feature = "tracing")]
impl<'w> Scope<'w> {
    fn of(spans: &'w dyn Spans, span: tracing::Span) -> Self {
        Self { spans: Some(spans), span: (!span.is_none()).then(|| Box::new(span)) }
    }

    /// Returns the scope of a call of `point`.
    pub(super) fn of_call(watchers: Option<&'w Watchers>, point: &PointInfo) -> Self {
        match watchers.and_then(Watchers::spans) {
            Some((manager, spans)) => Self::of(spans, spans.of_call(manager, point)),
            None => Self { spans: None, span: None },
        }
    }

    /// Returns the scope of an implementation.
    pub(super) fn of_implementation(watchers: Option<&'w Watchers>, implementation: &Implementation) -> Self {
        let Some((_, spans)) = watchers.and_then(Watchers::spans) else {
            return Self { spans: None, span: None };
        };
        let contribution = &implementation.contribution;
        let is_wrapper = contribution.role == Role::Wrapper;
        Self::of(spans, spans.of_extension(implementation.plugin(), contribution.info, is_wrapper))
    }

    /// Enters the scope until the returned guard is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        Entered { _span: self.span.as_ref().map(|span| span.enter()) }
    }

    /// Records the end, the time if it had begun, and whether it exceeded its limit.
    pub(super) fn end(&self, end: End<'_>, elapsed: Option<Duration>, overran: bool) {
        if let Some(spans) = self.spans {
            let error = if let End::Failed(error) = end { Some(error) } else { None };
            let outcome = if overran { OVERRAN } else { end.word() };
            spans.end(self.span(), outcome, elapsed, error);
        }
    }

    /// Records that the implementation does not run, in one word.
    pub(super) fn decline(&self, outcome: &'static str) {
        if let Some(spans) = self.spans {
            spans.end(self.span(), outcome, None, None);
        }
    }

    fn span(&self) -> &tracing::Span {
        self.span.as_deref().unwrap_or(&NO_SPAN)
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
