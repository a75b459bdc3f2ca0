//! The modes: which loop runs, and what it returns.

use crate::base::sealed::Sealed;
#[cfg(feature = "async")]
use crate::call::AsyncRest;
#[cfg(feature = "async")]
use crate::call::async_caller::AsyncHandle;
use crate::call::caller::Handle;
use crate::call::signature::{ErrorOf, ItemOf, Passing, Signature, ThreadsArgument, ValueOf};
use crate::call::{CallError, Piped, Rest, Settled};
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// All that extensions contribute.
type All<P> = <<P as Signature>::Shape as Returns<<P as Signature>::Return>>::All;

/// What became of each extension of a point.
type Each<P> = Vec<Settled<ValueOf<P>, ErrorOf<P>>>;
/// And of the value that they pass on.
type Passed<P> = Piped<ItemOf<P>, ValueOf<P>, ErrorOf<P>>;

/// A mode: the loop of a call, and the type that it returns.
///
/// The five modes implement it, for the points that have them; other types cannot.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a mode that the point `{P}` can have",
    label = "expected `Collects`, `AnswersFirst`, `EditsInPlace`, `Threads` or `ThreadsIfAny`",
    note = "a pipeline by value implements `ThreadsArgument`, and with `Threads` its extensions cannot abstain"
)]
pub trait Form<P: Signature>: Sealed<P> + Sized + 'static {
    /// What a call returns if it does not fail.
    type Success;
    /// What a call returns.
    type Outcome;
    /// What `settle` returns: what became of each extension, and of the value of a pipeline.
    type Settlement;
    /// The value that is passed on, which `settle` goes on with after an extension that failed; `()` if there is none.
    type Running;

    /// A call.
    fn call(handle: &Handle<P>, args: Passing<'_, P>) -> Self::Outcome;

    /// A call whose panics are caught.
    ///
    /// # Errors
    ///
    /// What stopped the call, and whose it is.
    fn try_call(handle: &Handle<P>, args: Passing<'_, P>) -> Result<Self::Success, CallError<ErrorOf<P>>>;

    /// Runs every extension by itself.
    fn settle(handle: &Handle<P>, args: Passing<'_, P>) -> Self::Settlement
    where
        Self::Running: Spare;

    /// The rest of a call.
    fn rest(next: Rest<'_, P>, args: Passing<'_, P>) -> Self::Outcome;

    /// The error that an outcome is.
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>>;

    /// An async call.
    #[cfg(feature = "async")]
    fn call_async<'a>(
        handle: &AsyncHandle<P>,
        args: Passing<'a, P>,
    ) -> impl Future<Output = Self::Outcome> + use<'a, Self, P>;

    /// An async call whose panics are caught.
    #[cfg(feature = "async")]
    fn try_call_async<'a>(
        handle: &AsyncHandle<P>,
        args: Passing<'a, P>,
    ) -> impl Future<Output = Result<Self::Success, CallError<ErrorOf<P>>>> + use<'a, Self, P>;

    /// Runs every extension by itself.
    #[cfg(feature = "async")]
    fn settle_async<'a>(
        handle: &AsyncHandle<P>,
        args: Passing<'a, P>,
    ) -> impl Future<Output = Self::Settlement> + use<'a, Self, P>
    where
        Self::Running: Spare;

    /// An async call that the current thread waits for, on a runtime that it does not drive: where no thread drives
    /// it, an extension that waits for a timer, a socket or a task waits for ever.
    ///
    /// # Errors
    ///
    /// What stopped the call, and whose it is.
    #[cfg(feature = "tokio")]
    fn call_blocking(
        handle: &AsyncHandle<P>,
        args: Passing<'_, P>,
    ) -> Result<Self::Success, CallError<ErrorOf<P>>>;

    /// The rest of an async call.
    #[cfg(feature = "async")]
    fn rest_async<'a, 'n>(
        next: AsyncRest<'n, P>,
        args: Passing<'a, P>,
    ) -> impl Future<Output = Self::Outcome> + use<'a, 'n, Self, P>;
}

