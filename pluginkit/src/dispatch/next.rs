//! The rest of a call, as a wrapper sees it.

use std::fmt;

use crate::__private::WrapperReturning;
use crate::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::dispatch::chain::{Chain, Extensions};
use crate::dispatch::trace::{self, Tracer};
use crate::point::ExtensionPoint;
use crate::returns::{Always, Many, One, Returns, Threaded};

/// The rest of a call, before the point's own arguments are put around it.
pub struct RawNext<'n, P: ExtensionPoint> {
    chain: &'n Chain<'n, P>,
    tracer: Option<&'n Tracer<'n>>,
    depth: usize,
}

impl<'n, P: ExtensionPoint> RawNext<'n, P> {
    pub(crate) fn start(chain: &'n Chain<'n, P>, tracer: Option<&'n Tracer<'n>>) -> Self {
        Self { chain, tracer, depth: 0 }
    }

    /// Runs the next wrapper that does not decline around the rest of the call; where none is left, the
    /// extensions are next.
    #[inline]
    fn descend<O, A>(mut self, args: A) -> Result<O, (Extensions<'n, P>, A)>
    where
        A: WrapArguments<P, O>,
    {
        let Self { chain, tracer, .. } = self;
        while let Some(wrapper) = chain.wrappers.get(self.depth) {
            let declined =
                trace::declines(chain.snapshot, tracer, self.depth, || args.accepts_wrapper(wrapper));
            let span = tracer.filter(|_| !declined).map(|tracer| tracer.implementation(self.depth));
            self.depth += 1;
            if declined {
                continue;
            }
            let Some(span) = span else { return Ok(args.wrap(wrapper, self)) };
            span.started();
            let outcome = args.wrap(wrapper, self);
            span.end(A::outcome_error_text(&outcome).as_deref());
            return Ok(outcome);
        }
        Err((Extensions { chain, tracer }, args))
    }

    /// The rest of a collecting call.
    #[inline]
    pub fn collect<S, R, A>(self, args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
    {
        self.descend(args).unwrap_or_else(|(extensions, args)| extensions.collect::<S, R, A>(args))
    }

    /// The rest of a firstresult call.
    #[inline]
    pub fn first<S, R, A>(self, args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
    {
        self.descend(args).unwrap_or_else(|(extensions, args)| extensions.first::<S, R, A>(args))
    }

    /// The rest of a call of a pipeline whose extensions always return the next value.
    #[inline]
    pub fn thread<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item> + WrapArguments<P, Threaded<S, R>>,
    {
        self.descend(args).unwrap_or_else(|(extensions, args)| extensions.thread::<S, R, A>(args))
    }

    /// The rest of a call of a pipeline whose extensions may abstain.
    #[inline]
    pub fn thread_optional<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item> + WrapArguments<P, Threaded<S, R>>,
    {
        self.descend(args).unwrap_or_else(|(extensions, args)| extensions.thread_optional::<S, R, A>(args))
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

impl<P: ExtensionPoint> fmt::Debug for RawNext<'_, P> {
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
pub struct Next<'n>(std::marker::PhantomData<&'n ()>);
