//! [`WideSignature`]: a signature with up to three lifetimes.

use std::any::Any;
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
#[cfg(feature = "async")]
use crate::call::signature::{DynAsyncExtension, DynAsyncWrapper};
use crate::call::signature::{DynExtension, DynWrapper, Form, Signature, TakesWrappers};
#[cfg(feature = "async")]
use crate::spec::point::{AsyncPointTypes, AsyncWrappable};
use crate::spec::point::{PointInfo, PointTypes, Specs, Wrappable};
use crate::spec::returns::Returns;
#[cfg(feature = "async")]
use crate::spec::waiting::WaitingExtension;

/// A [`Signature`] with up to three lifetimes.
///
/// `'a` is the lifetime of references, which shrinks for each extension. `'b` and `'c` are the lifetimes within types, which
/// stay. The arguments during a call implement [`Pass`](super::Pass), and the point implements the objects for
/// [`Direct`](crate::erased::Direct) and [`BoundFn`](crate::plugin::bind::BoundFn).
pub trait WideSignature: Copy + Send + Sync + 'static {
    /// The specs that declare it.
    type Specs: Specs;
    /// The mode of the point.
    type Form: Form<Self>;
    /// What the return type means for a call.
    type Shape: Returns<Self::Return>;
    /// The return type of an extension.
    type Return;
    /// The arguments of one extension or wrapper.
    type Args<'a, 'b: 'a, 'c: 'a>;
    /// The arguments during a call.
    type Held<'a, 'b: 'a, 'c: 'a>;
    /// The predicate of a conditional extension or wrapper of a plugin `T`: `fn(&Arc<T>, args) -> bool`.
    type When<T: Send + Sync + 'static>: Send + Sync + 'static;
    /// The `next` of a wrapper that takes the arguments.
    type Next<'n>;
    /// The `next` of an async wrapper that takes the arguments.
    #[cfg(feature = "async")]
    type AsyncNext<'n>;
    /// The properties of the point that do not depend on its types.
    const INFO: &'static PointInfo;
    /// Whether the arguments have an owned form that can move to the blocking pool.
    const OFFLOADS: bool = false;

    /// Returns the arguments for a shorter time.
    #[cfg(feature = "async")]
    fn shorten<'w, 'a: 'w, 'b: 'a, 'c: 'a>(args: Self::Args<'a, 'b, 'c>) -> Self::Args<'w, 'b, 'c>;

    /// Returns whether the predicate accepts the arguments.
    fn accepts<'a, 'b: 'a, 'c: 'a, T: Send + Sync + 'static>(
        held: &Self::Held<'a, 'b, 'c>,
        this: &Arc<T>,
        when: &Self::When<T>,
    ) -> bool;

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
}

impl<P: Signature> WideSignature for P {
    type Specs = <P as Signature>::Specs;
    type Form = <P as Signature>::Form;
    type Shape = <P as Signature>::Shape;
    type Return = <P as Signature>::Return;
    type Args<'a, 'b: 'a, 'c: 'a> = <P as Signature>::Args<'a>;
    type Held<'a, 'b: 'a, 'c: 'a> = <P as Signature>::Held<'a>;
    type When<T: Send + Sync + 'static> = for<'w, 'x> fn(&'w Arc<T>, P::Peeked<'x>) -> bool;
    type Next<'n> = <P as Signature>::Next<'n>;
    #[cfg(feature = "async")]
    type AsyncNext<'n> = <P as Signature>::AsyncNext<'n>;
    const INFO: &'static PointInfo = <P as Signature>::INFO;
    const OFFLOADS: bool = <P as Signature>::OFFLOADS;

    #[cfg(feature = "async")]
    #[inline]
    fn shorten<'w, 'a: 'w, 'b: 'a, 'c: 'a>(args: <P as Signature>::Args<'a>) -> <P as Signature>::Args<'w> {
        P::open(P::close(args))
    }

    fn accepts<'a, 'b: 'a, 'c: 'a, T: Send + Sync + 'static>(
        held: &<P as Signature>::Held<'a>,
        this: &Arc<T>,
        when: &Self::When<T>,
    ) -> bool {
        when(this, P::peek(held))
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
}

/// The item of one extension in an outcome.
pub type ItemOf<P> = <<P as WideSignature>::Shape as Returns<<P as WideSignature>::Return>>::Item;
/// The argument that passes from extension to extension, of a point that has one.
pub type RunningOf<P> = <<P as WideSignature>::Form as Form<P>>::Running;
/// The error of a point.
pub type ErrorOf<P> = <<P as WideSignature>::Shape as Returns<<P as WideSignature>::Return>>::Error;
/// The outcome of a call.
pub type OutcomeOf<P> = <<P as WideSignature>::Form as Form<P>>::Outcome;

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
