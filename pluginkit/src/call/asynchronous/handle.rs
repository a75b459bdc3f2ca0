//! Calls of an async manager: the methods of an [`AsyncHandle`].

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::task::Poll;

use futures_core::Stream;
use futures_util::stream::{poll_fn, unfold};

use crate::base::drops::DropPanic;
use crate::base::futures::BoxFuture;
use crate::base::kind::Asynchronous;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::asynchronous::concurrent::{AtOnce, call_concurrently, try_concurrently};
use crate::call::asynchronous::extension::run_at;
#[cfg(not(debug_assertions))]
use crate::call::asynchronous::fast::run_guarded;
#[cfg(feature = "tokio")]
use crate::call::asynchronous::next::{Left, run_traced};
use crate::call::asynchronous::next::{Source, run};
use crate::call::asynchronous::typed::AsyncRunErased;
#[cfg(feature = "tokio")]
use crate::call::asynchronous::typed::AsyncWrapErased;
use crate::call::asynchronous::within::Within;
#[cfg(feature = "tokio")]
use crate::call::caller::AsyncHandle;
use crate::call::caller::Dispatch;
use crate::call::chain::Chain;
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
use crate::call::guard::GuardedSnapshot;
#[cfg(feature = "tokio")]
use crate::call::guard::{Conclusion, conclude_call};
use crate::call::outcome::Outcome;
use crate::call::settle::{EachSettled, FirstSettled, SettleMode, SettledCall, ThreadSettled};
use crate::call::trace::Tracer;
use crate::call::typed::{Awaited, Single, TypedCall};
use crate::call::{CallError, Piped, Settled};
use crate::erased::driven::{Driven, Lent, Poller};
use crate::erased::future_buffer::FutureBuffer;
#[cfg(feature = "tokio")]
use crate::registry::Registry;
use crate::registry::Snapshot;
use crate::spec::point::{AsyncPointTypes, PointInfo};
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// Runs a guarded call on the slow path and releases the snapshot.
///
/// # Errors
///
/// Returns the failure of the call.
pub(super) async fn try_slowly<P, S, R, A, F>(
    args: A,
    loaded: Result<GuardedSnapshot<Arc<Snapshot>>, DropPanic>,
) -> Result<F::Success, CallError<S::Error>>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let loaded = loaded.map_err(|panic| CallError::dropped(&panic, P::INFO))?;
    let mut call = TypedCall::<Awaited, P, S, R, A, F>::new(args);
    let conclusion = Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| {
        loaded.run_async(P::INFO, call, None)
    })
    .await;
    conclusion.into_result::<P, S, R, _, A>(call.into_outcome())
}

