//! The typed half of an async call on the slow path, behind traits without the types of its point.
//!
//! An implementation is started as a [`Filling`], and its result is held until it is taken in.

use crate::call::arguments::{AsyncArguments, AsyncWrapArguments};
use crate::call::asynchronous::next::{AsyncRest, Left};
use crate::call::chain::{CallErased, Clear, RunErased};
use crate::call::fold::Fold;
use crate::call::settle::{SettleErased, SettleMode, SettleStep};
use crate::call::typed::{Awaited, Single, TypedCall, missing_args, outcome_error_text};
use crate::erased::Object;
use crate::erased::driven::Lent;
use crate::erased::future_buffer::{ExtensionFuture, Filling, FutureBuffer, FutureRoom, FutureSlot};
use crate::erased::here::Here;
use crate::plugin::implementation::{Implementation, Run};
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::Returns;

/// A running call that starts async extensions, as the slow path sees it.
pub(super) trait AsyncRunErased: Send {
    /// Returns the call for what waits for nothing.
    fn run(&mut self) -> &mut dyn RunErased;

    /// Starts the async extension, whose result is held. The `last` one may take the arguments.
    fn start<'s>(
        &'s mut self,
        extension: &'s Implementation,
        buffer: &'s mut FutureBuffer<'_>,
        last: bool,
    ) -> Filling<'s>;

    /// Starts the blocking extension on the pool, and holds its result; `None` if an argument has no owned form.
    fn offload<'s>(&'s mut self, extension: &'s Implementation) -> Option<Filling<'s>>;
}

/// A running async call that takes in results, as the slow path sees it.
pub(super) trait AsyncCallErased: AsyncRunErased {
    /// Returns the call for what waits for nothing.
    fn call(&mut self) -> &mut dyn CallErased;
}

/// A running async call that settles its extensions, as the slow path sees it.
pub(super) trait AsyncSettleErased: AsyncRunErased {
    /// Returns the call for what waits for nothing.
    fn settle(&mut self) -> &mut dyn SettleErased;
}

/// A running async call with wrappers, as the slow path sees it.
pub(super) trait AsyncWrapErased: AsyncCallErased {
    /// Returns whether the predicate of `wrapper` accepts the call.
    fn accepts_wrapper(&self, wrapper: &Implementation) -> bool;

    /// Starts the wrapper around `left`. Its outcome becomes that of the call.
    fn wrap<'s>(&'s mut self, wrapper: &'s Object, left: Left<'s>) -> Filling<'s>;

    /// Returns the text of the outcome, if it is an error.
    fn outcome_error_text(&self) -> Option<String>;
}

impl Clear for dyn AsyncCallErased + '_ {
    fn clear_all(&mut self) {
        self.call().clear_all();
    }
}

impl Clear for dyn AsyncWrapErased + '_ {
    fn clear_all(&mut self) {
        self.call().clear_all();
    }
}

impl<P, S, R, A, F> AsyncRunErased for Lent<'_, TypedCall<Awaited, P, S, R, A, F>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    fn run(&mut self) -> &mut dyn RunErased {
        self.get_mut()
    }

    fn start<'s>(
        &'s mut self,
        extension: &'s Implementation,
        buffer: &'s mut FutureBuffer<'_>,
        last: bool,
    ) -> Filling<'s> {
        let TypedCall { args, results, .. } = self.get_mut();
        let Some(args) = args else { missing_args() };
        start::<P, R, A>(args, &mut results.held, extension, buffer, last)
    }

    fn offload<'s>(&'s mut self, extension: &'s Implementation) -> Option<Filling<'s>> {
        let TypedCall { args, results, .. } = self.get_mut();
        let Some(args) = args else { missing_args() };
        offload_into::<P, R, A>(args, &mut results.held, extension)
    }
}

impl<P, S, R, A, F> AsyncCallErased for Lent<'_, TypedCall<Awaited, P, S, R, A, F>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: Fold<S, R, A>,
{
    fn call(&mut self) -> &mut dyn CallErased {
        self.get_mut()
    }
}

