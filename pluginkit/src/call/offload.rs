//! Detects whether the arguments and the result of a point can move to the blocking pool.
//!
//! A point need not support it, so that no bound can require it. `IS_SENDABLE` is an inherent constant of types whose
//! bounds hold, else the constant of [`NotSendable`]. Values are wrapped in references, so that method resolution picks
//! the first trait that applies.
#![allow(missing_docs, reason = "generated code alone names what is here")]

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;

use crate::call::runtime::offload;
use crate::erased::future_buffer::ExtensionFuture;

/// A type that cannot move to the pool.
pub trait NotSendable {
    const IS_SENDABLE: bool = false;
}

/// A borrowed type that moves to the pool in its owned form.
#[derive(Debug)]
pub struct ByOwnedForm<T: ?Sized>(PhantomData<fn(&T)>);
impl<T: ?Sized + ToOwned> ByOwnedForm<T>
where
    T::Owned: Send + 'static,
{
    pub const IS_SENDABLE: bool = true;
}
impl<T: ?Sized> NotSendable for ByOwnedForm<T> {}

/// A type that moves to the pool as a clone.
#[derive(Debug)]
pub struct ByClone<T>(PhantomData<fn(&T)>);
impl<T: Clone + Send + 'static> ByClone<T> {
    pub const IS_SENDABLE: bool = true;
}
impl<T> NotSendable for ByClone<T> {}

/// A type that returns from the pool.
#[derive(Debug)]
pub struct AsResult<T>(PhantomData<fn(&T)>);
impl<T: Send + 'static> AsResult<T> {
    pub const IS_SENDABLE: bool = true;
}
impl<T> NotSendable for AsResult<T> {}

/// A `&T` to convert to its owned form.
#[derive(Debug)]
pub struct BorrowedArgument<'a, T: ?Sized>(pub &'a T);

/// A value to clone.
#[derive(Debug)]
pub struct ValueArgument<'a, T>(pub &'a T);

pub trait HasOwnedForm {
    type Owned;
    fn own(&self) -> Self::Owned;
}
impl<T: ?Sized + ToOwned> HasOwnedForm for &BorrowedArgument<'_, T>
where
    T::Owned: Send + 'static,
{
    type Owned = Owned<T::Owned>;
    fn own(&self) -> Owned<T::Owned> {
        Owned(self.0.to_owned())
    }
}
impl<T: Clone + Send + 'static> HasOwnedForm for &ValueArgument<'_, T> {
    type Owned = Owned<T>;
    fn own(&self) -> Owned<T> {
        Owned(self.0.clone())
    }
}

pub trait HasNoOwnedForm {
    type NotOwned;
    fn own(&self) -> Self::NotOwned;
}
impl<T: ?Sized> HasNoOwnedForm for BorrowedArgument<'_, T> {
    type NotOwned = NotOwned<T>;
    fn own(&self) -> NotOwned<T> {
        NotOwned(PhantomData)
    }
}
impl<T> HasNoOwnedForm for ValueArgument<'_, T> {
    type NotOwned = NotOwned<T>;
    fn own(&self) -> NotOwned<T> {
        NotOwned(PhantomData)
    }
}

/// The owned form of an argument.
#[derive(Debug)]
pub struct Owned<O>(O);
impl<O> Owned<O> {
    pub fn get<T: ?Sized>(&self) -> &T
    where
        O: Borrow<T>,
    {
        self.0.borrow()
    }
    pub fn take(self) -> O {
        self.0
    }
}

/// An argument without an owned form.
#[derive(Debug)]
pub struct NotOwned<T: ?Sized>(PhantomData<fn(&T)>);
impl<T: ?Sized> NotOwned<T> {
    pub fn get(&self) -> &T {
        unreachable!("a point with such an argument is not offloaded")
    }
    pub fn take(self) -> T
    where
        T: Sized,
    {
        unreachable!("a point with such an argument is not offloaded")
    }
}

/// Work for the blocking pool.
pub struct Work<F>(Option<F>);
impl<F> Work<F> {
    pub fn new(work: F) -> Self {
        Self(Some(work))
    }
}
impl<F> fmt::Debug for Work<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Work").finish_non_exhaustive()
    }
}

pub trait CanOffload<R> {
    fn start<'w>(&mut self) -> Option<ExtensionFuture<'w, R>>;
}
impl<F: FnOnce() -> R + Send + 'static, R: Send + 'static> CanOffload<R> for &mut Work<F> {
    fn start<'w>(&mut self) -> Option<ExtensionFuture<'w, R>> {
        self.0.take().map(offload)
    }
}

pub trait CannotOffload<R> {
    fn start<'w>(&mut self) -> Option<ExtensionFuture<'w, R>>;
}
impl<F: FnOnce() -> R, R> CannotOffload<R> for Work<F> {
    fn start<'w>(&mut self) -> Option<ExtensionFuture<'w, R>> {
        None
    }
}

/// A type with an owned form that can move to the blocking pool.
#[diagnostic::on_unimplemented(
    message = "a `blocking` extension gets owned arguments on another thread, but `{Self}` has no owned form that is `Send + 'static`",
    label = "cannot go to the blocking pool",
    note = "derive `Clone` for it, leave the argument out, or remove `blocking`"
)]
pub trait Ownable: ToOwned<Owned: Send + 'static> {}
impl<T: ?Sized + ToOwned> Ownable for T where T::Owned: Send + 'static {}

/// A type that a `blocking` extension can return.
#[diagnostic::on_unimplemented(
    message = "a `blocking` extension returns from another thread, but `{Self}` is not `Send`",
    label = "cannot come from the blocking pool",
    note = "return a type that is `Send + 'static`, or remove `blocking`"
)]
pub trait Returnable: Send + 'static {}
impl<T: Send + 'static> Returnable for T {}

/// Returns the owned form of `value`.
pub fn own<T: ?Sized + Ownable>(value: &T) -> T::Owned {
    value.to_owned()
}

/// Returns `value`, which borrows nothing.
pub fn moved<T: Send + 'static>(value: T) -> T {
    value
}
