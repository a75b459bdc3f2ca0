//! Async firstresult calls whose extensions answer, or hand the argument on.

use crate::base::kind::Asynchronous;
use crate::call::CallError;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::asynchronous::around::{AsAsyncWork, AsyncHostFn, TakesAsyncWork};
use crate::call::asynchronous::next::AsyncRest;
use crate::call::caller::Dispatch;
use crate::call::hand_on::{HandOn, Handed};
use crate::spec::handover::Handover;
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::{Always, Threaded};

impl<P: AsyncPointTypes> Dispatch<'_, P, Asynchronous> {
    /// Makes a firstresult call of extensions that answer, or hand the argument on.
    pub fn hand_on<S, R, A>(&self, args: A) -> impl Future<Output = Threaded<S, R>> + use<P, S, R, A>
    where
        S: Always<R>,
        S::Item: Handover,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
    {
        self.call::<S, R, A, HandOn<S::Item>>(args)
    }

    /// Makes a guarded call of extensions that answer or hand the argument on, like
    /// [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call. The argument is lost.
    pub fn try_hand_on<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<S::Item, CallError<S::Error>>> + use<P, S, R, A>
    where
        S: Always<R>,
        S::Item: Handover,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
    {
        self.try_call::<S, R, A, HandOn<S::Item>>(args)
    }

    /// Makes a call of extensions that answer or hand the argument on, and waits for it, like
    /// [`collect_blocking`](Self::collect_blocking).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call, [`CallError::InAsyncCode`] in async code, or [`CallError::NoRuntime`] if no
    /// runtime could be created.
    #[cfg(feature = "tokio")]
    pub fn hand_on_blocking<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        S::Item: Handover,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
    {
        self.call_blocking::<S, R, A, HandOn<S::Item>>(args)
    }
}

impl<'n, P: AsyncPointTypes> AsyncRest<'n, P> {
    /// Runs the rest of a call whose extensions answer, or hand the argument on.
    #[inline]
    pub fn hand_on<S, R, A>(self, args: A) -> impl Future<Output = Threaded<S, R>> + use<'n, P, S, R, A>
    where
        S: Always<R>,
        S::Item: Handover,
        A: AsyncArguments<P, R> + ThreadedArguments<Handed<S, R>> + AsyncWrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, HandOn<S::Item>>(args)
    }
}

impl<P: TakesAsyncWork> Dispatch<'_, P, Asynchronous> {
    /// Runs `work` inside the wrappers of a call whose extensions answer, or hand the argument on.
    pub fn hand_on_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Threaded<S, R>> + use<'f, P, S, R, A, H, W>
    where
        S: Always<R>,
        S::Item: Handover,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.around::<S, R, A, HandOn<S::Item>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a guarded call whose extensions answer, or hand the argument on.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_hand_on_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Result<S::Item, CallError<S::Error>>> + use<'f, P, S, R, A, H, W>
    where
        S: Always<R>,
        S::Item: Handover,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<Handed<S, R>>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.try_around::<S, R, A, HandOn<S::Item>, H, W>(args, host, work)
    }
}
