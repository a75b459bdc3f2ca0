//! [`AsyncBoundNext`]: the `next` of an async wrapper that takes no argument of the point.
//!
//! The first run of the rest is in the future of the wrapper. A clone gets a box: the runs then share the arguments.
#![forbid(unsafe_code)]

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use crate::base::drops::{Foreign, contain, wake_each};
use crate::base::futures::BoxFuture;
use crate::base::sync::{Mutex, MutexGuard};
use crate::spec::arguments::{RepeatedArgument, RunsAgain, repeats};

/// The arguments of a call, which several runs of its rest use in turn.
struct Turns<A>(Mutex<Place<A>>);

/// The place of arguments.
struct Place<A> {
    /// `None` while a run has them.
    args: Option<Foreign<A>>,
    waiting: Vec<Waker>,
}

impl<A> Turns<A> {
    fn new(args: Foreign<A>) -> Self {
        Self(Mutex::new(Place { args: Some(args), waiting: Vec::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, Place<A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the arguments for the last run; `None` if another may follow.
    fn take_for_last_run(this: &mut Arc<Self>) -> Option<A> {
        let place = Arc::get_mut(this)?.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        place.args.take().map(Foreign::into_inner)
    }

    /// Waits until no other run has the arguments, and takes them.
    async fn take(this: Arc<Self>) -> Taken<A> {
        let args = poll_fn(|cx| {
            // A waker is foreign code, which runs without the lock.
            let waker = cx.waker().clone();
            let mut place = this.lock();
            match place.args.take() {
                Some(args) => {
                    drop(place);
                    drop(waker);
                    Poll::Ready(args)
                }
                None => {
                    if !place.waiting.iter().any(|other| other.will_wake(&waker)) {
                        place.waiting.push(waker);
                    }
                    Poll::Pending
                }
            }
        });
        let args = args.await;
        Taken { turns: this, args: Some(args) }
    }
}

/// The arguments that a run has. They go back when this is dropped.
pub struct Taken<A> {
    turns: Arc<Turns<A>>,
    args: Option<Foreign<A>>,
}

impl<A> Deref for Taken<A> {
    type Target = A;

    fn deref(&self) -> &A {
        self.args.as_ref().expect("a run has the arguments until it ends")
    }
}

impl<A> DerefMut for Taken<A> {
    fn deref_mut(&mut self) -> &mut A {
        self.args.as_mut().expect("a run has the arguments until it ends")
    }
}

impl<A> Drop for Taken<A> {
    fn drop(&mut self) {
        let mut waiting = {
            let mut place = self.turns.lock();
            place.args = self.args.take();
            std::mem::take(&mut place.waiting)
        };
        contain(None, &mut || wake_each(std::mem::take(&mut waiting)));
    }
}

impl<A> fmt::Debug for Taken<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taken").finish_non_exhaustive()
    }
}

/// Runs the rest of a call behind `next` in its turn: with `start` if no other run follows, else with `again`.
fn run_in_turn<'b, N, A, O, F, G>(
    next: N,
    mut turns: Arc<Turns<A>>,
    start: impl Fn(N, A) -> F + Send + 'b,
    again: impl Fn(N, Taken<A>) -> G + Send + 'b,
) -> BoxFuture<'b, O>
where
    N: Send + 'b,
    A: Send + 'b,
    F: Future<Output = O> + Send,
    G: Future<Output = O> + Send,
{
    Box::pin(async move {
        if let Some(args) = Turns::take_for_last_run(&mut turns) {
            return start(next, args).await;
        }
        let taken = Turns::take(turns).await;
        again(next, taken).await
    })
}

/// The arguments of a rest that has not run.
enum Args<A> {
    Alone(Foreign<A>),
    Shared(Arc<Turns<A>>),
}

pin_project! {
    /// The rest of a call with its arguments, in the future of a wrapper.
    pub struct AsyncBound<'b, N, A, O, F, S, C, R> {
        #[pin]
        state: State<'b, N, A, O, F>,
        start: S,
        another: C,
        again: R,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<'b, N, A, O, F> {
        /// It has not run.
        Bound { rest: Option<(N, Args<A>)> },
        /// It runs, and nothing else does.
        Alone { #[pin] future: F },
        /// It runs, and others may.
        Shared { future: BoxFuture<'b, O> },
        /// It is dropped.
        Over,
    }
}

impl<N, A, O, F, S, C, R, G> AsyncBound<'_, N, A, O, F, S, C, R>
where
    F: Future<Output = O>,
    S: Fn(N, A) -> F,
    C: Fn(&N) -> N,
    R: Fn(N, Taken<A>) -> G,
    G: Future<Output = O>,
{
    /// Returns the rest behind `next` with `args`.
    ///
    /// `start` runs it with its arguments, `another` returns a `next` for another run, and `again` runs the rest with
    /// arguments that other runs need, too.
    #[inline]
    pub fn new(next: N, args: A, start: S, another: C, again: R) -> Self {
        let rest = Some((next, Args::Alone(Foreign::new(args, None))));
        Self { state: State::Bound { rest }, start, another, again }
    }
}

impl<N, A, O, F, S, C, R> fmt::Debug for AsyncBound<'_, N, A, O, F, S, C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncBound").finish_non_exhaustive()
    }
}

