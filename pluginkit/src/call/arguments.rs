//! What one call passes to extensions and wrappers: its arguments, and how each is handed on.
//!
//! The loops of `dispatch` are generic over these traits, so that a point has to say only how its own
//! arguments reach one extension.
#![forbid(unsafe_code)]

use std::any::Any;

use crate::call::Rest;
use crate::spec::point::ExtensionPoint;

#[cfg(feature = "async")]
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
#[cfg(feature = "async")]
use crate::spec::point::AsyncExtensionPoint;

/// The arguments of one call of `P`, whose extensions return an `R`.
pub trait Arguments<P: ExtensionPoint, R> {
    /// Asks the predicate of an extension.
    fn accepts(&self, extension: &P::Extension) -> bool {
        let _ = extension;
        true
    }

    /// Runs one extension; after the `last`, nobody needs the arguments.
    fn call(&mut self, extension: &P::Extension, last: bool) -> R;

    /// Returns the text of the error that an extension returned; `None` if it returned no error.
    ///
    /// Observers get it. Without it, an error counts as a success for them, and a guarded call does not name its plugin.
    fn error_text(returned: &R) -> Option<String> {
        let _ = returned;
        None
    }

    /// The error that an extension returned, to be kept until the call ends, also past wrappers; `None` if it cannot be.
    fn keep(returned: R) -> Option<Box<dyn Any + Send>> {
        let _ = returned;
        None
    }

    /// What an extension returned whose error was [kept](Self::keep).
    fn kept(error: Box<dyn Any + Send>) -> Option<R> {
        let _ = error;
        None
    }
}

/// The arguments of one call that wrappers may run around, whose outcome is an `O`.
pub trait WrapArguments<P: ExtensionPoint, O> {
    /// Asks the predicate of a wrapper.
    fn accepts_wrapper(&self, wrapper: &P::Wrapper) -> bool {
        let _ = wrapper;
        true
    }

    /// Runs one wrapper around the rest of the call.
    fn wrap(self, wrapper: &P::Wrapper, next: Rest<'_, P>) -> O;

    /// Returns the text of the error that an outcome is, for observers; `None` if it is no error.
    fn outcome_error_text(outcome: &O) -> Option<String> {
        let _ = outcome;
        None
    }
}

/// The arguments of a pipeline, which threads a `T` among them.
pub trait ThreadedArguments<T> {
    /// The running value: out while an extension has it.
    fn threaded(&mut self) -> &mut Option<T>;

    /// A clone of the running value, to go on with if an extension fails; `None` if it cannot be cloned.
    fn spare(&self) -> Option<T> {
        None
    }
}

/// The arguments of a historic call in their owned form.
pub trait Remembered<P: ExtensionPoint, R>: Send + Sync + 'static {
    /// The arguments again.
    type Args<'e>: Arguments<P, R>
    where
        Self: 'e;

    /// The arguments again.
    fn recall(&self) -> Self::Args<'_>;
}

/// The arguments of one call of an async manager.
///
/// Its futures hold what they need of the arguments, so that they are `Send` where the arguments are.
#[cfg(feature = "async")]
pub trait AsyncArguments<P: AsyncExtensionPoint, R>: Arguments<P, R> {
    /// Asks the predicate of an async extension.
    fn accepts_async(&self, extension: &P::AsyncExtension) -> bool {
        let _ = extension;
        true
    }

    /// Runs one async extension, whose future goes to `slot`; after the `last`, nobody needs the arguments.
    fn call_async<'s>(
        &'s mut self,
        extension: &'s P::AsyncExtension,
        slot: FutureSlot<'s, R>,
        last: bool,
    ) -> ExtensionFuture<'s, R>;

    /// Runs one async extension beside others; calls of points with a `&mut` argument never do.
    fn call_concurrently<'w>(
        &self,
        extension: &'w P::AsyncExtension,
        slot: FutureSlot<'w, R>,
    ) -> ExtensionFuture<'w, R>
    where
        Self: 'w,
    {
        let _ = (extension, slot);
        unreachable!("extensions that share a `&mut` argument run one after the other")
    }

    /// Runs an extension on the blocking pool, with owned arguments; `None` if they have no such form.
    fn offload<'w>(&self, extension: &'w Arc<P::Extension>) -> Option<ExtensionFuture<'w, R>> {
        let _ = extension;
        None
    }
}

/// The arguments of one call of an async manager that wrappers may run around.
#[cfg(feature = "async")]
pub trait AsyncWrapArguments<P: AsyncExtensionPoint, O>: WrapArguments<P, O> {
    /// Asks the predicate of a wrapper.
    fn accepts_async_wrapper(&self, wrapper: &P::AsyncWrapper) -> bool {
        let _ = wrapper;
        true
    }

    /// Runs one wrapper around the rest of the call.
    fn wrap_async<'w>(self, wrapper: &'w P::AsyncWrapper, next: AsyncRest<'w, P>) -> ExtensionFuture<'w, O>
    where
        Self: 'w;
}

/// The arguments of a historic call of an async manager in their owned form.
#[cfg(feature = "async")]
pub trait AsyncRemembered<P: AsyncExtensionPoint, R>: Send + Sync + 'static {
    /// The arguments again.
    type Args<'e>: AsyncArguments<P, R> + Send
    where
        Self: 'e;

    /// The arguments again.
    fn recall_async(&self) -> Self::Args<'_>;
}
