//! [`Returns`]: what one extension's return value means to a call.
//!
//! The outcome of a call follows from the point's mode and from one of six readings of the return
//! type. Each reading is a zero-sized type here; every dispatch loop is written once over them.
#![forbid(unsafe_code)]

use std::convert::Infallible;

use crate::base::drops::drop_each_foreign;
use crate::base::sealed::Sealed;

/// The reading of a return value `R`: whether it may abstain, whether it may fail, and which item it carries.
///
/// The six readings implement it; other types cannot.
#[diagnostic::on_unimplemented(
    message = "`{R}` is not the return type that its name says",
    label = "read as {Self}",
    note = "`Result` and `Option` are recognised by their name: another type of that name needs an alias, and an alias of `Result` with another name needs `#[extension_point(fallible)]`"
)]
pub trait Returns<R>: Sealed<R> {
    /// What one extension contributes.
    type Item;
    /// What stops the call.
    type Error;
    /// The successful part of `R`, as `settle` reports it.
    type Value;
    /// All contributions of a collecting call.
    type All;
    /// `X`, or `Result<X, Error>` where extensions may fail.
    type Lift<X>;

    /// Whether every return value is an item, so that the number of items is known beforehand.
    const EXACT: bool;
    /// Whether items are collected at all.
    const GATHERS: bool = true;

    /// The item, `None` for an abstention, or the error.
    ///
    /// # Errors
    ///
    /// The error that `returned` holds.
    fn split(returned: R) -> Result<Option<Self::Item>, Self::Error>;

    /// The successful part of a return value, or the error.
    ///
    /// # Errors
    ///
    /// The error that `returned` holds.
    fn value(returned: R) -> Result<Self::Value, Self::Error>;

    /// The error of a return value.
    fn returned_error(returned: &R) -> Option<&Self::Error>;

    /// The item of the successful part of a return value; `None` for an abstention.
    fn item(value: &Self::Value) -> Option<&Self::Item>;

    /// The item of the successful part of a return value; `None` for an abstention.
    fn into_item(value: Self::Value) -> Option<Self::Item>;

    /// The return value that is this error.
    fn failed(error: Self::Error) -> R;

    /// The contributions as the call returns them.
    fn all(items: Vec<Self::Item>) -> Self::All;

    /// Drops contributions that a call does not return, one at a time.
    fn discard(all: Self::All);

    /// An outcome from its parts.
    fn lift<X>(outcome: Result<X, Self::Error>) -> Self::Lift<X>;

    /// The parts of an outcome.
    ///
    /// # Errors
    ///
    /// The error that `outcome` holds.
    fn lower<X>(outcome: Self::Lift<X>) -> Result<X, Self::Error>;

    /// The error of an outcome.
    fn error<X>(outcome: &Self::Lift<X>) -> Option<&Self::Error>;
}

/// What a collecting call returns.
pub(crate) type Many<S, R> = <S as Returns<R>>::Lift<<S as Returns<R>>::All>;

/// What a firstresult call returns.
pub(crate) type One<S, R> = <S as Returns<R>>::Lift<Option<<S as Returns<R>>::Item>>;

/// What a pipeline call returns.
pub type Threaded<S, R> = <S as Returns<R>>::Lift<<S as Returns<R>>::Item>;

/// `T`: every extension contributes.
#[derive(Clone, Copy, Debug)]
pub struct Values;
/// `Option<T>`: `None` abstains.
#[derive(Clone, Copy, Debug)]
pub struct Somes;
/// `()`: nothing is contributed.
#[derive(Clone, Copy, Debug)]
pub struct Units;
/// `Result<T, E>`: an `Err` stops the call.
#[derive(Clone, Copy, Debug)]
pub struct TryValues;
/// `Result<Option<T>, E>`: an `Err` stops the call, `Ok(None)` abstains.
#[derive(Clone, Copy, Debug)]
pub struct TrySomes;
/// `Result<(), E>`: an `Err` stops the call, nothing is contributed.
#[derive(Clone, Copy, Debug)]
pub struct TryUnits;

impl<R> Sealed<R> for Values {}
impl<R: Optional> Sealed<R> for Somes {}
impl<R: Unit> Sealed<R> for Units {}
impl<T, E> Sealed<Result<T, E>> for TryValues {}
impl<T: Optional, E> Sealed<Result<T, E>> for TrySomes {}
impl<E> Sealed<Result<(), E>> for TryUnits {}

impl<R> Returns<R> for Values {
    type Error = Infallible;
    type Lift<X> = X;
    type Item = R;
    type All = Vec<R>;
    type Value = R;
    const EXACT: bool = true;

    #[inline]
    fn item(value: &R) -> Option<&R> {
        Some(value)
    }

    fn into_item(value: R) -> Option<R> {
        Some(value)
    }

