//! [`Fold`]: the results of a call so far, in each mode.
//!
//! | fold | mode |
//! |---|---|
//! | [`Collect`] | collecting: every result is kept |
//! | [`First`] | firstresult: the first answer ends the call |
//! | [`Thread`] | pipeline: an extension takes the running value and returns the next |
//! | [`ThreadOptional`] | pipeline: an extension gets a copy of the running value and may return the next |

use crate::base::drops::Gathered;
use crate::call::arguments::ThreadedArguments;
use crate::spec::returns::{Always, Returns};

/// The continuation of a call after a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The next extension runs.
    Next,
    /// The call is over.
    Done,
}

/// The results of a call so far, in one mode.
///
/// `S` reads the return type `R` of the extensions, and `A` holds the arguments of the call.
pub(crate) trait Fold<S: Returns<R>, R, A>: Sized {
    /// The success of a call.
    type Success;

    /// Starts a call of `extensions` extensions.
    fn new(extensions: usize) -> Self;

    /// Takes in the result of one extension.
    ///
    /// # Errors
    ///
    /// Returns the error in `returned`, which ends the call.
    fn take(&mut self, args: &mut A, returned: R) -> Result<Flow, S::Error>;

    /// Ends a round of a historic call.
    fn end_round(&mut self) {}

    /// Returns the result of the call.
    fn finish(self, args: &mut A) -> Self::Success;

    /// Drops a result that the call does not return.
    fn discard(success: Self::Success) {
        drop(success);
    }

    /// Prepares for an extension that may fail. Returns whether the call can continue after a failure.
    fn spare(&mut self, args: &A) -> bool {
        let _ = args;
        true
    }

    /// Restores the arguments after an extension that declined or failed.
    fn restore(&mut self, args: &mut A) {
        let _ = args;
    }
}

/// The results of a collecting call, in call order.
pub(crate) struct Collect<T>(Gathered<T>);

impl<S: Returns<R>, R, A> Fold<S, R, A> for Collect<S::Item> {
    type Success = S::All;

    #[inline]
    fn new(extensions: usize) -> Self {
        Self(Gathered(if S::EXACT { Vec::with_capacity(extensions) } else { Vec::new() }))
    }

    #[inline]
    fn take(&mut self, _: &mut A, returned: R) -> Result<Flow, S::Error> {
        match S::split(returned)? {
            Some(item) if S::GATHERS => self.0.0.push(item),
            _ => {}
        }
        Ok(Flow::Next)
    }

    #[inline]
    fn finish(self, _: &mut A) -> S::All {
        S::all(self.0.into_vec())
    }

    fn discard(all: S::All) {
        S::discard(all);
    }
}

/// The answer of a firstresult call.
pub(crate) struct First<T>(Option<T>);

impl<S: Returns<R>, R, A> Fold<S, R, A> for First<S::Item> {
    type Success = Option<S::Item>;

    #[inline]
    fn new(_: usize) -> Self {
        Self(None)
    }

    #[inline]
    fn take(&mut self, _: &mut A, returned: R) -> Result<Flow, S::Error> {
        match S::split(returned)? {
            None => Ok(Flow::Next),
            answer => {
                self.0 = answer;
                Ok(Flow::Done)
            }
        }
    }

    #[inline]
    fn finish(self, _: &mut A) -> Option<S::Item> {
        self.0
    }
}

/// A pipeline of extensions that take the running value and return the next.
pub(crate) struct Thread<T> {
    /// A clone of the running value, for the case that an extension fails.
    spare: Option<T>,
}

impl<S, R, A> Fold<S, R, A> for Thread<S::Item>
where
    S: Always<R>,
    A: ThreadedArguments<S::Item>,
{
    type Success = S::Item;

    #[inline]
    fn new(_: usize) -> Self {
        Self { spare: None }
    }

    #[inline]
    fn take(&mut self, args: &mut A, returned: R) -> Result<Flow, S::Error> {
        *args.threaded() = Some(S::value(returned)?);
        Ok(Flow::Next)
    }

    #[inline]
    fn finish(self, args: &mut A) -> S::Item {
        running(args)
    }

    fn spare(&mut self, args: &A) -> bool {
        // A value that is not `Clone` is lost with the extension, and the call ends.
        self.spare = args.spare();
        self.spare.is_some()
    }

    fn restore(&mut self, args: &mut A) {
        if args.threaded().is_none() {
            *args.threaded() = self.spare.take();
        }
    }
}

/// A pipeline of extensions that get a copy of the running value and may return the next.
pub(crate) struct ThreadOptional;

impl<S, R, A> Fold<S, R, A> for ThreadOptional
where
    S: Returns<R>,
    A: ThreadedArguments<S::Item>,
{
    type Success = S::Item;

    #[inline]
    fn new(_: usize) -> Self {
        Self
    }

    #[inline]
    fn take(&mut self, args: &mut A, returned: R) -> Result<Flow, S::Error> {
        if let Some(changed) = S::split(returned)? {
            *args.threaded() = Some(changed);
        }
        Ok(Flow::Next)
    }

    #[inline]
    fn finish(self, args: &mut A) -> S::Item {
        running(args)
    }
}

/// Returns the value that a pipeline ends with.
#[inline]
pub(crate) fn running<T>(args: &mut impl ThreadedArguments<T>) -> T {
    args.threaded().take().expect("an extension that took the running value returned the next one")
}
