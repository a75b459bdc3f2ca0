//! The modes of points, and the outcomes of their calls.

use std::marker::PhantomData;

use crate::base::sealed::Sealed;
use crate::call::signature::{ErrorOf, ItemOf, WideSignature};
use crate::spec::handover::Handover;
use crate::spec::reduce::{Reduced, Reducer};
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The mode of a point, which determines the outcome of a call.
///
/// The modes of this module implement it for the points that have them. Other types cannot implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a mode that the point `{P}` can have",
    label = "expected `Collects`, `Reduces`, `AnswersFirst`, `HandsOn`, `EditsInPlace`, `Threads`, `ThreadsIfAny` or `Remembers`",
    note = "a pipeline by value implements `ThreadsArgument`, and with `Threads` its extensions cannot abstain"
)]
pub trait Form<P: WideSignature>: Sealed<P> + Sized + 'static {
    /// The outcome of a call.
    type Outcome;
    /// The argument that passes from extension to extension, of a point that has one.
    type Running;

    /// Returns the error of an outcome, if it is one.
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>>;
}

/// Every extension runs; the call returns all their results.
#[derive(Clone, Copy, Debug)]
pub struct Collects;

impl<P: WideSignature<Form = Self>> Sealed<P> for Collects {}

impl<P: WideSignature<Form = Self>> Form<P> for Collects {
    type Outcome = Many<P::Shape, P::Return>;
    type Running = ();

    #[inline]
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
        P::Shape::error(outcome)
    }
}

/// Every extension runs; the call returns what the reducer `D` makes of their results.
#[derive(Clone, Copy, Debug)]
pub struct Reduces<D>(PhantomData<fn() -> D>);

impl<P: WideSignature<Form = Self>, D> Sealed<P> for Reduces<D> {}

impl<P, D> Form<P> for Reduces<D>
where
    P: WideSignature<Form = Self>,
    D: Reducer<ItemOf<P>> + 'static,
{
    type Outcome = <P::Shape as Returns<P::Return>>::Lift<Reduced<D, ItemOf<P>>>;
    type Running = ();

    #[inline]
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
        P::Shape::error(outcome)
    }
}

/// Extensions run until one answers; the call returns that answer.
#[derive(Clone, Copy, Debug)]
pub struct AnswersFirst;

impl<P: WideSignature<Form = Self>> Sealed<P> for AnswersFirst {}

impl<P: WideSignature<Form = Self>> Form<P> for AnswersFirst {
    type Outcome = One<P::Shape, P::Return>;
    type Running = ();

    #[inline]
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
        P::Shape::error(outcome)
    }
}

/// Extensions run until one answers. Each takes an argument and answers with `Break`, or hands the argument on with
/// `Continue`.
#[derive(Clone, Copy, Debug)]
pub struct HandsOn;

impl<P: WideSignature<Form = Self>> Sealed<P> for HandsOn {}

impl<P: WideSignature<Form = Self>> Form<P> for HandsOn
where
    P::Shape: Always<P::Return>,
    ItemOf<P>: Handover,
{
    type Outcome = Threaded<P::Shape, P::Return>;
    type Running = <ItemOf<P> as Handover>::Argument;

    #[inline]
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
        P::Shape::error(outcome)
    }
}

/// A pipeline over a `&mut` argument, which each extension edits in place.
#[derive(Clone, Copy, Debug)]
pub struct EditsInPlace;

impl<P: WideSignature<Form = Self>> Sealed<P> for EditsInPlace {}

impl<P: WideSignature<Form = Self>> Form<P> for EditsInPlace {
    type Outcome = Many<P::Shape, P::Return>;
    type Running = ();

    #[inline]
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
        P::Shape::error(outcome)
    }
}

/// A pipeline by value. Each extension returns the next value.
#[derive(Clone, Copy, Debug)]
pub struct Threads;

impl<P: WideSignature<Form = Self>> Sealed<P> for Threads {}

impl<P: WideSignature<Form = Self>> Form<P> for Threads
where
    P::Shape: Always<P::Return>,
{
    type Outcome = Threaded<P::Shape, P::Return>;
    type Running = ItemOf<P>;

    #[inline]
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
        P::Shape::error(outcome)
    }
}

/// A pipeline by value. Each extension returns the next value, or `None` to keep the value.
#[derive(Clone, Copy, Debug)]
pub struct ThreadsIfAny;

impl<P: WideSignature<Form = Self>> Sealed<P> for ThreadsIfAny {}

impl<P: WideSignature<Form = Self>> Form<P> for ThreadsIfAny {
    type Outcome = Threaded<P::Shape, P::Return>;
    type Running = ItemOf<P>;

    #[inline]
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
        P::Shape::error(outcome)
    }
}

/// Like [`Collects`]. The call is remembered, and replayed to plugins that are registered later.
#[derive(Clone, Copy, Debug)]
pub struct Remembers;

impl<P: WideSignature<Form = Self>> Sealed<P> for Remembers {}

impl<P: WideSignature<Form = Self>> Form<P> for Remembers {
    type Outcome = Many<P::Shape, P::Return>;
    type Running = ();

    #[inline]
    fn error(outcome: &Self::Outcome) -> Option<&ErrorOf<P>> {
        P::Shape::error(outcome)
    }
}

/// A mode of the point `P` with wrappers: every mode but [`Remembers`].
#[diagnostic::on_unimplemented(
    message = "a historic point takes no wrappers",
    label = "nothing runs around a call that is remembered for later plugins",
    note = "write an ordinary extension, or observe the point with `pm.observe(…)`"
)]
pub trait TakesWrappers<P> {}

#[diagnostic::do_not_recommend]
impl<P> TakesWrappers<P> for Collects {}
#[diagnostic::do_not_recommend]
impl<P, D> TakesWrappers<P> for Reduces<D> {}
#[diagnostic::do_not_recommend]
impl<P> TakesWrappers<P> for AnswersFirst {}
#[diagnostic::do_not_recommend]
impl<P> TakesWrappers<P> for HandsOn {}
#[diagnostic::do_not_recommend]
impl<P> TakesWrappers<P> for EditsInPlace {}
#[diagnostic::do_not_recommend]
impl<P> TakesWrappers<P> for Threads {}
#[diagnostic::do_not_recommend]
impl<P> TakesWrappers<P> for ThreadsIfAny {}

/// A value with which a pipeline can continue after a failure.
#[diagnostic::on_unimplemented(
    message = "`settle` continues with the earlier value after an extension that failed, so `{Self}` must be `Clone`",
    label = "not `Clone`, which `settle` of a pipeline requires",
    note = "derive `Clone` for it, or use `try_call`, which ends with the first failure"
)]
pub trait Spare: Clone {}

impl<T: Clone> Spare for T {}
