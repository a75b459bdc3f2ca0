//! Names for generated code. Not public API: it may change in any release.
#![forbid(unsafe_code)]

#[cfg(feature = "async")]
pub use futures_core::Stream;
pub use inventory;

#[cfg(feature = "async")]
pub use crate::base::kind::Asynchronous;
pub use crate::base::kind::Synchronous;
#[cfg(feature = "async")]
pub use crate::base::runtime::BlockOn;
pub use crate::call::BoundNext;
pub use crate::call::around::{AsWork, HostFn, Innermost, TakesWork};
#[cfg(feature = "async")]
pub use crate::call::asynchronous::around::{AsAsyncWork, AsyncHostFn, TakesAsyncWork};
pub use crate::call::fast::HAS_FAST_PATH;
#[cfg(feature = "tokio")]
pub use crate::call::offload;
pub use crate::call::returning::{RestOfCall, WrapperReturning, on_next, rest_of_call};
pub use crate::call::signature::{ErrorOf, ItemOf, RunningOf, Spare};
pub use crate::call::{CallError, Piped, Settled};
#[cfg(feature = "async")]
pub use crate::erased::future_buffer::ExtensionFuture;
#[cfg(feature = "macros")]
pub use crate::lifecycle::points::has_an_order;
#[cfg(feature = "macros")]
pub use crate::loading::{BuildError, Construct, Made, Settings, build};
#[cfg(feature = "local")]
pub use crate::local::{
    LocalBinder, LocalCallable, LocalExtends, LocalHandle, LocalPointCaller, LocalStub, local_info,
};
pub use crate::manual::*;
pub use crate::plugin::PluginMetadata;
pub use crate::plugin::bind::{Binder, Bound, BoundFn, Extends};
pub use crate::plugin::bind::{compared, compared_fn};
#[cfg(feature = "async")]
pub use crate::plugin::bind_async::{AsyncSlot, BoundAsync, compared_async, compared_async_shared};
#[cfg(feature = "async")]
pub use crate::plugin::bound_next::{AsyncBound, AsyncBoundNext, Taken};
pub use crate::plugin::extension_stub::Stub;
pub use crate::plugin::generic_block::GenericBlock;
#[cfg(feature = "local")]
pub use crate::plugin::when::ask_local_predicate;
pub use crate::plugin::when::{Predicate, ask_predicate};
pub use crate::plugin::when_function::{FunctionPredicate, ask_function};
pub use crate::plugin::{GenericPluginStub, PluginStub};
pub use crate::registry::OfferStub;
pub use crate::services::{Provides, ServicePoint, ServicePointStub};
pub use crate::spec::arguments::{
    CloneArgument, ClonedArgument, Contained, RememberArgument, RememberedArgument, RepeatedArgument,
    RunsAgain, cloned, peek, remembered, remembered_value, repeats, take, take_for_wrapper, take_last,
};
pub use crate::spec::checks::{
    Checks, Forgets, Iterates, Passed, PassedObject, RunsConcurrently, Settles, passed,
};
pub use crate::spec::failure_policy::FailurePolicy;
pub use crate::spec::handover::Handover;
pub use crate::spec::point::HasPoint;
pub use crate::spec::point::{Mode, PointInfo};
pub use crate::spec::reduce::Reduced;
pub use crate::spec::returns::{Returns, Threaded, running};
pub use crate::spec::{compare, describe, spare};

/// The traits of points whose arguments have lifetimes of their own.
pub mod wide {
    pub use crate::call::signature::{
        ArgsOf, ArgumentTypes, HeldOf, PeekedOf, WidePassing, WideSignature, WideThreadsArgument,
    };
}

/// The checks of expansions.
pub mod check {
    pub use crate::services::service;
    pub use crate::spec::checks::check::*;
}

/// Generated code for builds with async extensions.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_async {
    ($($token:tt)*) => { $($token)* };
}

/// Generated code for builds with async extensions: dropped in this build.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_async {
    ($($item:tt)*) => {};
}

/// Generated code for builds with local managers.
#[cfg(feature = "local")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_local {
    ($($token:tt)*) => { $($token)* };
}

/// Generated code for builds with local managers: dropped in this build.
#[cfg(not(feature = "local"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_local {
    ($($token:tt)*) => {};
}

/// The registration of a block for local managers, in builds with them.
#[cfg(feature = "local")]
#[doc(hidden)]
#[macro_export]
macro_rules! __local_extension {
    ($($item:tt)*) => { $($item)* };
}

/// The registration of a block for local managers: an error in this build.
#[cfg(not(feature = "local"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __local_extension {
    ($($item:tt)*) => {
        ::core::compile_error!(
            "`#[extension(local)]` needs the feature `local` of pluginkit: add `features = [\"local\"]` to the dependency"
        );
    };
}

/// Generated code for builds with a blocking pool.
#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_tokio {
    ($($token:tt)*) => { $($token)* };
}

/// Generated code for builds with a blocking pool: dropped in this build.
#[cfg(not(feature = "tokio"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_tokio {
    ($($token:tt)*) => {};
}

/// Generated code for builds without a blocking pool: dropped in this build.
#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __unless_tokio {
    ($($token:tt)*) => {};
}

/// Generated code for builds without a blocking pool.
#[cfg(not(feature = "tokio"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __unless_tokio {
    ($($token:tt)*) => { $($token)* };
}

/// The registration of an `async fn`, in builds with async extensions.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_extension {
    ($point:expr, $($bind:tt)*) => { $($bind)* };
}

/// The registration of an `async fn`: an error in this build.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_extension {
    ($point:expr, $($bind:tt)*) => {
        ::core::compile_error!(
            "`async fn` extensions need the feature `async` of pluginkit, which this build disables: add it to the dependency"
        )
    };
}

/// The constructor of a plugin with settings, in builds with configurations.
#[cfg(feature = "config")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_config {
    ($($item:tt)*) => { $($item)* };
}

/// The constructor of a plugin with settings: an error in this build.
#[cfg(not(feature = "config"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_config {
    ($($item:tt)*) => {
        fn __construct() -> ::core::option::Option<$crate::__private::Construct> {
            ::core::option::Option::None
        }
        ::core::compile_error!(
            "`#[plugin(config = …)]` needs the feature `config` of pluginkit: add `features = [\"config\"]` to the dependency"
        );
    };
}

/// The schema of settings, in builds with schemas.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_schema {
    ([$($construct:tt)*] [$($schema:tt)*]) => { $($construct)*.described($($schema)*) };
}

/// The schema of settings: dropped in this build.
#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_schema {
    ([$($construct:tt)*] [$($schema:tt)*]) => { $($construct)* };
}
