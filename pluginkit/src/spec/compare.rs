//! The types of an extension, compared with those of its point.
//!
//! Expansions compare them in closures that never run. Types that differ fail a bound, which says what the point has. Pointers
//! may convert: the compiler decides about them where the extension is called.
//!
//! The bounds are those of a type parameter, and of a trait whose function is called by its full name. So the compiler names
//! neither the trait nor the place of the bound, and the error has the words of the trait only.
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

/// A type, which a path of several tokens can name.
pub trait Itself {
    /// The type.
    type Type;
}

impl<T> Itself for T {
    type Type = T;
}

/// Returns a value of a type without a name. With it, the compiler does not propose a bound of the parameter.
pub fn unnamed() -> impl Sized {}

/// The points of specs: a tuple of types that are called like them.
#[derive(Debug)]
pub struct Points<Names, Kind>(PhantomData<(Names, Kind)>);

impl<Names, Kind> Points<Names, Kind> {
    /// Returns the list.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<Names, Kind> Default for Points<Names, Kind> {
    fn default() -> Self {
        Self::new()
    }
}

/// The list has all points.
#[derive(Debug)]
pub enum Listed {}

/// The specs are written by hand, and have no list.
#[derive(Debug)]
pub enum Unlisted {}

/// Specs `S` with a point of this name.
#[diagnostic::on_unimplemented(
    message = "`{S}` has no extension point of this name",
    label = "not one of its points",
    note = "its points are `{Names}`",
    note = "rename the method, or name its point: `#[extension(target = \"name\")]`; a helper needs `#[extension(helper)]`"
)]
pub trait NamedPoint<S, const NAME: u64, Names, Kind, X> {
    fn named(_: Points<Names, Kind>, _: X) {}
}

#[diagnostic::do_not_recommend]
impl<T, S: HasPoint<NAME>, const NAME: u64, Names, X> NamedPoint<S, NAME, Names, Listed, X> for T {}
#[diagnostic::do_not_recommend]
impl<T, S, const NAME: u64, Names, X> NamedPoint<S, NAME, Names, Unlisted, X> for T {}
#[diagnostic::do_not_recommend]
impl<T, S, const NAME: u64, Names, X> NamedPoint<S, NAME, Names, Unknown, X> for T {}

/// A point with arguments of the types `Args`, as in the source.
pub trait Written<Args> {}

/// Specs that are written by hand. Those of the macro have a constant of this name with a list.
pub trait AnyPoint {
    const __POINTS: Points<(), Unlisted> = Points::new();
}

impl<S> AnyPoint for S {}

/// The types are the same, or may convert.
#[derive(Debug)]
pub struct Fits;

/// The types differ.
#[derive(Debug)]
pub struct Differs;

/// No verdict. Without a second type that a trait accepts beside `Fits` or `Listed`, the compiler would infer these.
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

/// Says that an extension may have the type `E` for an argument of the type `P`.
#[diagnostic::on_unimplemented(
    message = "an argument of an extension has another type than at its point",
    label = "the point passes a `{P}`, not a `{E}`",
    note = "write `{P}`, or change the declaration of the point"
)]
pub trait ArgumentOf<P, E, V, X> {
    /// The verdict. Without an implementation, it is unknown to the compiler.
    type Verdict;
    fn argument(_: &Types<P, E>, _: V, _: X) {}
    fn argument_verdict(_: &Types<P, E>, _: V, _: X) -> Verdict<Self::Verdict> {
        Verdict::new()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized, P, E, X> ArgumentOf<P, E, Fits, X> for T {
    type Verdict = Fits;
}
#[diagnostic::do_not_recommend]
impl<T: ?Sized, P, E, X> ArgumentOf<P, E, Unknown, X> for T {
    type Verdict = Unknown;
}

/// Says that an extension may return an `E` at a point with the return type `P`.
#[diagnostic::on_unimplemented(
    message = "an extension has another return type than its point",
    label = "the point returns `{P}`, not `{E}`",
    note = "return `{P}`, or change the declaration of the point"
)]
pub trait ReturnOf<P, E, V, X> {
    /// The verdict. Without an implementation, it is unknown to the compiler.
    type Verdict;
    fn returned(_: &Types<P, E>, _: V, _: X) {}
    fn returned_verdict(_: &Types<P, E>, _: V, _: X) -> Verdict<Self::Verdict> {
        Verdict::new()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized, P, E, X> ReturnOf<P, E, Fits, X> for T {
    type Verdict = Fits;
}
#[diagnostic::do_not_recommend]
impl<T: ?Sized, P, E, X> ReturnOf<P, E, Unknown, X> for T {
    type Verdict = Unknown;
}

/// Says that a wrapper may return an `E` at a point with the outcome `P`.
#[diagnostic::on_unimplemented(
    message = "a wrapper returns the outcome of the call, as `next.run(…)` does",
    label = "the outcome is `{P}`, not `{E}`",
    note = "return `{P}`; an extension that is no wrapper returns one result"
)]
pub trait OutcomeOf<P, E, V, X> {
    fn outcome(_: &Types<P, E>, _: V, _: X) {}
}

#[diagnostic::do_not_recommend]
impl<T, P, E, X> OutcomeOf<P, E, Fits, X> for T {}
#[diagnostic::do_not_recommend]
impl<T, P, E, X> OutcomeOf<P, E, Unknown, X> for T {}

/// The verdict of one comparison, as a type.
#[derive(Debug)]
pub struct Verdict<V>(PhantomData<fn() -> V>);

impl<V> Verdict<V> {
    /// Returns the verdict.
    pub fn new() -> Self {
        Self(PhantomData)
    }

    /// Asserts that this is the verdict of a comparison.
    pub fn of(self, _: Self) {}
}

impl<V> Default for Verdict<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<V> Clone for Verdict<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Verdict<V> {}

/// Verdicts, as nested pairs, by which a point is what it is. If one is unknown, so is the type of the point to the compiler,
/// which then reports nothing about its uses.
pub trait Pass<P> {
    /// The type `P`.
    type Point;
    /// Returns the point.
    fn pass(point: P) -> Self::Point;
}

impl<P> Pass<P> for () {
    type Point = P;

    #[inline]
    fn pass(point: P) -> P {
        point
    }
}

impl<P, Rest: Pass<P>> Pass<P> for (Verdict<Fits>, Rest) {
    type Point = Rest::Point;

    #[inline]
    fn pass(point: P) -> Self::Point {
        Rest::pass(point)
    }
}

// Not reached: see `Unknown`.
impl<P, Rest: Pass<P>> Pass<P> for (Verdict<Unknown>, Rest) {
    type Point = Rest::Point;

    fn pass(point: P) -> Self::Point {
        Rest::pass(point)
    }
}
