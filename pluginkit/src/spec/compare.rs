//! The types of an extension, compared with those of its point.
//!
//! Expansions compare them in closures that never run. Types that differ fail a bound, which says what the point has. Pointers
//! may convert: the compiler decides about them where the extension is called.
#![allow(missing_docs, reason = "generated code alone names what is here")]

use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use crate::spec::point::HasPoint;

/// The type `P` of a point, and the type `E` in its place in an extension.
#[derive(Debug)]
pub struct Types<P, E>(PhantomData<(P, E)>);

impl<P, E> Types<P, E> {
    /// Returns the types, of which `P` is that of a value.
    pub fn of(_: P) -> Self {
        Self(PhantomData)
    }

    /// Returns the types, of which `P` is that of the marker.
    pub fn like(_: PhantomData<P>) -> Self {
        Self(PhantomData)
    }

    /// Returns the types.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P, E> Default for Types<P, E> {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns a value to return, which makes the compiler infer its type.
pub fn hole<P>() -> (PhantomData<P>, P) {
    unreachable!("the closures of a comparison never run")
}

/// Specs with a point of this name.
///
/// `Names` is a tuple of types that are called like the points.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no extension point of this name",
    label = "not one of its points",
    note = "its points are `{Names}`",
    note = "rename the method, or name its point: `#[extension(target = \"name\")]`; a helper needs `#[extension(helper)]`"
)]
pub trait NamedPoint<const NAME: u64, Names> {}

#[diagnostic::do_not_recommend]
impl<S: HasPoint<NAME>, const NAME: u64, Names> NamedPoint<NAME, Names> for S {}

/// A point with arguments of the types `Args`, as in the source.
pub trait Written<Args> {}

/// Specs that are written by hand. Those of the macro have a function of this name with a bound.
pub trait AnyPoint {
    fn __has_point<const NAME: u64>() {}
}

impl<S> AnyPoint for S {}

/// The types are the same, or may convert.
#[derive(Debug)]
pub struct Fits;

/// The types differ.
#[derive(Debug)]
pub struct Differs;

/// No verdict. Without a second type that the traits below accept, the compiler would infer the first.
#[derive(Debug)]
pub enum Unknown {}

// Method resolution takes the first of these traits that is implemented, for a receiver `&&&&Types<P, E>`.

/// Types that are the same, but for `mut`.
pub trait Same {
    fn verdict(&self) -> Fits;
}

impl<T> Same for &&&Types<T, T> {
    fn verdict(&self) -> Fits {
        Fits
    }
}

impl<T: ?Sized> Same for &&&Types<&mut T, &T> {
    fn verdict(&self) -> Fits {
        Fits
    }
}

/// A reference that may dereference to the other.
pub trait Dereferences {
    fn verdict(&self) -> Fits;
}

/// References of which none converts to the other.
pub trait Distinct {
    fn verdict(&self) -> Differs;
}

/// Pointers that may convert.
pub trait Alike {
    fn verdict(&self) -> Fits;
}

/// All other types.
pub trait Other {
    fn verdict(&self) -> Differs;
}

impl<P, E> Other for Types<P, E> {
    fn verdict(&self) -> Differs {
        Differs
    }
}

macro_rules! references {
    ($($point:ty, $extension:ty;)*) => {$(
        impl<A: ?Sized + Deref, B: ?Sized> Dereferences for &&&&Types<$point, $extension> {
            fn verdict(&self) -> Fits {
                Fits
            }
        }

        impl<A: ?Sized, B> Distinct for &&Types<$point, $extension> {
            fn verdict(&self) -> Differs {
                Differs
            }
        }
    )*};
}

macro_rules! alike {
    ($($point:ty, $extension:ty;)*) => {$(
        impl<A: ?Sized, B: ?Sized> Alike for &Types<$point, $extension> {
            fn verdict(&self) -> Fits {
                Fits
            }
        }
    )*};
}

references! {
    &A, &B;
    &mut A, &B;
    &mut A, &mut B;
}

alike! {
    &A, &B;
    &mut A, &B;
    &mut A, &mut B;
    Box<A>, Box<B>;
    Rc<A>, Rc<B>;
    Arc<A>, Arc<B>;
}

/// A type that an extension may have for an argument of the type `P`.
#[diagnostic::on_unimplemented(
    message = "an argument of an extension has another type than at its point",
    label = "the point passes a `{P}`, not a `{Self}`",
    note = "write `{P}`, or change the declaration of the point"
)]
pub trait ArgumentOf<P, V> {}

#[diagnostic::do_not_recommend]
impl<P, E> ArgumentOf<P, Fits> for E {}
#[diagnostic::do_not_recommend]
impl<P, E> ArgumentOf<P, Unknown> for E {}

/// A type that an extension may return at a point with the return type `P`.
#[diagnostic::on_unimplemented(
    message = "an extension has another return type than its point",
    label = "the point returns `{P}`, not `{Self}`",
    note = "return `{P}`, or change the declaration of the point"
)]
pub trait ReturnOf<P, V> {}

#[diagnostic::do_not_recommend]
impl<P, E> ReturnOf<P, Fits> for E {}
#[diagnostic::do_not_recommend]
impl<P, E> ReturnOf<P, Unknown> for E {}

/// A type that a wrapper may return at a point with the outcome `P`.
#[diagnostic::on_unimplemented(
    message = "a wrapper returns the outcome of the call, as `next.run(…)` does",
    label = "the outcome is `{P}`, not `{Self}`",
    note = "return `{P}`; an extension that is no wrapper returns one result"
)]
pub trait OutcomeOf<P, V> {}

#[diagnostic::do_not_recommend]
impl<P, E> OutcomeOf<P, Fits> for E {}
#[diagnostic::do_not_recommend]
impl<P, E> OutcomeOf<P, Unknown> for E {}

/// Asserts that an extension takes an argument of a type.
pub fn argument<P, E: ArgumentOf<P, V>, V>(_: &Types<P, E>, _: V) {}

/// Asserts that an extension returns a type.
pub fn returned<P, E: ReturnOf<P, V>, V>(_: &Types<P, E>, _: V) {}

/// Asserts that a wrapper returns a type.
pub fn outcome<P, E: OutcomeOf<P, V>, V>(_: &Types<P, E>, _: V) {}
