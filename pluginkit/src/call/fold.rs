//! [`Fold`]: the results of a call so far, in each mode.
//!
//! | fold | mode |
//! |---|---|
//! | [`Collect`] | collecting: every result is kept |
//! | `Reducing`, in `reduce` | collecting: a reducer of the host takes each result |
//! | [`First`] | firstresult: the first answer ends the call |
//! | [`Thread`] | pipeline: an extension takes the running value and returns the next |
//! | [`ThreadOptional`] | pipeline: an extension gets a copy of the running value and may return the next |
//! | `HandOn`, in `hand_on` | firstresult: an extension takes the argument, and answers or hands it on |

use crate::base::drops::contain;
use crate::call::arguments::ThreadedArguments;
use crate::erased::Filled;
use crate::spec::returns::{Always, Returns};

/// The continuation of a call after a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The extension has answered. The next extension runs.
    Next,
    /// The extension has not answered. The next extension runs, perhaps the default body of the point.
    Pass,
    /// The call is over.
    Done,
}

/// The results of a call so far, in one mode.
///
/// `S` reads the return type `R` of the extensions. Points with the same return type share it.
pub(crate) trait Gather<S: Returns<R>, R>: Sized {
    /// The success of a call.
    type Success;

    /// Whether [`finish`](Self::finish) runs code of the host, whose panic is that of no plugin.
    const IS_HOSTS: bool = false;

    /// Starts a call of `extensions` extensions.
    fn new(extensions: usize) -> Self;

    /// Takes in the result of one extension.
    ///
    /// # Errors
    ///
    /// Returns the error in `returned`, which ends the call.
    fn take(&mut self, returned: R) -> Result<Flow, S::Error>;

    /// Ends a round of a historic call.
    fn end_round(&mut self) {}

    /// Returns the result of the call.
    fn finish(self) -> Self::Success;

    /// Drops a result that the call does not return.
    fn discard(success: Self::Success) {
        drop(success);
    }
}

/// A step of the running value of a pipeline.
#[derive(Clone, Copy)]
pub(crate) enum ValueStep {
    /// It moves to the arguments. Returns whether a value or a clone is left behind.
    Lend,
    /// It moves back from the arguments. Returns whether a clone is left behind.
    Reclaim,
    /// Values that are left behind are dropped.
    Drop,
    /// It is cloned, for the case that an extension fails. Returns whether the call can continue after a failure.
    Spare,
    /// The clone takes its place, after an extension that failed. Returns whether a clone is left behind.
    Restore,
}

impl ValueStep {
    pub(crate) fn is_spare(self) -> bool {
        matches!(self, Self::Spare)
    }
}

/// The results of a call so far, and the running value of a pipeline, which moves between them and the arguments `A`.
///
/// Other modes have no running value.
pub(crate) trait Fold<S: Returns<R>, R, A>: Gather<S, R> {
    /// Moves the running value to the arguments, for the next extension. Returns whether a value is left behind.
    #[inline]
    fn lend(&mut self, args: &mut A) -> bool {
        let _ = args;
        false
    }

    /// Takes the running value back from the arguments, at the end of the call. Returns whether a value is left behind.
    #[inline]
    fn reclaim(&mut self, args: &mut A) -> bool {
        let _ = args;
        false
    }

    /// Drops a value that is left behind.
    #[inline]
    fn drop_left(&mut self) {}

    /// Prepares for an extension that may fail. Returns whether the call can continue after a failure.
    fn spare(&mut self, args: &A) -> bool {
        let _ = args;
        true
    }

    /// Restores the arguments after an extension that declined or failed. Returns whether a value is left behind.
    fn restore(&mut self, args: &mut A) -> bool {
        let _ = args;
        false
    }

    /// Moves the running value. Returns what the step says.
    ///
    /// A function rather than a branch: a host compiles it for each point, and most have no running value.
    fn step(this: &mut Option<Self>, args: &mut Option<A>, step: ValueStep) -> bool {
        let _ = (this, args);
        step.is_spare()
    }
}

/// [`Fold::step`] of a call with a running value.
pub(super) fn step<S: Returns<R>, R, A, F: Fold<S, R, A>>(
    fold: &mut Option<F>,
    args: &mut Option<A>,
    step: ValueStep,
) -> bool {
    let (Some(fold), Some(args)) = (fold, args) else { return step.is_spare() };
    match step {
        ValueStep::Lend => fold.lend(args),
        ValueStep::Reclaim => fold.reclaim(args),
        ValueStep::Drop => {
            fold.drop_left();
            false
        }
        ValueStep::Spare => fold.spare(args),
        ValueStep::Restore => fold.restore(args),
    }
}

/// The results of a collecting call, in call order.
pub(crate) struct Collect<T>(Filled<T>);

impl<S: Returns<R>, R> Gather<S, R> for Collect<S::Item> {
    type Success = S::All;

    #[inline]
    fn new(extensions: usize) -> Self {
        Self(Filled::with_capacity(if S::EXACT { extensions } else { 0 }))
    }

    #[inline]
    fn take(&mut self, returned: R) -> Result<Flow, S::Error> {
        match S::split(returned)? {
            Some(item) if S::GATHERS => self.0.push(item),
            Some(_) => {}
            None => return Ok(Flow::Pass),
        }
        Ok(Flow::Next)
    }

