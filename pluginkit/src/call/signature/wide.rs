//! [`WideSignature`]: a signature with up to three lifetimes.

use std::any::Any;
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
#[cfg(feature = "async")]
use crate::call::signature::{DynAsyncExtension, DynAsyncWrapper};
use crate::call::signature::{DynExtension, DynWrapper, Form, Signature, TakesWrappers, ThreadsArgument};
#[cfg(feature = "tokio")]
use crate::erased::{Shared, future_buffer::ExtensionFuture};
#[cfg(feature = "async")]
use crate::spec::point::{AsyncPointTypes, AsyncWrappable};
use crate::spec::point::{PointInfo, PointTypes, Specs, Wrappable};
use crate::spec::returns::Returns;
#[cfg(feature = "async")]
use crate::spec::waiting::WaitingExtension;

/// The bounds `'b: 'a` and `'c: 'a` as a type, which exists only where they hold.
type Outlive<'a, 'b, 'c> = (&'a &'b (), &'a &'c ());

/// The types of the arguments of a point, for three lifetimes.
///
/// `'a` is the lifetime of references, which shrinks for each extension. `'b` and `'c` are the lifetimes within types, which
/// stay. `B` implies the bounds between them where a point implements the trait. An associated type with these bounds would
/// have to prove them in `for<'a, 'b> Fn(P::Args<'a, 'b>)`, and the compiler never does (rust issue 100013).
pub trait ArgumentTypes<'a, 'b, 'c, B = Outlive<'a, 'b, 'c>> {
    /// The arguments of one extension or wrapper.
    type Args;
    /// The arguments during a call.
    type Held;
    /// The arguments of a predicate.
    type Peeked;
}

/// The arguments of one extension or wrapper of the point `P`.
pub type ArgsOf<'a, 'b, 'c, P> = <P as ArgumentTypes<'a, 'b, 'c>>::Args;
/// The arguments during a call of the point `P`.
pub type HeldOf<'a, 'b, 'c, P> = <P as ArgumentTypes<'a, 'b, 'c>>::Held;
/// The arguments of a predicate of the point `P`.
pub type PeekedOf<'x, 'b, 'c, P> = <P as ArgumentTypes<'x, 'b, 'c>>::Peeked;
/// The predicate of a conditional extension or wrapper of a plugin `T`.
pub(crate) type PredicateOf<P, T> = for<'w, 'x, 'b, 'c> fn(&'w Arc<T>, PeekedOf<'x, 'b, 'c, P>) -> bool;

