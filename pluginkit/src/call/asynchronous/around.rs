//! Async work of the host inside the wrappers of a point.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;

use crate::base::drops::Foreign;
use crate::base::futures::BoxFuture;
use crate::base::kind::Asynchronous;
use crate::call::CallError;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::around::{Host, Innermost, released};
use crate::call::asynchronous::next::{AsyncRest, Left, run_traced};
use crate::call::asynchronous::typed::AsyncWrapErased;
use crate::call::asynchronous::within::Within;
use crate::call::blame::{How, NOBODY, text_of};
use crate::call::caller::Dispatch;
use crate::call::chain::Chain;
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
use crate::call::signature::{ArgsOf, AsyncWrapperOf, OutcomeOf, WideSignature};
use crate::call::trace::Tracer;
use crate::call::typed::{Awaited, TypedCall};
use crate::erased::Object;
use crate::erased::driven::{Driven, Lent, Poller};
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::erased::loan::{Lends, Loan};
use crate::plugin::bind_async::AsyncSlot;
use crate::registry::Snapshot;
use crate::spec::point::{AsyncPointTypes, PointInfo};
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// Async work of the host for a call of the point `P`.
pub trait AsyncHostWork<P: WideSignature> {
    /// Starts the work, with its future in `slot`.
    fn start<'s, 'b: 's, 'c: 's>(
        &'s self,
        slot: FutureSlot<'s, OutcomeOf<P>>,
        args: ArgsOf<'s, 'b, 'c, P>,
    ) -> ExtensionFuture<'s, OutcomeOf<P>>;
}

/// A closure as async work of the host, with a value of the host that its future may borrow from.
///
/// The closure cannot borrow from the host by itself: the compiler does not know that what it captures outlives the future.
pub struct AsyncHostFn<'f, H: ?Sized, F> {
    /// The value of the host.
    pub host: &'f H,
    /// The closure.
    pub work: F,
}

impl<H: ?Sized, F> fmt::Debug for AsyncHostFn<'_, H, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncHostFn").finish_non_exhaustive()
    }
}

impl<P, H, F> AsyncHostWork<P> for AsyncHostFn<'_, H, F>
where
    P: WideSignature,
    H: ?Sized,
    F: for<'s, 'b, 'c> Fn(
        &'s H,
        ArgsOf<'s, 'b, 'c, P>,
        AsyncSlot<'s, ArgsOf<'s, 'b, 'c, P>, OutcomeOf<P>>,
    ) -> ExtensionFuture<'s, OutcomeOf<P>>,
{
    fn start<'s, 'b: 's, 'c: 's>(
        &'s self,
        slot: FutureSlot<'s, OutcomeOf<P>>,
        args: ArgsOf<'s, 'b, 'c, P>,
    ) -> ExtensionFuture<'s, OutcomeOf<P>> {
        (self.work)(self.host, args, AsyncSlot::new(slot))
    }
}

/// A point whose async calls can run around work of the host.
///
/// A point with a signature is one. Another point declares the object of the work, and the wrapper that runs it.
pub trait TakesAsyncWork: AsyncPointTypes {
    /// The work as an object.
    type AsyncWork<'f>: ?Sized + Send + Sync + 'f;

    /// Returns the wrapper that runs the work: it passes its arguments to [`AsyncRest::work`].
    fn async_innermost() -> &'static Self::AsyncWrapper;
}

/// A closure as work of the host for async calls of the point `P`.
pub trait AsAsyncWork<P: TakesAsyncWork> {
    /// Returns the work as an object.
    fn as_work<'f>(&'f self) -> &'f P::AsyncWork<'f>
    where
        Self: 'f;
}

impl<P: WideSignature> TakesAsyncWork for P {
    type AsyncWork<'f> = dyn AsyncHostWork<P> + Send + Sync + 'f;

    fn async_innermost() -> &'static Self::AsyncWrapper {
        const { &Innermost::<P>::NEW }
    }
}

