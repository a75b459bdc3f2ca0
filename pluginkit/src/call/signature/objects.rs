//! The objects of extensions and wrappers.

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
use crate::call::signature::{ArgsOf, HeldOf, OutcomeOf, WideSignature};
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
#[cfg(feature = "async")]
use crate::spec::waiting::WaitingExtension;

/// An extension of the point `P` as an object.
///
/// The traits do not ask for `Send` and `Sync`: each implementation would have to prove them, and a host has some for each
/// point.
pub(crate) type DynExtension<P> = dyn ExtensionOf<P> + Send + Sync;
/// A wrapper of the point `P` as an object.
pub(crate) type DynWrapper<P> = dyn WrapperOf<P> + Send + Sync;
/// An async extension of the point `P` as an object.
#[cfg(feature = "async")]
pub(crate) type DynAsyncExtension<P> = dyn AsyncExtensionOf<P> + Send + Sync;
/// An async wrapper of the point `P` as an object.
#[cfg(feature = "async")]
pub(crate) type DynAsyncWrapper<P> = dyn AsyncWrapperOf<P> + Send + Sync;

/// An implementation of the point `P`, perhaps with a predicate.
pub trait Accepts<P: WideSignature> {
    /// Returns whether the predicate accepts the arguments.
    fn accepts<'a, 'b: 'a, 'c: 'a>(&self, held: &HeldOf<'a, 'b, 'c, P>) -> bool {
        let _ = held;
        true
    }
}

/// An extension of the point `P`.
pub trait ExtensionOf<P: WideSignature>: Accepts<P> {
    /// Runs the extension.
    fn call<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> P::Return;
}

/// A wrapper of the point `P`.
pub trait WrapperOf<P: WideSignature>: Accepts<P> {
    /// Runs the wrapper around the rest of a call.
    fn wrap<'a, 'b: 'a, 'c: 'a>(&self, next: Rest<'_, P>, args: ArgsOf<'a, 'b, 'c, P>) -> OutcomeOf<P>;
}

/// An async extension of the point `P`.
#[cfg(feature = "async")]
pub trait AsyncExtensionOf<P: WideSignature>: Accepts<P> {
    /// Starts the extension, with its future in `slot`.
    fn call<'f, 'b: 'f, 'c: 'f>(
        &'f self,
        slot: FutureSlot<'f, P::Return>,
        args: ArgsOf<'f, 'b, 'c, P>,
    ) -> ExtensionFuture<'f, P::Return>;
}

/// An async wrapper of the point `P`.
#[cfg(feature = "async")]
pub trait AsyncWrapperOf<P: WideSignature>: Accepts<P> {
    /// Starts the wrapper around the rest of a call.
    fn wrap<'f, 'b: 'f, 'c: 'f>(
        &'f self,
        next: AsyncRest<'f, P>,
        args: ArgsOf<'f, 'b, 'c, P>,
    ) -> ExtensionFuture<'f, OutcomeOf<P>>;
}

/// The call of an async extension by a sync manager with a runtime.
#[cfg(feature = "async")]
impl<P: WideSignature> ExtensionOf<P> for WaitingExtension {
    fn call<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> P::Return {
        self.wait(self.extension::<DynAsyncExtension<P>>().call(FutureSlot::own(), P::open(P::close(args))))
    }
}

#[cfg(feature = "async")]
impl<P: WideSignature> Accepts<P> for WaitingExtension {
    fn accepts<'a, 'b: 'a, 'c: 'a>(&self, held: &HeldOf<'a, 'b, 'c, P>) -> bool {
        self.extension::<DynAsyncExtension<P>>().accepts(held)
    }
}