macro_rules! form {
    (
        $(#[$docs:meta])* $form:ident [$($bounds:tt)*] [$($shape:tt)*] $outcome:ident of $success:ty,
        $call:ident $try_call:ident $blocking:ident,
        $settlement:ident of $running:ty, $settle:ident
    ) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $form;

        impl<P: Signature<Form = Self> $($bounds)*> Sealed<P> for $form {}

        impl<P> Form<P> for $form
        where
            P: Signature<Form = Self> $($bounds)*,
            P::Shape: Returns<P::Return> $($shape)*,
        {
            type Success = $success;
            type Outcome = $outcome<P::Shape, P::Return>;
            type Settlement = $settlement<P>;
            type Running = $running;

            #[inline]
            fn call(handle: &Handle<P>, args: Passing<'_, P>) -> Self::Outcome {
                handle.$call::<P::Shape, P::Return, _>(args)
            }

            #[inline]
            fn try_call(
                handle: &Handle<P>,
                args: Passing<'_, P>,
            ) -> Result<Self::Success, CallError<ErrorOf<P>>> {
                handle.$try_call::<P::Shape, P::Return, _>(args)
            }

            fn settle(handle: &Handle<P>, args: Passing<'_, P>) -> Self::Settlement
            where
                Self::Running: Spare,
            {
                handle.$settle::<P::Shape, P::Return, _>(args)
            }

            #[inline]
            fn rest(next: Rest<'_, P>, args: Passing<'_, P>) -> Self::Outcome {
                next.$call::<P::Shape, P::Return, _>(args)
            }

            #[inline]
            fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
                P::Shape::error(outcome)
            }

            #[cfg(feature = "async")]
            fn call_async<'a>(
                handle: &AsyncHandle<P>,
                args: Passing<'a, P>,
            ) -> impl Future<Output = Self::Outcome> + use<'a, P> {
                handle.$call::<P::Shape, P::Return, _>(args)
            }

            #[cfg(feature = "async")]
            fn try_call_async<'a>(
                handle: &AsyncHandle<P>,
                args: Passing<'a, P>,
            ) -> impl Future<Output = Result<Self::Success, CallError<ErrorOf<P>>>> + use<'a, P> {
                handle.$try_call::<P::Shape, P::Return, _>(args)
            }

            #[cfg(feature = "async")]
            fn settle_async<'a>(
                handle: &AsyncHandle<P>,
                args: Passing<'a, P>,
            ) -> impl Future<Output = Self::Settlement> + use<'a, P>
            where
                Self::Running: Spare,
            {
                handle.$settle::<P::Shape, P::Return, _>(args)
            }

            #[cfg(feature = "tokio")]
            fn call_blocking(
                handle: &AsyncHandle<P>,
                args: Passing<'_, P>,
            ) -> Result<Self::Success, CallError<ErrorOf<P>>> {
                handle.$blocking::<P::Shape, P::Return, _>(args)
            }

            #[cfg(feature = "async")]
            fn rest_async<'a, 'n>(
                next: AsyncRest<'n, P>,
                args: Passing<'a, P>,
            ) -> impl Future<Output = Self::Outcome> + use<'a, 'n, P> {
                next.$call::<P::Shape, P::Return, _>(args)
            }
        }
    };
}

form! {
    /// Every extension runs; the call returns all their results.
    Collects [] [] Many of All<P>,
        collect try_collect collect_blocking,
        Each of (), settle
}
form! {
    /// Extensions run until one answers; the call returns that answer.
    AnswersFirst [] [] One of Option<ItemOf<P>>,
        first try_first first_blocking,
        Each of (), settle_first
}
form! {
    /// A `&mut` argument passes through every extension.
    EditsInPlace [] [] Many of All<P>,
        collect try_collect collect_blocking,
        Each of (), settle
}
form! {
    /// An argument passes through every extension, each of which returns the next value.
    Threads [+ ThreadsArgument] [+ Always<P::Return>] Threaded of ItemOf<P>,
        thread try_thread thread_blocking,
        Passed of ItemOf<P>, settle_threaded
}
form! {
    /// An argument passes through every extension, each of which returns the next value or nothing.
    ThreadsIfAny [+ ThreadsArgument] [] Threaded of ItemOf<P>,
        thread_optional try_thread_optional thread_optional_blocking,
        Passed of ItemOf<P>, settle_threaded
}

/// A mode whose results can be had one by one.
#[diagnostic::on_unimplemented(
    message = "only a collecting point has its results one by one",
    label = "use `call` here"
)]
pub trait Iterates: Sealed {}

impl Sealed for Collects {}

impl Iterates for Collects {}

/// A value that a pipeline can go on with after an extension that failed.
#[diagnostic::on_unimplemented(
    message = "`settle` goes on after an extension that failed with the value as it was before, so `{Self}` must be `Clone`",
    label = "not `Clone`, which `settle` of its pipeline asks for",
    note = "derive `Clone` for it, or use `try_call`, which ends with the extension that failed"
)]
pub trait Spare: Clone {}

impl<T: Clone> Spare for T {}
