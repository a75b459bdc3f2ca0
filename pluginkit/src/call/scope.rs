//! [`Scope`]: what the code of a call or of a plugin runs in, its span of `tracing`.
//!
//! There is one where an observer [asks](crate::observe::Observer::spans) for it, and the feature is on. What is awaited enters
//! it on every poll and leaves it in between.

#[cfg(not(feature = "tracing"))]
use std::marker::PhantomData;
use std::time::Duration;

use crate::observe::observer::{End, Watchers};
#[cfg(feature = "tracing")]
use crate::observe::spans::Spans;
use crate::plugin::implementation::Implementation;
#[cfg(feature = "tracing")]
use crate::plugin::implementation::Role;
use crate::spec::point::PointInfo;

/// What one call or one implementation runs in.
pub(super) struct Scope<'w> {
    /// A pointer, as it stands in every span, and most have none.
    #[cfg(feature = "tracing")]
    span: Option<Box<(tracing::Span, &'w dyn Spans)>>,
    #[cfg(not(feature = "tracing"))]
    watchers: PhantomData<&'w Watchers>,
}

/// A thread's being in a scope.
pub(crate) struct Entered<'s> {
    #[cfg(feature = "tracing")]
    _span: Option<tracing::span::Entered<'s>>,
    #[cfg(not(feature = "tracing"))]
    _scope: PhantomData<&'s Scope<'s>>,
}

#[cfg(feature = "tracing")]
impl<'w> Scope<'w> {
    /// That of a call of `point`.
    pub(super) fn of_call(watchers: Option<&'w Watchers>, point: &PointInfo) -> Self {
        let spans = watchers.and_then(Watchers::spans);
        Self { span: spans.map(|(manager, spans)| Box::new((spans.of_call(manager, point), spans))) }
    }

    /// That of an implementation.
    pub(super) fn of_implementation(watchers: Option<&'w Watchers>, implementation: &Implementation) -> Self {
        let contribution = &implementation.contribution;
        let span = |spans: &dyn Spans| {
            let is_wrapper = contribution.role == Role::Wrapper;
            spans.of_extension(implementation.plugin(), contribution.info, is_wrapper)
        };
        let spans = watchers.and_then(Watchers::spans);
        Self { span: spans.map(|(_, spans)| Box::new((span(spans), spans))) }
    }

    /// Enters it, until what is returned is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        Entered { _span: self.span.as_ref().map(|span| span.0.enter()) }
    }

    /// Says how it ends, after what time if it has begun at all, and whether that was too long.
    pub(super) fn end(&self, end: End<'_>, elapsed: Option<Duration>, overran: bool) {
        if let Some((span, spans)) = self.span.as_deref() {
            let error = if let End::Failed(error) = end { Some(error) } else { None };
            let outcome = if overran { "overran" } else { end.word() };
            spans.end(span, outcome, elapsed, error);
        }
    }

    /// Says that it does not begin, as its predicate says no.
    pub(super) fn decline(&self) {
        if let Some((span, spans)) = self.span.as_deref() {
            spans.end(span, "declined", None, None);
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

    pub(super) fn decline(&self) {}
}
