//! Checks that keep one mistake one error.
//!
//! One constant asserts the properties of a user's item that only the type checker knows. If an assertion fails, the
//! constant is an error, and so is every type that depends on it. The compiler says nothing more about those.
#![allow(missing_docs, reason = "generated code alone names what is here")]

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

/// [`Passed`], of a trait object.
pub trait PassedObject<S: ?Sized> {
    /// `S`.
    type Type: ?Sized;
}

impl<S: ?Sized> PassedObject<S> for Checks<true> {
    type Type = S;
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
pub(crate) mod check {
    use crate::spec::arguments::{ClonedArgument, RememberedArgument};
    use crate::spec::point::{Specs, Wrappable};
    use crate::spec::returns::{Returns, SameAs};

    /// That the return type `Self` is what its name says, which is `S`.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not the return type that its name says",
        label = "read as {S}",
        note = "`Result` and `Option` are recognised by their name: another type of that name needs an alias, and an alias of `Result` with another name needs `#[extension_point(fallible)]`"
    )]
    pub trait ReadAs<S> {}
    impl<R, S: Returns<R>> ReadAs<S> for R {}

    /// That the return type `Self` carries a `T`.
    #[diagnostic::on_unimplemented(
        message = "a pipeline point returns the type of the argument it threads",
        label = "this is `{Self}`, but the threaded argument is `{T}`",
        note = "return `{T}`, `Option<{T}>` or `Result<{T}, E>`, or thread another argument: `#[extension_point(pipeline = \"name\")]`"
    )]
    pub trait Returning<S, T> {}
    impl<R, S: Returns<R>, T> Returning<S, T> for R where S::Item: SameAs<T> {}

    /// That a type can be shared as plugins are.
    pub const fn plugins_are_send_and_sync<T: Send + Sync + 'static>() {}
    /// That a trait's objects can be shared as services are.
    pub const fn services_are_send_and_sync<S: ?Sized + Send + Sync + 'static>() {}
    /// That a type declares extension points.
    pub const fn specs<S: Specs>() {}
    /// That wrappers may run around a point.
    pub const fn wraps<P: Wrappable>(_: P) -> bool {
        true
    }
    pub const fn return_type<R: ReadAs<S>, S>() {}
    pub const fn pipeline_return_type<R: Returning<S, T>, S, T>() {}
    pub const fn cloned_argument<A: ClonedArgument>() {}
    pub const fn remembered_argument<A: ?Sized + RememberedArgument>() {}
}

/// Implemented by nothing, for any `H`: what `call` asks of a historic point, to say what to write.
#[diagnostic::on_unimplemented(
    message = "a historic point has no `call`: write `call_historic`, which remembers the call for later plugins",
    label = "`call_historic`, or `call_historic_with` to see each result"
)]
pub trait Forgets<H> {}

/// Implemented by nothing, for any `H`: the bound of `call_concurrent` at points whose extensions must run one after
/// the other.
#[diagnostic::on_unimplemented(
    message = "the extensions of this point run one after the other: only a collecting point without `&mut` arguments has a `call_concurrent`",
    label = "use `call` here"
)]
pub trait RunsConcurrently<H> {}

/// Implemented by nothing, for any `H`: a bound of `iter` and `stream` where they do not exist, which reports why.
#[diagnostic::on_unimplemented(
    message = "only a collecting point has its results one by one",
    label = "use `call` here"
)]
pub trait Iterates<H> {}
