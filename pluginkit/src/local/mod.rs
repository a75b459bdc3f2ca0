//! Managers for one thread: plugins that are not `Send`, that borrow from the host, or that change themselves.
//!
//! | file | content |
//! |---|---|
//! | `manager`, `builder` | the manager, and plugins that the host puts together |
//! | `plugin` | a shared plugin, and the check of `&mut self` at run time |
//! | `bind`, `stub` | the conversion of blocks and closures to objects |
//! | `registry`, `slot` | who is registered, and the snapshots that calls work on |
//! | `handle`, `view` | callers, and their views of a point |
//! | `calls` | calls in all modes but historic, and calls around work of the host |
//! | `chain`, `guard`, `settle`, `iter` | the loops of calls |
//! | `history` | the historic calls that a manager remembers |
//! | `historic` | historic calls |
#![forbid(unsafe_code)]

mod bind;
mod builder;
mod calls;
mod chain;
mod guard;
mod handle;
mod historic;
mod history;
mod implementation;
mod iter;
mod manager;
mod plugin;
mod registry;
mod settle;
mod slot;
mod staging;
mod stub;
mod view;

#[doc(hidden)]
pub use bind::{LocalBind, LocalBindFn, LocalBindWrapper, LocalBinder, LocalExtends, LocalFnMut, local_info};
pub use builder::LocalPluginBuilder;
#[doc(hidden)]
pub use calls::Local;
pub use handle::{LocalCallable, LocalCaller, LocalHandle, LocalPointCaller};
pub use manager::LocalPluginManager;
pub use plugin::{LocalPlugin, LocalRef, LocalRefMut};
#[doc(hidden)]
pub use stub::LocalStub;
