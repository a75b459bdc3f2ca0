//! [`Rest`]: the rest of a call, as a wrapper sees it.

use std::fmt;
use std::marker::PhantomData;

use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::chain::Chain;
use crate::call::fast::FastPath;
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
use crate::call::returning::WrapperReturning;
use crate::call::typed::{Direct, Progress, TypedCall};
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The rest of a call, which a wrapper of a point written by hand runs around.
///
/// Each method runs it in one mode, at most once. It borrows from the call, and so lives no longer.
pub struct Rest<'n, P: ExtensionPoint> {
    chain: &'n Chain<'n>,
    depth: usize,
    point: PhantomData<fn() -> P>,
}

impl<'n, P: ExtensionPoint> Rest<'n, P> {
    /// The rest of a call from the wrapper at `depth` on.
    #[inline]
    pub(crate) fn new(chain: &'n Chain<'n>, depth: usize) -> Self {
        Self { chain, depth, point: PhantomData }
    }

    /// Runs the rest of a call whose results `F` takes in.
    #[inline]
    pub(crate) fn run<S, R, A, F>(mut self, args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        match self.plain_wrapper() {
            Some(wrapper) => args.wrap(wrapper, self),
            None if self.is_plain() => FastPath::<P>::of(self.chain.snapshot).run::<S, R, A, F>(args),
            None => self.run_slow::<S, R, A, F>(args),
        }
    }

    /// Moves on to the next wrapper, if it runs without a question to a predicate or a word to an observer.
    #[inline]
    fn plain_wrapper(&mut self) -> Option<&'n P::Wrapper> {
        if !self.chain.wraps_plainly() {
            return None;
        }
        let wrapper = self.chain.snapshot.array.front::<P::Wrapper>().get(self.depth)?;
        self.depth += 1;
        Some(wrapper)
    }

    /// Returns whether nothing is left but extensions that run plainly.
    #[inline]
    fn is_plain(&self) -> bool {
        self.depth == self.chain.wrapper_count() && self.chain.runs_plainly()
    }

    /// Runs the rest of a call on the slow path.
    #[inline(never)]
    fn run_slow<S, R, A, F>(self, args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let mut progress = Progress::new(F::new(self.chain.len()), args);
        let mut call = TypedCall::<Direct, P, S, R, A, F>::new(&mut progress);
        self.chain.run_from(self.depth, &mut call);
        call.take_outcome()
    }

    /// The rest of a collecting call.
    #[inline]
    pub fn collect<S, R, A>(self, args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
    {
        self.run::<S, R, A, Collect<S::Item>>(args)
    }

    /// The rest of a firstresult call.
    #[inline]
    pub fn first<S, R, A>(self, args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
    {
        self.run::<S, R, A, First<S::Item>>(args)
    }

    /// The rest of a call of a pipeline whose extensions always return the next value.
    #[inline]
    pub fn thread<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item> + WrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, Thread<S::Item>>(args)
    }

    /// The rest of a call of a pipeline whose extensions may abstain.
    #[inline]
    pub fn thread_optional<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item> + WrapArguments<P, Threaded<S, R>>,
    {
        self.run::<S, R, A, ThreadOptional>(args)
    }

    /// Hands `wrapper`, which left the arguments out, a `next` that passes them on as they came.
    pub fn bind<O, A, F>(self, args: A, run: impl FnOnce(Self, A) -> O, wrapper: WrapperReturning<O, F>) -> O
    where
        F: FnOnce(BoundNext<'_, O>) -> O,
    {
        let mut parts = Some((self, args, run));
        let mut rest = || {
            let Some((next, args, run)) = parts.take() else { unreachable!("`next` is consumed by `run`") };
            run(next, args)
        };
        wrapper.call(BoundNext::new(&mut rest))
    }
}

impl<P: ExtensionPoint> fmt::Debug for Rest<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("chain", self.chain).field("depth", &self.depth).finish_non_exhaustive()
    }
}

/// The rest of a call whose arguments the wrapper left out: `run` passes them on as they came.
///
/// The type of `next` in a wrapper that takes no argument of the point.
pub struct BoundNext<'n, O>(&'n mut dyn FnMut() -> O);

impl<'n, O> BoundNext<'n, O> {
    /// Wraps what runs the rest.
    pub fn new(run: &'n mut dyn FnMut() -> O) -> Self {
        Self(run)
    }

    /// Runs the rest of the call and returns its outcome.
    pub fn run(self) -> O {
        (self.0)()
    }
}

impl<O> fmt::Debug for BoundNext<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

/// The last parameter of a wrapper: the rest of the call it runs around.
///
/// Written as `next: Next<'_>`; `#[extension]` puts in its place the point's own type, whose `run`
/// takes all of the point's arguments, in its order, and returns the call's outcome. A wrapper that
/// names none of the arguments gets a `run()` that passes them on as they came. `run` consumes `next`,
/// so the rest of a call runs at most once. In an `async fn`, `run` returns a future to await.
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
