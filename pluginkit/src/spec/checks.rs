//! Checks that report one mistake as one error.
//!
//! One constant asserts the properties of an item that only the type checker knows. If an assertion fails, the constant
//! and every type that depends on it are errors. The compiler reports no further errors for these types.
#![allow(missing_docs, reason = "generated code alone names what is here")]

/// The checks of an item, as a constant that has no value if a check fails.
#[derive(Debug)]
pub struct Checks<const PASSED: bool>;

/// The type `T`, if the checks passed.
///
/// If they failed, the compiler has reported it. It treats this type as an error and reports nothing more about its uses.
pub trait Passed<T> {
    /// The type `T`.
    type Type;
    /// Returns `value`.
    fn pass(value: T) -> Self::Type;
}

impl<T> Passed<T> for Checks<true> {
    type Type = T;

    #[inline]
    fn pass(value: T) -> T {
        value
    }
}

/// [`Passed`] for a trait object.
pub trait PassedObject<S: ?Sized> {
    /// The type `S`.
    type Type: ?Sized;
}

impl<S: ?Sized> PassedObject<S> for Checks<true> {
    type Type = S;
}

/// Returns `value`, with an erroneous type if the checks failed.
#[inline]
pub fn passed<const PASSED: bool, T>(value: T) -> <Checks<PASSED> as Passed<T>>::Type
where
    Checks<PASSED>: Passed<T>,
{
    <Checks<PASSED> as Passed<T>>::pass(value)
}

/// The checks. The type under test is the first parameter of each, so that the compiler points at it.
pub(crate) mod check {
    use crate::spec::arguments::{ClonedArgument, RememberedArgument};
    use crate::spec::handover::Handover;
    use crate::spec::reduce::Reducer;
    use crate::spec::returns::{Returns, SameAs};

    /// Asserts that the return type `Self` has the reading `S`, which its name suggests.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not the return type that its name suggests",
        label = "read as {S}",
        note = "`Result` and `Option` are recognised by name: give another type of that name an alias, and add `#[extension_point(fallible)]` for an alias of `Result` with another name"
    )]
    pub trait ReadAs<S> {}
    impl<R, S: Returns<R>> ReadAs<S> for R {}

    /// Asserts that the item of the return type `Self` is a `T`.
    #[diagnostic::on_unimplemented(
        message = "a pipeline point returns the type of the argument it threads",
        label = "this is `{Self}`, but the threaded argument is `{T}`",
        note = "return `{T}`, `Option<{T}>` or `Result<{T}, E>`, or thread another argument: `#[extension_point(pipeline = \"name\")]`"
    )]
    pub trait Returning<S, T> {}
    impl<R, S: Returns<R>, T> Returning<S, T> for R where S::Item: SameAs<T> {}

    /// Asserts that the item of the return type `Self` is a `ControlFlow` that hands on a `T`.
    #[diagnostic::on_unimplemented(
        message = "a `ControlFlow` of a firstresult point hands on an argument of the point",
        label = "`{Self}` hands on no `{T}`, which is the argument",
        note = "return `ControlFlow<Answer, {T}>` or `Result<ControlFlow<Answer, {T}>, E>`, or hand on another argument: `#[extension_point(firstresult = \"name\")]`"
    )]
    pub trait HandingOn<S, T> {}
    impl<R, S: Returns<R>, T> HandingOn<S, T> for R
    where
        S::Item: Handover,
        <S::Item as Handover>::Argument: IsArgument<T>,
    {
    }

    /// Asserts that what a `ControlFlow` hands on is a `T`.
    #[diagnostic::on_unimplemented(
        message = "a `ControlFlow` of a firstresult point hands on an argument of the point",
        label = "this hands on a `{Self}`, but the argument is a `{T}`",
        note = "return `ControlFlow<Answer, {T}>` or `Result<ControlFlow<Answer, {T}>, E>`, or hand on another argument: `#[extension_point(firstresult = \"name\")]`"
    )]
    pub trait IsArgument<T>: Sized {
        /// Returns `slot`.
        fn slot(slot: &mut Option<T>) -> &mut Option<Self>;
    }
    impl<T> IsArgument<T> for T {
        #[inline]
        fn slot(slot: &mut Option<T>) -> &mut Option<T> {
            slot
        }
    }

    /// Returns the slot of an argument that extensions hand on, of a type that depends on the parameters of its specs.
    #[inline]
    pub fn handed<I: IsArgument<T>, T>(slot: &mut Option<T>) -> &mut Option<I> {
        I::slot(slot)
    }

    // The compiler shows the lines of these two bounds.

    /// Asserts that threads can hand on a plugin.
    pub const fn plugins_are_sent<
        T: Send + 'static, // `Arc` for `Rc`; or `#[extension(local)]`, for a manager of one thread
    >() {
    }
    /// Asserts that threads can share a plugin.
    pub const fn plugins_are_shared<
        T: Sync, // `Mutex` for `RefCell`, an atomic for `Cell`; or `#[extension(local)]`, for a manager of one thread
    >() {
    }
    /// Asserts that the objects of a trait can be services.
    pub const fn services_are_send_and_sync<S: ?Sized + Send + Sync + 'static>() {}
    pub const fn return_type<R: ReadAs<S>, S>() {}
    pub const fn pipeline_return_type<R: Returning<S, T>, S, T>() {}
    pub const fn handing_return_type<R: HandingOn<S, T>, S, T>() {}
    pub const fn reducer<D: Reducer<S::Item>, R, S: Returns<R>>() {}
    pub const fn cloned_argument<A: ClonedArgument>() {}
    pub const fn remembered_argument<A: ?Sized + RememberedArgument>() {}
}

/// The bound of `call` at historic points. No type implements it, so that the error names the right method.
#[diagnostic::on_unimplemented(
    message = "a historic point has no `call`: write `call_historic`, which remembers the call for later plugins",
    label = "`call_historic`, or `call_historic_with` to see each result"
)]
pub trait Forgets<H> {}

/// The bound of `call_historic` at points of other modes. No type implements it.
#[diagnostic::on_unimplemented(
    message = "only a historic point remembers its calls: write `call`",
    label = "`call` here, or `#[extension_point(historic)]` at the point"
)]
pub trait RemembersCalls<H> {}

/// The bound of `call_concurrent` at points without concurrent calls. No type implements it.
#[diagnostic::on_unimplemented(
    message = "the extensions of this point run one after the other: only a collecting point without `&mut` arguments has a `call_concurrent`",
    label = "use `call` or `try_call` here"
)]
pub trait RunsConcurrently<H> {}

/// The bound of `iter` and `stream` at points without them. No type implements it, so that the error names the right method.
#[diagnostic::on_unimplemented(
    message = "only a collecting point returns its results one by one",
    label = "use `call` here"
)]
pub trait Iterates<H> {}

/// The bound of `settle` at points whose extensions hand an argument on. No type implements it.
#[diagnostic::on_unimplemented(
    message = "the extensions of this point hand their argument on, so that none runs without the one before it: there is no `settle`",
    label = "use `try_call` here, which names the plugin that failed"
)]
pub trait Settles<H> {}
