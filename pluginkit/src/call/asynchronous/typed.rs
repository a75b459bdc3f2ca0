//! The typed half of an async call on the slow path, behind traits without the types of its point.
//!
//! An implementation is started as a [`Filling`], and its result is held until it is taken in. Results and errors are in
//! places that are `Send` whatever they hold, so that a future is `Send` if the arguments and the items are.

use std::marker::PhantomData;

use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
use crate::call::asynchronous::next::{AsyncRest, Left};
use crate::call::chain::{CallErased, Chain, RunErased};
use crate::call::fold::{Flow, Fold};
use crate::call::outcome::Outcome;
use crate::call::typed::{Accepts, Awaited, Progress, TypedCall};
use crate::erased::driven::Lent;
use crate::erased::future_buffer::{ExtensionFuture, Filling, FutureBuffer, FutureSlot};
use crate::erased::here::Here;
use crate::plugin::implementation::{Implementation, Run};
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::Returns;

/// A running call that starts async extensions, as the slow path sees it.
pub(super) trait AsyncRunErased: RunErased + Send {
    /// Starts the async extension, whose result is held. The `last` one may take the arguments.
    fn start<'s>(
        &'s mut self,
        extension: &'s Implementation,
        buffer: &'s mut FutureBuffer,
        last: bool,
    ) -> Filling<'s>;

    /// Starts the blocking extension on the pool, and holds its result; `None` if an argument has no owned form.
    fn offload<'s>(&'s mut self, extension: &'s Implementation) -> Option<Filling<'s>>;
}

/// A running async call that takes in results, as the slow path sees it.
pub(super) trait AsyncCallErased: AsyncRunErased {
    /// Lets `then` take a step of the call that waits for nothing.
    fn step(&mut self, then: &mut dyn FnMut(&mut dyn CallErased));
}

/// A running async call with wrappers, as the slow path sees it.
pub(super) trait AsyncWrapErased: Send {
    /// Returns whether the predicate of `wrapper` accepts the call.
    fn accepts_wrapper(&self, wrapper: &Implementation) -> bool;

    /// Starts the wrapper around `left`. Its outcome becomes that of the call.
    fn wrap<'s>(&'s mut self, wrapper: &'s Implementation, left: Left<'s>) -> Filling<'s>;

    /// Returns the text of the outcome, if it is an error.
    fn outcome_error_text(&self) -> Option<String>;
}

/// A running async call with wrappers and extensions, as the slow path sees it.
pub(super) trait FullCallErased: AsyncWrapErased + AsyncCallErased {}

impl<C: AsyncWrapErased + AsyncCallErased> FullCallErased for C {}

/// Takes in the held result of an extension, if it `ran`.
pub(super) fn take(chain: Chain<'_>, ran: bool, call: &mut dyn AsyncCallErased) -> Flow {
    let mut flow = Flow::Done;
    call.step(&mut |call| flow = chain.take(ran, call));
    flow
}

/// A running call of the point `P`.
pub(super) struct AsyncCall<P, S: Returns<R>, R, A, F: Fold<S, R, A>> {
    /// The result of the last extension, until it is taken in.
    held: Here<R>,
    outcome: Here<S::Lift<F::Success>>,
    progress: Progress<A, F>,
    point: PhantomData<fn(P)>,
}

impl<P, S: Returns<R>, R, A, F: Fold<S, R, A>> AsyncCall<P, S, R, A, F> {
    pub(super) fn new(fold: F, args: A) -> Self {
        Self { held: Here::new(), outcome: Here::new(), progress: Progress::new(fold, args), point: PhantomData }
    }

    /// Returns the arguments of a call that no wrapper took.
    pub(super) fn take_args(&mut self) -> A {
        self.progress.take_args()
    }

    /// Takes the outcome; it is missing after a panic.
    pub(super) fn take_outcome(&mut self) -> Outcome<S, R, F::Success> {
        Outcome::maybe(self.outcome.take(), F::discard)
    }
}

impl<P, S, R, A, F> AsyncCall<P, S, R, A, F>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    fn step(&mut self, then: &mut dyn FnMut(&mut dyn CallErased)) {
        let outcome = self.take_outcome();
        let held = self.held.take();
        let mut call = TypedCall::<Awaited, P, S, R, A, F>::resume(&mut self.progress, held, outcome);
        then(&mut call);
        let (held, outcome) = call.pause();
        if let Some(held) = held {
            self.held.set(held);
        }
        if let Some(outcome) = outcome {
            self.outcome.set(outcome);
        }
    }
}

