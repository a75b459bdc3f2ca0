//! The calls of a point and the `next` of its wrappers, by the number of its arguments.
#![allow(
    clippy::elidable_lifetime_names,
    clippy::extra_unused_lifetimes,
    clippy::needless_lifetimes,
    reason = "one lifetime for all arguments, and there may be none"
)]

use std::fmt;
#[cfg(feature = "async")]
use std::future::Ready;
#[cfg(feature = "async")]
use std::marker::PhantomData;

#[cfg(feature = "async")]
use futures_core::Stream;

use crate::base::sealed::Sealed;
#[cfg(feature = "async")]
use crate::call::AsyncRest;
#[cfg(feature = "async")]
use crate::call::async_caller::{AsyncCalls, AsyncHandle};
use crate::call::caller::{Calls, Handle};
use crate::call::returning::WrapperReturning;
#[cfg(feature = "async")]
use crate::call::signature::{AtOnce, Collects, InTurn};
use crate::call::signature::{
    ErrorOf, Form, Iterates, OutcomeOf, Passing, RunningOf, SettlementOf, Signature, Spare, SuccessOf,
};
use crate::call::{BoundNext, CallError, Rest};
#[cfg(feature = "async")]
use crate::spec::checks::RunsBeside;
use crate::spec::returns::Threaded;

/// The number of arguments of a point: `Arity<2>` for two.
///
/// A point with `N` arguments implements the trait `SignatureN`, too. There are points with up to six arguments.
#[derive(Clone, Copy, Debug)]
pub struct Arity<const N: usize>;

