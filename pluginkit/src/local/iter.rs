//! [`Iter`]: the results of a collecting point one by one.

use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::call::arguments::Arguments;
use crate::call::local::LocalRun;
use crate::call::typed::{Called, Single};
use crate::local::slot::Snapshot;
use crate::spec::point::PointTypes;
use crate::spec::returns::{Returns, Threaded};

/// The results of a collecting point one by one: an extension runs when its result is requested.
///
/// It works on the snapshot of its creation. Wrappers take no part. After an error, it continues with the next extension.
#[must_use = "extensions run only when results are requested"]
pub(super) struct Iter<'p, S, R, P: PointTypes, A> {
    index: usize,
    /// Whether an extension has returned an item.
    has_answer: bool,
    call: Single<Called, P, R, A>,
    /// Dropped after the arguments, because it contains its destructors.
    snapshot: Rc<Snapshot<'p>>,
    reads: PhantomData<fn(S)>,
}

impl<'p, S, R, P: PointTypes, A> Iter<'p, S, R, P, A> {
    pub(super) fn new(snapshot: Rc<Snapshot<'p>>, args: A) -> Self {
        Self { index: 0, has_answer: false, call: Single::new(args), snapshot, reads: PhantomData }
    }
}

impl<S, R, P, A> Iterator for Iter<'_, S, R, P, A>
where
    S: Returns<R>,
    P: PointTypes,
    A: Arguments<P, R>,
{
    type Item = Threaded<S, R>;

    fn next(&mut self) -> Option<Self::Item> {
        let extensions = self.snapshot.extensions();
        while let Some(extension) = extensions.get(self.index) {
            self.index += 1;
            if self.has_answer && self.snapshot.is_default(self.index - 1) {
                break;
            }
            let contribution = &extension.contribution;
            if contribution.conditional && !self.call.accepts_local(&contribution.object) {
                continue;
            }
            self.call.run_local(&contribution.object, self.index == extensions.len());
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
        (0, Some(self.snapshot.extensions().len() - self.index))
    }
}

impl<S, R, P, A> FusedIterator for Iter<'_, S, R, P, A>
where
    S: Returns<R>,
    P: PointTypes,
    A: Arguments<P, R>,
{
}