impl<P: AsyncPointTypes> Dispatch<'_, P, Asynchronous> {
    /// Makes a call and folds the results with `F`.
    pub(crate) fn call<S, R, A, F>(
        &self,
        args: A,
    ) -> impl Future<Output = S::Lift<F::Success>> + use<P, S, R, A, F>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let snapshot = self.0.load();
        #[cfg(not(debug_assertions))]
        return Within::of(&snapshot).call(run::<P, S, R, A, F>(args, Source::Call(snapshot)));
        // Without a fast path, the code is not compiled for each point.
        #[cfg(debug_assertions)]
        run::<P, S, R, A, F>(args, Source::Call(snapshot))
    }

    /// Makes a guarded call and folds the results with `F`.
    pub(crate) fn try_call<S, R, A, F>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<F::Success, CallError<S::Error>>> + use<P, S, R, A, F>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let loaded = self.0.view.load_guarded_owned();
        #[cfg(not(debug_assertions))]
        return run_guarded::<P, S, R, A, F>(args, loaded);
        #[cfg(debug_assertions)]
        try_slowly::<P, S, R, A, F>(args, loaded)
    }

    /// Makes a call, waits for it on the current thread, and folds the results with `F`.
    #[cfg(feature = "tokio")]
    pub(crate) fn call_blocking<S, R, A, F>(&self, args: A) -> Result<F::Success, CallError<S::Error>>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let (runtime, _manager) = self.0.runtime()?;
        let snapshot = self.0.load();
        let mut call = TypedCall::<Awaited, P, S, R, A, F>::new(args);
        let mut poller = Poller::default();
        let mut lent = Lent::new(&mut call, &mut poller);
        let run = Driven::new(&mut lent, |call| run_blocking(&snapshot, P::INFO, call));
        let conclusion = {
            let _entered = runtime.enter();
            pollster::block_on(run)
        };
        conclusion.into_result::<P, S, R, _, A>(call.into_outcome())
    }

    /// Settles the extensions of a call.
    fn settle_call<S, R, A, M>(
        &self,
        mode: M,
        args: A,
    ) -> impl Future<Output = SettledCall<Awaited, P, S, R, A, M>> + use<P, S, R, A, M>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
        M: SettleMode<S, R, A>,
    {
        let loaded = self.0.view.load_guarded_owned();
        SettledCall::<Awaited, P, S, R, A, M>::new(mode, args).settle_all(loaded)
    }

    /// Makes a collecting call.
    pub fn collect<S, R, A>(&self, args: A) -> impl Future<Output = Many<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        self.call::<S, R, A, Collect<S::Item>>(args)
    }

    /// Makes a firstresult call.
    pub fn first<S, R, A>(&self, args: A) -> impl Future<Output = One<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, One<S, R>>,
    {
        self.call::<S, R, A, First<S::Item>>(args)
    }

    /// Calls a pipeline of extensions that always return the next value.
    pub fn thread<S, R, A>(&self, args: A) -> impl Future<Output = Threaded<S, R>> + use<P, S, R, A>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.call::<S, R, A, Thread<S::Item>>(args)
    }

    /// Calls a pipeline of extensions that may abstain.
    pub fn thread_optional<S, R, A>(&self, args: A) -> impl Future<Output = Threaded<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.call::<S, R, A, ThreadOptional<S::Item>>(args)
    }

    /// Makes a guarded collecting call: after an error, a panic or a timeout, the call returns an error that names the
    /// plugin.
    ///
    /// With the feature `tokio`, in a tokio runtime, the future of an async or `blocking` implementation is dropped at
    /// its time limit. Any other implementation runs to its end, and the call reports it then.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_collect<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<S::All, CallError<S::Error>>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        self.try_call::<S, R, A, Collect<S::Item>>(args)
    }

    /// Makes a guarded firstresult call, like [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_first<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<Option<S::Item>, CallError<S::Error>>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, One<S, R>>,
    {
        self.try_call::<S, R, A, First<S::Item>>(args)
    }

    /// Makes a guarded call of a pipeline of extensions that always return the next value, like
    /// [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_thread<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<S::Item, CallError<S::Error>>> + use<P, S, R, A>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.try_call::<S, R, A, Thread<S::Item>>(args)
    }

    /// Makes a guarded call of a pipeline of extensions that may abstain, like [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_thread_optional<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<S::Item, CallError<S::Error>>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.try_call::<S, R, A, ThreadOptional<S::Item>>(args)
    }

    /// Makes a collecting call and waits for it on the current thread.
    ///
    /// The call waits on the runtime that [`ManagerBuilder::runtime`](crate::manager::ManagerBuilder::runtime) has set.
    /// Without this setting, the call waits on the runtime of the current thread or, if there is none, on a runtime
    /// that the manager creates and keeps.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call, [`CallError::InAsyncCode`] in async code, or [`CallError::NoRuntime`] if no
    /// runtime could be created.
    #[cfg(feature = "tokio")]
    pub fn collect_blocking<S, R, A>(&self, args: A) -> Result<S::All, CallError<S::Error>>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        self.call_blocking::<S, R, A, Collect<S::Item>>(args)
    }

    /// Makes a firstresult call and waits for it, like [`collect_blocking`](Self::collect_blocking).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call, [`CallError::InAsyncCode`] in async code, or [`CallError::NoRuntime`] if no
    /// runtime could be created.
    #[cfg(feature = "tokio")]
    pub fn first_blocking<S, R, A>(&self, args: A) -> Result<Option<S::Item>, CallError<S::Error>>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, One<S, R>>,
    {
        self.call_blocking::<S, R, A, First<S::Item>>(args)
    }

    /// Calls a pipeline of extensions that always return the next value and waits for it, like
    /// [`collect_blocking`](Self::collect_blocking).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call, [`CallError::InAsyncCode`] in async code, or [`CallError::NoRuntime`] if no
    /// runtime could be created.
    #[cfg(feature = "tokio")]
    pub fn thread_blocking<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.call_blocking::<S, R, A, Thread<S::Item>>(args)
    }

    /// Calls a pipeline of extensions that may abstain and waits for it, like [`collect_blocking`](Self::collect_blocking).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call, [`CallError::InAsyncCode`] in async code, or [`CallError::NoRuntime`] if no
    /// runtime could be created.
    #[cfg(feature = "tokio")]
    pub fn thread_optional_blocking<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.call_blocking::<S, R, A, ThreadOptional<S::Item>>(args)
    }

    /// Makes a collecting call that runs its extensions concurrently.
    ///
    /// The [concurrency](crate::calls::Handle::concurrency) of the caller limits how many extensions run at the same
    /// time.
    pub fn collect_concurrent<S, R, A>(&self, args: A) -> impl Future<Output = Many<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        self.call_at_once::<S, R, A, Collect<S::Item>>(args)
    }

    /// Makes a call that runs its extensions concurrently, and folds the results with `F`.
    pub(super) fn call_at_once<S, R, A, F>(
        &self,
        args: A,
    ) -> impl Future<Output = S::Lift<F::Success>> + use<P, S, R, A, F>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A> + AtOnce<S, R>,
    {
        let (snapshot, limit) = (self.0.load(), self.0.concurrency.unwrap_or(NonZeroUsize::MAX));
        Within::of(&snapshot).call(async move {
            let args = args;
            let outcome = call_concurrently::<P, S, R, A, F>(&snapshot, args, limit).await;
            let outcome = Outcome::<S, R, F::Success>::new(outcome, F::discard);
            drop(snapshot);
            outcome.into_inner()
        })
    }

    /// Makes a guarded collecting call that runs its extensions concurrently, like [`try_collect`](Self::try_collect).
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call: the first in call order.
    pub fn try_collect_concurrent<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<S::All, CallError<S::Error>>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        self.try_call_at_once::<S, R, A, Collect<S::Item>>(args)
    }

    /// Makes a guarded call that runs its extensions concurrently, and folds the results with `F`.
    pub(super) fn try_call_at_once<S, R, A, F>(
        &self,
        args: A,
    ) -> impl Future<Output = Result<F::Success, CallError<S::Error>>> + use<P, S, R, A, F>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A> + AtOnce<S, R>,
    {
        let limit = self.0.concurrency.unwrap_or(NonZeroUsize::MAX);
        try_concurrently::<P, S, R, A, F>(self.0.view.load_guarded_owned(), args, limit)
    }

    /// Returns the results of the extensions one by one: an extension runs when its result is requested.
    ///
    /// The stream works on the current snapshot of the point. Wrappers take no part. After an error, the stream
    /// continues with the next extension.
    pub fn results<S, R, A>(&self, args: A) -> impl Stream<Item = Threaded<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let snapshot = self.0.load();
        let within = Within::of(&snapshot);
        // The arguments are dropped first. If they panic, the drop of the snapshot does not panic again.
        let call = Single::<Awaited, P, R, A>::new(args);
        let mut steps = Box::pin(unfold(
            (call, snapshot, 0, false),
            async |(mut call, snapshot, mut index, has_answer)| {
                loop {
                    Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| {
                        run_next(&snapshot, P::INFO, &mut index, has_answer, call)
                    })
                    .await;
                    let item = match S::split(call.held.take()?) {
                        Ok(None) => continue,
                        Ok(Some(item)) => Ok(item),
                        Err(error) => Err(error),
                    };
                    let has_answer = has_answer || item.is_ok();
                    return Some((S::lift(item), (call, snapshot, index, has_answer)));
                }
            },
        ));
        let mut is_over = false;
        within.call(poll_fn(move |cx| {
            // A stream that panicked is over.
            if std::mem::replace(&mut is_over, true) {
                return Poll::Ready(None);
            }
            let polled = steps.as_mut().poll_next(cx);
            is_over = matches!(polled, Poll::Ready(None));
            polled
        }))
    }

    /// Runs every extension and returns the result of each. A failure does not stop the other extensions.
    ///
    /// Wrappers take no part.
    pub fn settle<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Vec<Settled<S::Value, S::Error>>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let call = self.settle_call::<S, R, A, _>(EachSettled, args);
        async move { call.await.into_settled() }
    }

    /// Runs extensions until one answers, and returns the result of each extension that ran.
    ///
    /// Wrappers take no part.
    pub fn settle_first<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Vec<Settled<S::Value, S::Error>>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let call = self.settle_call::<S, R, A, _>(FirstSettled, args);
        async move { call.await.into_settled() }
    }

    /// Passes the running value through every extension. An extension that fails leaves the value unchanged.
    ///
    /// Wrappers take no part.
    pub fn settle_threaded<S, R, A>(
        &self,
        args: A,
    ) -> impl Future<Output = Piped<S::Item, S::Value, S::Error>> + use<P, S, R, A>
    where
        S: Returns<R>,
        S::Item: Clone,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item>,
    {
        let call = self.settle_call::<S, R, A, _>(ThreadSettled::new(P::INFO), args);
        async move { call.await.into_piped() }
    }
}

