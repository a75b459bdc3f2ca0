//! The only module with `unsafe`. It depends on no plugin and no point.
//!
//! | file | content |
//! |---|---|
//! | `object` | shared trait objects, with their type or with an id as type |
//! | `tree` | objects with their items, sorted, in versions that share their common nodes |
//! | `array` | objects of one type, as calls read them |
//! | `filled` | a vector that a loop fills |
//! | `scoped` | a boxed object that may borrow, with an id as type |
//! | `direct` | a value with a method, as a trait object |
//! | `here` | a value that only the thread that set it can reach |
//! | `own_thread` | a reference that only the thread that made it can follow |
//! | `driven` | a future over a value whose type it does not know |
//! | `chunk` | the memory of a call, which a thread keeps for the next call |
//! | `future_buffer` | memory that the futures of one call use in turn |
//! | `loan` | a reference to an object that borrows, without its type |
//! | `turns` | futures that use a buffer in turn |
//! | `hazard_cell` | a value that threads read while others replace it |
//! | `threadsafe` | a value that is `Send + Sync`, as its constructor checks |
//! | `platform` | the instructions of the hazard cell that differ between targets |
//!
//! Each file states the gain of its `unsafe` and the rules that make it sound.

#![allow(unsafe_code)]
#![allow(clippy::ptr_as_ptr, reason = "`cast` is a function that a host compiles once per point")]

mod array;
#[cfg(feature = "async")]
mod chunk;
mod direct;
#[cfg(feature = "async")]
pub(crate) mod driven;
mod filled;
#[cfg(feature = "async")]
pub(crate) mod future_buffer;
#[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "only a lifecycle asks what a thread holds"))]
pub(crate) mod hazard_cell;
#[cfg_attr(not(feature = "async"), allow(dead_code, reason = "only async calls have such places"))]
pub(crate) mod here;
pub(crate) mod loan;
mod object;
mod own_thread;
#[cfg_attr(pluginkit_shuttle, path = "platform_shuttle.rs")]
#[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "only a lifecycle asks what a thread holds"))]
mod platform;
#[cfg(feature = "local")]
mod scoped;
mod threadsafe;
mod tree;
#[cfg(feature = "async")]
pub(crate) mod turns;

pub(crate) use array::{ErasedArray, ErasedRun, ErasedSlice};
pub use direct::Direct;
pub(crate) use filled::Filled;
pub use object::Shared;
pub(crate) use object::{Object, Owner};
pub(crate) use own_thread::OwnThread;
#[cfg(feature = "local")]
pub(crate) use scoped::{Family, Scoped};
pub(crate) use threadsafe::ThreadSafe;
pub(crate) use tree::{ErasedRow, ErasedTree, Item};
