//! [`Chain`]: the snapshot that one call works on.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use arc_swap::Guard;

use crate::dispatch::next::RawNext;
use crate::dispatch::trace::{Span, Tracer};
use crate::implementation::{Implementation, Role};
use crate::point::ExtensionPoint;
use crate::registry::Snapshot;
use crate::returns::Returns;

/// The objects of one point of a sync manager.
struct Objects<P: ExtensionPoint> {
    extensions: Box<[Arc<P::Extension>]>,
    wrappers: Box<[Arc<P::Wrapper>]>,
}

/// Takes the objects of `P` out of its implementations.
pub(crate) fn typed<P: ExtensionPoint>(
    implementations: &[Arc<Implementation>],
) -> Box<dyn Any + Send + Sync> {
    let mut extensions = Vec::new();
    let mut wrappers = Vec::new();
    for implementation in implementations {
        match implementation.contribution.role {
            Role::Extension => extensions.push(Arc::clone(implementation.object())),
            Role::Wrapper => wrappers.push(Arc::clone(implementation.object())),
        }
    }
    Box::new(Objects::<P> { extensions: extensions.into(), wrappers: wrappers.into() })
}

/// The snapshot a call works on, kept for as long as the call lasts.
pub struct Loaded<P: ExtensionPoint> {
    snapshot: Guard<Arc<Snapshot>>,
    point: PhantomData<fn() -> P>,
}

impl<P: ExtensionPoint> Loaded<P> {
    #[inline]
    pub(crate) fn new(snapshot: Guard<Arc<Snapshot>>) -> Self {
        Self { snapshot, point: PhantomData }
    }

    /// Its chain.
    #[inline]
    pub fn chain(&self) -> Chain<'_, P> {
        Chain::new(&self.snapshot)
    }

    /// Runs a call, as [`Chain::call`] does.
    #[inline]
    pub fn call<S, R, X>(
        &self,
        describe: impl Fn(&S::Error) -> String,
        run: impl FnOnce(RawNext<'_, P>) -> S::Lift<X>,
    ) -> S::Lift<X>
    where
        S: Returns<R>,
    {
        self.chain().call::<S, R, X>(describe, run)
    }
}

impl<P: ExtensionPoint> fmt::Debug for Loaded<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.chain(), f)
    }
}

/// The snapshot of a call that outlives the handle it was loaded from.
pub struct Kept<P: ExtensionPoint> {
    snapshot: Arc<Snapshot>,
    point: PhantomData<fn() -> P>,
}

impl<P: ExtensionPoint> Kept<P> {
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot, point: PhantomData }
    }

    /// Its chain.
    #[inline]
    pub fn chain(&self) -> Chain<'_, P> {
        Chain::new(&self.snapshot)
    }
}

impl<P: ExtensionPoint> fmt::Debug for Kept<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.chain(), f)
    }
}

/// The extensions and wrappers of one point of a sync manager at one moment, in call order.
pub struct Chain<'c, P: ExtensionPoint> {
    pub(crate) snapshot: &'c Snapshot,
    pub(crate) extensions: &'c [Arc<P::Extension>],
    pub(crate) wrappers: &'c [Arc<P::Wrapper>],
}

impl<'c, P: ExtensionPoint> Chain<'c, P> {
    #[inline]
    pub(crate) fn new(snapshot: &'c Snapshot) -> Self {
        let objects: &Objects<P> = snapshot.typed();
        Self { snapshot, extensions: &objects.extensions, wrappers: &objects.wrappers }
    }

    /// The extensions alone, without the wrappers.
    #[inline]
    pub fn extensions(&self) -> Extensions<'_, P> {
        Extensions { chain: self, tracer: None }
    }

    /// Follows a call, for its observers if there are any.
    pub(crate) fn tracer(&self) -> Option<Tracer<'c>> {
        let observers = self.snapshot.observers.as_ref()?;
        Some(Tracer::new(P::INFO, &self.snapshot.implementations, Some(observers)))
    }

    /// Runs a call: `run` goes down the chain, `describe` turns an error of the outcome into a text
    /// for the observers.
    #[inline]
    pub fn call<S, R, X>(
        &self,
        describe: impl Fn(&S::Error) -> String,
        run: impl FnOnce(RawNext<'_, P>) -> S::Lift<X>,
    ) -> S::Lift<X>
    where
        S: Returns<R>,
    {
        let Some(tracer) = self.tracer() else { return run(RawNext::start(self, None)) };
        let span = tracer.call();
        let outcome = run(RawNext::start(self, Some(&tracer)));
        span.end(S::error(&outcome).map(describe).as_deref());
        outcome
    }
}

