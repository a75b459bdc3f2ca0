//! The only module with `unsafe`. It depends on no plugin and no point.
//!
//! | file | content |
//! |---|---|
//! | `object` | an `Arc` with an id as type |
//! | `array` | objects of one type in one allocation |
//! | `direct` | a value with a method, as a trait object |
//! | `future_buffer` | memory that the futures of one call use in turn |
//! | `hazard_cell` | a value that threads read while others replace it |
//! | `platform` | the instructions of the hazard cell that differ between targets |
//!
//! Each file states the gain of its `unsafe` and the rules that make it sound.

#![allow(unsafe_code)]
#![allow(clippy::ptr_as_ptr, reason = "`cast` is a function that a host compiles once per point")]

mod array;
mod direct;
#[cfg(feature = "async")]
pub(crate) mod future_buffer;
pub(crate) mod hazard_cell;
mod object;
#[cfg_attr(pluginkit_shuttle, path = "platform_shuttle.rs")]
mod platform;

pub(crate) use array::{ErasedArray, ErasedSlice};
pub use direct::Direct;
pub(crate) use object::Object;