impl<P, H, F> AsAsyncWork<P> for AsyncHostFn<'_, H, F>
where
    P: WideSignature,
    H: ?Sized + Sync,
    F: Send + Sync,
    Self: AsyncHostWork<P>,
{
    fn as_work<'f>(&'f self) -> &'f (dyn AsyncHostWork<P> + Send + Sync + 'f)
    where
        Self: 'f,
    {
        self
    }
}

/// The family of the work for async calls of the point `P`.
struct Works<P>(PhantomData<P>);

impl<P: TakesAsyncWork> Lends for Works<P> {
    type Object<'f> = P::AsyncWork<'f>;
}

impl<P: WideSignature> AsyncWrapperOf<P> for Innermost<P> {
    fn wrap<'f, 'b: 'f, 'c: 'f>(
        &'f self,
        mut next: AsyncRest<'f, P>,
        args: ArgsOf<'f, 'b, 'c, P>,
    ) -> ExtensionFuture<'f, OutcomeOf<P>> {
        let slot = next.slot();
        next.work().start(slot, args)
    }
}

impl<'n, P: TakesAsyncWork> AsyncRest<'n, P> {
    /// Returns the work of the host that the call runs around.
    ///
    /// # Panics
    ///
    /// Panics if the call runs extensions.
    #[doc(hidden)]
    pub fn work(&self) -> &'n P::AsyncWork<'n> {
        self.host().work().get::<Works<P>>()
    }
}

/// The work of an async call of the point `P`.
struct AwaitedHost<'f, P, H: ?Sized, F> {
    work: Foreign<AsyncHostFn<'f, H, F>>,
    wrapper: Object,
    point: PhantomData<fn() -> P>,
}

impl<'f, P: TakesAsyncWork, H: ?Sized, F> AwaitedHost<'f, P, H, F> {
    fn new(host: &'f H, work: F) -> Self {
        let wrapper = Object::forever::<P::AsyncWrapper>(P::async_innermost());
        Self { work: Foreign::new(AsyncHostFn { host, work }, None), wrapper, point: PhantomData }
    }
}

impl<'f, P, H, F> Host for AwaitedHost<'f, P, H, F>
where
    P: TakesAsyncWork,
    H: ?Sized + Sync,
    F: Send + Sync,
    AsyncHostFn<'f, H, F>: AsAsyncWork<P>,
{
    fn work(&self) -> Loan<'_> {
        Loan::new::<Works<P>>(self.work.as_work())
    }

    fn wrapper(&self) -> &Object {
        &self.wrapper
    }
}

