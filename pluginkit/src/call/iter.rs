//! [`Iter`]: the results of a collecting point one by one.

use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::call::arguments::Arguments;
use crate::call::chain::Chain;
use crate::call::trace::Tracer;
use crate::call::typed::{Called, Single};
use crate::erased::hazard_cell::HeldHere;
use crate::registry::Snapshot;
use crate::spec::point::PointTypes;
use crate::spec::returns::{Returns, Threaded};

/// The results of a collecting point one by one: an extension runs when its result is requested.
///
/// It works on the snapshot of its creation. Wrappers take no part, because they wrap the outcome of a call. After an
/// error, it continues with the next extension.
#[must_use = "extensions run only when results are requested"]
pub(crate) struct Iter<S, R, P: PointTypes, A> {
    index: usize,
    /// Whether an extension has returned an item.
    has_answer: bool,
    call: Single<Called, P, R, A>,
    /// Dropped after the arguments, because it contains its destructors.
    snapshot: Arc<Snapshot>,
    reads: PhantomData<fn(S)>,
}

impl<S, R, P: PointTypes, A> Iter<S, R, P, A> {
    pub(crate) fn new(snapshot: Arc<Snapshot>, args: A) -> Self {
        Self { index: 0, has_answer: false, call: Single::new(args), snapshot, reads: PhantomData }
    }
}

impl<S, R, P, A> Iterator for Iter<S, R, P, A>
where
    S: Returns<R>,
    P: PointTypes,
    A: Arguments<P, R>,
{
    type Item = Threaded<S, R>;

    fn next(&mut self) -> Option<Self::Item> {
        // A stop within the extension does not wait for the call that it is part of.
        let _held = HeldHere::note(&*self.snapshot);
        let tracer = Tracer::of(&self.snapshot, P::INFO);
        let chain = Chain::new(&self.snapshot, tracer.as_ref());
        while self.index < chain.len() {
            let index = self.index;
            self.index += 1;
            if self.has_answer && self.snapshot.is_default(index) {
                break;
            }
            chain.run_extension(index, self.index == chain.len(), &mut self.call);
            match self.call.held.take().map(S::split) {
                None | Some(Ok(None)) => {}
                Some(Ok(Some(item))) => {
                    self.has_answer = true;
                    return Some(S::lift(Ok(item)));
                }
                Some(Err(error)) => return Some(S::lift(Err(error))),
            }
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.snapshot.extension_count() - self.index))
    }
}

impl<S, R, P, A> FusedIterator for Iter<S, R, P, A>
where
    S: Returns<R>,
    P: PointTypes,
    A: Arguments<P, R>,
{
}