    #[inline]
    fn finish(self) -> S::All {
        S::all(self.0.into_vec())
    }

    fn discard(all: S::All) {
        S::discard(all);
    }
}

impl<S: Returns<R>, R, A> Fold<S, R, A> for Collect<S::Item> {}

/// The answer of a firstresult call.
pub(crate) struct First<T>(Option<T>);

impl<S: Returns<R>, R> Gather<S, R> for First<S::Item> {
    type Success = Option<S::Item>;

    #[inline]
    fn new(_: usize) -> Self {
        Self(None)
    }

    #[inline]
    fn take(&mut self, returned: R) -> Result<Flow, S::Error> {
        match S::split(returned)? {
            None => Ok(Flow::Pass),
            answer => {
                self.0 = answer;
                Ok(Flow::Done)
            }
        }
    }

    #[inline]
    fn finish(self) -> Option<S::Item> {
        self.0
    }
}

impl<S: Returns<R>, R, A> Fold<S, R, A> for First<S::Item> {}

/// The running value of a pipeline, between two extensions.
pub(super) struct Running<T>(pub(super) Option<T>);

impl<T> Running<T> {
    pub(super) const NONE: Self = Self(None);

    #[inline]
    pub(super) fn finish(mut self) -> T {
        take_running(&mut self.0)
    }
}

impl<T> Drop for Running<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            contain(None, &mut || self.0 = None);
        }
    }
}

/// A pipeline of extensions that take the running value and return the next.
pub(crate) struct Thread<T> {
    value: Running<T>,
    /// A clone of the running value, for the case that an extension fails.
    spare: Running<T>,
}

impl<S: Always<R>, R> Gather<S, R> for Thread<S::Item> {
    type Success = S::Item;

    #[inline]
    fn new(_: usize) -> Self {
        Self { value: Running(None), spare: Running(None) }
    }

    #[inline]
    fn take(&mut self, returned: R) -> Result<Flow, S::Error> {
        self.value.0 = Some(S::value(returned)?);
        Ok(Flow::Next)
    }

    #[inline]
    fn finish(self) -> S::Item {
        self.value.finish()
    }
}

impl<S, R, A> Fold<S, R, A> for Thread<S::Item>
where
    S: Always<R>,
    A: ThreadedArguments<S::Item>,
{
    fn step(this: &mut Option<Self>, args: &mut Option<A>, taken: ValueStep) -> bool {
        step::<S, R, A, Self>(this, args, taken)
    }

    #[inline]
    fn lend(&mut self, args: &mut A) -> bool {
        *args.threaded() = self.value.0.take();
        self.spare.0.is_some()
    }

    #[inline]
    fn reclaim(&mut self, args: &mut A) -> bool {
        self.value.0 = args.threaded().take();
        self.spare.0.is_some()
    }

    #[inline]
    fn drop_left(&mut self) {
        self.spare.0 = None;
    }

    fn spare(&mut self, args: &A) -> bool {
        // A value that is not `Clone` is lost with the extension, and the call ends.
        self.spare.0 = args.spare();
        self.spare.0.is_some()
    }

    fn restore(&mut self, args: &mut A) -> bool {
        if args.threaded().is_none() {
            *args.threaded() = self.spare.0.take();
        }
        self.spare.0.is_some()
    }
}

/// A pipeline of extensions that get a copy of the running value and may return the next.
pub(crate) struct ThreadOptional<T>(Running<T>);

impl<S: Returns<R>, R> Gather<S, R> for ThreadOptional<S::Item> {
    type Success = S::Item;

    #[inline]
    fn new(_: usize) -> Self {
        Self(Running(None))
    }

    #[inline]
    fn take(&mut self, returned: R) -> Result<Flow, S::Error> {
        self.0.0 = S::split(returned)?;
        Ok(if self.0.0.is_some() { Flow::Next } else { Flow::Pass })
    }

    #[inline]
    fn finish(self) -> S::Item {
        self.0.finish()
    }
}

impl<S, R, A> Fold<S, R, A> for ThreadOptional<S::Item>
where
    S: Returns<R>,
    A: ThreadedArguments<S::Item>,
{
    fn step(this: &mut Option<Self>, args: &mut Option<A>, taken: ValueStep) -> bool {
        step::<S, R, A, Self>(this, args, taken)
    }

    #[inline]
    fn lend(&mut self, args: &mut A) -> bool {
        if self.0.0.is_some() {
            std::mem::swap(args.threaded(), &mut self.0.0);
        }
        self.0.0.is_some()
    }

    #[inline]
    fn reclaim(&mut self, args: &mut A) -> bool {
        self.0.0 = args.threaded().take();
        false
    }

    #[inline]
    fn drop_left(&mut self) {
        self.0.0 = None;
    }
}

/// Returns the value that a pipeline ends with.
#[inline]
pub(crate) fn running<T>(args: &mut impl ThreadedArguments<T>) -> T {
    take_running(args.threaded())
}

#[inline]
fn take_running<T>(value: &mut Option<T>) -> T {
    value.take().expect("an extension that took the running value returned the next one")
}