    #[inline]
    fn split(returned: R) -> Result<Option<R>, Infallible> {
        Ok(Some(returned))
    }

    #[inline]
    fn value(returned: R) -> Result<R, Infallible> {
        Ok(returned)
    }

    #[inline]
    fn returned_error(_: &R) -> Option<&Infallible> {
        None
    }

    fn failed(error: Infallible) -> R {
        match error {}
    }

    #[inline]
    fn lift<X>(outcome: Result<X, Infallible>) -> X {
        certain(outcome)
    }

    #[inline]
    fn lower<X>(outcome: X) -> Result<X, Infallible> {
        Ok(outcome)
    }

    #[inline]
    fn error<X>(_: &X) -> Option<&Infallible> {
        None
    }

    #[inline]
    fn all(items: Vec<R>) -> Vec<R> {
        items
    }

    fn discard(all: Vec<R>) {
        drop_each_foreign(all);
    }
}

impl<R: Optional> Returns<R> for Somes {
    type Error = Infallible;
    type Lift<X> = X;
    type Item = R::Some;
    type All = Vec<R::Some>;
    type Value = Option<R::Some>;
    const EXACT: bool = false;

    #[inline]
    fn item(value: &Option<R::Some>) -> Option<&R::Some> {
        value.as_ref()
    }

    fn into_item(value: Option<R::Some>) -> Option<R::Some> {
        value
    }

    #[inline]
    fn split(returned: R) -> Result<Option<R::Some>, Infallible> {
        Ok(returned.into_option())
    }

    #[inline]
    fn value(returned: R) -> Result<Option<R::Some>, Infallible> {
        Ok(returned.into_option())
    }

    #[inline]
    fn returned_error(_: &R) -> Option<&Infallible> {
        None
    }

    fn failed(error: Infallible) -> R {
        match error {}
    }

    #[inline]
    fn lift<X>(outcome: Result<X, Infallible>) -> X {
        certain(outcome)
    }

    #[inline]
    fn lower<X>(outcome: X) -> Result<X, Infallible> {
        Ok(outcome)
    }

    #[inline]
    fn error<X>(_: &X) -> Option<&Infallible> {
        None
    }

    #[inline]
    fn all(items: Vec<R::Some>) -> Vec<R::Some> {
        items
    }

    fn discard(all: Vec<R::Some>) {
        drop_each_foreign(all);
    }
}

impl<R: Unit> Returns<R> for Units {
    type Error = Infallible;
    type Lift<X> = X;
    type Item = ();
    type All = ();
    type Value = ();
    const EXACT: bool = true;
    const GATHERS: bool = false;

    #[inline]
    fn item(value: &()) -> Option<&()> {
        Some(value)
    }

    fn into_item((): ()) -> Option<()> {
        Some(())
    }

    #[inline]
    fn split(_: R) -> Result<Option<()>, Infallible> {
        Ok(Some(()))
    }

    #[inline]
    fn value(_: R) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline]
    fn all(_: Vec<()>) {}

    fn discard((): ()) {}

    #[inline]
    fn returned_error(_: &R) -> Option<&Infallible> {
        None
    }

    fn failed(error: Infallible) -> R {
        match error {}
    }

    #[inline]
    fn lift<X>(outcome: Result<X, Infallible>) -> X {
        certain(outcome)
    }

    #[inline]
    fn lower<X>(outcome: X) -> Result<X, Infallible> {
        Ok(outcome)
    }

    #[inline]
    fn error<X>(_: &X) -> Option<&Infallible> {
        None
    }
}

impl<T, E> Returns<Result<T, E>> for TryValues {
    type Error = E;
    type Lift<X> = Result<X, E>;
    type Item = T;
    type All = Vec<T>;
    type Value = T;
    const EXACT: bool = true;

    #[inline]
    fn item(value: &T) -> Option<&T> {
        Some(value)
    }

    fn into_item(value: T) -> Option<T> {
        Some(value)
    }

    #[inline]
    fn split(returned: Result<T, E>) -> Result<Option<T>, E> {
        returned.map(Some)
    }

    #[inline]
    fn value(returned: Result<T, E>) -> Result<T, E> {
        returned
    }

    #[inline]
    fn returned_error(returned: &Result<T, E>) -> Option<&E> {
        returned.as_ref().err()
    }

    fn failed(error: E) -> Result<T, E> {
        Err(error)
    }

    #[inline]
    fn lift<X>(outcome: Result<X, E>) -> Result<X, E> {
        outcome
    }

    #[inline]
    fn lower<X>(outcome: Result<X, E>) -> Result<X, E> {
        outcome
    }

    #[inline]
    fn error<X>(outcome: &Result<X, E>) -> Option<&E> {
        outcome.as_ref().err()
    }

    #[inline]
    fn all(items: Vec<T>) -> Vec<T> {
        items
    }

