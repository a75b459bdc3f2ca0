//! Collecting: every extension runs, and each contributes.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::dispatch::chain::{Extensions, Kept, Visit};
use crate::point::ExtensionPoint;
use crate::returns::{Many, Returns};

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Runs every extension and collects what they contribute, up to the first error.
    ///
    /// `call` runs one extension, or answers `None` if the visit does not admit it.
    #[inline]
    pub fn collect<S, R>(
        self,
        describe: impl Fn(&S::Error) -> String,
        mut call: impl FnMut(&P::Extension, Visit<'_>) -> Option<R>,
    ) -> Many<S, R>
    where
        S: Returns<R>,
    {
        if !self.is_plain() {
            return self.collect_traced::<S, R>(&describe, &mut call);
        }
        let extensions = &self.chain.extensions;
        let mut items = Vec::new();
        if S::EXACT {
            items.reserve_exact(extensions.len());
        }
        for (index, extension) in extensions.iter().enumerate() {
            let visit = Visit::plain(index + 1 == extensions.len());
            let Some(returned) = call(extension, visit) else { continue };
            match S::split(returned) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => {}
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(S::all(items)))
    }

    #[cold]
    #[inline(never)]
    fn collect_traced<S, R>(
        self,
        describe: &dyn Fn(&S::Error) -> String,
        call: &mut dyn FnMut(&P::Extension, Visit<'_>) -> Option<R>,
    ) -> Many<S, R>
    where
        S: Returns<R>,
    {
        let mut items = Vec::new();
        for index in 0..self.len() {
            let failure = |returned: &R| S::returned_error(returned).map(describe);
            let Some(returned) = self.visit(index, failure, &mut *call) else { continue };
            match S::split(returned) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => {}
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(S::all(items)))
    }
}

/// The results of a collecting point one by one: an extension runs when its result is asked for.
///
/// It works on the snapshot taken when it was made. Wrappers, which wrap a call's outcome, take no
/// part. After an error it goes on with the next extension if it is asked to.
#[must_use = "extensions run only as results are asked for"]
pub struct Iter<S, R, P: ExtensionPoint, D, F> {
    chain: Kept<P>,
    index: usize,
    describe: D,
    call: F,
    reads: PhantomData<fn(S) -> R>,
}

impl<S, R, P, D, F> Iter<S, R, P, D, F>
where
    S: Returns<R>,
    P: ExtensionPoint,
    D: Fn(&S::Error) -> String,
    F: FnMut(&P::Extension, Visit<'_>) -> Option<R>,
{
    /// Iterates over the extensions of `chain`.
    pub fn new(chain: Kept<P>, describe: D, call: F) -> Self {
        Self { chain, index: 0, describe, call, reads: PhantomData }
    }
}

impl<S, R, P, D, F> Iterator for Iter<S, R, P, D, F>
where
    S: Returns<R>,
    P: ExtensionPoint,
    D: Fn(&S::Error) -> String,
    F: FnMut(&P::Extension, Visit<'_>) -> Option<R>,
{
    type Item = S::Lift<S::Item>;

    fn next(&mut self) -> Option<Self::Item> {
        let chain = self.chain.chain();
        let tracer = chain.tracer();
        while self.index < chain.extensions.len() {
            let extensions = Extensions { chain: &chain, tracer: tracer.as_ref() };
            let failure = |returned: &R| S::returned_error(returned).map(&self.describe);
            let index = self.index;
            self.index += 1;
            match extensions.visit(index, failure, &mut self.call).map(S::split) {
                None | Some(Ok(None)) => {}
                Some(Ok(Some(item))) => return Some(S::lift(Ok(item))),
                Some(Err(error)) => return Some(S::lift(Err(error))),
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.chain.chain().extensions.len() - self.index))
    }
}

impl<S, R, P, D, F> FusedIterator for Iter<S, R, P, D, F>
where
    S: Returns<R>,
    P: ExtensionPoint,
    D: Fn(&S::Error) -> String,
    F: FnMut(&P::Extension, Visit<'_>) -> Option<R>,
{
}

impl<S, R, P: ExtensionPoint, D, F> fmt::Debug for Iter<S, R, P, D, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("chain", &self.chain).field("index", &self.index).finish_non_exhaustive()
    }
}
