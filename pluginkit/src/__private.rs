//! What generated code names. Not public API: it may change in any release.

use std::borrow::Borrow;

pub use inventory;

pub use crate::manual::*;
pub use crate::stub::Stub;
pub use crate::when::{Holds, holds};

#[cfg(feature = "async")]
pub use crate::bind::{AsyncArgs, AsyncExtensionPoint, BindAsync, BoundAsync, BoxFuture};

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
