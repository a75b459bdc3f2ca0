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
    pub use pluginkit::{Caller, ExtensionPoint as Point, PluginManager as Manager, Saga};

    /// What the names of its types begin with.
    pub const PREFIX: &str = "";

    /// A stack that holds a thousand wrappers without optimization.
    pub const STACK: usize = 2 * 1024 * 1024;

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

    /// Registers what a builder holds and replays to it what it has missed.
    macro_rules! enter {
        ($builder:expr, $pm:expr) => {
            $builder.register(&$pm)
        };
    }

    /// The results of a point's extensions, each run when its result is asked for.
    macro_rules! lazily {
        ($caller:expr, $($arguments:expr),*) => {
            $caller.iter($($arguments),*)
        };
    }

    /// A builder with one more wrapper, a closure and perhaps its predicate.
    macro_rules! wrapping {
        ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident, $next:ident| $body:expr) => {
            $builder.wrapper($point, $options, |$this, $args, $next| $body)
        };
        ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident, $next:ident| $body:expr, $when:expr) => {
            $builder.wrapper_when($point, $options, |$this, $args, $next| $body, $when)
        };
    }

    /// A builder with one more extension, a closure and perhaps its predicate.
    macro_rules! extending {
        ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident| $body:expr) => {
            $builder.extension($point, $options, |$this, $args| $body)
        };
        ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident| $body:expr, $when:expr) => {
            $builder.extension_when($point, $options, |$this, $args| $body, $when)
        };
    }

    /// A block of `fn`s that an async manager has as `async fn`s.
    macro_rules! plugin {
        ($($block:tt)*) => {
            $($block)*
        };
    }

    /// A step of a saga, and how it is undone.
    macro_rules! step {
        ($saga:ident, $name:expr, $call:expr, |$value:pat_param| $undo:expr) => {
            $saga.step($name, || $call, move |$value| $undo)
        };
    }

    /// A step of a saga that is undone plugin by plugin, with what is to be there then.
    macro_rules! each {
        ($saga:ident, $name:expr, $call:expr, $with:ident, |$plugin:ident, $value:ident| $undo:expr) => {
            $saga.each($name, || $call, move |$plugin, $value| $undo)
        };
    }

    /// A step of a saga that is not undone.
    macro_rules! run {
        ($saga:ident, $name:expr, $call:expr) => {
            $saga.run($name, || $call)
        };
    }

    mod arguments;
    mod auto_traits;
    mod breaker;
    mod builder_wrappers;
    mod callers;
    mod collecting;
    mod conditions;
    mod drops;
    mod drops_in_calls;
    mod drops_in_changes;
    mod errors;
    mod extensions;
    mod failure_policies;
    mod fast_first;
    mod first_result;
    mod guarded;
    mod historic;
    mod historic_guarded;
    mod insight;
    mod iterating;
    mod life_context;
    mod life_replace;
    mod life_start;
    mod life_stop;
    mod life_table;
    mod life_within;
    mod limits;
    mod lives;
    mod lookups;
    mod metadata;
    mod observers;
    mod ordering;
    mod pipeline;
    mod reentrancy;
    mod registration;
    mod replay_errors;
    mod sagas;
    mod scale;
    mod services;
    mod settled_pipelines;
    mod spans;
    mod specs;
    mod switches;
    mod threads;
    mod transactions;
    mod versions;
    mod wrapper_errors;
    mod wrappers;
}

#[path = "both"]
mod on_async {
    pub use pluginkit::manual::AsyncExtensionPoint as Point;
    pub use pluginkit::{AsyncCaller as Caller, AsyncPluginManager as Manager, AsyncSaga as Saga};

    pub const PREFIX: &str = "Async";

    // Polling a wrapper that passes arguments takes several times the stack of calling one; a main thread has
    // this much.
    pub const STACK: usize = 8 * 1024 * 1024;

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

    macro_rules! enter {
        ($builder:expr, $pm:expr) => {
            $builder.register_and_replay(&$pm)
        };
    }