/// A [`Signature`] with up to three lifetimes: those of [`ArgumentTypes`].
pub trait WideSignature: Copy + Send + Sync + 'static + for<'a, 'b, 'c> ArgumentTypes<'a, 'b, 'c> {
    /// The specs that declare it.
    type Specs: Specs;
    /// The mode of the point.
    type Form: Form<Self>;
    /// What the return type means for a call.
    type Shape: Returns<Self::Return>;
    /// The return type of an extension.
    type Return;
    /// The `next` of a wrapper that takes the arguments.
    type Next<'n>;
    /// The `next` of an async wrapper that takes the arguments.
    #[cfg(feature = "async")]
    type AsyncNext<'n>;
    /// The properties of the point that do not depend on its types.
    const INFO: &'static PointInfo;
    /// Whether the arguments have an owned form that can move to the blocking pool.
    const OFFLOADS: bool = false;

    /// Converts held arguments to the arguments of a wrapper.
    fn open<'w, 'a: 'w, 'b: 'a, 'c: 'a>(held: HeldOf<'a, 'b, 'c, Self>) -> ArgsOf<'w, 'b, 'c, Self>;

    /// Converts arguments to the form that a call holds.
    fn close<'a, 'b: 'a, 'c: 'a>(args: ArgsOf<'a, 'b, 'c, Self>) -> HeldOf<'a, 'b, 'c, Self>;

    /// Returns the arguments of a predicate.
    fn peek<'x, 'a: 'x, 'b: 'a, 'c: 'a>(held: &'x HeldOf<'a, 'b, 'c, Self>) -> PeekedOf<'x, 'b, 'c, Self>;

    /// Returns the arguments of one extension. The `last` extension may take owned arguments.
    fn give<'s, 'a: 's, 'b: 'a, 'c: 'a>(
        held: &'s mut HeldOf<'a, 'b, 'c, Self>,
        last: bool,
    ) -> ArgsOf<'s, 'b, 'c, Self>;

    /// Returns the arguments of one of several extensions that run concurrently.
    fn share<'w, 'a: 'w, 'b: 'a, 'c: 'a>(held: &HeldOf<'a, 'b, 'c, Self>) -> ArgsOf<'w, 'b, 'c, Self> {
        let _ = held;
        unreachable!("extensions that share a `&mut` argument run one after the other")
    }

    /// Returns the `next` of a wrapper.
    fn next(rest: Rest<'_, Self>) -> Self::Next<'_>;

    /// Returns the `next` of an async wrapper.
    #[cfg(feature = "async")]
    fn async_next(rest: AsyncRest<'_, Self>) -> Self::AsyncNext<'_>;

    /// Returns the text of an error of the point, for observers.
    fn error_text(error: &ErrorOf<Self>) -> Option<String> {
        let _ = error;
        None
    }

    /// Boxes an error of the point, to keep it until the call ends.
    ///
    /// # Errors
    ///
    /// Returns the error if it cannot be kept.
    fn keep(error: ErrorOf<Self>) -> Result<Box<dyn Any + Send>, ErrorOf<Self>> {
        Err(error)
    }

    /// Starts `extension` on the blocking pool with owned arguments; `None` if an argument has no owned form.
    #[cfg(feature = "tokio")]
    fn offload<'w, 'a, 'b: 'a, 'c: 'a>(
        held: &HeldOf<'a, 'b, 'c, Self>,
        extension: Shared<DynExtension<Self>>,
    ) -> Option<ExtensionFuture<'w, Self::Return>> {
        let _ = (held, extension);
        None
    }
}

/// A [`WideSignature`] that passes one argument by value from extension to extension.
pub trait WideThreadsArgument: WideSignature {
    /// Returns the running value; `None` while an extension has it.
    fn threaded<'s, 'a: 's, 'b: 'a, 'c: 'a>(
        held: &'s mut HeldOf<'a, 'b, 'c, Self>,
    ) -> &'s mut Option<RunningOf<Self>>;

    /// Returns a clone of the running value, for the case that an extension fails; `None` if it cannot be cloned.
    fn spare<'a, 'b: 'a, 'c: 'a>(held: &HeldOf<'a, 'b, 'c, Self>) -> Option<RunningOf<Self>>;
}

impl<'a, P: Signature> ArgumentTypes<'a, '_, '_> for P {
    type Args = <P as Signature>::Args<'a>;
    type Held = <P as Signature>::Held<'a>;
    type Peeked = <P as Signature>::Peeked<'a>;
}

impl<P: Signature> WideSignature for P {
    type Specs = <P as Signature>::Specs;
    type Form = <P as Signature>::Form;
    type Shape = <P as Signature>::Shape;
    type Return = <P as Signature>::Return;
    type Next<'n> = <P as Signature>::Next<'n>;
    #[cfg(feature = "async")]
    type AsyncNext<'n> = <P as Signature>::AsyncNext<'n>;
    const INFO: &'static PointInfo = <P as Signature>::INFO;
    const OFFLOADS: bool = <P as Signature>::OFFLOADS;

