//! Work of the host inside the wrappers of a point: `call_around`.
//!
//! The work stands where the extensions would run. To the wrappers it is a last wrapper that has no `next`. It borrows from
//! the host, so that the call passes it on as a [`Loan`].
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::base::drops::{Foreign, caught, reported};
use crate::call::CallError;
use crate::call::Rest;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::blame::{How, NOBODY, text_of};
use crate::call::caller::Dispatch;
use crate::call::chain::{Chain, Clearing, WrapErased, end_outcome};
use crate::call::dispatch::SyncKind;
use crate::call::fold::{Collect, First, Thread, ThreadOptional};
use crate::call::signature::{Accepts, ArgsOf, OutcomeOf, WideSignature, WrapperOf};
use crate::call::trace::{Span, Tracer};
use crate::call::view::View;
use crate::erased::loan::{Lends, Loan};
use crate::erased::{Object, OwnThread};
use crate::spec::point::{PointInfo, PointTypes};
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The work of a host, without its types.
pub(crate) trait Host: Send + Sync {
    /// Returns the work itself.
    fn work(&self) -> Loan<'_>;

    /// Returns the wrapper that runs the work, as an object.
    fn wrapper(&self) -> &Object;

    /// Panics if the work cannot run on this thread: a wrapper has run its `next` there.
    fn check_thread(&self) {}
}

/// Work of the host for a call of the point `P`.
pub trait HostWork<P: WideSignature> {
    /// Runs the work.
    fn run<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> OutcomeOf<P>;
}

/// A closure as work of the host.
pub struct HostFn<F>(RefCell<Foreign<F>>);

impl<F> HostFn<F> {
    pub(crate) fn new(work: F) -> Self {
        Self(RefCell::new(Foreign::new(work, None)))
    }

    /// Runs the closure.
    ///
    /// # Panics
    ///
    /// Panics if it runs inside of itself.
    pub fn run<T>(&self, run: impl FnOnce(&mut F) -> T) -> T {
        let Ok(mut work) = self.0.try_borrow_mut() else {
            panic!("the closure of `call_around` runs inside of itself: give the inner call another closure")
        };
        run(&mut work)
    }
}

impl<F> fmt::Debug for HostFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostFn").finish_non_exhaustive()
    }
}

impl<P, F> HostWork<P> for HostFn<F>
where
    P: WideSignature,
    F: for<'a, 'b, 'c> FnMut(ArgsOf<'a, 'b, 'c, P>) -> OutcomeOf<P>,
{
    fn run<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> OutcomeOf<P> {
        self.run(|work| work(args))
    }
}

/// A point whose calls can run around work of the host.
///
/// A point with a signature is one. Another point declares the object of the work, and the wrapper that runs it.
pub trait TakesWork: PointTypes {
    /// The work as an object.
    type Work<'f>: ?Sized + 'f;

    /// Returns the wrapper that runs the work: it passes its arguments to [`Rest::work`].
    fn innermost() -> &'static Self::Wrapper;
}

/// A closure as work of the host for calls of the point `P`.
pub trait AsWork<P: TakesWork> {
    /// Returns the work as an object.
    fn as_work<'f>(&'f self) -> &'f P::Work<'f>
    where
        Self: 'f;
}

impl<P: WideSignature> TakesWork for P {
    type Work<'f> = dyn HostWork<P> + 'f;

    fn innermost() -> &'static Self::Wrapper {
        const { &Innermost::<P>::NEW }
    }
}

impl<P: WideSignature, F> AsWork<P> for HostFn<F>
where
    Self: HostWork<P>,
{
    fn as_work<'f>(&'f self) -> &'f (dyn HostWork<P> + 'f)
    where
        Self: 'f,
    {
        self
    }
}

/// The family of the work for calls of the point `P`.
struct Works<P>(PhantomData<P>);

impl<P: TakesWork> Lends for Works<P> {
    type Object<'f> = P::Work<'f>;
}

/// The wrapper of the point `P` that runs the work of the host.
pub struct Innermost<P>(PhantomData<fn() -> P>);

impl<P> Innermost<P> {
    /// The wrapper, which has no state.
    pub const NEW: Self = Self(PhantomData);
}

impl<P> fmt::Debug for Innermost<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Innermost")
    }
}

impl<P: WideSignature> Accepts<P> for Innermost<P> {}

impl<P: WideSignature> WrapperOf<P> for Innermost<P> {
    fn wrap<'a, 'b: 'a, 'c: 'a>(&self, next: Rest<'_, P>, args: ArgsOf<'a, 'b, 'c, P>) -> OutcomeOf<P> {
        next.work().run(args)
    }
}

impl<'n, P: TakesWork> Rest<'n, P> {
    /// Returns the work of the host that the call runs around.
    ///
    /// # Panics
    ///
    /// Panics if the call runs extensions, or on another thread than that of the call.
    #[doc(hidden)]
    pub fn work(&self) -> &'n P::Work<'n> {
        self.host().work().get::<Works<P>>()
    }
}

const ON_ANOTHER_THREAD: &str = "a wrapper ran `next` on another thread than the closure of `call_around` is from: run `next` on the thread of the call";

