//! The async meaning of the names that tests of both managers use; [`on_sync`](crate::on_sync) has the same names.

use std::sync::Arc;

pub use pluginkit::calls::AsyncHandle as Handle;
pub use pluginkit::points::AsyncExtensionPoint as Point;
pub use pluginkit::saga::AsyncSaga as Saga;
use pluginkit::saga::{SagaError, Undone};
pub use pluginkit::{AsyncCaller as Caller, AsyncPluginManager as Manager};
use pluginkit::{BoxError, Error, PluginBuilder, PluginId, Settled};

pub use crate::{
    __async_adding as adding, __async_awaited as awaited, __async_implement as implement,
    __async_lazily as lazily, __async_wait as wait,
};
use crate::{block_on, pending};

/// The start of the names of this manager's types.
pub const PREFIX: &str = "Async";

/// A stack that holds a thousand wrappers without optimization: as much as a main thread has. Polling a wrapper takes
/// several times the stack of calling one.
pub const STACK: usize = 8 * 1024 * 1024;

/// Registers the plugin of a builder and replays past historic calls to it.
///
/// # Errors
///
/// The error of the registration.
pub async fn enter<T: Send + Sync + 'static>(
    pm: &Manager,
    builder: PluginBuilder<T>,
) -> Result<PluginId, Error> {
    builder.register_and_replay(pm).await
}

/// The work of a host between start and stop.
pub fn work<T>(work: impl FnOnce() -> T) -> impl Future<Output = T> {
    futures_util::future::lazy(|_| work())
}

/// Runs a step of a saga, with the way to undo it.
///
/// # Errors
///
/// The error of the saga.
pub fn step<'s, T: Clone + Send + 's, E: Into<BoxError>, U: Undone>(
    saga: &mut Saga<'s>,
    name: &'static str,
    call: impl AsyncFnOnce() -> Result<T, E>,
    undo: impl FnOnce(T) -> U + Send + 's,
) -> Result<T, SagaError> {
    block_on(saga.step(name, call(), move |value| async move {
        pending(1).await;
        undo(value)
    }))
}

/// Runs a step of a saga that is undone plugin by plugin.
///
/// # Errors
///
/// The error of the saga.
pub fn each<'s, T: Clone + Send + 's, E: Into<BoxError>, U: Undone>(
    saga: &mut Saga<'s>,
    name: &'static str,
    call: impl AsyncFnOnce() -> Vec<Settled<T, E>>,
    undo: impl Fn(PluginId, T) -> U + Send + Sync + 's,
) -> Result<Vec<(PluginId, T)>, SagaError> {
    let undo = Arc::new(undo);
    block_on(saga.each(name, call(), move |plugin, value| {
        let undo = Arc::clone(&undo);
        async move {
            pending(1).await;
            undo(plugin, value)
        }
    }))
}

/// Runs a step of a saga that needs no undoing.
///
/// # Errors
///
/// The error of the saga.
pub fn run<T, E: Into<BoxError>>(
    saga: &mut Saga<'_>,
    name: &'static str,
    call: impl AsyncFnOnce() -> Result<T, E>,
) -> Result<T, SagaError> {
    block_on(saga.run(name, call()))
}

#[doc(hidden)]
#[macro_export]
macro_rules! __async_wait {
    ($call:expr) => {
        $crate::block_on($call)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __async_awaited {
    ($call:expr) => {
        $call.await
    };
}

// Each is pending once, so that no call is ready at its first poll.
#[doc(hidden)]
#[macro_export]
macro_rules! __async_implement {
    ($(#[$block:meta])* impl $specs:ident for $plugin:ident { $($methods:tt)* }) => {
        $crate::__async_implement! {
            $(#[$block])* impl [] [$specs] for [$plugin] { $($methods)* }
        }
    };
    ($(#[$block:meta])* impl [$($generics:tt)*] [$($specs:tt)*] for [$($plugin:tt)*] {
        $(
            $(#[$method:meta])*
            $visibility:vis fn $name:ident $(<$($lifetime:lifetime $(: $shorter:lifetime)?),*>)? ($($parameters:tt)*)
            $(-> $returned:ty)? $body:block
        )*
    }) => {
        $(#[$block])*
        impl<$($generics)*> $($specs)* for $($plugin)* {
            $(
                $(#[$method])*
                $visibility async fn $name $(<$($lifetime $(: $shorter)?),*>)? ($($parameters)*) $(-> $returned)? {
                    $crate::pending(1).await;
                    $body
                }
            )*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __async_lazily {
    ($caller:expr $(, $argument:expr)* $(,)?) => {
        $crate::Blocking(Box::pin($caller.stream($($argument),*)))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __async_adding {
    ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident| $body:expr) => {
        $builder.async_extension($point, $options, |$this, $args, slot| slot.put($crate::__async_body!([$this, $args] $body)))
    };
    ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident| $body:expr, $when:expr) => {
        $builder.async_extension_when(
            $point,
            $options,
            |$this, $args, slot| slot.put($crate::__async_body!([$this, $args] $body)),
            $when,
        )
    };
    ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident, $next:ident| $body:expr) => {
        $builder.async_wrapper($point, $options, |$this, $args, $next, slot| slot.put($crate::__async_body!([$this, $args] $body)))
    };
    ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident, $next:ident| $body:expr, $when:expr) => {
        $builder.async_wrapper_when(
            $point,
            $options,
            |$this, $args, $next, slot| slot.put($crate::__async_body!([$this, $args] $body)),
            $when,
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __async_body {
    ([$this:ident, $args:ident] $body:expr) => {
        async move {
            let ($this, $args) = ($this, $args);
            $crate::pending(1).await;
            $body
        }
    };
}