    #[inline]
    fn open<'w, 'a: 'w, 'b: 'a, 'c: 'a>(held: HeldOf<'a, 'b, 'c, Self>) -> ArgsOf<'w, 'b, 'c, Self> {
        <P as Signature>::open(held)
    }

    #[inline]
    fn close<'a, 'b: 'a, 'c: 'a>(args: ArgsOf<'a, 'b, 'c, Self>) -> HeldOf<'a, 'b, 'c, Self> {
        <P as Signature>::close(args)
    }

    #[inline]
    fn peek<'x, 'a: 'x, 'b: 'a, 'c: 'a>(held: &'x HeldOf<'a, 'b, 'c, Self>) -> PeekedOf<'x, 'b, 'c, Self> {
        <P as Signature>::peek(held)
    }

    #[inline]
    fn give<'s, 'a: 's, 'b: 'a, 'c: 'a>(
        held: &'s mut HeldOf<'a, 'b, 'c, Self>,
        last: bool,
    ) -> ArgsOf<'s, 'b, 'c, Self> {
        <P as Signature>::give(held, last)
    }

    #[inline]
    fn share<'w, 'a: 'w, 'b: 'a, 'c: 'a>(held: &HeldOf<'a, 'b, 'c, Self>) -> ArgsOf<'w, 'b, 'c, Self> {
        <P as Signature>::share(held)
    }

    #[inline]
    fn next(rest: Rest<'_, Self>) -> <P as Signature>::Next<'_> {
        <P as Signature>::next(rest)
    }

    #[cfg(feature = "async")]
    #[inline]
    fn async_next(rest: AsyncRest<'_, Self>) -> <P as Signature>::AsyncNext<'_> {
        <P as Signature>::async_next(rest)
    }

    fn error_text(error: &ErrorOf<Self>) -> Option<String> {
        <P as Signature>::error_text(error)
    }

    fn keep(error: ErrorOf<Self>) -> Result<Box<dyn Any + Send>, ErrorOf<Self>> {
        <P as Signature>::keep(error)
    }

    #[cfg(feature = "tokio")]
    fn offload<'w, 'a, 'b: 'a, 'c: 'a>(
        held: &HeldOf<'a, 'b, 'c, Self>,
        extension: Shared<DynExtension<Self>>,
    ) -> Option<ExtensionFuture<'w, <P as Signature>::Return>> {
        <P as Signature>::offload(held, extension)
    }
}

impl<P: ThreadsArgument> WideThreadsArgument for P {
    #[inline]
    fn threaded<'s, 'a: 's, 'b: 'a, 'c: 'a>(
        held: &'s mut HeldOf<'a, 'b, 'c, Self>,
    ) -> &'s mut Option<RunningOf<Self>> {
        <P as ThreadsArgument>::threaded(held)
    }

    fn spare<'a, 'b: 'a, 'c: 'a>(held: &HeldOf<'a, 'b, 'c, Self>) -> Option<RunningOf<Self>> {
        <P as ThreadsArgument>::spare(held)
    }
}

/// The item of one extension in an outcome.
pub type ItemOf<P> = <<P as WideSignature>::Shape as Returns<<P as WideSignature>::Return>>::Item;
/// The argument that passes from extension to extension, of a point that has one.
pub type RunningOf<P> = <<P as WideSignature>::Form as Form<P>>::Running;
/// The error of a point.
pub type ErrorOf<P> = <<P as WideSignature>::Shape as Returns<<P as WideSignature>::Return>>::Error;
/// The outcome of a call.
pub(crate) type OutcomeOf<P> = <<P as WideSignature>::Form as Form<P>>::Outcome;

impl<P: WideSignature> PointTypes for P {
    type Specs = <P as WideSignature>::Specs;
    type Extension = DynExtension<P>;
    type Wrapper = DynWrapper<P>;
    const INFO: &'static PointInfo = <P as WideSignature>::INFO;
}

#[diagnostic::do_not_recommend]
impl<P: WideSignature> Wrappable for P
where
    P::Form: TakesWrappers<P>,
{
    type Next<'n> = <P as WideSignature>::Next<'n>;
}

#[cfg(feature = "async")]
impl<P: WideSignature> AsyncPointTypes for P {
    type AsyncExtension = DynAsyncExtension<P>;
    type AsyncWrapper = DynAsyncWrapper<P>;
    const OFFLOADS: bool = <P as WideSignature>::OFFLOADS;

    fn awaited(extension: &WaitingExtension) -> Option<&Self::Extension> {
        Some(extension)
    }
}

#[cfg(feature = "async")]
#[diagnostic::do_not_recommend]
impl<P: WideSignature> AsyncWrappable for P
where
    P::Form: TakesWrappers<P>,
{
    type AsyncNext<'n> = <P as WideSignature>::AsyncNext<'n>;
}
