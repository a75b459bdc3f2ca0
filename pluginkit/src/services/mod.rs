//! Services: objects that plugins provide under a trait, to be looked up and used, not called as points.
//!
//! | file | what it holds |
//! |---|---|
//! | `point` | which traits are services, and which types provide them |
//! | `stub` | what the macros leave for a manager to find |
//! | `key` | what services are looked up by |
//! | `table` | who provides what, in order |
//! | `methods` | the look-ups, as methods of managers and of the context |
#![forbid(unsafe_code)]

mod key;
mod methods;
mod point;
mod stub;
mod table;

pub(crate) use key::Key;
pub use point::{Provides, ServicePoint, ServicePointInfo};
pub(crate) use stub::StagedService;
pub use stub::{ServicePointStub, ServiceStub};
pub use table::ServiceId;
pub(crate) use table::Table;
#[cfg(feature = "macros")]
pub(crate) use table::Withdrawn;