/// The work of a sync call of the point `P`.
pub(crate) struct CalledHost<'f, P, F> {
    work: OwnThread<'f, HostFn<F>>,
    wrapper: Object,
    point: PhantomData<fn() -> P>,
}

impl<'f, P: TakesWork, F> CalledHost<'f, P, F> {
    pub(crate) fn new(work: &'f HostFn<F>) -> Self {
        let wrapper = Object::forever::<P::Wrapper>(P::innermost());
        Self { work: OwnThread::new(work), wrapper, point: PhantomData }
    }
}

impl<P, F> Host for CalledHost<'_, P, F>
where
    P: TakesWork,
    HostFn<F>: AsWork<P>,
{
    fn work(&self) -> Loan<'_> {
        Loan::new::<Works<P>>(self.work.get(ON_ANOTHER_THREAD).as_work())
    }

    fn check_thread(&self) {
        self.work.get(ON_ANOTHER_THREAD);
    }

    fn wrapper(&self) -> &Object {
        &self.wrapper
    }
}

impl<P: TakesWork, K: SyncKind> Dispatch<'_, P, K> {
    /// Runs `work` inside the wrappers of a collecting call.
    pub fn collect_around<S, R, A, W>(&self, args: A, work: W) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        K::around::<P, S, R, A, Collect<S::Item>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a firstresult call.
    pub fn first_around<S, R, A, W>(&self, args: A, work: W) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        K::around::<P, S, R, A, First<S::Item>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a pipeline of extensions that always return the next value.
    pub fn thread_around<S, R, A, W>(&self, args: A, work: W) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        HostFn<W>: AsWork<P>,
    {
        K::around::<P, S, R, A, Thread<S::Item>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a pipeline of extensions that may abstain.
    pub fn thread_optional_around<S, R, A, W>(&self, args: A, work: W) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        HostFn<W>: AsWork<P>,
    {
        K::around::<P, S, R, A, ThreadOptional<S::Item>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a guarded collecting call.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_collect_around<S, R, A, W>(&self, args: A, work: W) -> Result<S::All, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        K::try_around::<P, S, R, A, Collect<S::Item>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a guarded firstresult call.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_first_around<S, R, A, W>(
        &self,
        args: A,
        work: W,
    ) -> Result<Option<S::Item>, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
        HostFn<W>: AsWork<P>,
    {
        K::try_around::<P, S, R, A, First<S::Item>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a guarded pipeline of extensions that always return the next value.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_thread_around<S, R, A, W>(&self, args: A, work: W) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        HostFn<W>: AsWork<P>,
    {
        K::try_around::<P, S, R, A, Thread<S::Item>, W>(self.0, args, work)
    }

    /// Runs `work` inside the wrappers of a guarded pipeline of extensions that may abstain.
    ///
    /// # Errors
    ///
    /// Returns the failure that ended the call.
    pub fn try_thread_optional_around<S, R, A, W>(
        &self,
        args: A,
        work: W,
    ) -> Result<S::Item, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
        HostFn<W>: AsWork<P>,
    {
        K::try_around::<P, S, R, A, ThreadOptional<S::Item>, W>(self.0, args, work)
    }
}

/// Drops the work of the host after a guarded call of `point`, and returns the result of the call.
///
/// # Errors
///
/// Returns the failure of the call, or the panic of the destructor. The success is dropped with `discard` then.
pub(crate) fn released<W, T, E>(
    work: W,
    point: &'static PointInfo,
    result: Result<T, CallError<E>>,
    discard: fn(T),
) -> Result<T, CallError<E>> {
    let mut work = Some(work);
    match (caught(&|_| (), &mut || work = None), result) {
        (Some(panic), Ok(success)) => {
            let mut success = Some(success);
            reported(&|_| (), &mut || success.take().into_iter().for_each(discard));
            Err(CallError::dropped(&panic, point))
        }
        (_, result) => result,
    }
}

/// Runs the work of `host` inside the wrappers of this moment, and sets the outcome.
pub(super) fn run_around(view: &View, point: &'static PointInfo, host: &dyn Host, call: &mut dyn WrapErased) {
    let mut call = Clearing::new(call);
    let snapshot = view.load();
    let tracer = Tracer::around(&snapshot, point, host);
    let span = tracer.call();
    Span::inside(Some(&span), || Chain::new(&snapshot, Some(&tracer)).run_from(0, call.call));
    end_outcome(&mut Some(span), call.call);
    call.end();
}

impl Chain<'_> {
    /// Runs the work of `host` behind `depth` wrappers, and sets the outcome. Its failure is that of no plugin.
    ///
    /// # Panics
    ///
    /// Panics on another thread than that of the call. This is a failure of the wrapper that runs its `next` there.
    #[cold]
    #[inline(never)]
    pub(super) fn run_host(&self, host: &dyn Host, depth: usize, call: &mut dyn WrapErased) {
        let Some(tracer) = self.tracer else { return };
        tracer.clear(self.branch);
        host.check_thread();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| call.wrap(host.wrapper(), self, depth))) {
            tracer.raise(self.branch, NOBODY, How::panicked(&*panic));
            resume_unwind(panic);
        }
        if call.results().outcome().is_error() {
            let text = text_of(&mut || call.outcome_error_text());
            tracer.raise(self.branch, NOBODY, How::Failed(text.map(String::into_boxed_str)));
        }
    }
}
