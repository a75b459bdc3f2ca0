//! The arguments of a call, and their path to extensions and wrappers.
//!
//! The loops of this module are generic over these traits. A point implements them to pass its arguments to one extension.
#![forbid(unsafe_code)]

use std::any::Any;

use crate::call::Rest;
#[cfg(feature = "local")]
use crate::call::local::LocalObject;
use crate::spec::point::PointTypes;

#[cfg(feature = "async")]
use crate::call::AsyncRest;
#[cfg(feature = "async")]
use crate::erased::Shared;
#[cfg(feature = "async")]
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
#[cfg(feature = "async")]
use crate::spec::point::AsyncPointTypes;

/// The arguments of one call of `P`, with extensions that return an `R`.
pub trait Arguments<P: PointTypes, R> {
    /// Returns whether the predicate of an extension accepts the arguments.
    fn accepts(&self, extension: &P::Extension) -> bool {
        let _ = extension;
        true
    }

    /// Runs one extension. The `last` extension may take owned arguments.
    fn call(&mut self, extension: &P::Extension, last: bool) -> R;

    /// Returns whether the predicate of an extension of a local manager accepts the arguments.
    #[cfg(feature = "local")]
    #[doc(hidden)]
    fn accepts_local(&self, extension: &LocalObject<'_>) -> bool {
        self.accepts(extension.of_managers::<P::Extension>())
    }

    /// Runs one extension of a local manager, like [`call`](Self::call).
    #[cfg(feature = "local")]
    #[doc(hidden)]
    fn call_local(&mut self, extension: &LocalObject<'_>, last: bool) -> R {
        self.call(extension.of_managers::<P::Extension>(), last)
    }

    /// Returns the text of the error that an extension returned; `None` if it returned no error.
    ///
    /// Observers get the text. The default is `None`: observers take each `Err` for a success. If a manager has
    /// observers, the error of its `try_call` then names no plugin.
    fn error_text(returned: &R) -> Option<String> {
        let _ = returned;
        None
    }

    /// Takes the error out of a return value, to keep the error until the call ends.
    ///
    /// # Errors
    ///
    /// Returns the return value if it is no error, or an error that cannot be kept.
    fn keep(returned: R) -> Result<Box<dyn Any + Send>, R> {
        Err(returned)
    }

    /// Returns a return value with an error that [`keep`](Self::keep) has taken out.
    fn kept(error: Box<dyn Any + Send>) -> Option<R> {
        let _ = error;
        None
    }
}

/// The arguments of one call of `P` for its wrappers. `O` is the outcome of the call.
pub trait WrapArguments<P: PointTypes, O> {
    /// Returns whether the predicate of a wrapper accepts the arguments.
    fn accepts_wrapper(&self, wrapper: &P::Wrapper) -> bool {
        let _ = wrapper;
        true
    }

    /// Runs one wrapper around the rest of the call.
    fn wrap(self, wrapper: &P::Wrapper, next: Rest<'_, P>) -> O;

    /// Returns whether the predicate of a wrapper of a local manager accepts the arguments.
    #[cfg(feature = "local")]
    #[doc(hidden)]
    fn accepts_wrapper_local(&self, wrapper: &LocalObject<'_>) -> bool {
        self.accepts_wrapper(wrapper.of_managers::<P::Wrapper>())
    }

    /// Runs one wrapper of a local manager, like [`wrap`](Self::wrap).
    #[cfg(feature = "local")]
    #[doc(hidden)]
    fn wrap_local(self, wrapper: &LocalObject<'_>, next: Rest<'_, P>) -> O
    where
        Self: Sized,
    {
        self.wrap(wrapper.of_managers::<P::Wrapper>(), next)
    }

    /// Returns the text of an outcome that is an error, for observers.
    fn outcome_error_text(outcome: &O) -> Option<String> {
        let _ = outcome;
        None
    }
}

/// The arguments of a pipeline that passes a `T` by value from extension to extension: the *running value*.
pub trait ThreadedArguments<T> {
    /// Returns the running value; `None` while an extension has the value.
    fn threaded(&mut self) -> &mut Option<T>;

    /// Returns a clone of the running value, for the case that an extension fails; `None` if the value cannot be
    /// cloned.
    fn spare(&self) -> Option<T> {
        None
    }
}

/// The owned arguments of a historic call.
pub trait Remembered<P: PointTypes, R>: Send + Sync + 'static {
    /// The arguments of a replay.
    type Args<'e>: Arguments<P, R>
    where
        Self: 'e;

    /// Returns the arguments for a replay.
    fn recall(&self) -> Self::Args<'_>;
}

/// The arguments of one call of an async manager.
///
/// The future of a call holds the arguments, so that it is `Send` if the arguments and the items are.
#[cfg(feature = "async")]
pub trait AsyncArguments<P: AsyncPointTypes, R>: Arguments<P, R> {
    /// Returns whether the predicate of an async extension accepts the arguments.
    fn accepts_async(&self, extension: &P::AsyncExtension) -> bool {
        let _ = extension;
        true
    }

    /// Starts one async extension, with its future in `slot`. The `last` extension may take owned arguments.
    fn call_async<'s>(
        &'s mut self,
        extension: &'s P::AsyncExtension,
        slot: FutureSlot<'s, R>,
        last: bool,
    ) -> ExtensionFuture<'s, R>;

    /// Starts one async extension while others run.
    ///
    /// Points with a `&mut` argument do not implement this method, because they have no concurrent calls.
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

    /// Starts an extension on the blocking pool with owned arguments; `None` if an argument has no owned form.
    fn offload<'w>(&self, extension: Shared<P::Extension>) -> Option<ExtensionFuture<'w, R>> {
        let _ = extension;
        None
    }
}

/// The arguments of one call of an async manager for its wrappers. `O` is the outcome of the call.
#[cfg(feature = "async")]
pub trait AsyncWrapArguments<P: AsyncPointTypes, O>: WrapArguments<P, O> {
    /// Returns whether the predicate of a wrapper accepts the arguments.
    fn accepts_async_wrapper(&self, wrapper: &P::AsyncWrapper) -> bool {
        let _ = wrapper;
        true
    }

    /// Starts one wrapper around the rest of the call.
    fn wrap_async<'w>(self, wrapper: &'w P::AsyncWrapper, next: AsyncRest<'w, P>) -> ExtensionFuture<'w, O>
    where
        Self: 'w;
}

/// The owned arguments of a historic call of an async manager.
#[cfg(feature = "async")]
pub trait AsyncRemembered<P: AsyncPointTypes, R>: Send + Sync + 'static {
    /// The arguments of a replay.
    type Args<'e>: AsyncArguments<P, R> + Send
    where
        Self: 'e;

    /// Returns the arguments for a replay.
    fn recall_async(&self) -> Self::Args<'_>;
}
