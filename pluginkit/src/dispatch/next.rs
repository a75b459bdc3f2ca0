//! The rest of a call, as a wrapper sees it.

use std::fmt;

use crate::dispatch::chain::{Chain, Extensions};
use crate::dispatch::trace::{self, Tracer};
use crate::point::ExtensionPoint;
use crate::returns::Returns;

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

    /// What comes next: a wrapper, or the extensions.
    #[inline]
    pub fn step(self) -> Step<'n, P> {
        if self.depth < self.chain.wrappers.len() {
            Step::Wrapper(WrapperStep { next: self })
        } else {
            Step::Extensions(Extensions { chain: self.chain, tracer: self.tracer })
        }
    }
}

impl<P: ExtensionPoint> fmt::Debug for RawNext<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("chain", self.chain).field("depth", &self.depth).finish_non_exhaustive()
    }
}

/// What comes next in a call.
#[derive(Debug)]
pub enum Step<'n, P: ExtensionPoint> {
    /// A wrapper, which decides on the rest.
    Wrapper(WrapperStep<'n, P>),
    /// The extensions: no wrapper is left.
    Extensions(Extensions<'n, P>),
}

/// One wrapper of a call.
pub struct WrapperStep<'n, P: ExtensionPoint> {
    next: RawNext<'n, P>,
}

impl<'n, P: ExtensionPoint> WrapperStep<'n, P> {
    /// Whether the wrapper has a predicate and that says no; `accepts` asks it.
    #[inline]
    pub fn declines(&self, accepts: impl FnOnce(&P::Wrapper) -> bool) -> bool {
        let RawNext { chain, tracer, depth } = self.next;
        trace::declines(chain.snapshot, tracer, depth, || accepts(&chain.wrappers[depth]))
    }

    /// The rest of the call, without the wrapper.
    #[inline]
    pub fn skip(self) -> RawNext<'n, P> {
        RawNext { depth: self.next.depth + 1, ..self.next }
    }

    /// Runs the wrapper around the rest.
    #[inline]
    pub fn around<S, R, X>(
        self,
        describe: impl Fn(&S::Error) -> String,
        run: impl FnOnce(&'n P::Wrapper, RawNext<'n, P>) -> S::Lift<X>,
    ) -> S::Lift<X>
    where
        S: Returns<R>,
    {
        let RawNext { chain, tracer, depth } = self.next;
        let wrapper = &*chain.wrappers[depth];
        let rest = RawNext { chain, tracer, depth: depth + 1 };
        let Some(tracer) = tracer else { return run(wrapper, rest) };
        let span = tracer.implementation(depth);
        span.started();
        let outcome = run(wrapper, rest);
        span.end(S::error(&outcome).map(describe).as_deref());
        outcome
    }
}

impl<P: ExtensionPoint> fmt::Debug for WrapperStep<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wrapper").field(&self.next).finish()
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
