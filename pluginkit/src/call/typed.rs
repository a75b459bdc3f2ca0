//! The typed half of a call on the slow path: [`TypedCall`].

use std::any::Any;
use std::marker::PhantomData;

use crate::base::drops::{Foreign, contain};
#[cfg(feature = "async")]
use crate::call::arguments::AsyncArguments;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::chain::{CallErased, Chain, ResultsErased, RunErased, WrapErased};
use crate::call::fold::{Flow, Fold, Gather, ValueStep};
use crate::call::next::{Around, Rest, narrow};
use crate::call::outcome::{Outcome, OutcomeErased, discard};
use crate::erased::Object;
#[cfg(feature = "async")]
use crate::erased::here::Here;
use crate::plugin::implementation::Implementation;
#[cfg(feature = "async")]
use crate::plugin::implementation::Run;
#[cfg(feature = "async")]
use crate::spec::point::AsyncPointTypes;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// The way to the predicate of an extension, per kind of manager.
pub(crate) trait Accepts<P, R, A> {
    /// Returns whether the predicate of `extension` accepts `args`.
    fn accepts(args: &A, extension: &Implementation) -> bool;
}

/// A sync manager: all extensions are `fn`s.
pub(crate) struct Called;

impl<P: PointTypes, R, A: Arguments<P, R>> Accepts<P, R, A> for Called {
    fn accepts(args: &A, extension: &Implementation) -> bool {
        args.accepts(extension.object().get::<P::Extension>())
    }
}

/// An async manager: extensions are `fn`s and `async fn`s.
#[cfg(feature = "async")]
pub(crate) struct Awaited;

#[cfg(feature = "async")]
impl<P: AsyncPointTypes, R, A: AsyncArguments<P, R>> Accepts<P, R, A> for Awaited {
    fn accepts(args: &A, extension: &Implementation) -> bool {
        match extension.contribution.run {
            Run::Awaited => args.accepts_async(extension.object().get::<P::AsyncExtension>()),
            Run::OnPool | Run::InPlace => args.accepts(extension.object().get::<P::Extension>()),
        }
    }
}

/// A place for a value of a running call.
pub(crate) trait Place<T>: Sized {
    /// A place without a value. A constant, because a host compiles a function for each type.
    const EMPTY: Self;

    /// Returns the value, if there is one.
    fn get(&self) -> Option<&T>;

    /// Takes the value, if there is one.
    fn take(&mut self) -> Option<T>;

    /// Sets the value and drops an earlier one.
    fn set(&mut self, value: T);
}

impl<T> Place<T> for Option<T> {
    const EMPTY: Self = None;

    #[inline]
    fn get(&self) -> Option<&T> {
        self.as_ref()
    }

    #[inline]
    fn take(&mut self) -> Option<T> {
        Self::take(self)
    }

    #[inline]
    fn set(&mut self, value: T) {
        *self = Some(value);
    }
}

#[cfg(feature = "async")]
impl<T> Place<T> for Here<T> {
    const EMPTY: Self = Self::EMPTY;

    fn get(&self) -> Option<&T> {
        self.get()
    }

    fn take(&mut self) -> Option<T> {
        self.take()
    }

    fn set(&mut self, value: T) {
        self.set(value);
    }
}

/// The places for the values of a running call, per kind of manager.
///
/// The future of an async call must be `Send` if the arguments and the items are, whatever the type of errors. It is
/// never sent while there is an error.
pub(crate) trait Places {
    /// A place for a `T`.
    type Place<T>: Place<T>;
}

impl Places for Called {
    type Place<T> = Option<T>;
}

#[cfg(feature = "async")]
impl Places for Awaited {
    type Place<T> = Here<T>;
}

#[cold]
pub(crate) fn missing_args() -> ! {
    panic!("a call has its arguments until a wrapper takes them or its extensions have run")
}

#[cold]
pub(crate) fn missing_outcome() -> ! {
    panic!("a call that has ended has an outcome")
}

#[cold]
fn missing_result() -> ! {
    panic!("the result of an extension is held until it is taken in")
}

/// The results of a call: the last one, those that were taken in, and the outcome.
///
/// Points with the same return type share its code.
pub(crate) struct Results<K: Places, S: Returns<R>, R, F: Gather<S, R>> {
    /// The result of the last extension, until it is taken in.
    pub(crate) held: K::Place<R>,
    /// Taken when the call ends.
    fold: Option<F>,
    pub(crate) outcome: K::Place<S::Lift<F::Success>>,
}

