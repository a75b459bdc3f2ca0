//! [`HandOn`]: firstresult calls whose extensions answer, or hand the argument on.
#![forbid(unsafe_code)]

use std::mem::replace;
use std::ops::ControlFlow;

use crate::call::CallError;
use crate::call::Rest;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::around::{AsWork, HostFn, TakesWork};
use crate::call::caller::Dispatch;
use crate::call::dispatch::SyncKind;
use crate::call::fold::{Flow, Fold, Gather, Running, ValueStep, step};
use crate::spec::handover::Handover;
use crate::spec::point::PointTypes;
use crate::spec::returns::{Always, Returns, Threaded};

/// The argument that the extensions of the reading `S` hand on.
pub(crate) type Handed<S, R> = <<S as Returns<R>>::Item as Handover>::Argument;

/// A firstresult call whose extensions take the argument, and answer or hand it on.
pub(crate) struct HandOn<H: Handover> {
    answer: Running<H::Answer>,
    /// The argument, between two extensions.
    argument: Running<H::Argument>,
    /// A clone of the argument, for the case that an extension fails.
    spare: Running<H::Argument>,
    /// An argument that an extension left behind.
    left: Running<H::Argument>,
}

impl<S, R> Gather<S, R> for HandOn<S::Item>
where
    S: Always<R>,
    S::Item: Handover,
{
    type Success = S::Item;

    #[inline]
    fn new(_: usize) -> Self {
        Self { answer: Running::NONE, argument: Running::NONE, spare: Running::NONE, left: Running::NONE }
    }

    #[inline]
    fn take(&mut self, returned: R) -> Result<Flow, S::Error> {
        match S::value(returned)?.into_flow() {
            ControlFlow::Continue(argument) => {
                self.argument.0 = Some(argument);
                Ok(Flow::Pass)
            }
            ControlFlow::Break(answer) => {
                self.answer.0 = Some(answer);
                Ok(Flow::Done)
            }
        }
    }

    #[inline]
    fn finish(mut self) -> S::Item {
        Handover::of(match self.answer.0.take() {
            Some(answer) => ControlFlow::Break(answer),
            None => ControlFlow::Continue(self.argument.finish()),
        })
    }
}

impl<S, R, A> Fold<S, R, A> for HandOn<S::Item>
where
    S: Always<R>,
    S::Item: Handover,
    A: ThreadedArguments<Handed<S, R>>,
{
    fn step(this: &mut Option<Self>, args: &mut Option<A>, taken: ValueStep) -> bool {
        step::<S, R, A, Self>(this, args, taken)
    }

    #[inline]
    fn lend(&mut self, args: &mut A) -> bool {
        // After an extension on the blocking pool, the argument that it had a clone of is still there.
        self.left.0 = replace(args.threaded(), self.argument.0.take());
        self.left.0.is_some() || self.spare.0.is_some()
    }

    #[inline]
    fn reclaim(&mut self, args: &mut A) -> bool {
        let argument = args.threaded().take();
        if self.answer.0.is_some() {
            self.left.0 = argument;
        } else {
            self.argument.0 = argument;
        }
        self.left.0.is_some() || self.spare.0.is_some()
    }

    #[inline]
    fn drop_left(&mut self) {
        self.left.0 = None;
        self.spare.0 = None;
    }

    fn spare(&mut self, args: &A) -> bool {
        // An argument that is not `Clone` is lost with the extension, and the call ends.
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

impl<P: PointTypes, K: SyncKind> Dispatch<'_, P, K> {
    /// Makes a firstresult call of extensions that answer, or hand the argument on.
    #[inline]
    pub fn hand_on<S, R, A>(&self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
    {
        K::call::<P, S, R, A, HandOn<S::Item>>(self.0, args)
    }

    /// Makes a guarded call of extensions that answer or hand the argument on, like
    /// [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call. The argument is lost.
    pub fn try_hand_on<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
    {
        K::try_call::<P, S, R, A, HandOn<S::Item>>(self.0, args)
    }
}

impl<P: PointTypes> Rest<'_, P> {
    /// Runs the rest of a call whose extensions answer, or hand the argument on.
    #[inline]
    pub fn hand_on<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + ThreadedArguments<Handed<S, R>> + WrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, HandOn<S::Item>>(args)
    }
}

impl<P: TakesWork, K: SyncKind> Dispatch<'_, P, K> {
    /// Runs `work` inside the wrappers of a call whose extensions answer, or hand the argument on.
    pub fn hand_on_around<S, R, A, W>(&self, args: A, work: W) -> Threaded<S, R>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        K::around::<P, S, R, A, HandOn<S::Item>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a guarded call whose extensions answer, or hand the argument on.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_hand_on_around<S, R, A, W>(&self, args: A, work: W) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        S::Item: Handover,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        K::try_around::<P, S, R, A, HandOn<S::Item>, W>(self.0, args, work)
    }
}