impl<P: ExtensionPoint> fmt::Debug for Chain<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("point", &format_args!("{}", P::INFO))
            .field("extensions", &self.extensions.len())
            .field("wrappers", &self.wrappers.len())
            .finish_non_exhaustive()
    }
}

/// How one extension is visited.
#[derive(Clone, Copy)]
pub struct Visit<'s> {
    check: bool,
    last: bool,
    span: Option<&'s Span<'s, 's>>,
}

impl Visit<'_> {
    /// A visit that is neither traced nor conditional.
    #[inline]
    pub(crate) fn plain(last: bool) -> Self {
        Self { check: false, last, span: None }
    }

    /// A visit of one extension by itself, with its predicate.
    #[inline]
    pub(crate) fn checked<'s>(check: bool, span: Option<&'s Span<'s, 's>>) -> Visit<'s> {
        Visit { check, last: true, span }
    }

    /// Whether the extension is to run: `accepts` is its predicate, asked only if it has one.
    ///
    /// An extension that is not admitted must not be called, and answers `None`.
    #[inline]
    pub fn admits(&self, accepts: impl FnOnce() -> bool) -> bool {
        if self.check && !accepts() {
            return false;
        }
        if let Some(span) = self.span {
            span.started();
        }
        true
    }

    /// Whether no extension comes after this one, so that it can have owned arguments themselves.
    #[inline]
    pub fn is_last(&self) -> bool {
        self.last
    }
}

impl fmt::Debug for Visit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("check", &self.check).field("last", &self.last).finish_non_exhaustive()
    }
}

/// The plain extensions of a chain, as the innermost step of a call.
pub struct Extensions<'c, P: ExtensionPoint> {
    pub(crate) chain: &'c Chain<'c, P>,
    pub(crate) tracer: Option<&'c Tracer<'c>>,
}

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Whether a call may loop over the extensions and do nothing else.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.tracer.is_none() && !self.chain.snapshot.conditional
    }

    pub(crate) fn len(&self) -> usize {
        self.chain.extensions.len()
    }

    /// Visits the extension at `index`, traced and with its predicate; `None` if it declined.
    pub(crate) fn visit<R>(
        &self,
        index: usize,
        failure: impl FnOnce(&R) -> Option<String>,
        call: impl FnOnce(&P::Extension, Visit<'_>) -> Option<R>,
    ) -> Option<R> {
        self.visit_as(index, index + 1 == self.len(), failure, call)
    }

    /// Visits the extension at `index` as [`visit`](Self::visit) does, and keeps owned arguments for
    /// others even if none comes after it.
    pub(crate) fn visit_keeping<R>(
        &self,
        index: usize,
        failure: impl FnOnce(&R) -> Option<String>,
        call: impl FnOnce(&P::Extension, Visit<'_>) -> Option<R>,
    ) -> Option<R> {
        self.visit_as(index, false, failure, call)
    }

    fn visit_as<R>(
        &self,
        index: usize,
        last: bool,
        failure: impl FnOnce(&R) -> Option<String>,
        call: impl FnOnce(&P::Extension, Visit<'_>) -> Option<R>,
    ) -> Option<R> {
        let place = self.chain.wrappers.len() + index;
        let check = self.chain.snapshot.implementations[place].contribution.conditional;
        let extension = &*self.chain.extensions[index];
        let Some(tracer) = self.tracer else {
            return call(extension, Visit { check, last, span: None });
        };
        let span = tracer.implementation(place);
        let returned = call(extension, Visit { check, last, span: Some(&span) });
        match &returned {
            Some(returned) => span.end(failure(returned).as_deref()),
            None => span.skip(),
        }
        returned
    }
}

impl<P: ExtensionPoint> fmt::Debug for Extensions<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Extensions").field(self.chain).finish()
    }
}
