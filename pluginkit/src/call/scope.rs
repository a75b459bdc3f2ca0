//! [`Scope`]: what the code of a call or of a plugin runs in, its span of `tracing`.
//!
//! There is one where an observer [asks](crate::Observer::spans) for it, and the feature is on. What is awaited enters
//! it on every poll and leaves it in between.

#[cfg(not(feature = "tracing"))]
use std::marker::PhantomData;
use std::time::Duration;

use crate::observe::observer::{End, Watchers};
use crate::plugin::implementation::Implementation;
use crate::spec::point::PointInfo;

/// What one call or one implementation runs in.
pub(super) struct Scope {
    /// A pointer, as it stands in every span, and most have none.
    #[cfg(feature = "tracing")]
    span: Option<Box<tracing::Span>>,
}

/// A thread's being in a scope.
pub(crate) struct Entered<'s> {
    #[cfg(feature = "tracing")]
    _span: Option<tracing::span::Entered<'s>>,
    #[cfg(not(feature = "tracing"))]
    _scope: PhantomData<&'s Scope>,
}

#[cfg(feature = "tracing")]
impl Scope {
    /// That of a call of `point`.
    pub(super) fn of_call(watchers: Option<&Watchers>, point: &PointInfo) -> Self {
        use crate::insight::spans;

        let manager = watchers.and_then(Watchers::spans);
        Self { span: manager.map(|manager| Box::new(spans::of_call(manager, point))) }
    }

    /// That of an implementation.
    pub(super) fn of_implementation(watchers: Option<&Watchers>, implementation: &Implementation) -> Self {
        use crate::insight::spans;

        let manager = watchers.and_then(Watchers::spans);
        Self { span: manager.map(|_| Box::new(spans::of_implementation(implementation))) }
    }

    /// Enters it, until what is returned is dropped.
    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        Entered { _span: self.span.as_ref().map(|span| span.enter()) }
    }

    /// Says how it ends, after what time if it has begun at all, and whether that was too long.
    pub(super) fn end(&self, end: End<'_>, elapsed: Option<Duration>, overran: bool) {
        if let Some(span) = &self.span {
            let error = if let End::Failed(error) = end { Some(error) } else { None };
            let outcome = if overran { "overran" } else { end.word() };
            crate::insight::spans::end(span, outcome, elapsed, error);
        }
    }

    /// Says that it does not begin, as its predicate says no.
    pub(super) fn decline(&self) {
        if let Some(span) = &self.span {
            crate::insight::spans::end(span, "declined", None, None);
        }
    }
}

#[cfg(not(feature = "tracing"))]
#[allow(clippy::unused_self, reason = "as in builds with the feature")]
impl Scope {
    pub(super) fn of_call(_: Option<&Watchers>, _: &PointInfo) -> Self {
        Self {}
    }

    pub(super) fn of_implementation(_: Option<&Watchers>, _: &Implementation) -> Self {
        Self {}
    }

    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        Entered { _scope: PhantomData }
    }

    pub(super) fn end(&self, _: End<'_>, _: Option<Duration>, _: bool) {}

    pub(super) fn decline(&self) {}
}
