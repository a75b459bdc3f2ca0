//! What the handle of a point of an async manager offers.

use std::num::NonZeroUsize;
use std::pin::pin;
#[cfg(feature = "tokio")]
use std::sync::Arc;
use std::task::Poll;

use futures_core::Stream;
use futures_util::stream::{poll_fn, unfold};

use crate::base::drops::Gathered;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::async_caller::AsyncHandle;
use crate::call::asynchronous::AsyncChain;
use crate::call::asynchronous::guard::guard;
use crate::call::asynchronous::inside::Inside;
use crate::call::asynchronous::next::Extensions;
use crate::call::guard::verdict;
use crate::call::pipeline::running;
use crate::call::policy::judge;
use crate::call::release::{Loaded, Outcome};
use crate::call::settle::go_on;
use crate::call::trace::Tracer;
use crate::call::{CallError, Piped, Settled};
use crate::erased::room::Room;
#[cfg(feature = "tokio")]
use crate::registry::Registry;
use crate::spec::point::AsyncExtensionPoint;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

macro_rules! calls {
    ($(#[$docs:meta])* $mode:ident $guarded:ident $blocking:ident $outcome:ident<$success:ty> $returns:ident $discard:path [$($threaded:tt)*]) => {
        impl<P: AsyncExtensionPoint> AsyncHandle<P> {
            $(#[$docs])*
            pub fn $mode<S, R, A>(&self, args: A) -> impl Future<Output = $outcome<S, R>> + use<P, S, R, A>
            where
                S: $returns<R>,
                A: AsyncArguments<P, R> + AsyncWrapArguments<P, $outcome<S, R>> $($threaded)*,
            {
                let (kept, beside) = (self.load(), None);
                async move {
                    // Named first, so that a future that was never polled drops them before the snapshot.
                    let args = args;
                    let outcome = if let Some(extensions) = kept.in_place() {
                        extensions.$mode::<S, R, A>(args)
                    } else if kept.is_plain() {
                        let extensions = Extensions { chain: kept.chain(), tracer: None, beside };
                        extensions.$mode::<S, R, A>(args).await
                    } else {
                        // On the heap, to keep its size out of the futures of all other calls.
                        let kept = &kept;
                        Box::pin(async move { run!(kept, beside, args, $mode, $outcome) }).await
                    };
                    // As in a sync call, so that the outcome is dropped if a destructor panics here.
                    let outcome = Outcome::<S, R, $success>::new(outcome, $discard);
                    drop(kept);
                    outcome.into_inner()
                }
            }

            $(#[$docs])*
            ///
            /// A panic, an error or an overrun names its plugin. With the feature `tokio`, and in its
            /// runtime, an async implementation over its timeout is dropped, and with it the call; any
            /// other is reported when it returns.
            ///
            /// # Errors
            ///
            /// What stopped the call, and whose it is.
            pub fn $guarded<S, R, A>(
                &self,
                args: A,
            ) -> impl Future<Output = Result<$success, CallError<S::Error>>> + use<P, S, R, A>
            where
                S: $returns<R>,
                A: AsyncArguments<P, R> + AsyncWrapArguments<P, $outcome<S, R>> $($threaded)*,
            {
                let loaded = Loaded::by(|| self.load());
                async move {
                    let args = args;
                    let loaded = loaded.map_err(|panic| CallError::dropped(&panic, P::INFO))?;
                    let outcome = {
                        let chain = loaded.snapshot.chain();
                        let tracer = chain.timed().under_policy(chain.snapshot);
                        let work = async {
                            let span = tracer.call();
                            let mut work = pin!(Some(chain.start(Some(&tracer), None).$mode::<S, R, A>(args)));
                            let outcome = Inside::new(Some(&span), work.as_mut()).await;
                            span.end(A::outcome_error_text(&outcome).as_deref());
                            outcome
                        };
                        let outcome = guard(&tracer, work).await;
                        judge::<P, S, R, $success, A>(&tracer, outcome.map(S::lower), $discard)
                    };
                    loaded.conclude(P::INFO, outcome, $discard)
                }
            }

            $(#[$docs])*
            ///
            /// The current thread waits for it, on the runtime that the manager was given, else on its own,
            /// else on one that the manager makes and keeps.
            ///
            /// # Errors
            ///
            /// The error of the call and whose it is; that this is async code, which must not wait; or that no
            /// runtime could be made.
            #[cfg(feature = "tokio")]
            pub fn $blocking<S, R, A>(&self, args: A) -> Result<$success, CallError<S::Error>>
            where
                S: $returns<R>,
                A: AsyncArguments<P, R> + AsyncWrapArguments<P, $outcome<S, R>> $($threaded)*,
            {
                let (runtime, _manager) = self.runtime()?;
                let kept = self.load();
                let chain = kept.chain();
                let tracer = Tracer::new(P::INFO, chain.snapshot.implementations(), chain.snapshot.observers.as_ref())
                    .under_policy(chain.snapshot);
                let span = tracer.call();
                let outcome = {
                    let _entered = runtime.enter();
                    let mut work = pin!(Some(chain.start(Some(&tracer), None).$mode::<S, R, A>(args)));
                    pollster::block_on(Inside::new(Some(&span), work.as_mut()))
                };
                span.end(A::outcome_error_text(&outcome).as_deref());
                judge::<P, S, R, $success, A>(&tracer, Ok(S::lower(outcome)), $discard)
            }
        }
    };
}

/// Runs a call over `$kept`, for its observers if there are any.
macro_rules! run {
    ($kept:ident, $beside:ident, $args:ident, $mode:ident, $outcome:ident) => {{
        let chain = $kept.chain();
        let tracer = chain.tracer();
        let span = tracer.as_ref().map(Tracer::call);
        let mut work = pin!(Some(chain.start(tracer.as_ref(), $beside).$mode::<S, R, A>($args)));
        let outcome: $outcome<S, R> = Inside::new(span.as_ref(), work.as_mut()).await;
        if let Some(span) = span {
            span.end(A::outcome_error_text(&outcome).as_deref());
        }
        outcome
    }};
}

calls! {
    /// A collecting call.
    collect try_collect collect_blocking Many<S::All> Returns S::discard []
}
calls! {
    /// A firstresult call.
    first try_first first_blocking One<Option<S::Item>> Returns drop []
}
calls! {
    /// A call of a pipeline whose extensions always return the next value.
    thread try_thread thread_blocking Threaded<S::Item> Always drop [+ ThreadedArguments<S::Item>]
}
calls! {
    /// A call of a pipeline whose extensions may abstain.
    thread_optional try_thread_optional thread_optional_blocking Threaded<S::Item> Returns drop [+ ThreadedArguments<S::Item>]
}

#[cfg(feature = "tokio")]
impl<P: AsyncExtensionPoint> AsyncHandle<P> {
    /// What to wait on, and what keeps it there meanwhile: the manager may go during a call.
    fn runtime<E>(&self) -> Result<(tokio::runtime::Handle, Option<Arc<Registry>>), CallError<E>> {
        use std::sync::LazyLock;

        use crate::call::runtime::{Waiting, in_async_code};
        use crate::registry::Host;

        /// Of callers that outlive their manager.
        static MANAGERLESS: LazyLock<Waiting> = LazyLock::new(Waiting::default);
        if in_async_code() {
            return Err(CallError::InAsyncCode { point: P::INFO });
        }
        let registry = self.seen.slot.registry();
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

impl<P: AsyncExtensionPoint> AsyncHandle<P> {
    /// A collecting call whose extensions are under way at once, as many as the caller allows.
    pub fn collect_concurrent<S, R, A>(&self, args: A) -> impl Future<Output = Many<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        let (kept, beside) = (self.load(), Some(self.concurrency.unwrap_or(NonZeroUsize::MAX)));
        async move {
            let args = args;
            let outcome = run!(kept, beside, args, collect, Many);
            let outcome = Outcome::<S, R, S::All>::new(outcome, S::discard);
            drop(kept);
            outcome.into_inner()
        }
    }

    /// Returns the results of the extensions one by one: an extension runs when its result is asked for.
    ///
    /// The extensions are those of the moment of this call. Wrappers take no part. After an error, the stream goes on
    /// with the next extension.
    pub fn results<S, R, A>(&self, args: A) -> impl Stream<Item = Threaded<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let kept = self.load();
        kept.chain().snapshot.tell_called();
        // Arguments are dropped first: a snapshot that is dropped while they panic does not panic, too.
        let mut steps = Box::pin(unfold((args, kept, 0), async |(mut args, kept, mut index)| {
            loop {
                let returned = {
                    let chain = kept.chain();
                    let tracer = chain.tracer();
                    let extensions = Extensions { chain, tracer: tracer.as_ref(), beside: None };
                    if index == extensions.len() {
                        return None;
                    }
                    let last = index + 1 == extensions.len();
                    extensions.turn(index, last, &mut args, &mut Room::default()).await
                };
                index += 1;
                match returned.map(S::split) {
                    None | Some(Ok(None)) => {}
                    Some(Ok(Some(item))) => return Some((S::lift(Ok(item)), (args, kept, index))),
                    Some(Err(error)) => return Some((S::lift(Err(error)), (args, kept, index))),
                }
            }
        }));
        let mut is_over = false;
        poll_fn(move |cx| {
            // A stream that panics is over.
            if std::mem::replace(&mut is_over, true) {
                return Poll::Ready(None);
            }
            let polled = steps.as_mut().poll_next(cx);
            is_over = matches!(polled, Poll::Ready(None));
            polled
        })
    }

    /// Runs every extension by itself and returns the outcome of each; none stops the others.
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
        self.settle_until::<S, R, A>(args, |_| false)
    }

    /// Runs extensions by themselves until one answers, and returns the outcome of each that ran.
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
        self.settle_until::<S, R, A>(args, |value| S::item(value).is_some())
    }

    fn settle_until<S, R, A>(
        &self,
        mut args: A,
        enough: fn(&S::Value) -> bool,
    ) -> impl Future<Output = Vec<Settled<S::Value, S::Error>>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let loaded = Loaded::by(|| self.load());
        async move {
            let loaded = match loaded {
                Ok(loaded) => loaded,
                Err(panic) => return vec![Settled::dropped(&panic, P::INFO)],
            };
            let chain = loaded.snapshot.chain();
            chain.snapshot.tell_called();
            let (count, mut room) = (chain.len(), chain.room());
            let mut settled = Gathered(Vec::with_capacity(count));
            for index in 0..count {
                let Some(result) = alone::<P, S, R, A>(chain, index, &mut args, &mut room).await else {
                    continue;
                };
                let done = result.as_ref().is_ok_and(enough);
                settled.0.push(Settled { plugin: chain.snapshot.extension(index).plugin().clone(), result });
                if done {
                    break;
                }
            }
            settled.0.extend(loaded.settle(P::INFO));
            settled.into_vec()
        }
    }

    /// Passes the threaded argument through every extension, each run by itself; one that fails leaves it unchanged.
    ///
    /// Wrappers take no part.
    pub fn settle_threaded<S, R, A>(
        &self,
        mut args: A,
    ) -> impl Future<Output = Piped<S::Item, S::Value, S::Error>> + use<P, S, R, A>
    where
        S: Returns<R>,
        S::Item: Clone,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item>,
    {
        let loaded = Loaded::by(|| self.load());
        async move {
            let loaded = match loaded {
                Ok(loaded) => loaded,
                Err(panic) => {
                    let settled = vec![Settled::dropped(&panic, P::INFO)];
                    return Piped { value: running(&mut args), settled };
                }
            };
            let chain = loaded.snapshot.chain();
            chain.snapshot.tell_called();
            let (count, mut room) = (chain.len(), chain.room());
            let mut settled = Gathered(Vec::with_capacity(count));
            for index in 0..count {
                let before = args.threaded().clone();
                let result = alone::<P, S, R, A>(chain, index, &mut args, &mut room).await;
                go_on::<S, R, A>(&mut args, result.as_ref(), before);
                let Some(result) = result else { continue };
                settled.0.push(Settled { plugin: chain.snapshot.extension(index).plugin().clone(), result });
            }
            settled.0.extend(loaded.settle(P::INFO));
            Piped { value: running(&mut args), settled: settled.into_vec() }
        }
    }
}

/// Runs the extension at `index` by itself; `None` if it declined.
async fn alone<P, S, R, A>(
    chain: AsyncChain<'_, P>,
    index: usize,
    args: &mut A,
    room: &mut Room,
) -> Option<Result<S::Value, CallError<S::Error>>>
where
    P: AsyncExtensionPoint,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
{
    attempt::<P, S, R, A, _>(chain, index, index + 1 == chain.len(), args, room, S::value).await
}

/// Runs the extension at `index` by itself, and makes of what it returned what is asked for; `None` if it declined.
pub(super) async fn attempt<P, S, R, A, T>(
    chain: AsyncChain<'_, P>,
    index: usize,
    last: bool,
    args: &mut A,
    room: &mut Room,
    make: fn(R) -> Result<T, S::Error>,
) -> Option<Result<T, CallError<S::Error>>>
where
    P: AsyncExtensionPoint,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
{
    let tracer = chain.timed();
    let extensions = Extensions { chain, tracer: Some(&tracer), beside: None };
    let outcome = match guard(&tracer, extensions.turn(index, last, args, room)).await {
        Ok(returned) => Ok(make(returned?)),
        Err(stopped) => Err(stopped),
    };
    Some(verdict(&tracer, P::INFO, outcome, drop))
}