/// An [`AsyncBound`] without its types.
trait BoundErased<'n, O>: Send {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O>;

    /// Returns another run of the rest, which has not run.
    fn another(self: Pin<&mut Self>) -> Box<dyn Another<'n, O> + 'n>;

    /// Drops the rest.
    fn end(self: Pin<&mut Self>);
}

impl<'b, N, A, O, F, S, C, R, G> AsyncBound<'b, N, A, O, F, S, C, R>
where
    N: Send + 'b,
    A: Send + 'b,
    F: Future<Output = O> + Send,
    S: Fn(N, A) -> F + Copy + Send + 'b,
    R: Fn(N, Taken<A>) -> G + Copy + Send + 'b,
    G: Future<Output = O> + Send,
{
    /// Makes the future of the rest.
    ///
    /// Wrappers may nest a thousand deep. So the frame with a future that is moved is not below them.
    #[inline(never)]
    fn begin(self: Pin<&mut Self>) {
        let mut this = self.project();
        let StateProjection::Bound { rest } = this.state.as_mut().project() else { return };
        let Some((next, args)) = rest.take() else { unreachable!("a rest starts once") };
        match args {
            Args::Alone(args) => {
                let future = (this.start)(next, args.into_inner());
                this.state.set(State::Alone { future });
            }
            Args::Shared(turns) => {
                let future = run_in_turn(next, turns, *this.start, *this.again);
                this.state.set(State::Shared { future });
            }
        }
    }
}

impl<'n, 'b: 'n, N, A, O, F, S, C, R, G> BoundErased<'n, O> for AsyncBound<'b, N, A, O, F, S, C, R>
where
    N: Send + Sync + 'b,
    A: Send + 'b,
    F: Future<Output = O> + Send,
    S: Fn(N, A) -> F + Copy + Send + Sync + 'b,
    C: Fn(&N) -> N + Copy + Send + Sync + 'n,
    R: Fn(N, Taken<A>) -> G + Copy + Send + Sync + 'b,
    G: Future<Output = O> + Send,
{
    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        if let StateProjection::Bound { .. } = self.as_mut().project().state.project() {
            self.as_mut().begin();
        }
        let this = self.project();
        match this.state.project() {
            StateProjection::Alone { future } => future.poll(cx),
            StateProjection::Shared { future } => future.as_mut().poll(cx),
            _ => unreachable!("a rest is dropped once it is not polled again"),
        }
    }

    fn another(self: Pin<&mut Self>) -> Box<dyn Another<'n, O> + 'n> {
        let this = self.project();
        let StateProjection::Bound { rest } = this.state.project() else {
            unreachable!("`next` is consumed by `run`")
        };
        let Some((next, args)) = rest.take() else { unreachable!("a rest starts once") };
        let turns = match args {
            Args::Alone(args) => Arc::new(Turns::new(args)),
            Args::Shared(turns) => turns,
        };
        let (start, another, again) = (*this.start, *this.another, *this.again);
        let other = Other { next: another(&next), turns: Arc::clone(&turns), start, another, again };
        *rest = Some((next, Args::Shared(turns)));
        Box::new(other)
    }

    fn end(self: Pin<&mut Self>) {
        self.project().state.set(State::Over);
    }
}

/// Another run of the rest of a call, which has not run.
trait Another<'n, O>: Send + Sync {
    fn run(self: Box<Self>) -> BoxFuture<'n, O>;

    fn another(&self) -> Box<dyn Another<'n, O> + 'n>;
}

struct Other<N, A, S, C, R> {
    next: N,
    turns: Arc<Turns<A>>,
    start: S,
    another: C,
    again: R,
}

