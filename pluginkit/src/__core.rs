//! The interface of the core for what is layered on it: the features of this library, and other crates.
//!
//! A feature imports the items of this module and the public items of the library, and nothing else. So any other crate could
//! have the feature. Such a crate must depend on this exact version: what is here may change in any release.
//!
//! An item has the path that it has in the core. The test `tests/layers` compares the imports of the features with this list.
#![forbid(unsafe_code)]

/// Values, locks and names.
pub mod base {
    /// The drop of values whose destructors are foreign code.
    pub mod drops {
        pub use crate::base::drops::{
            Foreign, Gathered, contain_quietly, drop_each, drop_each_foreign, message,
        };
    }

    /// Futures without a runtime.
    pub mod futures {
        #[cfg(any(feature = "async", feature = "macros"))]
        pub use crate::base::futures::BoxFuture;
        pub use crate::base::futures::{caught, now};
    }
}
