//! The sync meaning of the names that tests of both managers use; `async_kind` has the same names.

pub(crate) use pluginkit::PluginManager as Manager;

/// The outcome of an operation. Async: the outcome, awaited on this thread.
macro_rules! wait {
    ($operation:expr) => {
        $operation
    };
}

/// A block of extensions as it is. Async: with `async fn`s, each pending once.
macro_rules! implement {
    ($($block:tt)*) => {
        $($block)*
    };
}

/// Lets other threads go on, in an extension. Async: pending once.
macro_rules! pause {
    () => {
        shuttle::thread::yield_now()
    };
}

/// The outcome of an operation that an extension begins. Async: the outcome, awaited.
macro_rules! awaited {
    ($operation:expr) => {
        $operation
    };
}

pub(crate) use {awaited, implement, pause, wait};
