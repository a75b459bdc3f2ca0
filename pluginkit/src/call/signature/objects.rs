//! The objects of extensions and wrappers.

#[cfg(feature = "async")]
use crate::call::AsyncRest;
use crate::call::Rest;
#[cfg(feature = "async")]
use crate::call::runtime::WaitingExtension;
use crate::call::signature::{OutcomeOf, Signature};
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};

/// An extension of the point `P`.
pub trait ExtensionOf<P: Signature>: Send + Sync {
    /// Runs the extension.
    fn call(&self, args: P::Args<'_>) -> P::Return;

    /// Returns whether the predicate accepts the arguments.
    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        let _ = args;
        true
    }
}

/// A wrapper of the point `P`.
pub trait WrapperOf<P: Signature>: Send + Sync {
    /// Runs the wrapper around the rest of a call.
    fn wrap(&self, next: Rest<'_, P>, args: P::Args<'_>) -> OutcomeOf<P>;

    /// Returns whether the predicate accepts the arguments.
    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        let _ = args;
        true
    }
}

/// An async extension of the point `P`.
#[cfg(feature = "async")]
pub trait AsyncExtensionOf<P: Signature>: Send + Sync {
    /// Starts the extension, with its future in `slot`.
    fn call<'f>(
        &'f self,
        slot: FutureSlot<'f, P::Return>,
        args: P::Args<'f>,
    ) -> ExtensionFuture<'f, P::Return>;

    /// Returns whether the predicate accepts the arguments.
    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        let _ = args;
        true
    }
}

/// An async wrapper of the point `P`.
#[cfg(feature = "async")]
pub trait AsyncWrapperOf<P: Signature>: Send + Sync {
    /// Starts the wrapper around the rest of a call.
    fn wrap<'f>(&'f self, next: AsyncRest<'f, P>, args: P::Args<'f>) -> ExtensionFuture<'f, OutcomeOf<P>>;

    /// Returns whether the predicate accepts the arguments.
    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        let _ = args;
        true
    }
}

/// The call of an async extension by a sync manager with a runtime.
#[cfg(feature = "async")]
impl<P: Signature> ExtensionOf<P> for WaitingExtension<dyn AsyncExtensionOf<P>> {
    fn call(&self, args: P::Args<'_>) -> P::Return {
        self.wait(self.extension().call(FutureSlot::own(), P::open(P::close(args))))
    }

    fn accepts(&self, args: P::Peeked<'_>) -> bool {
        self.extension().accepts(args)
    }
}
