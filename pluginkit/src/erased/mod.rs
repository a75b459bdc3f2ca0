//! The one module that uses `unsafe`. It knows no plugin and no point.
//!
//! | file | content |
//! |---|---|
//! | `object` | an `Arc` whose type is an id |
//! | `array` | objects of one type after another, which calls read in place |
//! | `direct` | a value as an object of a trait that one of its methods implements |
//! | `future_buffer` | one piece of memory for futures that run one after the other |
//! | `hazard_cell` | a value that threads read while others replace it |
//! | `platform` | the instructions of the hazard cell that differ between targets |
//!
//! Each file says what its `unsafe` gains and rests on.

#![allow(unsafe_code)]
#![allow(clippy::ptr_as_ptr, reason = "`cast` is a function that a host compiles for each of its points")]

mod array;
mod direct;
#[cfg(feature = "async")]
pub(crate) mod future_buffer;
pub(crate) mod hazard_cell;
mod object;
#[cfg_attr(pluginkit_shuttle, path = "platform_shuttle.rs")]
mod platform;

pub(crate) use array::{ErasedArray, ErasedSlice};
pub(crate) use direct::Direct;
pub(crate) use object::Object;