impl<P, S, R, A, F> AsyncWrapErased for Lent<'_, TypedCall<Awaited, P, S, R, A, F>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    fn accepts_wrapper(&self, wrapper: &Implementation) -> bool {
        let Some(args) = &self.get().args else { missing_args() };
        args.accepts_async_wrapper(wrapper.object().get::<P::AsyncWrapper>())
    }

    fn wrap<'s>(&'s mut self, wrapper: &'s Object, left: Left<'s>) -> Filling<'s> {
        let TypedCall { args, results, .. } = self.get_mut();
        let Some(args) = args.take() else { missing_args() };
        let work = args.wrap_async(wrapper.get::<P::AsyncWrapper>(), AsyncRest::of(left, FutureRoom::NONE));
        work.filling(&mut results.outcome)
    }

    fn outcome_error_text(&self) -> Option<String> {
        if S::FAILS {
            outcome_error_text::<P, S::Lift<F::Success>, A>(&self.get().results.outcome)
        } else {
            None
        }
    }
}

impl<P, R, A> AsyncRunErased for Lent<'_, Single<Awaited, P, R, A>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    fn run(&mut self) -> &mut dyn RunErased {
        self.get_mut()
    }

    fn start<'s>(
        &'s mut self,
        extension: &'s Implementation,
        buffer: &'s mut FutureBuffer<'_>,
        last: bool,
    ) -> Filling<'s> {
        let Single { args, held, .. } = self.get_mut();
        start::<P, R, A>(args, held, extension, buffer, last)
    }

    fn offload<'s>(&'s mut self, extension: &'s Implementation) -> Option<Filling<'s>> {
        let Single { args, held, .. } = self.get_mut();
        offload_into::<P, R, A>(args, held, extension)
    }
}

impl<P, S, R, A, M> AsyncRunErased for Lent<'_, SettleStep<'_, Awaited, P, S, R, A, M>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
{
    fn run(&mut self) -> &mut dyn RunErased {
        self.get_mut()
    }

    fn start<'s>(
        &'s mut self,
        extension: &'s Implementation,
        buffer: &'s mut FutureBuffer<'_>,
        last: bool,
    ) -> Filling<'s> {
        let SettleStep { held, call } = self.get_mut();
        start::<P, R, A>(&mut call.args, held, extension, buffer, last)
    }

    fn offload<'s>(&'s mut self, extension: &'s Implementation) -> Option<Filling<'s>> {
        let SettleStep { held, call } = self.get_mut();
        offload_into::<P, R, A>(&call.args, held, extension)
    }
}

impl<P, S, R, A, M> AsyncSettleErased for Lent<'_, SettleStep<'_, Awaited, P, S, R, A, M>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    M: SettleMode<S, R, A>,
{
    fn settle(&mut self) -> &mut dyn SettleErased {
        self.get_mut()
    }
}

/// Starts an async extension, whose result goes to `held`.
#[inline]
fn start<'s, P, R, A>(
    args: &'s mut A,
    held: &'s mut Here<R>,
    extension: &'s Implementation,
    buffer: &'s mut FutureBuffer<'_>,
    last: bool,
) -> Filling<'s>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    args.call_async(extension.object().get::<P::AsyncExtension>(), FutureSlot::of(buffer), last).filling(held)
}

/// Starts an extension on the blocking pool, if it is a blocking one. Its result goes to `held`.
#[inline]
fn offload_into<'s, P, R, A>(
    args: &A,
    held: &'s mut Here<R>,
    extension: &'s Implementation,
) -> Option<Filling<'s>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    offload::<P, R, A>(args, extension).map(|work| work.filling(held))
}

/// Starts an extension on the blocking pool, if it is a blocking one.
pub(super) fn offload<'w, P, R, A>(args: &A, extension: &'w Implementation) -> Option<ExtensionFuture<'w, R>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    if extension.contribution.run == Run::OnPool && P::OFFLOADS {
        args.offload(extension.object().share::<P::Extension>())
    } else {
        None
    }
}