impl<K: Places, S: Returns<R>, R, F: Gather<S, R>> Results<K, S, R, F> {
    pub(super) const EMPTY: Self = Self { held: K::Place::EMPTY, fold: None, outcome: K::Place::EMPTY };

    /// Takes the outcome, for the case that there is none or that values are dropped before it is returned.
    fn kept_outcome(&mut self) -> Outcome<S, R, F::Success> {
        Outcome::of(self.outcome.take(), F::discard)
    }

    /// Takes the outcome of a call that has ended.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    pub(crate) fn take_outcome(&mut self) -> S::Lift<F::Success> {
        match self.outcome.take() {
            Some(outcome) => outcome,
            None => missing_outcome(),
        }
    }
}

impl<K: Places, S: Returns<R>, R, F: Gather<S, R>> ResultsErased for Results<K, S, R, F> {
    fn is_error(&self) -> bool {
        if S::FAILS
            && let Some(held) = self.held.get()
        {
            return S::returned_error(held).is_some();
        }
        false
    }

    fn start(&mut self, extensions: usize) {
        if self.fold.is_none() {
            self.fold = Some(F::new(extensions));
        }
    }

    fn take(&mut self) -> Option<Flow> {
        let Some(fold) = &mut self.fold else { missing_result() };
        let taken = match self.held.take() {
            Some(returned) => fold.take(returned),
            None => missing_result(),
        };
        if S::FAILS { lift::<S, R, _, _>(taken, &mut self.outcome) } else { taken.ok() }
    }

    fn drop_held(&mut self) {
        drop(self.held.take());
    }

    fn drop_taken(&mut self) {
        self.fold = None;
    }

    fn end_round(&mut self) {
        if let Some(fold) = &mut self.fold {
            fold.end_round();
        }
    }

    fn finish(&mut self) {
        if let Some(fold) = self.fold.take() {
            self.outcome.set(S::lift(Ok(fold.finish())));
        }
    }

    fn outcome(&mut self) -> &mut dyn OutcomeErased {
        self
    }
}

impl<K: Places, S: Returns<R>, R, F: Gather<S, R>> OutcomeErased for Results<K, S, R, F> {
    fn is_error(&self) -> bool {
        if S::FAILS
            && let Some(outcome) = self.outcome.get()
        {
            return S::error(outcome).is_some();
        }
        false
    }

    fn clear(&mut self) {
        if let Some(outcome) = self.outcome.take() {
            discard::<S, R, _>(outcome, F::discard);
        }
    }
}

impl<K: Places, S: Returns<R>, R, F: Gather<S, R>> Drop for Results<K, S, R, F> {
    /// Drops what a panic left behind.
    fn drop(&mut self) {
        if self.held.get().is_some() || self.fold.is_some() || self.outcome.get().is_some() {
            (self as &mut dyn ResultsErased).clear();
        }
    }
}

/// A running call of the point `P`.
pub(crate) struct TypedCall<K: Places, P, S: Returns<R>, R, A, F: Gather<S, R>> {
    pub(crate) results: Results<K, S, R, F>,
    pub(crate) args: Option<A>,
    pub(super) kind: PhantomData<fn(K, P)>,
}

impl<K: Places, P, S: Returns<R>, R, A, F: Gather<S, R>> TypedCall<K, P, S, R, A, F> {
    /// Returns a call with these arguments.
    pub(crate) fn new(args: A) -> Self {
        Self { results: Results::EMPTY, args: Some(args), kind: PhantomData }
    }

    /// Returns a call with these arguments and this fold. Without one, it gets its fold when its extensions run.
    pub(crate) fn with(fold: F, args: A) -> Self {
        let mut call = Self::new(args);
        call.results.fold = Some(fold);
        call
    }

    /// Returns the outcome; it is missing after a panic.
    pub(crate) fn into_outcome(mut self) -> Outcome<S, R, F::Success> {
        let outcome = self.results.kept_outcome();
        drop(self);
        outcome
    }
}

/// Returns the continuation of a call that took in a result. An error becomes the outcome, and `None` is returned.
fn lift<S: Returns<R>, R, X, L: Place<S::Lift<X>>>(
    taken: Result<Flow, S::Error>,
    outcome: &mut L,
) -> Option<Flow> {
    match taken {
        Ok(flow) => Some(flow),
        Err(error) => {
            outcome.set(S::lift(Err(error)));
            None
        }
    }
}

// What only points that fail have is in functions of their own, so that a host compiles little for the others.

