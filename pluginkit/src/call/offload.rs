//! Arguments and results that can go to the blocking pool, found without asking for it: a point whose own
//! cannot is a point like any other.
//!
//! `is_…` constants come from the type itself where its bounds hold, else from [`Stays`]. Values are wrapped
//! so that method resolution picks the first trait that fits.
#![allow(missing_docs, reason = "generated code alone names what is here")]

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;

use crate::call::runtime::offload;
use crate::erased::future_buffer::ExtensionFuture;

/// What can go by no way that is looked for.
pub trait Stays {
    const GOES: bool = false;
}

/// A type that goes as its owned form.
#[derive(Debug)]
pub struct Borrowed<T: ?Sized>(PhantomData<fn(&T)>);
impl<T: ?Sized + ToOwned> Borrowed<T>
where
    T::Owned: Send + 'static,
{
    pub const GOES: bool = true;
}
impl<T: ?Sized> Stays for Borrowed<T> {}

/// A type that goes as a clone.
#[derive(Debug)]
pub struct Cloned<T>(PhantomData<fn(&T)>);
impl<T: Clone + Send + 'static> Cloned<T> {
    pub const GOES: bool = true;
}
impl<T> Stays for Cloned<T> {}

/// A type that comes back.
#[derive(Debug)]
pub struct Returned<T>(PhantomData<fn(&T)>);
impl<T: Send + 'static> Returned<T> {
    pub const GOES: bool = true;
}
impl<T> Stays for Returned<T> {}

/// A `&T` to own.
#[derive(Debug)]
pub struct Own<'a, T: ?Sized>(pub &'a T);

/// A value to clone.
#[derive(Debug)]
pub struct Copied<'a, T>(pub &'a T);

pub trait Owning {
    type Owned;
    fn own(&self) -> Self::Owned;
}
impl<T: ?Sized + ToOwned> Owning for &Own<'_, T>
where
    T::Owned: Send + 'static,
{
    type Owned = Owned<T::Owned>;
    fn own(&self) -> Owned<T::Owned> {
        Owned(self.0.to_owned())
    }
}
impl<T: Clone + Send + 'static> Owning for &Copied<'_, T> {
    type Owned = Owned<T>;
    fn own(&self) -> Owned<T> {
        Owned(self.0.clone())
    }
}

pub trait Staying {
    type Kept;
    fn own(&self) -> Self::Kept;
}
impl<T: ?Sized> Staying for Own<'_, T> {
    type Kept = Kept<T>;
    fn own(&self) -> Kept<T> {
        Kept(PhantomData)
    }
}
impl<T> Staying for Copied<'_, T> {
    type Kept = Kept<T>;
    fn own(&self) -> Kept<T> {
        Kept(PhantomData)
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

/// An argument that has none.
#[derive(Debug)]
pub struct Kept<T: ?Sized>(PhantomData<fn(&T)>);
impl<T: ?Sized> Kept<T> {
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

pub trait Going<R> {
    fn start<'w>(&mut self) -> Option<ExtensionFuture<'w, R>>;
}
impl<F: FnOnce() -> R + Send + 'static, R: Send + 'static> Going<R> for &mut Work<F> {
    fn start<'w>(&mut self) -> Option<ExtensionFuture<'w, R>> {
        self.0.take().map(offload)
    }
}

pub trait Refusing<R> {
    fn start<'w>(&mut self) -> Option<ExtensionFuture<'w, R>>;
}
impl<F: FnOnce() -> R, R> Refusing<R> for Work<F> {
    fn start<'w>(&mut self) -> Option<ExtensionFuture<'w, R>> {
        None
    }
}

/// A `&T` that an extension on the blocking pool needs an owned form of.
#[diagnostic::on_unimplemented(
    message = "a `blocking` extension gets its arguments as owned ones on another thread, but `{Self}` has no owned form that is `Send + 'static`",
    label = "cannot go to the blocking pool",
    note = "derive `Clone` for it, leave the argument out, or remove `blocking`"
)]
pub trait Ownable: ToOwned<Owned: Send + 'static> {}
impl<T: ?Sized + ToOwned> Ownable for T where T::Owned: Send + 'static {}

/// What a `blocking` extension returns.
#[diagnostic::on_unimplemented(
    message = "a `blocking` extension returns from another thread, but `{Self}` is not `Send`",
    label = "cannot come from the blocking pool",
    note = "return a type that is `Send + 'static`, or remove `blocking`"
)]
pub trait Returnable: Send + 'static {}
impl<T: Send + 'static> Returnable for T {}

/// The owned form of `value`.
pub fn own<T: ?Sized + Ownable>(value: &T) -> T::Owned {
    value.to_owned()
}

/// `value`, which owns what it holds.
pub fn moved<T: Send + 'static>(value: T) -> T {
    value
}
