//! [`FastPath`]: a plain loop over extensions without predicates, observers or limits.

use crate::call::arguments::Arguments;
use crate::call::fold::{Flow, Fold};
use crate::erased::ErasedSlice;
use crate::registry::Snapshot;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// The extensions of a call on the fast path.
pub(crate) struct FastPath<'c, P: PointTypes>(ErasedSlice<'c, P::Extension>);

impl<'c, P: PointTypes> FastPath<'c, P> {
    #[inline]
    pub(crate) fn of(snapshot: &'c Snapshot) -> Self {
        Self(snapshot.array.back())
    }

    /// Runs the extensions in order until the call ends.
    #[inline]
    pub(crate) fn run<S, R, A, F>(self, mut args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        F: Fold<S, R, A>,
    {
        let mut fold = F::new(self.0.len());
        let mut extensions = self.0;
        while let Some(extension) = extensions.next() {
            let returned = args.call(extension, extensions.len() == 0);
            match fold.take(&mut args, returned) {
                Ok(Flow::Next) => {}
                Ok(Flow::Done) => break,
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(fold.finish(&mut args)))
    }
}
