//! The sync meaning of the names that tests of both managers use; [`on_async`](crate::on_async) has the same names.

use pluginkit::__private::HAS_FAST_PATH;
pub use pluginkit::calls::Handle;
pub use pluginkit::saga::Saga;
use pluginkit::saga::{SagaError, Undone};
use pluginkit::{BoxError, Error, PluginBuilder, PluginId, Settled};
pub use pluginkit::{Caller, ExtensionPoint as Point, PluginManager as Manager};

pub use crate::{
    __sync_adding as adding, __sync_awaited as awaited, __sync_implement as implement,
    __sync_lazily as lazily, __sync_wait as wait,
};

/// The start of the names of this manager's types.
pub const PREFIX: &str = "";

/// A stack that holds a thousand wrappers without optimization. An unoptimised build with the fast path has larger frames: no
/// host makes one, but the tests do.
pub const STACK: usize = if HAS_FAST_PATH && cfg!(debug_assertions) { 3 } else { 2 } * 1024 * 1024;

/// Registers the plugin of a builder and replays past historic calls to it.
///
/// # Errors
///
/// The error of the registration.
pub fn enter<T: Send + Sync + 'static>(pm: &Manager, builder: PluginBuilder<T>) -> Result<PluginId, Error> {
    builder.register(pm)
}

/// The work of a host between start and stop.
pub fn work<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    work
}

/// Runs a step of a saga, with the way to undo it.
///
/// # Errors
///
/// The error of the saga.
pub fn step<'s, T: Clone + 's, E: Into<BoxError>, U: Undone>(
    saga: &mut Saga<'s>,
    name: &'static str,
    call: impl FnOnce() -> Result<T, E>,
    undo: impl FnOnce(T) -> U + 's,
) -> Result<T, SagaError> {
    saga.step(name, call, undo)
}

/// Runs a step of a saga that is undone plugin by plugin.
///
/// # Errors
///
/// The error of the saga.
pub fn each<'s, T: Clone + 's, E: Into<BoxError>, U: Undone>(
    saga: &mut Saga<'s>,
    name: &'static str,
    call: impl FnOnce() -> Vec<Settled<T, E>>,
    undo: impl Fn(PluginId, T) -> U + 's,
) -> Result<Vec<(PluginId, T)>, SagaError> {
    saga.each(name, call, undo)
}

/// Runs a step of a saga that needs no undoing.
///
/// # Errors
///
/// The error of the saga.
pub fn run<T, E: Into<BoxError>>(
    saga: &mut Saga<'_>,
    name: &'static str,
    call: impl FnOnce() -> Result<T, E>,
) -> Result<T, SagaError> {
    saga.run(name, call)
}

/// The outcome of a call. Async: the outcome, polled for on this thread.
#[doc(hidden)]
#[macro_export]
macro_rules! __sync_wait {
    ($call:expr) => {
        $call
    };
}

/// The outcome of a call that a plugin makes: of `next.run(…)` or of a caller. Async: the same, awaited.
#[doc(hidden)]
#[macro_export]
macro_rules! __sync_awaited {
    ($call:expr) => {
        $call
    };
}

/// A block of extensions as it is. Async: with `async fn`s, each pending once.
///
/// A generic block is `impl [R: Runtime] [Plugin<R>] for [Generic<R>] { … }`.
#[doc(hidden)]
#[macro_export]
macro_rules! __sync_implement {
    ($(#[$block:meta])* impl [$($generics:tt)*] [$($specs:tt)*] for [$($plugin:tt)*] { $($methods:tt)* }) => {
        $(#[$block])*
        impl<$($generics)*> $($specs)* for $($plugin)* {
            $($methods)*
        }
    };
    ($($block:tt)*) => {
        $($block)*
    };
}

/// The results of a point as an iterator that runs an extension for each item.
#[doc(hidden)]
#[macro_export]
macro_rules! __sync_lazily {
    ($caller:expr $(, $argument:expr)* $(,)?) => {
        $caller.iter($($argument),*)
    };
}

/// A plugin builder with one more closure: an extension, or with `next` a wrapper, perhaps with its predicate.
#[doc(hidden)]
#[macro_export]
macro_rules! __sync_adding {
    ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident| $body:expr) => {
        $builder.extension($point, $options, |$this, $args| $body)
    };
    ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident| $body:expr, $when:expr) => {
        $builder.extension_when($point, $options, |$this, $args| $body, $when)
    };
    ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident, $next:ident| $body:expr) => {
        $builder.wrapper($point, $options, |$this, $args, $next| $body)
    };
    ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident, $next:ident| $body:expr, $when:expr) => {
        $builder.wrapper_when($point, $options, |$this, $args, $next| $body, $when)
    };
}
