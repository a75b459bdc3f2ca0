//! The owned and the remembered arguments of a point.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use crate::base::drops::Foreign;

/// The clones of an owned argument of type `T`.
///
/// The reading of the return type implements it. So a wrong return type is one mistake: the compiler does not report the
/// argument as well.
pub trait CloneArgument<T> {
    /// The type `T`.
    type Value;
    /// Returns a clone.
    fn clone(value: &T) -> T;
    /// Returns the argument for one extension. The `last` one takes it; others get a clone.
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
        given.expect("only the last extension takes the argument")
    }
}

/// The owned form of a borrowed argument of a historic point.
///
/// The reading of the return type implements it, like [`CloneArgument`].
pub trait RememberArgument<T: ?Sized> {
    /// The type `T`.
    type Value: ?Sized;
    /// The owned form.
    type Owned: Send + Sync + 'static;
    /// Returns the owned form.
    fn remember(value: &T) -> Self::Owned;
    /// Borrows the argument from its owned form.
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

/// A type of owned arguments: extensions get clones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is passed by value to every extension, so it must be `Clone`",
    label = "not `Clone`",
    note = "derive `Clone` for it, or take it by reference",
    note = "one argument may go from extension to extension without a clone: return it from a pipeline (`#[extension_point(pipeline)]`), or hand it on from a firstresult point that returns `ControlFlow<Answer, {Self}>`"
)]
pub trait ClonedArgument: Clone {}

impl<T: Clone> ClonedArgument for T {}

/// A type of values that the rest of a call of the point `P` can take again, as `next.clone()` needs: one that is `Clone`.
#[diagnostic::on_unimplemented(
    message = "this `next` has no `clone`: the rest of the call takes a `{Self}` by value, which is not `Clone`",
    label = "the rest of this call runs at most once",
    note = "derive `Clone` for it, or run the rest once"
)]
pub trait RepeatedArgument<P>: Clone {}

// Of this argument only: the compiler does not suggest a reference to it, which would be `Clone`.
impl<P: RunsAgain<Argument = T>, T: Clone> RepeatedArgument<P> for T {}

/// A point whose wrappers may run the rest of a call again if it has the arguments again. `#[extension_point]` implements it.
pub trait RunsAgain {
    /// The type of the argument that every other run takes by value; `()` if others get clones anyhow.
    type Argument;
    /// Whether the specs can clone it. Generic specs clone only what their bounds say is `Clone`.
    #[doc(hidden)]
    const IS_REPEATED: bool = true;
}

/// Checks, as a constant, that the rest of a call of the point can run again.
///
/// # Panics
///
/// Panics if it cannot, because of the bounds of generic specs.
pub const fn repeats<P: RunsAgain>() {
    assert!(
        P::IS_REPEATED,
        "this `next` has no `clone`: the rest of the call takes an argument by value, and the bounds of the generic specs do not say that it is `Clone`; add the bound to the specs, as in `trait Specs<T: Clone>`"
    );
}

/// A type of arguments of historic points, which are remembered in their owned form.
#[diagnostic::on_unimplemented(
    message = "a historic argument is remembered, so `{Self}` must be `Clone + Send + Sync + 'static`",
    label = "cannot be remembered",
    note = "derive `Clone` for it, or take owned data instead of a borrow"
)]
pub trait RememberedArgument {
    /// The owned form.
    type Owned: Send + Sync + 'static;
    /// Returns the owned form.
    fn remember(&self) -> Self::Owned;
    /// Borrows the argument from its owned form.
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

/// A remembered argument with a contained destructor: arguments are dropped one at a time.
pub struct Contained<T>(Foreign<T>);

impl<T> Contained<T> {
    /// Returns `argument` with its destructor contained.
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

/// Borrows an owned argument.
///
/// # Panics
///
/// Panics if an extension has taken it.
#[inline]
pub fn peek<T>(slot: &Option<T>) -> &T {
    slot.as_ref().expect("only the last extension takes the argument")
}

/// Takes the threaded argument for an extension, which returns the next one.
///
/// # Panics
///
/// Panics if an extension has taken it.
#[inline]
pub fn take<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("an extension that took the running value returned the next one")
}

/// Takes an owned argument for the last extension.
///
/// # Panics
///
/// Panics if an extension has taken it.
#[inline]
pub fn take_last<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("only the last extension takes the argument")
}

/// Clones an owned argument of a type that depends on the parameters of its specs.
#[inline]
pub fn cloned<T: ClonedArgument>(value: &T) -> T {
    value.clone()
}

/// Returns the owned form of an argument of a type that depends on the parameters of its specs: a clone.
pub fn remembered_value<T: RememberedValue>(value: &T) -> T {
    value.clone()
}

/// A type of arguments of historic points, which are remembered as clones.
#[diagnostic::on_unimplemented(
    message = "a historic argument is remembered, so `{Self}` must be `Clone + Send + Sync + 'static`",
    label = "cannot be remembered",
    note = "derive `Clone` for it, or take owned data instead of a borrow"
)]
pub trait RememberedValue: Clone + Send + Sync + 'static {}

impl<T: Clone + Send + Sync + 'static> RememberedValue for T {}

/// Returns the owned form of an argument of a type that depends on the parameters of its specs.
pub fn remembered<T: ?Sized + RememberedArgument>(value: &T) -> T::Owned {
    value.remember()
}

/// Takes an owned argument for a wrapper.
///
/// # Panics
///
/// Panics if an extension has taken it.
#[inline]
pub fn take_for_wrapper<T>(slot: Option<T>) -> T {
    slot.expect("wrappers run before extensions")
}
