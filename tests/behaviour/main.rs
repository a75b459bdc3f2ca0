//! Each rule of the library, a module per rule.
//!
//! What is the same for both managers is in `both`, whose modules are compiled twice: the names they take
//! from `super`, and the macros they use, mean one thing in `on_sync` and another in `on_async`.
#![allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    reason = "test plugins are nobody's API"
)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::ptr_arg,
    clippy::type_complexity,
    clippy::unused_self,
    reason = "test predicates show shapes of signatures, not what one would do with them"
)]
#![allow(clippy::duplicate_mod, reason = "one test runs over two managers")]

#[path = "both"]
mod on_sync {
    pub use pluginkit::{Caller, ExtensionPoint as Point, PluginManager as Manager};

    /// What the names of its types begin with.
    pub const PREFIX: &str = "";

    /// How many wrappers a stack of two mebibytes holds without optimization.
    pub const LAYERS: usize = 1000;

    /// The outcome of a call.
    macro_rules! wait {
        ($call:expr) => {
            $call
        };
    }

    /// The outcome of a call that a plugin makes: of `next.run(…)`, or of a caller's.
    macro_rules! awaited {
        ($call:expr) => {
            $call
        };
    }

    /// A block of `fn`s that an async manager has as `async fn`s.
    macro_rules! plugin {
        ($($block:tt)*) => {
            $($block)*
        };
    }

    mod arguments;
    mod auto_traits;
    mod callers;
    mod collecting;
    mod conditions;
    mod errors;
    mod extensions;
    mod first_result;
    mod lookups;
    mod observers;
    mod ordering;
    mod pipeline;
    mod reentrancy;
    mod registration;
    mod scale;
    mod specs;
    mod switches;
    mod threads;
    mod wrapper_errors;
    mod wrappers;
}

#[path = "both"]
mod on_async {
    pub use pluginkit::manual::AsyncExtensionPoint as Point;
    pub use pluginkit::{AsyncCaller as Caller, AsyncPluginManager as Manager};

    pub const PREFIX: &str = "Async";

    // Polling a wrapper that passes arguments takes several times the stack of calling one.
    pub const LAYERS: usize = 200;

    macro_rules! wait {
        ($call:expr) => {
            pluginkit_tests::block_on($call)
        };
    }

    macro_rules! awaited {
        ($call:expr) => {
            $call.await
        };
    }

    // Each is pending once, so that no call is ready at its first poll.
    macro_rules! plugin {
        ($(#[$block:meta])* impl $specs:ident for $plugin:ident {
            $(
                $(#[$method:meta])*
                $visibility:vis fn $name:ident $(<$($lifetime:lifetime),*>)? ($($parameters:tt)*)
                $(-> $returned:ty)? $body:block
            )*
        }) => {
            $(#[$block])*
            impl $specs for $plugin {
                $(
                    $(#[$method])*
                    $visibility async fn $name $(<$($lifetime),*>)? ($($parameters)*) $(-> $returned)? {
                        pluginkit_tests::pending(1).await;
                        $body
                    }
                )*
            }
        };
    }

    mod arguments;
    mod auto_traits;
    mod callers;
    mod collecting;
    mod conditions;
    mod errors;
    mod extensions;
    mod first_result;
    mod lookups;
    mod observers;
    mod ordering;
    mod pipeline;
    mod reentrancy;
    mod registration;
    mod scale;
    mod specs;
    mod switches;
    mod threads;
    mod wrapper_errors;
    mod wrappers;
}

mod async_calls;
mod async_wrappers;
mod builder_wrappers;
mod by_hand;
mod guarded;
mod historic;
mod iterating;
mod kinds;
mod replay_errors;