fn keep<P: PointTypes, R, A: Arguments<P, R>>(held: &mut impl Place<R>) -> Option<Box<dyn Any + Send>> {
    match held.take() {
        Some(held) => A::keep(held).ok(),
        None => None,
    }
}

fn error_text<P: PointTypes, R, A: Arguments<P, R>>(held: &impl Place<R>) -> Option<String> {
    match held.get() {
        Some(held) => A::error_text(held),
        None => None,
    }
}

pub(super) fn outcome_error_text<P: PointTypes, O, A: WrapArguments<P, O>>(
    outcome: &impl Place<O>,
) -> Option<String> {
    match outcome.get() {
        Some(outcome) => A::outcome_error_text(outcome),
        None => None,
    }
}

impl<K, P, S, R, A, F> RunErased for TypedCall<K, P, S, R, A, F>
where
    K: Accepts<P, R, A> + Places,
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    F: Fold<S, R, A>,
{
    fn accepts(&self, extension: &Implementation) -> bool {
        let Some(args) = &self.args else { missing_args() };
        K::accepts(args, extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        let extension = extension.object().get::<P::Extension>();
        let Some(args) = &mut self.args else { missing_args() };
        self.results.held.set(args.call(extension, last));
    }

    fn error_text(&self) -> Option<String> {
        if S::FAILS { error_text::<P, R, A>(&self.results.held) } else { None }
    }

    fn holds_error(&mut self) -> Option<bool> {
        Some(ResultsErased::is_error(&self.results))
    }
}

impl<K, P, S, R, A, F> CallErased for TypedCall<K, P, S, R, A, F>
where
    K: Accepts<P, R, A> + Places,
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    F: Fold<S, R, A>,
{
    fn results(&mut self) -> &mut dyn ResultsErased {
        &mut self.results
    }

    fn running(&mut self, step: ValueStep) -> bool {
        F::step(&mut self.results.fold, &mut self.args, step)
    }

    fn keep_error(&mut self) -> Option<Box<dyn Any + Send>> {
        if S::FAILS { keep::<P, R, A>(&mut self.results.held) } else { None }
    }

    fn drop_args(&mut self) {
        let _args = self.args.take();
    }
}

impl<P, S, R, A, F> WrapErased for TypedCall<Called, P, S, R, A, F>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    fn accepts_wrapper(&self, wrapper: &Implementation) -> bool {
        let Some(args) = &self.args else { missing_args() };
        args.accepts_wrapper(wrapper.object().get::<P::Wrapper>())
    }

    fn wrap(&mut self, wrapper: &Object, chain: &Chain<'_>, depth: usize) {
        // Wrappers may nest a thousand deep, each with a frame of this function. So it has few variables.
        let (wrapper, depth) = (wrapper.get::<P::Wrapper>(), narrow(depth));
        match self.args.take() {
            Some(args) => {
                // Nothing here but the wrapper can panic, so that there is no code to drop the arguments.
                let around = Around::Slow(chain);
                let next = Rest { around: &around, depth, branch: chain.branch };
                self.results.outcome.set(args.wrap(wrapper, next));
            }
            None => missing_args(),
        }
    }

    fn outcome_error_text(&self) -> Option<String> {
        if S::FAILS { outcome_error_text::<P, S::Lift<F::Success>, A>(&self.results.outcome) } else { None }
    }
}

/// A call that runs extensions one by one and holds the result of each.
pub(crate) struct Single<K: Places, P, R, A> {
    pub(crate) held: K::Place<R>,
    pub(crate) args: Foreign<A>,
    kind: PhantomData<fn(K, P)>,
}

impl<K: Places, P, R, A> Single<K, P, R, A> {
    pub(crate) fn new(args: A) -> Self {
        Self { held: K::Place::EMPTY, args: Foreign::new(args, None), kind: PhantomData }
    }
}

impl<K: Places, P, R, A> Drop for Single<K, P, R, A> {
    /// Drops the result of an extension that panicked while its span ended.
    fn drop(&mut self) {
        if self.held.get().is_some() {
            contain(None, &mut || drop(self.held.take()));
        }
    }
}

impl<K, P, R, A> RunErased for Single<K, P, R, A>
where
    K: Accepts<P, R, A> + Places,
    P: PointTypes,
    A: Arguments<P, R>,
{
    fn accepts(&self, extension: &Implementation) -> bool {
        K::accepts(&self.args, extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        self.held.set(self.args.call(extension.object().get::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.held.get()?)
    }
}
