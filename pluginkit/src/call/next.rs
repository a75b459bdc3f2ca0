//! The rest of a call, as a wrapper sees it.

use std::fmt;

use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::chain::{Chain, Extensions};
use crate::call::returning::WrapperReturning;
use crate::call::trace::{Span, Tracer};
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The rest of a call, which a wrapper of a point written by hand runs around.
///
/// Each method runs it in one mode, at most once. It borrows from the call, and so lives no longer.
pub struct Rest<'n, P: ExtensionPoint> {
    chain: &'n Chain<'n, P>,
    depth: usize,
}

impl<'n, P: ExtensionPoint> Rest<'n, P> {
    pub(crate) fn start(chain: &'n Chain<'n, P>) -> Self {
        Self { chain, depth: 0 }
    }

    /// The next wrapper, if there is one that nothing is to be asked about, and nobody follows the call.
    #[inline]
    fn unasked(&mut self) -> Option<&'n P::Wrapper> {
        let wrapper = self.chain.unasked.get(self.depth);
        self.depth += usize::from(wrapper.is_some());
        wrapper
    }

    /// Goes on where it is more than to call the next wrapper: to the next one that does not decline or, once none
    /// is left, with `run`, which runs the extensions.
    #[inline(never)]
    fn go_on<O, A>(mut self, args: A, run: fn(Extensions<'n, P>, A) -> O) -> O
    where
        A: WrapArguments<P, O>,
    {
        let Chain { snapshot, wrappers, tracer, unasked } = *self.chain;
        // None is left where nobody is asked: the last one has gone on from there.
        while unasked.len() < wrappers.len()
            && let Some(wrapper) = wrappers.get(self.depth)
        {
            let place = self.depth;
            self.depth += 1;
            let span = Tracer::wrapper(tracer, place);
            let asks = snapshot.wraps_conditionally && snapshot.asks(place);
            // A panic in a predicate is the plugin's.
            if asks && !Span::inside(span.as_ref(), || args.accepts_wrapper(wrapper)) {
                Span::skip_any(span);
                continue;
            }
            // All in one frame: wrappers may stand a thousand deep.
            let Some(mut span) = span else { return args.wrap(wrapper, self) };
            span.started();
            let outcome = {
                let _entered = Span::enter(Some(&span));
                args.wrap(wrapper, self)
            };
            span.end(A::outcome_error_text(&outcome).as_deref());
            return outcome;
        }
        run(Extensions { chain: self.chain, tracer }, args)
    }

    /// The rest of a collecting call.
    #[inline]
    pub fn collect<S, R, A>(mut self, args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
    {
        match self.unasked() {
            Some(wrapper) => args.wrap(wrapper, self),
            None => self.go_on(args, Extensions::collect::<S, R, A>),
        }
    }

    /// The rest of a firstresult call.
    #[inline]
    pub fn first<S, R, A>(mut self, args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
    {
        match self.unasked() {
            Some(wrapper) => args.wrap(wrapper, self),
            None => self.go_on(args, Extensions::first::<S, R, A>),
        }
    }

    /// The rest of a call of a pipeline whose extensions always return the next value.
    #[inline]
    pub fn thread<S, R, A>(mut self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item> + WrapArguments<P, Threaded<S, R>>,
    {
        match self.unasked() {
            Some(wrapper) => args.wrap(wrapper, self),
            None => self.go_on(args, Extensions::thread::<S, R, A>),
        }
    }

    /// The rest of a call of a pipeline whose extensions may abstain.
    #[inline]
    pub fn thread_optional<S, R, A>(mut self, args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item> + WrapArguments<P, Threaded<S, R>>,
    {
        match self.unasked() {
            Some(wrapper) => args.wrap(wrapper, self),
            None => self.go_on(args, Extensions::thread_optional::<S, R, A>),
        }
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
pub struct Next<'n>(std::marker::PhantomData<&'n ()>);
