//! What generated code names. Not public API: it may change in any release.
#![forbid(unsafe_code)]

#[cfg(feature = "async")]
pub use futures_core::Stream;
pub use inventory;

#[cfg(feature = "async")]
pub use crate::base::kind::Asynchronous;
pub use crate::base::kind::Synchronous;
pub use crate::call::BoundNext;
#[cfg(feature = "tokio")]
pub use crate::call::offload;
pub use crate::call::returning::{WrapperReturning, on_next};
pub use crate::call::signature::{ErrorOf, ItemOf, Spare};
#[cfg(feature = "macros")]
pub use crate::loading::{BuildError, Construct, Made, Settings, build};
pub use crate::manual::*;
pub use crate::plugin::PluginStub;
pub use crate::plugin::bind::{Binder, Bound, BoundFn, Extends};
#[cfg(feature = "async")]
pub use crate::plugin::bind_async::{AsyncArgs, AsyncBoundNext, BoundAsync};
pub use crate::plugin::extension_stub::Stub;
pub use crate::plugin::when::{Predicate, ask_predicate};
pub use crate::registry::OfferStub;
pub use crate::services::{Provides, ServicePoint, ServicePointStub};
pub use crate::spec::arguments::{
    CloneArgument, ClonedArgument, Contained, RememberArgument, RememberedArgument, peek, take,
    take_for_wrapper,
};
pub use crate::spec::checks::{Checks, Forgets, Iterates, Passed, PassedObject, RunsConcurrently, passed};
pub use crate::spec::point::HasPoint;
pub use crate::spec::returns::{Returns, Threaded};
pub use crate::spec::{describe, spare};

/// The checks that expansions ask for.
pub mod check {
    pub use crate::services::service;
    pub use crate::spec::checks::check::*;
}

/// The generated code that only builds with async extensions have.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_async {
    ($($token:tt)*) => { $($token)* };
}

/// The generated code that only builds with async extensions have: none, in this one.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_async {
    ($($item:tt)*) => {};
}

/// The generated code that only builds with a blocking pool have.
#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_tokio {
    ($($token:tt)*) => { $($token)* };
}

/// The generated code that only builds with a blocking pool have: none, in this one.
#[cfg(not(feature = "tokio"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_tokio {
    ($($token:tt)*) => {};
}

/// The generated code that only builds without a blocking pool have: none, in this one.
#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __unless_tokio {
    ($($token:tt)*) => {};
}

/// The generated code that only builds without a blocking pool have.
#[cfg(not(feature = "tokio"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __unless_tokio {
    ($($token:tt)*) => { $($token)* };
}

/// The registration of an `async fn`, in builds that have them.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_extension {
    ($point:expr, $($bind:tt)*) => { $($bind)* };
}

/// The registration of an `async fn`: refused, in this build.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_extension {
    ($point:expr, $($bind:tt)*) => {
        ::core::compile_error!(
            "`async fn` extensions need the feature `async` of pluginkit, which this build turned off"
        )
    };
}

/// How a plugin is made of its settings, in builds that have them.
#[cfg(feature = "config")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_config {
    ($($item:tt)*) => { $($item)* };
}

/// How a plugin is made of its settings: not at all, in this build.
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

/// The schema of settings, in builds that have schemas.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_schema {
    ([$($construct:tt)*] [$($schema:tt)*]) => { $($construct)*.described($($schema)*) };
}

/// The schema of settings: none, in this build.
#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_schema {
    ([$($construct:tt)*] [$($schema:tt)*]) => { $($construct)* };
}