impl<P, S: Returns<R>, R, A, F: Fold<S, R, A>> Drop for AsyncCall<P, S, R, A, F> {
    /// Drops what is left, while the thread unwinds one value at a time.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let outcome = self.take_outcome();
            let held = self.held.take();
            TypedCall::<Awaited, P, S, R, A, F>::resume(&mut self.progress, held, outcome).clear_all();
        }
    }
}

impl<P, S, R, A, F> RunErased for Lent<AsyncCall<P, S, R, A, F>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    fn accepts(&self, extension: &Implementation) -> bool {
        Awaited::accepts(self.get().progress.args_ref(), extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        let this = self.get_mut();
        this.held.set(this.progress.args().call(extension.object::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.get().held.get()?)
    }
}

impl<P, S, R, A, F> AsyncRunErased for Lent<AsyncCall<P, S, R, A, F>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    fn start<'s>(
        &'s mut self,
        extension: &'s Implementation,
        buffer: &'s mut FutureBuffer,
        last: bool,
    ) -> Filling<'s> {
        let this = self.get_mut();
        start::<P, R, A>(this.progress.args(), &mut this.held, extension, buffer, last)
    }

    fn offload<'s>(&'s mut self, extension: &'s Implementation) -> Option<Filling<'s>> {
        let this = self.get_mut();
        Some(offload::<P, R, A>(this.progress.args(), extension)?.filling(&mut this.held))
    }
}

impl<P, S, R, A, F> AsyncCallErased for Lent<AsyncCall<P, S, R, A, F>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    fn step(&mut self, then: &mut dyn FnMut(&mut dyn CallErased)) {
        self.get_mut().step(then);
    }
}

impl<P, S, R, A, F> AsyncWrapErased for Lent<AsyncCall<P, S, R, A, F>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    fn accepts_wrapper(&self, wrapper: &Implementation) -> bool {
        self.get().progress.args_ref().accepts_async_wrapper(wrapper.object::<P::AsyncWrapper>())
    }

    fn wrap<'s>(&'s mut self, wrapper: &'s Implementation, left: Left<'s>) -> Filling<'s> {
        let this = self.get_mut();
        let args = this.progress.take_args();
        args.wrap_async(wrapper.object::<P::AsyncWrapper>(), AsyncRest::of(left)).filling(&mut this.outcome)
    }

    fn outcome_error_text(&self) -> Option<String> {
        A::outcome_error_text(self.get().outcome.get()?)
    }
}

/// A call that runs extensions one by one, and holds the result of each.
pub(super) struct AsyncSingle<P, R, A> {
    pub(super) held: Here<R>,
    args: A,
    point: PhantomData<fn(P)>,
}

impl<P, R, A> AsyncSingle<P, R, A> {
    pub(super) fn new(args: A) -> Self {
        Self { held: Here::new(), args, point: PhantomData }
    }
}

impl<P, R, A> RunErased for Lent<AsyncSingle<P, R, A>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    fn accepts(&self, extension: &Implementation) -> bool {
        Awaited::accepts(&self.get().args, extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        let this = self.get_mut();
        this.held.set(this.args.call(extension.object::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.get().held.get()?)
    }
}

impl<P, R, A> AsyncRunErased for Lent<AsyncSingle<P, R, A>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    fn start<'s>(
        &'s mut self,
        extension: &'s Implementation,
        buffer: &'s mut FutureBuffer,
        last: bool,
    ) -> Filling<'s> {
        let this = self.get_mut();
        start::<P, R, A>(&mut this.args, &mut this.held, extension, buffer, last)
    }

    fn offload<'s>(&'s mut self, extension: &'s Implementation) -> Option<Filling<'s>> {
        let this = self.get_mut();
        Some(offload::<P, R, A>(&this.args, extension)?.filling(&mut this.held))
    }
}

/// Starts an async extension, whose result goes to `held`.
pub(super) fn start<'s, P, R, A>(
    args: &'s mut A,
    held: &'s mut Here<R>,
    extension: &'s Implementation,
    buffer: &'s mut FutureBuffer,
    last: bool,
) -> Filling<'s>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    let slot = FutureSlot::of(buffer);
    args.call_async(extension.object::<P::AsyncExtension>(), slot, last).filling(held)
}

/// Starts an extension on the blocking pool, if it is a blocking one.
pub(super) fn offload<'w, P, R, A>(args: &A, extension: &'w Implementation) -> Option<ExtensionFuture<'w, R>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    if extension.contribution.run == Run::OnPool && P::OFFLOADS {
        args.offload(extension.object::<P::Extension>())
    } else {
        None
    }
}
