//! What generated code names. Not public API: it may change in any release.

use std::borrow::Borrow;
use std::fmt;
use std::marker::PhantomData;

pub use inventory;

pub use crate::manual::*;
pub use crate::stub::Stub;
pub use crate::when::{Holds, holds};

#[cfg(feature = "async")]
pub use crate::{
    async_caller::{AsyncCalls, AsyncHandle},
    bind_async::{AsyncArgs, AsyncBoundNext, BindAsync, BindAsyncWrapper, BoundAsync, BoxFuture},
    dispatch::{
        AsyncChain, AsyncExtensions, AsyncKept, AsyncRawNext, AsyncStep, AsyncWrapperStep, Ended, Entry,
        Followed, Gathered, Turn,
    },
    point::{AsyncExtensionPoint, AsyncSpecs, AsyncWrappable},
};

/// The generated code that only builds with async extensions have.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_async {
    ($($item:item)*) => { $($item)* };
}

/// The generated code that only builds with async extensions have: none, in this one.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __if_async {
    ($($item:tt)*) => {};
}

/// The registration of an `async fn`, in builds that have them.
#[cfg(feature = "async")]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_extension {
    ($point:expr, $($bind:tt)*) => { $($bind)* };
}

/// The registration of an `async fn`: refused, in this build.
#[cfg(not(feature = "async"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_extension {
    ($point:expr, $($bind:tt)*) => {
        ::core::compile_error!(
            "`async fn` extensions need the feature `async` of pluginkit, which this build turned off"
        )
    };
}

/// The checks of a point, as a constant that has no value if one of them fails.
#[derive(Debug)]
pub struct Checks<const PASSED: bool>;

/// `T`, if the checks of a point passed. If they did not, the compiler has said so, takes this for a
/// type that is wrong already, and says nothing about what the point is used for.
pub trait Passed<T> {
    /// `T`.
    type Type;
    /// `value`.
    fn pass(value: T) -> Self::Type;
}

impl<T> Passed<T> for Checks<true> {
    type Type = T;

    #[inline]
    fn pass(value: T) -> T {
        value
    }
}

/// What a wrapper that takes no arguments does with its `next`, by its own signature: a return type that
/// is not the outcome is told when the two meet, and once.
pub struct WrapperReturning<O, F>(F, PhantomData<fn() -> O>);

/// Takes `wrapper` at its word.
#[inline]
pub fn on_next<O, F: FnOnce(BoundNext<'_, O>) -> O>(wrapper: F) -> WrapperReturning<O, F> {
    WrapperReturning(wrapper, PhantomData)
}

impl<O, F: FnOnce(BoundNext<'_, O>) -> O> WrapperReturning<O, F> {
    /// Runs it.
    #[inline]
    pub fn call(self, next: BoundNext<'_, O>) -> O {
        (self.0)(next)
    }
}

impl<O, F> fmt::Debug for WrapperReturning<O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrapperReturning").finish_non_exhaustive()
    }
}

/// `value`, of a type that is wrong already if the checks did not pass.
#[inline]
pub fn passed<const PASSED: bool, T>(value: T) -> <Checks<PASSED> as Passed<T>>::Type
where
    Checks<PASSED>: Passed<T>,
{
    <Checks<PASSED> as Passed<T>>::pass(value)
}

/// The checks themselves: each names the type it checks first, which is where the compiler then points.
pub mod check {
    use super::{Given, Remember};
    use crate::point::{Specs, Wrappable};
    use crate::returns::{Returns, SameAs};

    /// That the return type `Self` is what its name says, which is `S`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not the return type that its name says",
        label = "read as {S}",
        note = "`Result` and `Option` are recognised by their name: another type of that name needs an alias, and an alias of `Result` with another name needs `#[extension_point(fallible)]`"
    )]
    pub trait Reads<S> {}
    impl<R, S: Returns<R>> Reads<S> for R {}

    /// That the return type `Self` carries a `T`.
    #[diagnostic::on_unimplemented(
        message = "a pipeline point returns the type of the argument it threads",
        label = "this is `{Self}`, but the threaded argument is `{T}`",
        note = "return `{T}`, `Option<{T}>` or `Result<{T}, E>`, or thread another argument: `#[extension_point(pipeline = \"name\")]`"
    )]
    pub trait Carries<S, T> {}
    impl<R, S: Returns<R>, T> Carries<S, T> for R where S::Item: SameAs<T> {}

    /// That a type can be shared as plugins are.
    pub const fn plugins_are_send_and_sync<T: Send + Sync + 'static>() {}
    /// That a type declares extension points.
    pub const fn specs<S: Specs>() {}
    /// That wrappers may run around a point.
    pub const fn wraps<P: Wrappable>(_: P) -> bool {
        true
    }
    pub const fn reads<R: Reads<S>, S>() {}
    pub const fn carries<R: Carries<S, T>, S, T>() {}
    pub const fn given<A: Given>() {}
    pub const fn remembered<A: ?Sized + Remember>() {}
}

