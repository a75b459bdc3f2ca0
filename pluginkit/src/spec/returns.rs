//! [`Returns`]: the meaning of a return value for a call.
//!
//! The mode of a point and one of six readings of its return type determine the outcome of a call. Each reading is a
//! zero-sized type. The loops of calls are generic over the reading.
#![forbid(unsafe_code)]

use std::convert::Infallible;

use crate::base::drops::drop_each_foreign;
use crate::base::sealed::Sealed;

/// The reading of a return value `R`: whether it may abstain, whether it may fail, and which item it carries.
///
/// The six readings implement it. Other types cannot implement it.
#[diagnostic::on_unimplemented(
    message = "`{R}` is not the return type that its name suggests",
    label = "read as {Self}",
    note = "`Result` and `Option` are recognised by name: give another type of that name an alias, and add `#[extension_point(fallible)]` for an alias of `Result` with another name"
)]
pub trait Returns<R>: Sealed<R> {
    /// The item that one extension contributes.
    type Item;
    /// The error that ends the call.
    type Error;
    /// The success of `R`, as `settle` returns it.
    type Value;
    /// All items of a collecting call.
    type All;
    /// `X`, or `Result<X, Error>` where extensions may fail.
    type Lift<X>;

    /// Whether every return value is an item, so that the number of items is known in advance.
    const EXACT: bool;
    /// Whether items are collected at all.
    const GATHERS: bool = true;
    /// Whether a return value may be an error.
    const FAILS: bool = true;

    /// Returns the item; `None` for an abstention.
    ///
    /// # Errors
    ///
    /// Returns the error in `returned`.
    fn split(returned: R) -> Result<Option<Self::Item>, Self::Error>;

    /// Returns the success of a return value.
    ///
    /// # Errors
    ///
    /// Returns the error in `returned`.
    fn value(returned: R) -> Result<Self::Value, Self::Error>;

    /// Returns the error of a return value, if it is one.
    fn returned_error(returned: &R) -> Option<&Self::Error>;

    /// Returns the item of a success; `None` for an abstention.
    fn item(value: &Self::Value) -> Option<&Self::Item>;

    /// Converts a success to its item; `None` for an abstention.
    fn into_item(value: Self::Value) -> Option<Self::Item>;

    /// Returns the return value with this error.
    fn failed(error: Self::Error) -> R;

    /// Returns the items in the form that the call returns.
    fn all(items: Vec<Self::Item>) -> Self::All;

    /// Drops items that a call does not return, one at a time.
    fn discard(all: Self::All);

    /// Returns the outcome with this success or error.
    fn lift<X>(outcome: Result<X, Self::Error>) -> Self::Lift<X>;

    /// Returns the success of an outcome.
    ///
    /// # Errors
    ///
    /// Returns the error in `outcome`.
    fn lower<X>(outcome: Self::Lift<X>) -> Result<X, Self::Error>;

    /// Returns the error of an outcome, if it is one.
    fn error<X>(outcome: &Self::Lift<X>) -> Option<&Self::Error>;
}

/// The outcome of a collecting call.
pub(crate) type Many<S, R> = <S as Returns<R>>::Lift<<S as Returns<R>>::All>;

/// The outcome of a firstresult call.
pub(crate) type One<S, R> = <S as Returns<R>>::Lift<Option<<S as Returns<R>>::Item>>;

/// The outcome of a pipeline.
pub type Threaded<S, R> = <S as Returns<R>>::Lift<<S as Returns<R>>::Item>;

/// `T`: every extension contributes an item.
#[derive(Clone, Copy, Debug)]
pub struct Values;
/// `Option<T>`: `None` abstains.
#[derive(Clone, Copy, Debug)]
pub struct Somes;
/// `()`: no extension contributes an item.
#[derive(Clone, Copy, Debug)]
pub struct Units;
/// `Result<T, E>`: an `Err` ends the call.
#[derive(Clone, Copy, Debug)]
pub struct TryValues;
/// `Result<Option<T>, E>`: an `Err` ends the call, and `Ok(None)` abstains.
#[derive(Clone, Copy, Debug)]
pub struct TrySomes;
/// `Result<(), E>`: an `Err` ends the call, and no extension contributes an item.
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
    const FAILS: bool = false;

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
    const FAILS: bool = false;

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
    const FAILS: bool = false;
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

/// A reading without abstention: every success is an item.
pub trait Always<R>: Returns<R, Value = <Self as Returns<R>>::Item> {}

impl<S, R> Always<R> for S where S: Returns<R, Value = <S as Returns<R>>::Item> {}

/// `Option<T>`, written directly or by an alias.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an `Option`",
    label = "an extension of this point must be able to abstain with `None`",
    note = "return `Option<T>` or `Result<Option<T>, E>`"
)]
pub trait Optional: Sealed {
    /// The type inside the `Option`.
    type Some;
    /// Returns it as an `Option`.
    fn into_option(self) -> Option<Self::Some>;
    /// Returns whether it is `Some`.
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

/// Asserts that the item of a pipeline has the type of the threaded argument.
#[diagnostic::on_unimplemented(
    message = "a pipeline point returns the type of the argument it threads",
    label = "the item is `{Self}`, but the threaded argument is `{T}`",
    note = "return `{T}`, `Option<{T}>` or `Result<{T}, E>`, or thread another argument: `#[extension_point(pipeline = \"name\")]`"
)]
pub trait SameAs<T>: Sized {
    /// Returns `slot`.
    fn slot(slot: &mut Option<T>) -> &mut Option<Self>;
}

impl<T> SameAs<T> for T {
    #[inline]
    fn slot(slot: &mut Option<T>) -> &mut Option<T> {
        slot
    }
}

/// Returns the slot of the running value, of a type that depends on the parameters of its specs.
#[inline]
pub fn running<I: SameAs<T>, T>(slot: &mut Option<T>) -> &mut Option<I> {
    I::slot(slot)
}
