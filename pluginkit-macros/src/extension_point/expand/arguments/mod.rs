//! The arguments of a call: their struct, and their path to extensions and wrappers.

mod again;
mod held;
mod impls;
mod offload;
mod passing;
