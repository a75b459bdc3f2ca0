//! The typed half of a call on the slow path: [`TypedCall`].

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

/// A place for a value of a running call.
pub(crate) trait Place<T>: Default {
    /// Returns the value, if there is one.
    fn get(&self) -> Option<&T>;

    /// Takes the value, if there is one.
    fn take(&mut self) -> Option<T>;

    /// Sets the value and drops an earlier one.
    fn set(&mut self, value: T);
}

impl<T> Place<T> for Option<T> {
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
fn missing_outcome() -> ! {
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
    fn new(fold: Option<F>) -> Self {
        Self { held: K::Place::default(), fold, outcome: K::Place::default() }
    }

    fn take_outcome(&mut self) -> Outcome<S, R, F::Success> {
        Outcome::of(self.outcome.take(), F::discard)
    }
}

impl<K: Places, S: Returns<R>, R, F: Gather<S, R>> ResultsErased for Results<K, S, R, F> {
    fn is_error(&self) -> bool {
        match self.held.get() {
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

    fn clear(&mut self) {
        contain(None, &mut || self.drop_held());
        contain(None, &mut || self.fold = None);
        contain(None, &mut || drop(self.take_outcome()));
    }

    fn outcome(&mut self) -> &mut dyn OutcomeErased {
        self
    }
}

impl<K: Places, S: Returns<R>, R, F: Gather<S, R>> OutcomeErased for Results<K, S, R, F> {
    fn is_error(&self) -> bool {
        self.outcome.get().is_some_and(|outcome| S::error(outcome).is_some())
    }

    fn clear(&mut self) {
        self.take_outcome().clear();
    }
}

impl<K: Places, S: Returns<R>, R, F: Gather<S, R>> Drop for Results<K, S, R, F> {
    /// Drops what a panic left behind.
    fn drop(&mut self) {
        if self.held.get().is_some() {
            contain(None, &mut || drop(self.held.take()));
        }
        drop(self.take_outcome());
    }
}

/// A running call of the point `P`.
pub(crate) struct TypedCall<'p, K: Places, P, S: Returns<R>, R, A, F: Gather<S, R>> {
    pub(crate) results: Results<K, S, R, F>,
    pub(crate) args: &'p mut Option<A>,
    kind: PhantomData<fn(K, P)>,
}

impl<'p, K: Places, P, S: Returns<R>, R, A, F: Gather<S, R>> TypedCall<'p, K, P, S, R, A, F> {
    /// Returns a call with these arguments.
    pub(crate) fn new(args: &'p mut Option<A>) -> Self {
        Self { results: Results::new(None), args, kind: PhantomData }
    }

    /// Returns a call with these arguments and this fold. Without one, it gets its fold when its extensions run.
    pub(crate) fn with(fold: Option<F>, args: &'p mut Option<A>) -> Self {
        Self { results: Results::new(fold), args, kind: PhantomData }
    }

    /// Returns the outcome; it is missing after a panic.
    pub(crate) fn into_outcome(mut self) -> Outcome<S, R, F::Success> {
        self.results.take_outcome()
    }

    /// Takes the outcome out.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    pub(crate) fn take_outcome(&mut self) -> S::Lift<F::Success> {
        match self.results.outcome.take() {
            Some(outcome) => outcome,
            None => missing_outcome(),
        }
    }
}

impl<K, P, S, R, A, F> RunErased for TypedCall<'_, K, P, S, R, A, F>
where
    K: Accepts<P, R, A> + Places,
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
        let extension = extension.object::<P::Extension>();
        let Some(args) = &mut *self.args else { missing_args() };
        self.results.held.set(args.call(extension, last));
    }

    fn error_text(&self) -> Option<String> {
        match self.results.held.get() {
            Some(held) if S::FAILS => A::error_text(held),
            _ => None,
        }
    }
}

impl<K, P, S, R, A, F> CallErased for TypedCall<'_, K, P, S, R, A, F>
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
        match self.results.held.take() {
            Some(held) if S::FAILS => A::keep(held),
            _ => None,
        }
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
        let (wrapper, rest) = (wrapper.object::<P::Wrapper>(), Rest::new(chain, depth));
        let Some(args) = self.args.take() else { missing_args() };
        self.results.outcome.set(args.wrap(wrapper, rest));
    }

    fn outcome_error_text(&self) -> Option<String> {
        match self.results.outcome.get() {
            Some(outcome) if S::FAILS => A::outcome_error_text(outcome),
            _ => None,
        }
    }
}

/// A call that runs extensions one by one and holds the result of each.
pub(crate) struct Single<K: Places, P, R, A> {
    pub(crate) held: K::Place<R>,
    pub(crate) args: A,
    kind: PhantomData<fn(K, P)>,
}

impl<K: Places, P, R, A> Single<K, P, R, A> {
    pub(crate) fn new(args: A) -> Self {
        Self { held: K::Place::default(), args, kind: PhantomData }
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
        self.held.set(self.args.call(extension.object::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.held.get()?)
    }
}