    fn discard(all: Vec<T>) {
        drop_each_foreign(all);
    }
}

impl<T: Optional, E> Returns<Result<T, E>> for TrySomes {
    type Error = E;
    type Lift<X> = Result<X, E>;
    type Item = T::Some;
    type All = Vec<T::Some>;
    type Value = Option<T::Some>;
    const EXACT: bool = false;

    #[inline]
    fn item(value: &Option<T::Some>) -> Option<&T::Some> {
        value.as_ref()
    }

    fn into_item(value: Option<T::Some>) -> Option<T::Some> {
        value
    }

    #[inline]
    fn split(returned: Result<T, E>) -> Result<Option<T::Some>, E> {
        returned.map(T::into_option)
    }

    #[inline]
    fn value(returned: Result<T, E>) -> Result<Option<T::Some>, E> {
        returned.map(T::into_option)
    }

    #[inline]
    fn returned_error(returned: &Result<T, E>) -> Option<&E> {
        returned.as_ref().err()
    }

    fn failed(error: E) -> Result<T, E> {
        Err(error)
    }

    #[inline]
    fn lift<X>(outcome: Result<X, E>) -> Result<X, E> {
        outcome
    }

    #[inline]
    fn lower<X>(outcome: Result<X, E>) -> Result<X, E> {
        outcome
    }

    #[inline]
    fn error<X>(outcome: &Result<X, E>) -> Option<&E> {
        outcome.as_ref().err()
    }

    #[inline]
    fn all(items: Vec<T::Some>) -> Vec<T::Some> {
        items
    }

    fn discard(all: Vec<T::Some>) {
        drop_each_foreign(all);
    }
}

impl<E> Returns<Result<(), E>> for TryUnits {
    type Error = E;
    type Lift<X> = Result<X, E>;
    type Item = ();
    type All = ();
    type Value = ();
    const EXACT: bool = true;
    const GATHERS: bool = false;

    #[inline]
    fn item(value: &()) -> Option<&()> {
        Some(value)
    }

    fn into_item((): ()) -> Option<()> {
        Some(())
    }

    #[inline]
    fn split(returned: Result<(), E>) -> Result<Option<()>, E> {
        returned.map(Some)
    }

    #[inline]
    fn value(returned: Result<(), E>) -> Result<(), E> {
        returned
    }

    #[inline]
    fn all(_: Vec<()>) {}

    fn discard((): ()) {}

    #[inline]
    fn returned_error(returned: &Result<(), E>) -> Option<&E> {
        returned.as_ref().err()
    }

    fn failed(error: E) -> Result<(), E> {
        Err(error)
    }

    #[inline]
    fn lift<X>(outcome: Result<X, E>) -> Result<X, E> {
        outcome
    }

    #[inline]
    fn lower<X>(outcome: Result<X, E>) -> Result<X, E> {
        outcome
    }

    #[inline]
    fn error<X>(outcome: &Result<X, E>) -> Option<&E> {
        outcome.as_ref().err()
    }
}

/// Returns the outcome of a call that cannot fail.
#[inline]
fn certain<X>(outcome: Result<X, Infallible>) -> X {
    match outcome {
        Ok(outcome) => outcome,
        Err(never) => match never {},
    }
}

/// A reading in which no extension can abstain, so that its successful value is its item.
pub trait Always<R>: Returns<R, Value = <Self as Returns<R>>::Item> {}

impl<S, R> Always<R> for S where S: Returns<R, Value = <S as Returns<R>>::Item> {}

/// `Option<T>`, reached through an alias or not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an `Option`",
    label = "an extension of this point must be able to abstain with `None`",
    note = "return `Option<T>` or `Result<Option<T>, E>`"
)]
pub trait Optional: Sealed {
    /// What it holds.
    type Some;
    /// Itself, as the `Option` it is.
    fn into_option(self) -> Option<Self::Some>;
    /// Whether it holds anything.
    fn is_some(&self) -> bool;
}

impl<T> Sealed for Option<T> {}

impl<T> Optional for Option<T> {
    type Some = T;

    #[inline]
    fn into_option(self) -> Self {
        self
    }

    #[inline]
    fn is_some(&self) -> bool {
        Self::is_some(self)
    }
}

/// `()`.
pub trait Unit: Sealed {}

impl Sealed for () {}

impl Unit for () {}

/// The type a pipeline's return value carries must be its threaded argument's type.
#[diagnostic::on_unimplemented(
    message = "a pipeline point returns the type of the argument it threads",
    label = "this carries `{Self}`, but the threaded argument is `{T}`",
    note = "return `{T}`, `Option<{T}>` or `Result<{T}, E>`, or thread another argument: `#[extension_point(pipeline = \"name\")]`"
)]
pub trait SameAs<T> {}

impl<T> SameAs<T> for T {}
