//! Owned and remembered arguments of a point.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use crate::base::drops::Foreign;

/// The use of an owned argument, as a trait of the reading of the return type. If that is wrong already, the compiler
/// says nothing about the argument.
pub trait CloneArgument<T> {
    /// `T`.
    type Value;
    /// Returns a clone.
    fn clone(value: &T) -> T;
    /// Returns the argument for one extension of several.
    fn give(last: bool, slot: &mut Option<T>) -> T;
}

impl<S, T: Clone> CloneArgument<T> for S {
    type Value = T;

    #[inline]
    fn clone(value: &T) -> T {
        value.clone()
    }

    #[inline]
    fn give(last: bool, slot: &mut Option<T>) -> T {
        let given = if last { slot.take() } else { slot.clone() };
        given.expect("the argument is given away to the last extension only")
    }
}

/// The use of a borrowed argument of a historic point, as a trait of the reading of the return type like [`CloneArgument`].
pub trait RememberArgument<T: ?Sized> {
    /// `T`.
    type Value: ?Sized;
    /// The remembered form.
    type Owned: Send + Sync + 'static;
    /// The snapshot.
    fn remember(value: &T) -> Self::Owned;
    /// The argument again.
    fn recall(owned: &Self::Owned) -> &T;
}

impl<S, T: ?Sized + RememberedArgument> RememberArgument<T> for S {
    type Value = T;
    type Owned = T::Owned;

    fn remember(value: &T) -> T::Owned {
        value.remember()
    }

    fn recall(owned: &T::Owned) -> &T {
        T::recall(owned)
    }
}

/// An owned argument of which extensions get clones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is passed by value to every extension, so it must be `Clone`",
    label = "not `Clone`",
    note = "derive `Clone` for it, or take it by reference"
)]
pub trait ClonedArgument: Clone {}

impl<T: Clone> ClonedArgument for T {}

/// An argument of a historic point, which is remembered in its owned form.
#[diagnostic::on_unimplemented(
    message = "a historic argument is remembered, so `{Self}` must be `Clone + Send + Sync + 'static`",
    label = "cannot be remembered",
    note = "derive `Clone` for it, or take what it holds as owned data"
)]
pub trait RememberedArgument {
    /// The remembered form.
    type Owned: Send + Sync + 'static;
    /// The snapshot.
    fn remember(&self) -> Self::Owned;
    /// The argument again.
    fn recall(owned: &Self::Owned) -> &Self;
}

impl<T: ?Sized + ToOwned> RememberedArgument for T
where
    T::Owned: Send + Sync + 'static,
{
    type Owned = T::Owned;

    fn remember(&self) -> T::Owned {
        self.to_owned()
    }

    fn recall(owned: &T::Owned) -> &T {
        owned.borrow()
    }
}

/// A remembered argument that contains its destructor: the arguments of one call are dropped one at a time.
pub struct Contained<T>(Foreign<T>);

impl<T> Contained<T> {
    /// The argument.
    pub fn new(argument: T) -> Self {
        Self(Foreign::new(argument, None))
    }
}

impl<T> Deref for Contained<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Contained<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contained").finish_non_exhaustive()
    }
}

/// Returns an owned argument that has not been given away.
///
/// # Panics
///
/// If it was given away.
#[inline]
pub fn peek<T>(slot: &Option<T>) -> &T {
    slot.as_ref().expect("the argument is given away to the last extension only")
}

/// Takes an owned argument for the extension that has it until it returns another.
///
/// # Panics
///
/// If it was given away.
#[inline]
pub fn take<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("an extension that took the running value returned another")
}

/// Takes an owned argument for a wrapper.
///
/// # Panics
///
/// If it was given away.
#[inline]
pub fn take_for_wrapper<T>(slot: Option<T>) -> T {
    slot.expect("a wrapper comes before the extensions")
}
