//! Services: objects that plugins provide under a trait, and that the host and other plugins look up.
//!
//! [`guide::services`](crate::guide::services) shows how to declare, provide and use them.

// Files:
//
// | file | what it holds |
// |---|---|
// | `point` | which traits are services, and which types provide them |
// | `stub` | what the macros leave for a manager to find |
// | `key` | what services are looked up by |
// | `traits` | the traits that are services |
// | `table` | who provides what, in order |
// | `places` | the places of services that a plugin provides no longer |
// | `registry` | how a registry keeps them |
// | `builder` | how a plugin is registered with services |
// | `context` | how plugins provide them in their phases |
// | `handle` | a look-up as a value |
// | `methods` | the look-ups, as methods of managers and of the context |

#![forbid(unsafe_code)]

mod builder;
mod context;
mod handle;
mod key;
mod methods;
mod places;
mod point;
mod registry;
mod stub;
mod table;
mod traits;

pub use handle::ServiceHandle;
pub(crate) use key::Key;
#[doc(hidden)]
pub use point::service;
pub use point::{Provides, ServicePoint, ServicePointInfo};
#[doc(hidden)]
pub use stub::ServicePointStub;
pub(crate) use stub::StagedService;
pub use table::ServiceId;
pub(crate) use table::Table;
