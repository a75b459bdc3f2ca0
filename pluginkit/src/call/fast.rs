//! The fast path: a plain loop over extensions without predicates, observers or limits.

use std::mem::{ManuallyDrop, needs_drop};

use crate::base::drops::contain;
use crate::call::arguments::Arguments;
use crate::call::blame::Blame;
use crate::call::chain::Chain;
use crate::call::fold::{Flow, Fold};
use crate::call::outcome::Outcome;
use crate::call::typed::missing_args;
use crate::erased::ErasedSlice;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// Whether calls have a fast path beside the slow one.
///
/// An unoptimised build has none: the loop is compiled for every point, and gains little there.
pub const HAS_FAST_PATH: bool = !cfg!(debug_assertions);

/// Runs the extensions of `chain` in order until the call ends.
///
/// The results and the arguments are dropped while the outcome is in a variable. The compiler leaks a value that is
/// being returned if a destructor panics.
#[inline]
pub(crate) fn run_fast<P, S, R, A, F>(chain: &Chain<'_>, args: A) -> Outcome<S, R, F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    F: Fold<S, R, A>,
{
    let left = chain.snapshot.array.back::<P::Extension>();
    let mut fold = F::new(left.len());
    let mut contained = Contained(Some(args));
    let args = contained.get();
    // A variable rather than a value behind a reference, so that it stays in registers.
    let mut running = Running { left, len: chain.wrapper_count() + left.len(), blame: chain.blame };
    // For most points, the compiler knows that there is no default body.
    let has_default = P::INFO.has_default_body && chain.snapshot.has_default;
    let mut has_answer = false;
    while let Some(extension) = running.left.next() {
        let last = running.left.is_empty();
        if has_default && last && has_answer {
            break;
        }
        let returned = args.call(extension, last);
        match fold.take(returned) {
            Ok(flow @ (Flow::Next | Flow::Pass)) => {
                has_answer |= flow == Flow::Next;
                if fold.lend(args) {
                    drop_used(running.blame, &mut || fold.drop_left());
                }
            }
            Ok(Flow::Done) => break,
            Err(error) => {
                let outcome = Outcome::new(S::lift(Err(error)), F::discard);
                drop_results(chain, running.position(), &mut Some(fold));
                running.end(&mut contained);
                return outcome;
            }
        }
    }
    fold.reclaim(args);
    let blame = if F::IS_HOSTS { running.blame.take() } else { running.blame };
    let outcome = Outcome::new(S::lift(Ok(fold.finish())), F::discard);
    running.blame = blame;
    running.end(&mut contained);
    outcome
}

/// The extensions of a call that are left.
struct Running<'c, O: ?Sized + 'static> {
    left: ErasedSlice<'c, O>,
    /// The number of implementations of the call.
    len: usize,
    /// What a guarded call records.
    blame: Option<&'c Blame>,
}

impl<O: ?Sized + 'static> Running<'_, O> {
    /// Returns the position of the extension that was taken last among the implementations of the call. Before the first
    /// one, it is that of the wrapper around them.
    #[inline]
    fn position(&self) -> usize {
        (self.len - self.left.len()).wrapping_sub(1)
    }

    /// Ends the call, and drops its arguments.
    #[inline]
    fn end<A>(self, args: &mut Contained<A>) {
        let blame = ManuallyDrop::new(self).blame;
        if needs_drop::<A>() {
            drop_used(blame, &mut || drop(args.0.take()));
        }
    }
}

impl<O: ?Sized + 'static> Drop for Running<'_, O> {
    /// Records the extension that panicked.
    #[inline]
    fn drop(&mut self) {
        if let Some(blame) = self.blame {
            blame.runs(self.position());
        }
    }
}

/// Runs `drops`, which drops values that the call no longer needs.
#[inline]
pub(super) fn drop_used(blame: Option<&Blame>, drops: &mut dyn FnMut()) {
    match blame {
        None => drops(),
        Some(blame) => blame.drop_used(drops),
    }
}

/// Drops the results of a call that ends with the error of the extension at `position`.
#[cold]
fn drop_results<F>(chain: &Chain<'_>, position: usize, fold: &mut Option<F>) {
    if let Some(blame) = chain.blame {
        blame.extension_failed(chain.branch, position);
    }
    drop_left(chain.blame, fold);
}

/// Drops the results of a call that ends with an error.
#[cold]
pub(super) fn drop_left<F>(blame: Option<&Blame>, fold: &mut Option<F>) {
    match blame {
        None => *fold = None,
        Some(_) => Blame::drop_left(&mut || *fold = None),
    }
}

/// The arguments of a call. They are taken out when it ends, and a panic of their destructor is contained after a panic of
/// an extension.
pub(super) struct Contained<A>(pub(super) Option<A>);

impl<A> Contained<A> {
    #[inline]
    pub(super) fn get(&mut self) -> &mut A {
        match &mut self.0 {
            Some(args) => args,
            None => missing_args(),
        }
    }
}

impl<A> Drop for Contained<A> {
    #[inline]
    fn drop(&mut self) {
        if needs_drop::<A>() && self.0.is_some() {
            contain(None, &mut || self.0 = None);
        }
    }
}
