//! [`Rest`]: the rest of a call, which a wrapper runs.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::around::Host;
use crate::call::blame::{Blame, Branch};
use crate::call::chain::Chain;
use crate::call::fast::{HAS_FAST_PATH, run_fast};
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
#[cfg(feature = "local")]
use crate::call::local::LocalChain;
use crate::call::outcome::Outcome;
use crate::call::typed::{Called, TypedCall, missing_outcome};
use crate::erased::ErasedRun;
#[cfg(feature = "local")]
use crate::erased::OwnThread;
use crate::spec::arguments::{RepeatedArgument, RunsAgain, repeats};
use crate::spec::point::PointTypes;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The rest of a call, for wrappers of points written by hand.
///
/// Each method runs the rest of a call in one mode, and takes `self`. A clone runs the rest once more. A `Rest` borrows
/// from the call and cannot outlive it.
pub struct Rest<'n, P: PointTypes> {
    /// A reference, so that a rest has the size of two pointers: each frame of nested wrappers has some.
    pub(super) around: &'n Around<'n, P>,
    /// The position of the next wrapper. With the branch, it has the size of a pointer.
    pub(super) depth: u32,
    pub(super) branch: Branch,
}

#[cfg(feature = "local")]
const ON_ITS_THREAD: &str =
    "a wrapper of a local manager ran its `next` on another thread: run `next` on the thread of the call";

/// A call as its wrappers see it.
pub(super) enum Around<'n, P: PointTypes> {
    /// A call whose wrappers may be on the fast path.
    Fast {
        chain: &'n Chain<'n>,
        /// The first wrappers; none if any wrapper has a predicate or an observer.
        plain: ErasedRun<'n, P::Wrapper>,
    },
    /// A call whose wrappers are on the slow path.
    Slow(&'n Chain<'n>),
    #[cfg(feature = "local")]
    Local(OwnThread<'n, dyn LocalChain + 'n>),
}

impl<'n, P: PointTypes> Around<'n, P> {
    #[inline]
    pub(super) fn new(chain: &'n Chain<'n>) -> Self {
        let is_plain = chain.wraps_plainly();
        let plain = if is_plain { chain.snapshot.array.front_run() } else { ErasedRun::EMPTY };
        Self::Fast { chain, plain }
    }

    /// Returns the wrapper at `depth`, if no predicate or observer is involved.
    #[inline]
    fn plain_wrapper(&self, depth: usize) -> Option<&'n P::Wrapper> {
        let Self::Fast { chain, plain } = self else { return None };
        match plain.get(depth) {
            None if !plain.is_empty() && depth < chain.wrapper_count() => later_wrapper::<P>(chain, depth),
            wrapper => wrapper,
        }
    }

    /// Returns the rest of the call from the first wrapper on.
    #[inline]
    pub(super) fn all(&'n self) -> Rest<'n, P> {
        Rest { around: self, depth: 0, branch: Branch::MAIN }
    }

    /// Returns the implementations of the call; `None` for a call of a local manager.
    #[inline]
    #[cfg_attr(
        not(feature = "local"),
        allow(clippy::unnecessary_wraps, reason = "there are local managers in other builds")
    )]
    fn chain(&self) -> Option<&'n Chain<'n>> {
        match self {
            Self::Fast { chain, .. } | Self::Slow(chain) => Some(chain),
            #[cfg(feature = "local")]
            Self::Local(_) => None,
        }
    }
}

#[cold]
#[inline(never)]
fn later_wrapper<'n, P: PointTypes>(chain: &Chain<'n>, depth: usize) -> Option<&'n P::Wrapper> {
    chain.snapshot.array.front_at(depth)
}

/// Returns a number of wrappers. Each takes memory, so that there are no more.
#[inline]
pub(super) fn narrow(depth: usize) -> u32 {
    u32::try_from(depth).unwrap_or(u32::MAX)
}

impl<P: PointTypes> Clone for Rest<'_, P> {
    /// Returns a `Rest` that runs the rest of the call once more.
    fn clone(&self) -> Self {
        let (depth, branch) = (self.depth, self.branch);
        let branch = self.around.chain().map_or(branch, |chain| chain.another(branch, self.depth()));
        Self { around: self.around, depth, branch }
    }
}