impl<'n, N, A, O, F, S, C, R, G> Another<'n, O> for Other<N, A, S, C, R>
where
    N: Send + Sync + 'n,
    A: Send + 'n,
    F: Future<Output = O> + Send,
    S: Fn(N, A) -> F + Copy + Send + Sync + 'n,
    C: Fn(&N) -> N + Copy + Send + Sync + 'n,
    R: Fn(N, Taken<A>) -> G + Copy + Send + Sync + 'n,
    G: Future<Output = O> + Send,
{
    fn run(self: Box<Self>) -> BoxFuture<'n, O> {
        run_in_turn(self.next, self.turns, self.start, self.again)
    }

    fn another(&self) -> Box<dyn Another<'n, O> + 'n> {
        let Self { turns, start, another, again, .. } = self;
        let (next, turns) = (another(&self.next), Arc::clone(turns));
        Box::new(Self { next, turns, start: *start, another: *another, again: *again })
    }
}

/// The `next` of an async wrapper of the point `P` that takes no argument of it: [`run`](Self::run) passes the arguments on
/// unchanged.
///
/// `#[extension]` writes this type for [`Next<'_>`](crate::Next). `O` is the outcome of a call.
#[must_use = "the rest of the call does not run unless `run` is awaited"]
pub struct AsyncBoundNext<'n, O, P>(Bound<'n, O>, PhantomData<fn() -> P>);

enum Bound<'n, O> {
    /// In a mutex, so that it is `Sync`.
    First(Mutex<First<'n, O>>),
    Other(Box<dyn Another<'n, O> + 'n>),
}

impl<'n, O, P> AsyncBoundNext<'n, O, P> {
    /// Returns a `next` with the rest, which is dropped with it.
    #[doc(hidden)]
    #[inline]
    pub fn new<'b: 'n, N, A, F, S, C, R, G>(rest: Pin<&'n mut AsyncBound<'b, N, A, O, F, S, C, R>>) -> Self
    where
        N: Send + Sync + 'b,
        A: Send + 'b,
        F: Future<Output = O> + Send,
        S: Fn(N, A) -> F + Copy + Send + Sync + 'b,
        C: Fn(&N) -> N + Copy + Send + Sync + 'n,
        R: Fn(N, Taken<A>) -> G + Copy + Send + Sync + 'b,
        G: Future<Output = O> + Send,
    {
        Self(Bound::First(Mutex::new(First(Some(rest)))), PhantomData)
    }

    /// Runs the rest of the call and returns its outcome.
    // Without a name, so that the compiler suggests a forgotten `.await`.
    #[inline]
    pub fn run(self) -> impl Future<Output = O> + use<'n, O, P> {
        Running(match self.0 {
            Bound::First(first) => Run::First(first.into_inner().unwrap_or_else(PoisonError::into_inner)),
            Bound::Other(other) => Run::Other(other.run()),
        })
    }
}

impl<O, P> AsyncBoundNext<'_, O, P> {
    /// Returns a `next` that runs the rest of the call once more. Runs of a point with a `&mut` argument have it in turn.
    ///
    /// A method of its own, so that the compiler explains an unmet bound.
    #[expect(clippy::should_implement_trait, reason = "it does")]
    pub fn clone(&self) -> Self
    where
        P: RunsAgain<Argument: RepeatedArgument<P>>,
    {
        const { repeats::<P>() };
        let other = match &self.0 {
            Bound::First(first) => {
                let mut first = first.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(rest) = &mut first.0 else { unreachable!("`next` is consumed by `run`") };
                rest.as_mut().another()
            }
            Bound::Other(other) => other.another(),
        };
        Self(Bound::Other(other), PhantomData)
    }
}

impl<O, P> Clone for AsyncBoundNext<'_, O, P>
where
    P: RunsAgain<Argument: RepeatedArgument<P>>,
{
    fn clone(&self) -> Self {
        Self::clone(self)
    }
}

impl<O, P> fmt::Debug for AsyncBoundNext<'_, O, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").finish_non_exhaustive()
    }
}

/// The rest in the future of the wrapper; `None` once it is over. The drop of this ends it.
struct First<'n, O>(Option<Pin<&'n mut (dyn BoundErased<'n, O> + 'n)>>);

impl<O> Drop for First<'_, O> {
    #[inline]
    fn drop(&mut self) {
        if let Some(rest) = &mut self.0 {
            rest.as_mut().end();
        }
    }
}

/// The rest of a call that runs.
struct Running<'n, O>(Run<'n, O>);

enum Run<'n, O> {
    First(First<'n, O>),
    Other(BoxFuture<'n, O>),
}

impl<O> Future for Running<'_, O> {
    type Output = O;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<O> {
        match &mut self.0 {
            Run::First(first) => {
                let rest = first.0.as_mut().expect("a rest that is over is not polled again");
                let polled = rest.as_mut().poll(cx);
                if polled.is_ready() {
                    first.0 = None;
                }
                polled
            }
            Run::Other(other) => other.as_mut().poll(cx),
        }
    }
}