    macro_rules! lazily {
        ($caller:expr, $($arguments:expr),*) => {
            pluginkit_tests::Blocking(Box::pin($caller.stream($($arguments),*)))
        };
    }

    macro_rules! wrapping {
        ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident, $next:ident| $body:expr) => {
            $builder.async_wrapper($point, $options, |$this, $args, $next| {
                pluginkit::ExtensionFuture::new(async move {
                    let ($this, $args) = ($this, $args.args);
                    pluginkit_tests::pending(1).await;
                    $body
                })
            })
        };
        ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident, $next:ident| $body:expr, $when:expr) => {
            $builder.async_wrapper_when(
                $point,
                $options,
                |$this, $args, $next| {
                    pluginkit::ExtensionFuture::new(async move {
                        let ($this, $args) = ($this, $args.args);
                        pluginkit_tests::pending(1).await;
                        $body
                    })
                },
                $when,
            )
        };
    }

    macro_rules! extending {
        ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident| $body:expr) => {
            $builder.async_extension($point, $options, |$this, $args| {
                pluginkit::ExtensionFuture::new(async move {
                    let ($this, $args) = ($this, $args.args);
                    pluginkit_tests::pending(1).await;
                    $body
                })
            })
        };
        ($builder:expr, $point:expr, $options:expr, |$this:ident, $args:ident| $body:expr, $when:expr) => {
            $builder.async_extension_when(
                $point,
                $options,
                |$this, $args| {
                    pluginkit::ExtensionFuture::new(async move {
                        let ($this, $args) = ($this, $args.args);
                        pluginkit_tests::pending(1).await;
                        $body
                    })
                },
                $when,
            )
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

    macro_rules! step {
        ($saga:ident, $name:expr, $call:expr, |$value:pat_param| $undo:expr) => {
            wait!($saga.step($name, $call, move |$value| async move {
                pluginkit_tests::pending(1).await;
                $undo
            }))
        };
    }

    macro_rules! each {
        ($saga:ident, $name:expr, $call:expr, $with:ident, |$plugin:ident, $value:ident| $undo:expr) => {
            wait!($saga.each($name, $call, move |$plugin, $value| {
                let $with = $with.clone();
                async move { $undo }
            }))
        };
    }

    macro_rules! run {
        ($saga:ident, $name:expr, $call:expr) => {
            wait!($saga.run($name, $call))
        };
    }

    mod arguments;
    mod auto_traits;
    mod breaker;
    mod builder_wrappers;
    mod callers;
    mod collecting;
    mod conditions;
    mod drops;
    mod drops_in_calls;
    mod drops_in_changes;
    mod errors;
    mod extensions;
    mod failure_policies;
    mod fast_first;
    mod first_result;
    mod guarded;
    mod historic;
    mod historic_guarded;
    mod insight;
    mod iterating;
    mod life_context;
    mod life_replace;
    mod life_start;
    mod life_stop;
    mod life_table;
    mod life_within;
    mod limits;
    mod lives;
    mod lookups;
    mod metadata;
    mod observers;
    mod ordering;
    mod pipeline;
    mod reentrancy;
    mod registration;
    mod replay_errors;
    mod sagas;
    mod scale;
    mod services;
    mod settled_pipelines;
    mod spans;
    mod specs;
    mod switches;
    mod threads;
    mod transactions;
    mod versions;
    mod wrapper_errors;
    mod wrappers;
}

mod async_calls;
mod async_historic;
mod async_wrappers;
mod batches;
mod blocking;
mod by_hand;
mod by_hand_async;
mod by_hand_failures;
mod by_hand_pipeline;
mod cancellation;
mod concurrent;
mod destructors;
mod drops_beside;
mod executors;
mod failures_in_time;
mod kinds;
mod life_drop;
mod life_forgotten;
mod life_tasks;
mod life_threads;
mod manual_names;
mod matrix;
mod max_blocking;
mod passed_on;
mod plugin_concurrency;
mod saga_destructors;
mod saga_drops;
mod spans;
mod states;
mod testing;
mod timeouts;
mod tree;
