//! The typed half of a call on the slow path: [`TypedCall`], over the [`Progress`] of the call.

use std::any::Any;
use std::marker::PhantomData;

use crate::base::drops::contain;
use crate::call::Rest;
#[cfg(feature = "async")]
use crate::call::arguments::AsyncArguments;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::chain::{CallErased, Chain, RunErased, WrapErased};
use crate::call::fold::{Flow, Fold};
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
pub(crate) struct Direct;

impl<P: PointTypes, R, A: Arguments<P, R>> Accepts<P, R, A> for Direct {
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

/// The arguments of a call and the results that it has taken in.
///
/// An async call keeps it across waits. It holds no result of an extension and no error, so that the future is `Send` if
/// the arguments and the items are.
pub(crate) struct Progress<A, F> {
    /// Taken when the call ends.
    fold: Option<F>,
    /// Taken by the first wrapper, and dropped when the call ends.
    args: Option<A>,
}

const HAS_ARGS: &str = "a call has its arguments until a wrapper takes them or its extensions have run";
const HAS_FOLD: &str = "a call has its fold until its extensions have run";
const HAS_HELD: &str = "the result of an extension is held until it is taken in";

impl<A, F> Progress<A, F> {
    /// Returns a call with these arguments and this fold.
    pub(crate) fn new(fold: F, args: A) -> Self {
        Self { fold: Some(fold), args: Some(args) }
    }

    pub(crate) fn args(&mut self) -> &mut A {
        self.args.as_mut().expect(HAS_ARGS)
    }

    #[cfg(feature = "async")]
    pub(crate) fn args_ref(&self) -> &A {
        self.args.as_ref().expect(HAS_ARGS)
    }

    /// Takes the arguments, for a wrapper.
    #[cfg(feature = "async")]
    pub(crate) fn take_args(&mut self) -> A {
        self.args.take().expect(HAS_ARGS)
    }

    fn parts(&mut self) -> (&mut F, &mut A) {
        (self.fold.as_mut().expect(HAS_FOLD), self.args.as_mut().expect(HAS_ARGS))
    }
}

/// The part of a call of the point `P` that exists only between waits.
pub(crate) struct TypedCall<'p, K, P, S: Returns<R>, R, A, F: Fold<S, R, A>> {
    /// The result of the last extension, until it is taken in.
    held: Option<R>,
    outcome: Outcome<S, R, F::Success>,
    progress: &'p mut Progress<A, F>,
    kind: PhantomData<fn(K, P)>,
}

impl<'p, K, P, S: Returns<R>, R, A, F: Fold<S, R, A>> TypedCall<'p, K, P, S, R, A, F> {
    pub(crate) fn new(progress: &'p mut Progress<A, F>) -> Self {
        Self { held: None, outcome: Outcome::none(F::discard), progress, kind: PhantomData }
    }

    /// Returns the call after a wait, with what it held before.
    #[cfg(feature = "async")]
    pub(crate) fn resume(
        progress: &'p mut Progress<A, F>,
        held: Option<R>,
        outcome: Outcome<S, R, F::Success>,
    ) -> Self {
        Self { held, outcome, progress, kind: PhantomData }
    }

    /// Returns what the call holds during a wait: the result of the last extension, and the outcome.
    #[cfg(feature = "async")]
    pub(crate) fn pause(mut self) -> (Option<R>, Option<S::Lift<F::Success>>) {
        (self.held.take(), self.outcome.take_any())
    }

    /// Drops everything that is left after a panic, one value at a time.
    pub(crate) fn clear_all(&mut self) {
        contain(None, &mut || self.held = None);
        self.progress.fold = None;
        contain(None, &mut || self.outcome.clear());
        contain(None, &mut || self.progress.args = None);
    }

    /// Returns the outcome.
    ///
    /// # Panics
    ///
    /// Panics if the call has none.
    pub(crate) fn take_outcome(&mut self) -> S::Lift<F::Success> {
        self.outcome.take()
    }

    /// Returns the outcome; it is missing after a panic.
    pub(crate) fn into_outcome(self) -> Outcome<S, R, F::Success> {
        self.outcome
    }

    fn set_outcome(&mut self, outcome: Result<F::Success, S::Error>) {
        self.outcome.set(S::lift(outcome));
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
        K::accepts(self.progress.args.as_ref().expect(HAS_ARGS), extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        self.held = Some(self.progress.args().call(extension.object::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.held.as_ref()?)
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
    fn is_error(&self) -> bool {
        self.held.as_ref().is_some_and(|held| S::returned_error(held).is_some())
    }

    #[inline]
    fn take(&mut self) -> Option<Flow> {
        let returned = self.held.take().expect(HAS_HELD);
        let (fold, args) = self.progress.parts();
        match fold.take(args, returned) {
            Ok(flow) => Some(flow),
            Err(error) => {
                self.set_outcome(Err(error));
                None
            }
        }
    }

    fn keep_error(&mut self) -> Option<Box<dyn Any + Send>> {
        A::keep(self.held.take().expect(HAS_HELD))
    }

    fn drop_held(&mut self) {
        self.held = None;
    }

    fn drop_taken(&mut self) {
        self.progress.fold = None;
    }

    fn spare(&mut self) -> bool {
        let (fold, args) = self.progress.parts();
        fold.spare(args)
    }

    fn restore(&mut self) {
        let (fold, args) = self.progress.parts();
        fold.restore(args);
    }

    fn end_round(&mut self) {
        self.progress.parts().0.end_round();
    }

    fn finish(&mut self) {
        if self.outcome.get().is_none()
            && let Some(fold) = self.progress.fold.take()
        {
            let success = fold.finish(self.progress.args());
            self.set_outcome(Ok(success));
        }
        self.progress.args = None;
    }

    fn clear(&mut self) {
        self.clear_all();
    }

    fn outcome_erased(&mut self) -> &mut dyn OutcomeErased {
        &mut self.outcome
    }
}

impl<P, S, R, A, F> WrapErased for TypedCall<'_, Direct, P, S, R, A, F>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    fn accepts_wrapper(&self, wrapper: &Implementation) -> bool {
        self.progress.args.as_ref().expect(HAS_ARGS).accepts_wrapper(wrapper.object::<P::Wrapper>())
    }

    fn wrap(&mut self, wrapper: &Implementation, chain: &Chain<'_>, depth: usize) {
        // Wrappers may nest a thousand deep, each with a frame of this function. So it has few variables.
        let args = self.progress.args.take().expect(HAS_ARGS);
        self.outcome.set(args.wrap(wrapper.object::<P::Wrapper>(), Rest::new(chain, depth)));
    }

    fn outcome_error_text(&self) -> Option<String> {
        A::outcome_error_text(self.outcome.get()?)
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

impl<P: PointTypes, R, A: Arguments<P, R>> RunErased for Single<P, R, A> {
    fn accepts(&self, extension: &Implementation) -> bool {
        Direct::accepts(&self.args, extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        self.held = Some(self.args.call(extension.object::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.held.as_ref()?)
    }
}