/// What a point does with an owned argument, asked of the reading of its return type: if that is wrong
/// already, the argument is not told about again.
pub trait Owns<T> {
    /// `T`.
    type Value;
    /// A clone.
    fn clone(value: &T) -> T;
    /// The argument for one extension of several.
    fn give(last: bool, slot: &mut Option<T>) -> T;
}

impl<S, T: Clone> Owns<T> for S {
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

/// What a historic point does with a borrowed argument, asked of the reading of its return type like
/// [`Owns`].
pub trait Keeps<T: ?Sized> {
    /// What is remembered.
    type Owned: Send + Sync + 'static;
    /// The snapshot.
    fn remember(value: &T) -> Self::Owned;
    /// The argument again.
    fn recall(owned: &Self::Owned) -> &T;
}

impl<S, T: ?Sized + Remember> Keeps<T> for S {
    type Owned = T::Owned;

    fn remember(value: &T) -> T::Owned {
        value.remember()
    }

    fn recall(owned: &T::Owned) -> &T {
        T::recall(owned)
    }
}

/// Implemented by nothing, for any `H`: what `call` asks of a historic point, to say what to write.
#[diagnostic::on_unimplemented(
    message = "a historic point has no `call`: write `call_historic`, which remembers the call for later plugins",
    label = "`call_historic`, or `call_historic_with` to see each result"
)]
pub trait Forgets<H> {}

/// An owned argument of which extensions get clones.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is passed by value to every extension, so it must be `Clone`",
    label = "not `Clone`",
    note = "derive `Clone` for it, or take it by reference"
)]
pub trait Given: Clone {}

impl<T: Clone> Given for T {}

/// An argument of a historic point, which is remembered in its owned form.
#[diagnostic::on_unimplemented(
    message = "a historic argument is remembered, so `{Self}` must be `Clone + Send + Sync + 'static`",
    label = "cannot be remembered",
    note = "derive `Clone` for it, or take what it holds as owned data"
)]
pub trait Remember {
    /// What is remembered.
    type Owned: Send + Sync + 'static;
    /// The snapshot.
    fn remember(&self) -> Self::Owned;
    /// The argument again.
    fn recall(owned: &Self::Owned) -> &Self;
}

impl<T: ?Sized + ToOwned> Remember for T
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

/// An owned argument that is yet to be given away.
///
/// # Panics
///
/// If it was given away.
#[inline]
pub fn peek<T>(slot: &Option<T>) -> &T {
    slot.as_ref().expect("the argument is given away to the last extension only")
}

/// The parts of a `next`, which runs once.
///
/// # Panics
///
/// If they were taken.
#[inline]
pub fn take<T>(slot: &mut Option<T>) -> T {
    slot.take().expect("`next` is consumed by `run`")
}

/// Finds the best text for an error of any type: `Display`, else `Debug`, else its type.
pub mod describe {
    use std::error::Error as StdError;
    use std::fmt::{Debug, Display};

    /// An error to describe; method resolution picks the first trait that fits.
    #[derive(Debug)]
    pub struct Describe<'e, E>(pub &'e E);

    pub trait ByDisplay {
        fn text(&self) -> String;
    }
    impl<E: Display> ByDisplay for &&Describe<'_, E> {
        fn text(&self) -> String {
            self.0.to_string()
        }
    }

    pub trait ByDebug {
        fn text(&self) -> String;
    }
    impl<E: Debug> ByDebug for &Describe<'_, E> {
        fn text(&self) -> String {
            format!("{:?}", self.0)
        }
    }

    pub trait ByType {
        fn text(&self) -> String;
    }
    impl<E> ByType for Describe<'_, E> {
        fn text(&self) -> String {
            std::any::type_name::<E>().to_owned()
        }
    }

    /// An error to box; method resolution picks the first trait that fits.
    #[derive(Debug)]
    pub struct Boxed<E>(pub Option<E>);

    pub trait BySource {
        fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>>;
    }
    impl<E: Into<Box<dyn StdError + Send + Sync>>> BySource for &mut Boxed<E> {
        fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>> {
            self.0.take().map(Into::into)
        }
    }

    pub trait ByText {
        fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>>;
    }
    impl<E> ByText for Boxed<E> {
        fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>> {
            None
        }
    }
}