impl<'n, P: PointTypes> Rest<'n, P> {
    /// Returns the work of the host that the call runs around.
    pub(super) fn host(&self) -> &'n dyn Host {
        let host = match self.around {
            Around::Fast { chain, .. } | Around::Slow(chain) => chain.host(),
            #[cfg(feature = "local")]
            Around::Local(chain) => chain.get(ON_ITS_THREAD).host(),
        };
        host.expect("the wrapper of the work runs in such a call only")
    }

    #[inline]
    fn depth(&self) -> usize {
        self.depth as usize
    }

    /// Runs the rest of a call and folds the results with `F`.
    #[inline]
    pub(crate) fn run<S, R, A, F>(self, args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        if HAS_FAST_PATH && self.is_fast() {
            return self.run_on_fast_path::<S, R, A, F>(args);
        }
        self.run_slow::<S, R, A, F>(args)
    }

    /// Returns whether what comes next is on the fast path.
    #[inline]
    fn is_fast(&self) -> bool {
        let depth = self.depth();
        self.around.plain_wrapper(depth).is_some()
            || self
                .around
                .chain()
                .is_some_and(|chain| chain.runs_plainly(P::INFO) && depth == chain.wrapper_count())
    }

    /// Runs the rest of a call whose next wrapper, or whose extensions, are on the fast path.
    ///
    /// A function of its own, as wrappers on the slow path may nest a thousand deep, too.
    #[inline]
    fn run_on_fast_path<S, R, A, F>(self, args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let Some(chain) = self.around.chain() else { return self.run_slow::<S, R, A, F>(args) };
        if let Some(wrapper) = self.around.plain_wrapper(self.depth()) {
            let next = Rest { depth: self.depth + 1, ..self };
            let Some(blame) = chain.blame else { return args.wrap(wrapper, next) };
            return wrap_watched::<P, S, R, A, F>(args, wrapper, next, blame);
        }
        let Some(blame) = chain.blame.filter(|_| self.depth > 0) else {
            return run_fast::<P, S, R, A, F>(chain, args).into_inner();
        };
        run_watched::<P, S, R, A, F>(args, &chain.in_branch(self.branch), blame)
    }

    /// Runs the rest of a call on the slow path.
    #[inline(never)]
    fn run_slow<S, R, A, F>(self, args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        match self.around {
            Around::Fast { chain, .. } | Around::Slow(chain) => {
                chain.run_branch(self.branch, self.depth(), &mut call);
            }
            #[cfg(feature = "local")]
            Around::Local(chain) => {
                chain.get(ON_ITS_THREAD).run_from(self.depth(), &mut call);
            }
        }
        call.results.take_outcome()
    }

    /// Runs the rest of a collecting call.
    #[inline]
    pub fn collect<S, R, A>(self, args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
    {
        self.run::<S, R, A, Collect<S::Item>>(args)
    }

    /// Runs the rest of a firstresult call.
    #[inline]
    pub fn first<S, R, A>(self, args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
    {
        self.run::<S, R, A, First<S::Item>>(args)
    }

    /// Runs the rest of a pipeline of extensions that always return the next value.
    #[inline]
    pub fn thread<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item> + WrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, Thread<S::Item>>(args)
    }

    /// Runs the rest of a pipeline of extensions that may abstain.
    #[inline]
    pub fn thread_optional<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item> + WrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, ThreadOptional<S::Item>>(args)
    }
}

// In an unoptimised build, the frame of a function has room for each of its branches, and wrappers may nest a thousand deep.
// So the branches of guarded calls are functions of their own.

/// Runs the wrapper before `next`, in a guarded call.
#[inline]
fn wrap_watched<P, S, R, A, F>(
    args: A,
    wrapper: &P::Wrapper,
    next: Rest<'_, P>,
    blame: &Blame,
) -> S::Lift<F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let (position, branch) = (next.depth() - 1, next.branch);
    let (mut given, mut outcome) = (Some((args, next)), None);
    blame.watch(branch, Some(position), &mut || {
        outcome = given.take().map(|(args, next)| args.wrap(wrapper, next));
    });
    let Some(outcome) = outcome else { missing_outcome() };
    if S::FAILS && S::error(&outcome).is_some() {
        blame.failed_with(branch, Some(position), &mut || A::outcome_error_text(&outcome));
    } else {
        blame.nothing_raised(branch, Some(position));
    }
    outcome
}

/// Runs the extensions of a guarded call with wrappers.
#[inline]
fn run_watched<P, S, R, A, F>(args: A, chain: &Chain<'_>, blame: &Blame) -> S::Lift<F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let (mut args, mut outcome) = (Some(args), None);
    blame.watch(chain.branch, None, &mut || {
        outcome = args.take().map(|args| run_fast::<P, S, R, A, F>(chain, args));
    });
    let Some(outcome) = outcome.map(Outcome::into_inner) else { missing_outcome() };
    if S::FAILS && S::error(&outcome).is_some() {
        blame.failed_with(chain.branch, None, &mut || A::outcome_error_text(&outcome));
    }
    outcome
}

