//! [`FastPath`]: a plain loop over extensions without predicates, observers or limits.

use crate::call::arguments::Arguments;
use crate::call::fold::{Flow, Fold};
use crate::call::outcome::Outcome;
use crate::erased::ErasedSlice;
use crate::registry::Snapshot;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// Whether calls have a fast path beside the slow one.
///
/// An unoptimised build has none: the loop is compiled for every point, and gains little there.
pub(crate) const HAS_FAST_PATH: bool = !cfg!(debug_assertions);

/// The extensions of a call on the fast path.
pub(crate) struct FastPath<'c, P: PointTypes>(ErasedSlice<'c, P::Extension>);

impl<'c, P: PointTypes> FastPath<'c, P> {
    #[inline]
    pub(crate) fn of(snapshot: &'c Snapshot) -> Self {
        Self(snapshot.array.back())
    }

    /// Runs the extensions in order until the call ends.
    ///
    /// The results and the arguments are dropped while the outcome is in a variable. The compiler leaks a value that is
    /// being returned if a destructor panics.
    #[inline]
    pub(crate) fn run<S, R, A, F>(self, mut args: A) -> Outcome<S, R, F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        F: Fold<S, R, A>,
    {
        let mut fold = F::new(self.0.len());
        let mut extensions = self.0;
        while let Some(extension) = extensions.next() {
            let returned = args.call(extension, extensions.len() == 0);
            match fold.take(returned) {
                Ok(Flow::Next) => {
                    if fold.lend(&mut args) {
                        fold.drop_left();
                    }
                }
                Ok(Flow::Done) => break,
                Err(error) => {
                    let outcome = Outcome::new(S::lift(Err(error)), F::discard);
                    drop(fold);
                    drop(args);
                    return outcome;
                }
            }
        }
        fold.reclaim(&mut args);
        let outcome = Outcome::new(S::lift(Ok(fold.finish())), F::discard);
        drop(args);
        outcome
    }
}
