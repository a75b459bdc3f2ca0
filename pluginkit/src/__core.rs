//! The interface of the core for what is layered on it: the features of this library, and other crates.
//!
//! A feature imports the items of this module and the public items of the library, and nothing else. So any other crate could
//! have the feature. Such a crate must depend on this exact version: what is here may change in any release.
//!
//! An item has the path that it has in the core. The test `tests/layers` compares the imports of the features with this list.
#![forbid(unsafe_code)]

/// Values, locks, names and orders.
pub mod base {
    /// The times of a manager.
    pub mod clock {
        pub use crate::base::clock::Clock;
    }

    /// How the library drops values of plugins and hosts.
    pub mod drops {
        #[cfg(all(feature = "macros", feature = "async"))]
        pub use crate::base::drops::drop_and_wake;
        pub use crate::base::drops::{
            DropPanic, Foreign, Gathered, caught, contain_quietly, dispose, drop_each, drop_each_foreign,
            go_on, message, wake_each,
        };
    }

    /// Futures without a runtime.
    pub mod futures {
        #[cfg(any(feature = "async", feature = "macros"))]
        pub use crate::base::futures::BoxFuture;
        #[cfg(any(feature = "macros", feature = "testing"))]
        pub use crate::base::futures::block_on;
        pub use crate::base::futures::{caught, now};
    }

    /// Names as messages have them.
    pub mod name {
        pub use crate::base::name::{on_one_line, short_type_name};
    }

    /// Values as `serde` writes them.
    #[cfg(feature = "serde")]
    pub mod serialize {
        pub use crate::base::serialize::text;
    }

    /// Signals that tell plugins to end.
    pub mod signal {
        pub use crate::base::signal::{CancellationSignal, Cancelled};
    }

    /// Suggestions for misspelled names.
    pub mod similar {
        pub use crate::base::similar::{Known, Listed};
    }

    /// Values by their types.
    pub mod state {
        pub use crate::base::state::StateMap;
    }

    /// What threads share, as the standard library or a model checker has it.
    pub mod sync {
        #[cfg(any(feature = "macros", feature = "testing"))]
        pub use crate::base::sync::thread;
        pub use crate::base::sync::{
            AtomicBool, AtomicU64, AtomicUsize, Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard,
            thread_local,
        };
    }

    /// Orders of what depends on each other.
    pub mod topology {
        pub use crate::base::topology::reach;
    }
}

/// Extension points.
pub mod spec {
    /// What calls do when an extension fails.
    pub mod failure_policy {
        pub use crate::spec::failure_policy::FailurePolicy;
    }

    /// Points without their types.
    pub mod point {
        pub use crate::spec::point::{Declared, Key};
    }
}

/// What configurations say of plugins.
#[cfg(feature = "config")]
pub mod config {
    /// The names of plugins in a configuration.
    pub mod by_plugin {
        pub use crate::config::by_plugin::variable_name;
        #[cfg(feature = "macros")]
        pub use crate::config::by_plugin::{Named, NamedConfig, Spelling};
    }

    /// The options of extensions.
    pub mod extensions {
        pub use crate::config::extensions::{ExtensionOptions, PluginExtensions};
    }

    /// The limits of plugins.
    pub mod limits {
        pub use crate::config::limits::{BreakerLimits, PluginLimits};
    }
}

/// What plugins declare.
pub mod plugin {
    pub use crate::plugin::{GenericPluginStub, PluginStub, Requirement};

    /// The conversion of blocks and closures to objects.
    pub mod bind {
        pub use crate::plugin::bind::{Binder, Extends};
    }

    /// The plugins that another needs, and the order of starts.
    #[cfg(feature = "macros")]
    pub mod dependency {
        pub use crate::plugin::dependency::{Graph, Unresolved};
    }

    /// The blocks of a plugin type.
    pub mod extension_stub {
        pub use crate::plugin::extension_stub::extend;
    }

    /// Extensions and wrappers.
    pub mod implementation {
        pub use crate::plugin::implementation::{Contribution, Excluded};
    }
}

/// Texts of errors.
pub mod error {
    /// Texts that several errors have.
    pub mod texts {
        pub use crate::error::texts::{GENERIC, link_hint};
    }
}

/// The gate of calls, and the texts of observers.
pub mod observe {
    /// The states of circuits.
    pub mod circuit {
        pub use crate::observe::circuit::CircuitState;
    }

    /// The decision on which implementations run.
    pub mod gate {
        pub use crate::observe::gate::{Ending, Gate, Run};
    }

    /// Texts of events.
    pub mod observer {
        pub use crate::observe::observer::OVERRAN;
    }
}

/// The registered plugins: their registration, their snapshots, and the state of features.
pub mod registry {
    #[cfg(feature = "macros")]
    pub use crate::registry::{
        Arrangement, Arrived, Change, Changed, Done, Incoming, Prepared, Rebuilder, Replacer,
        ServiceProviders, Step, Switched, Timeouts, by_use,
    };
    pub use crate::registry::{
        Candidate, DeferredDrops, Drain, Entry, EntryPart, NeededPlugins, Offer, OfferStub, Registry,
        RegistryPart, ServiceUse, Sight, Slot, Staged, State, StatePart, Taken,
    };
    #[cfg(all(feature = "config", feature = "macros"))]
    pub use crate::registry::{ConfigNotes, Limiter, Override, Overrides};

    /// What is linked for a type of plugins.
    pub mod stubs {
        pub use crate::registry::stubs::metadata_of;
        #[cfg(feature = "macros")]
        pub use crate::registry::stubs::{projects_of, services_of};
    }

    /// Names of plugins that bind nothing.
    #[cfg(feature = "tracing")]
    pub mod unbound {
        pub use crate::registry::unbound::warn;
    }
}

/// What a caller is made of.
pub mod call {
    #[cfg(feature = "async")]
    pub use crate::call::drain_is_pending;

    /// A point as one caller sees it.
    pub mod view {
        pub use crate::call::view::View;
    }
}

/// What managers are built from.
pub mod manager {
    /// Groups of a configuration.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub mod group {
        pub use crate::manager::group::{GroupMember, PluginGroup};
    }

    /// Plugin values with everything that their types declare.
    pub mod staging {
        pub use crate::manager::staging::{staged, staged_fn};
    }
}
