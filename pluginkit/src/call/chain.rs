//! [`Chain`]: the snapshot that one call works on.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::next::Rest;
use crate::call::trace::{Span, Tracer};
use crate::erased::Row;
use crate::registry::Snapshot;
use crate::spec::point::ExtensionPoint;

/// The snapshot of a call that outlives the handle it was loaded from.
pub(crate) struct Kept<P: ExtensionPoint> {
    snapshot: Arc<Snapshot>,
    point: PhantomData<fn() -> P>,
}

impl<P: ExtensionPoint> Kept<P> {
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot, point: PhantomData }
    }

    /// Its chain.
    #[inline]
    pub(crate) fn chain(&self) -> Chain<'_, P> {
        Chain::new(&self.snapshot)
    }
}

/// The extensions and wrappers of one point of a sync manager at one moment, in call order.
pub(crate) struct Chain<'c, P: ExtensionPoint> {
    pub(crate) snapshot: &'c Snapshot,
    pub(crate) wrappers: Row<'c, P::Wrapper>,
    /// Who follows the call.
    pub(crate) tracer: Option<&'c Tracer<'c>>,
    /// The wrappers that a call may run without asking anything: all of them, or none.
    pub(crate) unasked: Row<'c, P::Wrapper>,
}

impl<'c, P: ExtensionPoint> Chain<'c, P> {
    #[inline]
    pub(crate) fn new(snapshot: &'c Snapshot) -> Self {
        let wrappers: Row<'c, P::Wrapper> = snapshot.shelf.wrappers();
        let unasked = if snapshot.wraps_conditionally { Row::default() } else { wrappers };
        Self { snapshot, wrappers, tracer: None, unasked }
    }

    /// The same, followed by `tracer`.
    pub(crate) fn followed<'t>(&'t self, tracer: &'t Tracer<'t>) -> Chain<'t, P> {
        Chain {
            snapshot: self.snapshot,
            wrappers: self.wrappers,
            tracer: Some(tracer),
            unasked: Row::default(),
        }
    }

    /// How many extensions there are.
    pub(crate) fn len(&self) -> usize {
        self.snapshot.extension_count()
    }

    /// Follows a call, for its observers if there are any.
    pub(crate) fn tracer(&self) -> Option<Tracer<'c>> {
        Tracer::of(self.snapshot, P::INFO)
    }

    /// Runs a call that is more than a loop: `run` goes down the chain.
    #[inline(never)]
    pub(crate) fn call<O, A>(&self, args: A, run: fn(Rest<'_, P>, A) -> O) -> O
    where
        A: WrapArguments<P, O>,
    {
        let Some(tracer) = self.tracer() else { return run(Rest::start(self), args) };
        let span = tracer.call();
        let outcome = Span::inside(Some(&span), || run(Rest::start(&self.followed(&tracer)), args));
        span.end(A::outcome_error_text(&outcome).as_deref());
        outcome
    }
}

impl<P: ExtensionPoint> fmt::Debug for Chain<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("point", &format_args!("{}", P::INFO))
            .field("extensions", &self.len())
            .field("wrappers", &self.wrappers.len())
            .finish_non_exhaustive()
    }
}

/// Extensions that need nothing but to be called.
pub(crate) struct Plain<'c, P: ExtensionPoint>(pub(crate) Row<'c, P::Extension>);

impl<'c, P: ExtensionPoint> Plain<'c, P> {
    #[inline]
    pub(crate) fn of(snapshot: &'c Snapshot) -> Self {
        Self(snapshot.shelf.extensions())
    }
}

/// The plain extensions of a chain, as the innermost step of a call.
pub(crate) struct Extensions<'c, P: ExtensionPoint> {
    pub(crate) chain: &'c Chain<'c, P>,
    pub(crate) tracer: Option<&'c Tracer<'c>>,
}

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Whether a call may loop over them and do nothing else.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.tracer.is_none() && !self.chain.snapshot.conditional
    }

    pub(crate) fn len(&self) -> usize {
        self.chain.len()
    }

    /// Visits the extension at `index`, traced and with its predicate; `None` if it declined.
    pub(crate) fn visit<R, A: Arguments<P, R>>(&self, index: usize, last: bool, args: &mut A) -> Option<R> {
        let implementation = self.chain.snapshot.extension(index);
        let span = Tracer::extension(self.tracer, self.chain.snapshot, index);
        run::<P, R, A>(implementation.object(), span, implementation.contribution.conditional, last, args)
    }
}

/// Runs one extension under its span; `None` if it has a predicate and that says no.
pub(crate) fn run<P: ExtensionPoint, R, A: Arguments<P, R>>(
    extension: &P::Extension,
    span: Option<Span<'_, '_>>,
    conditional: bool,
    last: bool,
    args: &mut A,
) -> Option<R> {
    if conditional && !Span::inside(span.as_ref(), || args.accepts(extension)) {
        Span::skip_any(span);
        return None;
    }
    let Some(mut span) = span else { return Some(args.call(extension, last)) };
    span.started();
    let returned = Span::inside(Some(&span), || args.call(extension, last));
    span.end(A::error_text(&returned).as_deref());
    Some(returned)
}