/// The types of a point that depend on the number of its arguments.
///
/// [`Arity`] implements it for the points of that many arguments; other types cannot.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of arguments",
    label = "expected `Arity<N>`, for `N` up to 6",
    note = "a point with `type Arity = Arity<1>` implements `Signature1`, one with `Arity<2>` implements `Signature2`, and so on"
)]
pub trait ArityOf<P: Signature>: Sealed<P> + Sized + 'static {
    /// The calls of a sync manager.
    type Calls: Calls<P>;
    /// The rest of a sync call.
    type Next<'n>;
    /// The calls of an async manager.
    #[cfg(feature = "async")]
    type AsyncCalls: AsyncCalls<P>;
    /// The rest of an async call.
    #[cfg(feature = "async")]
    type AsyncNext<'n>;

    /// The rest of a sync call.
    fn next(raw: Rest<'_, P>) -> Self::Next<'_>;

    /// The rest of an async call.
    #[cfg(feature = "async")]
    fn async_next(raw: AsyncRest<'_, P>) -> Self::AsyncNext<'_>;
}

macro_rules! arity {
    ($arity:literal $signature:ident $calls:ident $next:ident $async_calls:ident $async_next:ident
        ($($arg:ident: $Type:ident),*)) => {
        impl<P: $signature> Sealed<P> for Arity<$arity> {}

        impl<P: $signature> ArityOf<P> for Arity<$arity> {
            type Calls = $calls<P>;
            type Next<'n> = $next<'n, P>;
            #[cfg(feature = "async")]
            type AsyncCalls = $async_calls<P>;
            #[cfg(feature = "async")]
            type AsyncNext<'n> = $async_next<'n, P>;

            #[inline]
            fn next(raw: Rest<'_, P>) -> $next<'_, P> {
                $next(raw)
            }

            #[cfg(feature = "async")]
            fn async_next(raw: AsyncRest<'_, P>) -> $async_next<'_, P> {
                $async_next(raw)
            }
        }

        /// The arguments of a point, in its order.
        #[diagnostic::on_unimplemented(
            message = "`{Self}` does not have the number of arguments that its `Arity` says",
            label = "the trait `SignatureN` for this number of arguments is missing",
            note = "a point with `type Arity = Arity<1>` implements `Signature1`, one with `Arity<2>` implements `Signature2`, and so on"
        )]
        pub trait $signature: Signature {
            $(
                #[doc = concat!("The type of the argument `", stringify!($arg), "`.")]
                type $Type<'a>;
            )*

            /// All of them.
            fn args<'a>($($arg: Self::$Type<'a>),*) -> Self::Args<'a>;
        }

        /// The calls of a point of a sync manager.
        pub struct $calls<P: Signature>(Handle<P>);

        impl<P: Signature> fmt::Debug for $calls<P> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<P: $signature> Calls<P> for $calls<P> {
            fn new(handle: Handle<P>) -> Self {
                Self(handle)
            }

            #[inline]
            fn handle(&self) -> &Handle<P> {
                &self.0
            }
        }

        impl<P: $signature> $calls<P> {
            /// Calls the point and returns the outcome; a panic unwinds to the caller.
            #[inline]
            pub fn call<'a>(&self, $($arg: P::$Type<'a>),*) -> OutcomeOf<P> {
                P::Form::call(&self.0, Passing::new(P::args($($arg),*)))
            }

            /// Calls the point; a panic or an overrun is an error that names the plugin.
            ///
            /// # Errors
            ///
            /// What stopped the call, and whose it is.
            #[inline]
            pub fn try_call<'a>(&self, $($arg: P::$Type<'a>),*) -> Result<SuccessOf<P>, CallError<ErrorOf<P>>> {
                P::Form::try_call(&self.0, Passing::new(P::args($($arg),*)))
            }

            /// The results one by one: an extension runs when its result is asked for. Wrappers take no part.
            #[inline]
            pub fn iter<'a>(
                &self,
                $($arg: P::$Type<'a>),*
            ) -> impl Iterator<Item = Threaded<P::Shape, P::Return>> + use<'a, P>
            where
                P::Form: Iterates,
            {
                self.0.results::<P::Shape, P::Return, _>(Passing::<P>::new(P::args($($arg),*)))
            }

            /// Runs every extension by itself and says what became of each. Wrappers take no part.
            #[inline]
            pub fn settle<'a>(&self, $($arg: P::$Type<'a>),*) -> SettlementOf<P>
            where
                RunningOf<P>: Spare,
            {
                P::Form::settle(&self.0, Passing::new(P::args($($arg),*)))
            }
        }

        /// The rest of the call that a wrapper runs around.
        #[must_use = "the rest of the call does not run unless `run` is called"]
        pub struct $next<'n, P: Signature>(Rest<'n, P>);

        impl<P: Signature> fmt::Debug for $next<'_, P> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl<P: $signature> $next<'_, P> {
            /// Runs the rest of the call and returns its outcome.
            #[inline]
            pub fn run<'a>(self, $($arg: P::$Type<'a>),*) -> OutcomeOf<P> {
                P::Form::rest(self.0, Passing::new(P::args($($arg),*)))
            }

            /// Hands `wrapper` a `next` that passes the arguments on as they came.
            #[doc(hidden)]
            #[inline]
            pub fn bind<'a, F>(self, args: P::Args<'a>, wrapper: WrapperReturning<OutcomeOf<P>, F>) -> OutcomeOf<P>
            where
                F: FnOnce(BoundNext<'_, OutcomeOf<P>>) -> OutcomeOf<P>,
            {
                self.0.bind(Passing::<P>::new(args), P::Form::rest, wrapper)
            }
        }

        /// The calls of a point of an async manager.
        #[cfg(feature = "async")]
        pub struct $async_calls<P: Signature, C = <P as Signature>::Concurrency>(AsyncHandle<P>, PhantomData<fn() -> C>);

        #[cfg(feature = "async")]
        impl<P: Signature, C> fmt::Debug for $async_calls<P, C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        #[cfg(feature = "async")]
        impl<P: $signature, C: 'static> AsyncCalls<P> for $async_calls<P, C> {
            fn new(handle: AsyncHandle<P>) -> Self {
                Self(handle, PhantomData)
            }

            fn handle(&self) -> &AsyncHandle<P> {
                &self.0
            }
        }

        #[cfg(feature = "async")]
        impl<P: $signature, C> $async_calls<P, C> {
            /// Calls the point and returns the outcome, once awaited; a panic unwinds to whoever polls.
            pub fn call<'a>(&self, $($arg: P::$Type<'a>),*) -> impl Future<Output = OutcomeOf<P>> + use<'a, P, C> {
                P::Form::call_async(&self.0, Passing::new(P::args($($arg),*)))
            }

            /// Calls the point; a panic or an overrun is an error that names the plugin.
            pub fn try_call<'a>(
                &self,
                $($arg: P::$Type<'a>),*
            ) -> impl Future<Output = Result<SuccessOf<P>, CallError<ErrorOf<P>>>> + use<'a, P, C> {
                P::Form::try_call_async(&self.0, Passing::new(P::args($($arg),*)))
            }

            /// Calls the point from sync code, which waits for the outcome; in async code it is an error.
            ///
            /// It waits on the runtime that the manager's builder was given, else on the current thread's, else on one
            /// that the manager makes. It does not drive a current-thread runtime. On a thread that entered such a
            /// runtime (`Runtime::enter`) while no thread drives it, an extension that waits for a timer, a socket or
            /// a task waits for ever: drive the runtime on another thread, or give the builder a multi-thread one.
            ///
            /// # Errors
            ///
            /// What stopped the call, and whose it is.
            #[cfg(feature = "tokio")]
            pub fn call_blocking<'a>(
                &self,
                $($arg: P::$Type<'a>),*
            ) -> Result<SuccessOf<P>, CallError<ErrorOf<P>>> {
                P::Form::call_blocking(&self.0, Passing::new(P::args($($arg),*)))
            }

            /// Runs every extension by itself and says what became of each. Wrappers take no part.
            pub fn settle<'a>(
                &self,
                $($arg: P::$Type<'a>),*
            ) -> impl Future<Output = SettlementOf<P>> + use<'a, P, C>
            where
                RunningOf<P>: Spare,
            {
                P::Form::settle_async(&self.0, Passing::new(P::args($($arg),*)))
            }

            /// The results one by one: an extension runs when its result is asked for. Wrappers take no part.
            pub fn stream<'a>(
                &self,
                $($arg: P::$Type<'a>),*
            ) -> impl Stream<Item = Threaded<P::Shape, P::Return>> + use<'a, P, C>
            where
                P::Form: Iterates,
            {
                self.0.results::<P::Shape, P::Return, _>(Passing::<P>::new(P::args($($arg),*)))
            }
        }

        #[cfg(feature = "async")]
        impl<P: $signature<Form = Collects>> $async_calls<P, AtOnce> {
            /// Calls the point with all its extensions at once, or as many as `concurrency` allows; the
            /// results are in call order. The first error to arrive ends the call and drops the others.
            pub fn call_concurrent<'a>(
                &self,
                $($arg: P::$Type<'a>),*
            ) -> impl Future<Output = OutcomeOf<P>> + use<'a, P> {
                self.0.collect_concurrent::<P::Shape, P::Return, _>(Passing::<P>::new(P::args($($arg),*)))
            }
        }

        #[cfg(feature = "async")]
        impl<P: $signature> $async_calls<P, InTurn> {
            #[doc(hidden)]
            pub fn call_concurrent<'a, H>(&self, $($arg: P::$Type<'a>),*) -> Ready<OutcomeOf<P>>
            where
                Self: RunsBeside<H>,
            {
                $(let _ = $arg;)*
                unreachable!()
            }
        }

        /// The rest of the call that an async wrapper runs around.
        #[cfg(feature = "async")]
        #[must_use = "the rest of the call does not run unless `run` is awaited"]
        pub struct $async_next<'n, P: Signature>(AsyncRest<'n, P>);

        #[cfg(feature = "async")]
        impl<P: Signature> fmt::Debug for $async_next<'_, P> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        #[cfg(feature = "async")]
        impl<'n, P: $signature> $async_next<'n, P> {
            /// Runs the rest of the call and returns its outcome.
            pub fn run<'a>(
                self,
                $($arg: P::$Type<'a>),*
            ) -> impl Future<Output = OutcomeOf<P>> + use<'n, 'a, P> {
                P::Form::rest_async(self.0, Passing::new(P::args($($arg),*)))
            }

            /// Runs the rest of the call with the arguments as they came.
            #[doc(hidden)]
            pub fn run_with<'a>(
                self,
                args: P::Args<'a>,
            ) -> impl Future<Output = OutcomeOf<P>> + use<'n, 'a, P> {
                P::Form::rest_async(self.0, Passing::new(args))
            }
        }
    };
}

arity!(0 Signature0 Calls0 Next0 AsyncCalls0 AsyncNext0 ());
arity!(1 Signature1 Calls1 Next1 AsyncCalls1 AsyncNext1 (a: A));
arity!(2 Signature2 Calls2 Next2 AsyncCalls2 AsyncNext2 (a: A, b: B));
arity!(3 Signature3 Calls3 Next3 AsyncCalls3 AsyncNext3 (a: A, b: B, c: C));
arity!(4 Signature4 Calls4 Next4 AsyncCalls4 AsyncNext4 (a: A, b: B, c: C, d: D));
arity!(5 Signature5 Calls5 Next5 AsyncCalls5 AsyncNext5 (a: A, b: B, c: C, d: D, e: E));
arity!(6 Signature6 Calls6 Next6 AsyncCalls6 AsyncNext6 (a: A, b: B, c: C, d: D, e: E, f: F));