/// Runs the extensions of a stream of `point` from `index` on, until one has run, and holds its result.
fn run_next<'c>(
    snapshot: &'c Snapshot,
    point: &'static PointInfo,
    index: &'c mut usize,
    has_answer: bool,
    call: &'c mut dyn AsyncRunErased,
) -> BoxFuture<'c, ()> {
    Box::pin(async move {
        let tracer = Tracer::of(snapshot, point);
        let chain = Chain::new(snapshot, tracer.as_ref());
        let mut buffer = FutureBuffer::default();
        let mut has_run = false;
        while !has_run && *index < chain.len() && !(has_answer && snapshot.is_default(*index)) {
            let last = *index + 1 == chain.len();
            has_run = run_at(call, chain, *index, last, &mut buffer).await;
            *index += 1;
        }
    })
}

/// Runs a call of `point` under its failure policy, without time limits and caught panics.
#[cfg(feature = "tokio")]
fn run_blocking<'c>(
    snapshot: &'c Snapshot,
    point: &'static PointInfo,
    call: &'c mut dyn AsyncWrapErased,
) -> BoxFuture<'c, Conclusion> {
    Box::pin(Within::of(snapshot).call(async move {
        let tracer = Tracer::new(point, snapshot.implementations(), snapshot.observers.as_ref());
        let tracer = tracer.under_policy(snapshot);
        run_traced(&tracer, Left::all(Chain::new(snapshot, Some(&tracer))), call).await;
        conclude_call(&tracer, Ok(()), call.call().results().outcome())
    }))
}

#[cfg(feature = "tokio")]
impl<P: AsyncPointTypes> AsyncHandle<P> {
    /// Returns the runtime to wait on, and the registry that owns it: the manager may be dropped during a call.
    fn runtime<E>(&self) -> Result<(tokio::runtime::Handle, Option<Arc<Registry>>), CallError<E>> {
        use std::sync::LazyLock;

        use crate::call::runtime::{Waiting, in_async_code};
        use crate::registry::Host;

        /// The runtime of callers that outlive their manager.
        static MANAGERLESS: LazyLock<Waiting> = LazyLock::new(Waiting::default);
        if in_async_code() {
            return Err(CallError::InAsyncCode { point: P::INFO });
        }
        let registry = self.view.slot.registry();
        let handle = match registry.as_deref().map(|registry| &registry.host) {
            Some(Host::Async { runtime, .. }) => runtime.handle(),
            _ => MANAGERLESS.handle(),
        };
        match handle {
            Ok(handle) => Ok((handle, registry)),
            Err(source) => Err(CallError::NoRuntime { point: P::INFO, source }),
        }
    }
}
