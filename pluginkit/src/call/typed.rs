//! The typed half of a call on the slow path: [`TypedCall`], over the [`Progress`] of the call.

use std::any::Any;
use std::marker::PhantomData;

use crate::base::drops::contain;
use crate::call::Rest;
#[cfg(feature = "async")]
use crate::call::arguments::AsyncArguments;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::chain::{CallErased, Chain, ResultsErased, RunErased, Running, WrapErased};
use crate::call::fold::{Flow, Fold, Gather};
use crate::call::outcome::{Outcome, OutcomeErased};
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
        args.accepts(extension.object::<P::Extension>())
    }
}

/// An async manager: extensions are `fn`s and `async fn`s.
#[cfg(feature = "async")]
pub(crate) struct Awaited;

#[cfg(feature = "async")]
impl<P: AsyncPointTypes, R, A: AsyncArguments<P, R>> Accepts<P, R, A> for Awaited {
    fn accepts(args: &A, extension: &Implementation) -> bool {
        match extension.contribution.run {
            Run::Awaited => args.accepts_async(extension.object::<P::AsyncExtension>()),
            Run::OnPool | Run::InPlace => args.accepts(extension.object::<P::Extension>()),
        }
    }
}

/// The arguments of an async call and the results that it has taken in, across waits.
///
/// It holds no result of an extension and no error, so that the future is `Send` if the arguments and the items are.
#[cfg(feature = "async")]
pub(crate) struct Progress<A, F> {
    /// Taken when the call ends, and while a [`TypedCall`] has it.
    fold: Option<F>,
    /// Taken by the first wrapper, and dropped when the call ends.
    args: Option<A>,
}

const HAS_ARGS: &str = "a call has its arguments until a wrapper takes them or its extensions have run";

#[cold]
fn missing_args() -> ! {
    panic!("{HAS_ARGS}")
}

#[cold]
fn missing_result() -> ! {
    panic!("the result of an extension is held until it is taken in")
}

#[cfg(feature = "async")]
impl<A, F> Progress<A, F> {
    /// Returns a call with these arguments and this fold.
    pub(crate) fn new(fold: F, args: A) -> Self {
        Self { fold: Some(fold), args: Some(args) }
    }

    pub(crate) fn args(&mut self) -> &mut A {
        self.args.as_mut().expect(HAS_ARGS)
    }

    /// Returns the call with the result of the last extension, if it ran.
    #[inline]
    pub(crate) fn call<K, P, S, R>(&mut self, held: Option<R>) -> TypedCall<'_, K, P, S, R, A, F>
    where
        S: Returns<R>,
        F: Gather<S, R>,
    {
        let results = Results { held, fold: self.fold.take(), outcome: Outcome::none(F::discard) };
        TypedCall { results, args: &mut self.args, kind: PhantomData }
    }

    /// Keeps the results that were taken in for the time of a wait.
    pub(crate) fn wait(&mut self, fold: Option<F>) {
        self.fold = fold;
    }
}

/// The results of a call: the last one, those that were taken in, and the outcome.
///
/// Points with the same return type share its code.
struct Results<S: Returns<R>, R, F: Gather<S, R>> {
    /// The result of the last extension, until it is taken in.
    held: Option<R>,
    /// Taken when the call ends.
    fold: Option<F>,
    outcome: Outcome<S, R, F::Success>,
}

impl<S: Returns<R>, R, F: Gather<S, R>> ResultsErased for Results<S, R, F> {
    fn is_error(&self) -> bool {
        match &self.held {
            Some(held) if S::FAILS => S::returned_error(held).is_some(),
            _ => false,
        }
    }

    fn start(&mut self, extensions: usize) {
        if self.fold.is_none() {
            self.fold = Some(F::new(extensions));
        }
    }

    fn take(&mut self) -> Option<Flow> {
        let (Some(returned), Some(fold)) = (self.held.take(), &mut self.fold) else { missing_result() };
        match fold.take(returned) {
            Ok(flow) => Some(flow),
            Err(error) => {
                self.outcome.set(S::lift(Err(error)));
                None
            }
        }
    }

    fn drop_held(&mut self) {
        self.held = None;
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

    fn clear(&mut self) {
        contain(None, &mut || self.held = None);
        contain(None, &mut || self.fold = None);
        contain(None, &mut || self.outcome.clear());
    }

    fn outcome(&mut self) -> &mut dyn OutcomeErased {
        &mut self.outcome
    }
}

impl<S: Returns<R>, R, F: Gather<S, R>> Drop for Results<S, R, F> {
    /// Drops the result of an extension that panicked while its span ended.
    fn drop(&mut self) {
        if self.held.is_some() {
            contain(None, &mut || self.held = None);
        }
    }
}

/// The part of a call of the point `P` that exists only between waits.
pub(crate) struct TypedCall<'p, K, P, S: Returns<R>, R, A, F: Gather<S, R>> {
    results: Results<S, R, F>,
    args: &'p mut Option<A>,
    kind: PhantomData<fn(K, P)>,
}