impl<P: PointTypes> fmt::Debug for Rest<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Next");
        match self.around.chain() {
            Some(chain) => shown.field("chain", chain),
            None => &mut shown,
        };
        shown.field("depth", &self.depth).finish_non_exhaustive()
    }
}

/// The `next` of a wrapper of the point `P` that takes no argument of it: [`run`](Self::run) passes the arguments on unchanged.
///
/// `#[extension]` writes this type for [`Next<'_>`](Next). `O` is the outcome of a call.
pub struct BoundNext<'n, O, P>(&'n Runs<dyn FnMut(bool) -> O + 'n>, PhantomData<fn() -> P>);

/// The runs of the rest of a call.
pub(super) struct Runs<R: ?Sized> {
    /// The number of `BoundNext`s that may still run it.
    left: Cell<usize>,
    /// Runs it. The last run may take the arguments.
    run: RefCell<R>,
}

impl<R> Runs<R> {
    pub(super) fn new(run: R) -> Self {
        Self { left: Cell::new(1), run: RefCell::new(run) }
    }
}

impl<R: ?Sized> Runs<R> {
    /// Counts one less, and returns whether none is left.
    fn leave(&self) -> bool {
        let left = self.left.get() - 1;
        self.left.set(left);
        left == 0
    }
}

#[cold]
fn inside_of_itself() -> ! {
    unreachable!("the rest of a call does not run inside of itself")
}

impl<'n, O, P> BoundNext<'n, O, P> {
    /// Returns a `next` that runs one of `runs`.
    #[inline]
    pub(super) fn new(runs: &'n Runs<dyn FnMut(bool) -> O + 'n>) -> Self {
        Self(runs, PhantomData)
    }

    /// Counts a run, and returns whether it is the last.
    fn counted(self) -> (&'n Runs<dyn FnMut(bool) -> O + 'n>, bool) {
        let runs = ManuallyDrop::new(self).0;
        (runs, runs.leave())
    }

    /// Runs the rest of the call and returns its outcome.
    pub fn run(self) -> O {
        // Wrappers may nest a thousand deep, each with a frame of this function. So it has few variables.
        let (runs, is_last) = self.counted();
        match runs.run.try_borrow_mut() {
            Ok(mut run) => run(is_last),
            Err(_) => inside_of_itself(),
        }
    }
}

impl<O, P> BoundNext<'_, O, P> {
    /// Returns a `next` that runs the rest of the call once more.
    ///
    /// A method of its own, so that the compiler explains an unmet bound.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "it does")]
    pub fn clone(&self) -> Self
    where
        P: RunsAgain<Argument: RepeatedArgument<P>>,
    {
        const { repeats::<P>() };
        self.0.left.set(self.0.left.get() + 1);
        Self::new(self.0)
    }
}

impl<O, P> Drop for BoundNext<'_, O, P> {
    /// Leaves the run to the others, of which the last may take the arguments.
    fn drop(&mut self) {
        self.0.leave();
    }
}

impl<O, P> Clone for BoundNext<'_, O, P>
where
    P: RunsAgain<Argument: RepeatedArgument<P>>,
{
    fn clone(&self) -> Self {
        Self::clone(self)
    }
}

impl<O, P> fmt::Debug for BoundNext<'_, O, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

/// The last parameter of a wrapper: the rest of the call that it runs around.
///
/// Write `next: Next<'_>`. `#[extension]` replaces this type by a type of the point. The method `run` of that type
/// takes all arguments of the point in order, and returns the outcome of the call. In a wrapper that takes no
/// arguments, `run()` passes the arguments on unchanged. In an `async fn`, `run` returns a future.
///
/// `run` consumes `next`. [`next.clone()`](crate::guide::wrappers) runs the rest once more. It is there if the rest can
/// have its arguments again: all but a pipeline over a value that is not `Clone`.
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Loud;
///
/// #[extension]
/// impl Specs for Loud {
///     #[extension(wrapper)]
///     fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
///         let mut headlines = next.run(topic);
///         for headline in &mut headlines {
///             headline.make_ascii_uppercase();
///         }
///         headlines
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Next<'n>(PhantomData<&'n ()>);
