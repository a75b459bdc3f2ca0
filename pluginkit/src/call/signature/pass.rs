//! [`Passing`]: the path of the arguments of a call to extensions and wrappers.

use std::any::Any;
use std::fmt;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
#[cfg(feature = "async")]
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
#[cfg(feature = "local")]
use crate::call::local::LocalObject;
use crate::call::signature::{
    ArgsOf, DynExtension, DynWrapper, ErrorOf, Form, HeldOf, OutcomeOf, RunningOf, Signature,
    ThreadsArgument, WideSignature, WideThreadsArgument,
};
#[cfg(feature = "async")]
use crate::call::signature::{DynAsyncExtension, DynAsyncWrapper};
#[cfg(feature = "tokio")]
use crate::erased::Shared;
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::spec::returns::Returns;

/// The arguments of one call of the point `P`, for its extensions and wrappers.
///
/// [`Passing::new`] holds the arguments of a call.
pub struct Passing<'a, P: Signature>(<P as Signature>::Held<'a>);

/// The arguments of one call of a point `P` with up to three lifetimes.
///
/// Points with one lifetime have [`Passing`]. If they had this type, the compiler would take 3% longer to check a host.
pub struct WidePassing<'a, 'b, 'c, P: WideSignature>(HeldOf<'a, 'b, 'c, P>);

impl<'a, P: Signature> Passing<'a, P> {
    /// Holds the arguments of a call.
    #[inline]
    pub fn new(args: <P as Signature>::Args<'a>) -> Self {
        Self(<P as Signature>::close(args))
    }
}

impl<'a, 'b, 'c, P: WideSignature> WidePassing<'a, 'b, 'c, P> {
    /// Holds the arguments of a call.
    #[inline]
    pub fn new(args: ArgsOf<'a, 'b, 'c, P>) -> Self {
        Self(P::close(args))
    }
}

impl<P: Signature> fmt::Debug for Passing<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passing").field("point", &format_args!("{}", <P as Signature>::INFO)).finish()
    }
}

impl<P: WideSignature> fmt::Debug for WidePassing<'_, '_, '_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passing").field("point", &format_args!("{}", P::INFO)).finish()
    }
}

/// Implements the path of the arguments to extensions and wrappers.
macro_rules! passes {
    ($passing:ty, $signature:ident, $threads:ident) => {
        impl<P: $signature> Arguments<P, <P as $signature>::Return> for $passing {
            #[inline]
            fn accepts(&self, extension: &DynExtension<P>) -> bool {
                extension.accepts(&self.0)
            }

            #[inline]
            fn call(&mut self, extension: &DynExtension<P>, last: bool) -> <P as $signature>::Return {
                extension.call(<P as $signature>::give(&mut self.0, last))
            }

            #[cfg(feature = "local")]
            fn accepts_local(&self, extension: &LocalObject<'_>) -> bool {
                extension.extension::<P>().accepts(&self.0)
            }

            #[cfg(feature = "local")]
            #[inline]
            fn call_local(&mut self, extension: &LocalObject<'_>, last: bool) -> <P as $signature>::Return {
                extension.extension::<P>().call(<P as $signature>::give(&mut self.0, last))
            }

            fn error_text(returned: &<P as $signature>::Return) -> Option<String> {
                match <P as $signature>::Shape::returned_error(returned) {
                    Some(error) => <P as $signature>::error_text(error),
                    None => None,
                }
            }

            fn keep(
                returned: <P as $signature>::Return,
            ) -> Result<Box<dyn Any + Send>, <P as $signature>::Return> {
                if <P as $signature>::Shape::returned_error(&returned).is_none() {
                    return Err(returned);
                }
                match <P as $signature>::Shape::split(returned) {
                    Err(error) => <P as $signature>::keep(error).map_err(<P as $signature>::Shape::failed),
                    Ok(_) => unreachable!("it is an error"),
                }
            }

            fn kept(error: Box<dyn Any + Send>) -> Option<<P as $signature>::Return> {
                let error: Box<ErrorOf<P>> = error.downcast().ok()?;
                Some(<P as $signature>::Shape::failed(*error))
            }
        }

        impl<P: $signature> WrapArguments<P, OutcomeOf<P>> for $passing {
            #[inline]
            fn accepts_wrapper(&self, wrapper: &DynWrapper<P>) -> bool {
                wrapper.accepts(&self.0)
            }

            #[inline]
            fn wrap(self, wrapper: &DynWrapper<P>, next: Rest<'_, P>) -> OutcomeOf<P> {
                wrapper.wrap(next, <P as $signature>::open(self.0))
            }

            #[cfg(feature = "local")]
            fn accepts_wrapper_local(&self, wrapper: &LocalObject<'_>) -> bool {
                wrapper.wrapper::<P>().accepts(&self.0)
            }

            #[cfg(feature = "local")]
            #[inline]
            fn wrap_local(self, wrapper: &LocalObject<'_>, next: Rest<'_, P>) -> OutcomeOf<P> {
                wrapper.wrapper::<P>().wrap(next, <P as $signature>::open(self.0))
            }

            fn outcome_error_text(outcome: &OutcomeOf<P>) -> Option<String> {
                <P as $signature>::error_text(<P as $signature>::Form::error(outcome)?)
            }
        }

        impl<P: $threads> ThreadedArguments<RunningOf<P>> for $passing {
            #[inline]
            fn threaded(&mut self) -> &mut Option<RunningOf<P>> {
                <P as $threads>::threaded(&mut self.0)
            }

            fn spare(&self) -> Option<RunningOf<P>> {
                <P as $threads>::spare(&self.0)
            }
        }

        #[cfg(feature = "async")]
        impl<P: $signature> AsyncArguments<P, <P as $signature>::Return> for $passing {
            fn accepts_async(&self, extension: &DynAsyncExtension<P>) -> bool {
                extension.accepts(&self.0)
            }

            #[inline]
            fn call_async<'s>(
                &'s mut self,
                extension: &'s DynAsyncExtension<P>,
                slot: FutureSlot<'s, <P as $signature>::Return>,
                last: bool,
            ) -> ExtensionFuture<'s, <P as $signature>::Return> {
                extension.call(slot, <P as $signature>::give(&mut self.0, last))
            }

            fn call_concurrently<'w>(
                &self,
                extension: &'w DynAsyncExtension<P>,
                slot: FutureSlot<'w, <P as $signature>::Return>,
            ) -> ExtensionFuture<'w, <P as $signature>::Return>
            where
                Self: 'w,
            {
                extension.call(slot, <P as $signature>::share(&self.0))
            }

            #[cfg(feature = "tokio")]
            fn offload<'w>(
                &self,
                extension: Shared<DynExtension<P>>,
            ) -> Option<ExtensionFuture<'w, <P as $signature>::Return>> {
                <P as $signature>::offload(&self.0, extension)
            }
        }

        #[cfg(feature = "async")]
        impl<P: $signature> AsyncWrapArguments<P, OutcomeOf<P>> for $passing {
            fn accepts_async_wrapper(&self, wrapper: &DynAsyncWrapper<P>) -> bool {
                wrapper.accepts(&self.0)
            }

            fn wrap_async<'w>(
                self,
                wrapper: &'w DynAsyncWrapper<P>,
                next: AsyncRest<'w, P>,
            ) -> ExtensionFuture<'w, OutcomeOf<P>>
            where
                Self: 'w,
            {
                wrapper.wrap(next, <P as $signature>::open(self.0))
            }
        }
    };
}

passes!(Passing<'_, P>, Signature, ThreadsArgument);
passes!(WidePassing<'_, '_, '_, P>, WideSignature, WideThreadsArgument);