impl<'p, K, P, S: Returns<R>, R, A, F: Gather<S, R>> TypedCall<'p, K, P, S, R, A, F> {
    /// Returns a call with these arguments.
    pub(crate) fn new(args: &'p mut Option<A>) -> Self {
        Self::with(None, args)
    }

    /// Returns a call with these arguments and this fold. Without one, it gets its fold when its extensions run.
    pub(crate) fn with(fold: Option<F>, args: &'p mut Option<A>) -> Self {
        let results = Results { held: None, fold, outcome: Outcome::none(F::discard) };
        Self { results, args, kind: PhantomData }
    }

    /// Returns the outcome; it is missing after a panic.
    pub(crate) fn into_outcome(mut self) -> Outcome<S, R, F::Success> {
        std::mem::replace(&mut self.results.outcome, Outcome::none(F::discard))
    }

    /// Takes the outcome out.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    pub(crate) fn take_outcome(&mut self) -> S::Lift<F::Success> {
        self.results.outcome.take()
    }

    /// Returns the results that were taken in and the result of the last extension, if it is still held.
    #[cfg(feature = "async")]
    pub(crate) fn into_parts(mut self) -> (Option<F>, Option<R>) {
        (self.results.fold.take(), self.results.held.take())
    }
}

impl<K, P, S, R, A, F> RunErased for TypedCall<'_, K, P, S, R, A, F>
where
    K: Accepts<P, R, A>,
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    F: Fold<S, R, A>,
{
    fn accepts(&self, extension: &Implementation) -> bool {
        let Some(args) = &*self.args else { missing_args() };
        K::accepts(args, extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        let Some(args) = &mut *self.args else { missing_args() };
        self.results.held = Some(args.call(extension.object::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        match &self.results.held {
            Some(held) if S::FAILS => A::error_text(held),
            _ => None,
        }
    }
}

impl<K, P, S, R, A, F> CallErased for TypedCall<'_, K, P, S, R, A, F>
where
    K: Accepts<P, R, A>,
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    F: Fold<S, R, A>,
{
    fn results(&mut self) -> &mut dyn ResultsErased {
        &mut self.results
    }

    fn running(&mut self, step: Running) -> bool {
        match (&mut self.results.fold, &mut *self.args) {
            (Some(fold), Some(args)) if F::RUNS => match step {
                Running::Lend => fold.lend(args),
                Running::Reclaim => fold.reclaim(args),
                Running::Drop => {
                    fold.drop_left();
                    false
                }
                Running::Spare => fold.spare(args),
                Running::Restore => fold.restore(args),
            },
            _ => matches!(step, Running::Spare),
        }
    }

    fn keep_error(&mut self) -> Option<Box<dyn Any + Send>> {
        if S::FAILS { A::keep(self.results.held.take()?) } else { None }
    }

    fn drop_args(&mut self) {
        *self.args = None;
    }
}

impl<P, S, R, A, F> WrapErased for TypedCall<'_, Called, P, S, R, A, F>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    fn accepts_wrapper(&self, wrapper: &Implementation) -> bool {
        let Some(args) = &*self.args else { missing_args() };
        args.accepts_wrapper(wrapper.object::<P::Wrapper>())
    }

    fn wrap(&mut self, wrapper: &Implementation, chain: &Chain<'_>, depth: usize) {
        // Wrappers may nest a thousand deep, each with a frame of this function. So it has few variables.
        match self.args.take() {
            Some(args) => {
                self.results.outcome.set(args.wrap(wrapper.object::<P::Wrapper>(), Rest::new(chain, depth)));
            }
            None => missing_args(),
        }
    }

    fn outcome_error_text(&self) -> Option<String> {
        match self.results.outcome.get() {
            Some(outcome) if S::FAILS => A::outcome_error_text(outcome),
            _ => None,
        }
    }
}

/// A sync call that runs extensions one by one and holds the result of each.
pub(crate) struct Single<P, R, A> {
    pub(crate) held: Option<R>,
    args: A,
    point: PhantomData<fn(P)>,
}

impl<P, R, A> Single<P, R, A> {
    pub(crate) fn new(args: A) -> Self {
        Self { held: None, args, point: PhantomData }
    }
}

impl<P, R, A> Drop for Single<P, R, A> {
    /// Drops the result of an extension that panicked while its span ended.
    fn drop(&mut self) {
        if self.held.is_some() {
            contain(None, &mut || self.held = None);
        }
    }
}

impl<P: PointTypes, R, A: Arguments<P, R>> RunErased for Single<P, R, A> {
    fn accepts(&self, extension: &Implementation) -> bool {
        Called::accepts(&self.args, extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        self.held = Some(self.args.call(extension.object::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.held.as_ref()?)
    }
}
