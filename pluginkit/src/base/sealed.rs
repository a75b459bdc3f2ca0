//! [`Sealed`]: the bound of public traits that this crate alone implements.
#![forbid(unsafe_code)]

/// A type that implements a sealed trait, for the parameter `P` of that trait.
///
/// Other crates cannot name this trait, and so cannot implement a trait that demands it. It has the parameter of the
/// sealed trait: otherwise a crate could implement that trait for a type of this crate and a parameter of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot implement this trait of pluginkit, which is sealed",
    label = "only pluginkit implements it",
    note = "use one of the types that `pluginkit::manual` lists for this purpose"
)]
pub trait Sealed<P: ?Sized = ()> {}
