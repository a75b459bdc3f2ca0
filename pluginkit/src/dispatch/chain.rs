//! [`Chain`]: the snapshot that one call works on.

use std::fmt;
use std::sync::Arc;

use crate::dispatch::next::RawNext;
use crate::dispatch::trace::{Span, Tracer};
use crate::implementation::{Implementation, Role};
use crate::observer::Observers;
use crate::point::ExtensionPoint;
use crate::registry::Snapshot;
use crate::returns::Returns;

/// The extensions and wrappers of one point of a sync manager at one moment, in call order.
pub struct Chain<P: ExtensionPoint> {
    pub(crate) extensions: Box<[Arc<P::Extension>]>,
    pub(crate) wrappers: Box<[Arc<P::Wrapper>]>,
    /// Wrappers first, then extensions, each in call order.
    pub(crate) implementations: Box<[Arc<Implementation>]>,
    pub(crate) observers: Observers,
    /// Whether any extension has a predicate.
    pub(crate) conditional: bool,
}

impl<P: ExtensionPoint> Snapshot for Chain<P> {
    fn build(implementations: Vec<Arc<Implementation>>, observers: Observers) -> Self {
        let role = |wanted: Role| implementations.iter().filter(move |each| each.contribution.role == wanted);
        Self {
            extensions: role(Role::Extension).map(|each| Arc::clone(each.object())).collect(),
            wrappers: role(Role::Wrapper).map(|each| Arc::clone(each.object())).collect(),
            conditional: role(Role::Extension).any(|each| each.contribution.conditional),
            implementations: implementations.into(),
            observers,
        }
    }

    fn implementations(&self) -> &[Arc<Implementation>] {
        &self.implementations
    }

    fn observers(&self) -> &Observers {
        &self.observers
    }
}

impl<P: ExtensionPoint> Chain<P> {
    /// The extensions alone, without the wrappers.
    #[inline]
    pub fn extensions(&self) -> Extensions<'_, P> {
        Extensions { chain: self, tracer: None }
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
        match &self.observers {
            None => run(RawNext::start(self, None)),
            Some(observers) => {
                let tracer = Tracer::new(P::INFO, &self.implementations, Some(observers));
                let span = tracer.call();
                let outcome = run(RawNext::start(self, Some(&tracer)));
                span.end(S::error(&outcome).map(describe).as_deref());
                outcome
            }
        }
    }
}

impl<P: ExtensionPoint> fmt::Debug for Chain<P> {
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

    /// A visit of a wrapper, which owns its arguments.
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

    /// An owned argument for this extension: a clone, or the value itself for the last one.
    ///
    /// # Panics
    ///
    /// If the value was given away before, which only happens if an extension after the last is visited.
    #[inline]
    pub fn give<T: Clone>(&self, slot: &mut Option<T>) -> T {
        let given = if self.last { slot.take() } else { slot.clone() };
        given.expect("the argument is given away to the last extension only")
    }
}

impl fmt::Debug for Visit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("check", &self.check).field("last", &self.last).finish_non_exhaustive()
    }
}

/// The plain extensions of a chain, as the innermost step of a call.
pub struct Extensions<'c, P: ExtensionPoint> {
    pub(crate) chain: &'c Chain<P>,
    pub(crate) tracer: Option<&'c Tracer<'c>>,
}

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Whether a call may loop over the extensions and do nothing else.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.tracer.is_none() && !self.chain.conditional
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
        let check = self.chain.implementations[place].contribution.conditional;
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
