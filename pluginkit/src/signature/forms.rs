//! The modes: which loop runs, and what it returns.

#[cfg(feature = "async")]
use crate::async_caller::AsyncHandle;
use crate::caller::Handle;
#[cfg(feature = "async")]
use crate::dispatch::AsyncRawNext;
use crate::dispatch::{CallError, RawNext};
use crate::returns::{Always, Many, One, Optional, Returns, Threaded};
use crate::signature::{ErrorOf, ItemOf, Passing, Signature, ThreadsArgument, ValueOf};

/// All that extensions contribute.
type All<P> = <<P as Signature>::Shape as Returns<<P as Signature>::Return>>::All;

/// A mode, as the points see it that have it.
pub trait Form<P: Signature>: Sized + 'static {
    /// What a call returns if it does not fail.
    type Success;
    /// What a call returns.
    type Outcome;

    /// A call.
    fn call(handle: &Handle<P>, args: Passing<'_, P>) -> Self::Outcome;

    /// A call whose panics are caught.
    ///
    /// # Errors
    ///
    /// What stopped the call, and whose it is.
    fn try_call(handle: &Handle<P>, args: Passing<'_, P>) -> Result<Self::Success, CallError<ErrorOf<P>>>;

    /// The rest of a call.
    fn rest(next: RawNext<'_, P>, args: Passing<'_, P>) -> Self::Outcome;

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

    /// An async call that the current thread waits for.
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
        next: AsyncRawNext<'n, P>,
        args: Passing<'a, P>,
    ) -> impl Future<Output = Self::Outcome> + use<'a, 'n, Self, P>;
}

macro_rules! form {
    (
        $(#[$docs:meta])* $form:ident [$($bounds:tt)*] [$($shape:tt)*] $outcome:ident of $success:ty,
        $call:ident $try_call:ident $blocking:ident
    ) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $form;

        impl<P> Form<P> for $form
        where
            P: Signature<Form = Self> $($bounds)*,
            P::Shape: Returns<P::Return> $($shape)*,
        {
            type Success = $success;
            type Outcome = $outcome<P::Shape, P::Return>;

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

            #[inline]
            fn rest(next: RawNext<'_, P>, args: Passing<'_, P>) -> Self::Outcome {
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

            #[cfg(feature = "tokio")]
            fn call_blocking(
                handle: &AsyncHandle<P>,
                args: Passing<'_, P>,
            ) -> Result<Self::Success, CallError<ErrorOf<P>>> {
                handle.$blocking::<P::Shape, P::Return, _>(args)
            }

            #[cfg(feature = "async")]
            fn rest_async<'a, 'n>(
                next: AsyncRawNext<'n, P>,
                args: Passing<'a, P>,
            ) -> impl Future<Output = Self::Outcome> + use<'a, 'n, P> {
                next.$call::<P::Shape, P::Return, _>(args)
            }
        }
    };
}

form! {
    /// Every extension runs; the call returns all their results.
    Collects [] [] Many of All<P>, collect try_collect collect_blocking
}
form! {
    /// Extensions run until one answers; the call returns that answer.
    AnswersFirst [] [] One of Option<ItemOf<P>>, first try_first first_blocking
}
form! {
    /// A `&mut` argument passes through every extension.
    EditsInPlace [] [] Many of All<P>, collect try_collect collect_blocking
}
form! {
    /// An argument passes through every extension, each of which returns the next value.
    Threads [+ ThreadsArgument] [+ Always<P::Return>] Threaded of ItemOf<P>,
        thread try_thread thread_blocking
}
form! {
    /// An argument passes through every extension, each of which returns the next value or nothing.
    ThreadsIfAny [+ ThreadsArgument] [] Threaded of ItemOf<P>,
        thread_optional try_thread_optional thread_optional_blocking
}

/// A mode whose results can be had one by one.
#[diagnostic::on_unimplemented(
    message = "only a collecting point has its results one by one",
    label = "use `call` here"
)]
pub trait Iterates {}

impl Iterates for Collects {}

/// A mode whose extensions can run by themselves.
#[diagnostic::on_unimplemented(
    message = "only collecting and firstresult points can settle: the extensions of a pipeline need each other's results",
    label = "use `try_call` here"
)]
pub trait Settles<P: Signature> {
    /// Whether nobody needs to run after one that returned `value`.
    fn is_enough(value: &ValueOf<P>) -> bool;
}

impl<P: Signature> Settles<P> for Collects {
    fn is_enough(_: &ValueOf<P>) -> bool {
        false
    }
}

impl<P: Signature> Settles<P> for AnswersFirst
where
    ValueOf<P>: Optional,
{
    fn is_enough(value: &ValueOf<P>) -> bool {
        value.is_some()
    }
}
