//! Collecting: every extension runs, and each contributes.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use crate::base::drops::Gathered;
use crate::call::arguments::Arguments;
use crate::call::chain::{Extensions, Kept, Plain};
use crate::call::trace::Tracer;
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::{Many, Returns, Threaded};

impl<P: ExtensionPoint> Plain<'_, P> {
    /// Runs every extension and collects what they contribute, up to the first error.
    #[inline]
    pub(crate) fn collect<S, R, A>(self, mut args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let mut items = Gathered(if S::EXACT { Vec::with_capacity(self.0.len()) } else { Vec::new() });
        let mut extensions = self.0;
        while let Some(extension) = extensions.next() {
            match S::split(args.call(extension, extensions.len() == 0)) {
                Ok(Some(item)) if S::GATHERS => items.0.push(item),
                Ok(_) => {}
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(S::all(items.into_vec())))
    }
}

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Runs every extension and collects what they contribute, up to the first error.
    #[inline]
    pub(crate) fn collect<S, R, A>(self, mut args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        if self.is_plain() {
            return Plain::<P>::of(self.chain.snapshot).collect::<S, R, A>(args);
        }
        self.collect_traced::<S, R, A>(&mut args)
    }

    #[cold]
    #[inline(never)]
    fn collect_traced<S, R, A>(self, args: &mut A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let mut items = Gathered(if S::EXACT { Vec::with_capacity(self.len()) } else { Vec::new() });
        for index in 0..self.len() {
            let Some(returned) = self.attend::<S, R, A>(index, index + 1 == self.len(), args) else {
                continue;
            };
            match S::split(returned) {
                Ok(None) => {}
                Ok(Some(item)) => items.0.push(item),
                Err(error) => {
                    Tracer::drop_left(self.tracer, items);
                    return S::lift(Err(error));
                }
            }
        }
        S::lift(Ok(S::all(items.into_vec())))
    }
}

/// The results of a collecting point one by one: an extension runs when its result is asked for.
///
/// It works on the snapshot taken when it was made. Wrappers, which wrap a call's outcome, take no
/// part. After an error it goes on with the next extension if it is asked to.
#[must_use = "extensions run only as results are asked for"]
pub(crate) struct Iter<S, R, P: ExtensionPoint, A> {
    index: usize,
    args: A,
    /// Dropped after the arguments, as it contains its destructors.
    chain: Kept<P>,
    reads: PhantomData<fn(S) -> R>,
}

impl<S, R, P: ExtensionPoint, A> Iter<S, R, P, A> {
    pub(crate) fn new(chain: Kept<P>, args: A) -> Self {
        Self { index: 0, args, chain, reads: PhantomData }
    }
}

impl<S, R, P, A> Iterator for Iter<S, R, P, A>
where
    S: Returns<R>,
    P: ExtensionPoint,
    A: Arguments<P, R>,
{
    type Item = Threaded<S, R>;

    fn next(&mut self) -> Option<Self::Item> {
        let chain = self.chain.chain();
        let tracer = chain.tracer();
        let extensions = Extensions { chain: &chain, tracer: tracer.as_ref() };
        while self.index < extensions.len() {
            let index = self.index;
            self.index += 1;
            match extensions.visit(index, self.index == extensions.len(), &mut self.args).map(S::split) {
                None | Some(Ok(None)) => {}
                Some(Ok(Some(item))) => return Some(S::lift(Ok(item))),
                Some(Err(error)) => return Some(S::lift(Err(error))),
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.chain.chain().len() - self.index))
    }
}

impl<S, R, P, A> FusedIterator for Iter<S, R, P, A>
where
    S: Returns<R>,
    P: ExtensionPoint,
    A: Arguments<P, R>,
{
}