impl<P: TakesAsyncWork> Dispatch<'_, P, Asynchronous> {
    /// Runs `work` inside the wrappers of a call with this fold.
    pub(super) fn around<'f, S, R, A, F, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = S::Lift<F::Success>> + use<'f, P, S, R, A, F, H, W>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        let snapshot = self.0.load();
        let host = AwaitedHost::<'f, P, H, W>::new(host, work);
        Within::of(&snapshot).call(async move {
            let (args, host) = (args, host);
            let mut call = TypedCall::<Awaited, P, S, R, A, F>::new(args);
            Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| {
                run_around(&snapshot, P::INFO, &host, call)
            })
            .await;
            drop(snapshot);
            let outcome = call.into_outcome();
            // Dropped while the outcome is in a variable that contains its destructor.
            drop(host);
            outcome.into_inner()
        })
    }

    /// Does the same in a guarded call.
    pub(super) fn try_around<'f, S, R, A, F, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Result<F::Success, CallError<S::Error>>> + use<'f, P, S, R, A, F, H, W>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        let loaded = self.0.view.load_guarded_owned();
        let host = AwaitedHost::<'f, P, H, W>::new(host, work);
        async move {
            let (args, host) = (args, host);
            let point = P::INFO;
            let loaded = loaded.map_err(|panic| CallError::dropped(&panic, point))?;
            let mut call = TypedCall::<Awaited, P, S, R, A, F>::new(args);
            let conclusion = Driven::new(&mut Lent::new(&mut call, &mut Poller::default()), |call| {
                loaded.run_async(point, call, Some(&host))
            })
            .await;
            let result = conclusion.into_result::<P, S, R, _, A>(call.into_outcome());
            released(host, point, result, F::discard)
        }
    }

    /// Runs `work` inside the wrappers of a collecting call.
    pub fn collect_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Many<S, R>> + use<'f, P, S, R, A, H, W>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.around::<S, R, A, Collect<S::Item>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a firstresult call.
    pub fn first_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = One<S, R>> + use<'f, P, S, R, A, H, W>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, One<S, R>>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.around::<S, R, A, First<S::Item>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a pipeline of extensions that always return the next value.
    pub fn thread_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Threaded<S, R>> + use<'f, P, S, R, A, H, W>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.around::<S, R, A, Thread<S::Item>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a pipeline of extensions that may abstain.
    pub fn thread_optional_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Threaded<S, R>> + use<'f, P, S, R, A, H, W>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.around::<S, R, A, ThreadOptional<S::Item>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a guarded collecting call.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_collect_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Result<S::All, CallError<S::Error>>> + use<'f, P, S, R, A, H, W>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.try_around::<S, R, A, Collect<S::Item>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a guarded firstresult call.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_first_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Result<Option<S::Item>, CallError<S::Error>>> + use<'f, P, S, R, A, H, W>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, One<S, R>>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.try_around::<S, R, A, First<S::Item>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a guarded pipeline of extensions that always return the next value.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_thread_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Result<S::Item, CallError<S::Error>>> + use<'f, P, S, R, A, H, W>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.try_around::<S, R, A, Thread<S::Item>, H, W>(args, host, work)
    }

    /// Runs `work` inside the wrappers of a guarded pipeline of extensions that may abstain.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_thread_optional_around<'f, S, R, A, H, W>(
        &self,
        args: A,
        host: &'f H,
        work: W,
    ) -> impl Future<Output = Result<S::Item, CallError<S::Error>>> + use<'f, P, S, R, A, H, W>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        H: ?Sized + Sync,
        W: Send + Sync,
        AsyncHostFn<'f, H, W>: AsAsyncWork<P>,
    {
        self.try_around::<S, R, A, ThreadOptional<S::Item>, H, W>(args, host, work)
    }
}

/// Runs the work of `host` inside the wrappers of a call, and sets the outcome.
fn run_around<'c>(
    snapshot: &'c Snapshot,
    point: &'static PointInfo,
    host: &'c (dyn Host + 'c),
    call: &'c mut dyn AsyncWrapErased,
) -> BoxFuture<'c, ()> {
    Box::pin(async move {
        let tracer = Tracer::around(snapshot, point, host);
        run_traced(&tracer, Left::all(Chain::new(snapshot, Some(&tracer))), call).await;
    })
}

/// Runs the work of `host` behind all wrappers, and sets the outcome. Its failure is that of no plugin.
pub(super) async fn run_host<'c>(left: Left<'c>, host: &'c (dyn Host + 'c), call: &mut dyn AsyncWrapErased) {
    let Left { chain, .. } = left;
    let Some(tracer) = chain.tracer else { return };
    tracer.clear(chain.branch);
    {
        let watch = |panic: Box<dyn std::any::Any + Send>| -> ! {
            tracer.raise(chain.branch, NOBODY, How::panicked(&*panic));
            resume_unwind(panic)
        };
        let mut lent = Some(&mut *call);
        let started =
            catch_unwind(AssertUnwindSafe(|| lent.take().map(|call| call.wrap(host.wrapper(), left))));
        let Some(mut work) = started.unwrap_or_else(|panic| watch(panic)) else { return };
        poll_fn(|cx| {
            let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(&mut work).poll(cx)));
            polled.unwrap_or_else(|panic| watch(panic))
        })
        .await;
    }
    if call.call().results().outcome().is_error() {
        let text = text_of(&mut || call.outcome_error_text());
        tracer.raise(chain.branch, NOBODY, How::Failed(text.map(String::into_boxed_str)));
    }
}
