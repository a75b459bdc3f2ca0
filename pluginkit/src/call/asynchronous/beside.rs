//! Extensions that run at the same time: [`run_beside`].
//!
//! The first failure that arrives ends the call, as that of a `try_join` does. A call with a reducer ends as if its extensions
//! had run one after the other: an earlier item may end it, too. So a failure waits there for the extensions before it. Those
//! behind it are dropped at once, and no others start. A panic is caught and waits like an error. At the end it unwinds, or
//! fails a guarded call.

use std::future::poll_fn;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};
use pin_project_lite::pin_project;

use crate::base::drops::{Foreign, drop_each, scope};
use crate::base::name::PluginId;
use crate::call::arguments::AsyncArguments;
use crate::call::asynchronous::concurrent::AtOnce;
use crate::call::asynchronous::ends::{Ends, Judged, Payload, Setback, Stop};
use crate::call::asynchronous::extension::run_in_span;
use crate::call::asynchronous::permits::Permits;
use crate::call::asynchronous::typed::offload;
use crate::call::chain::{self, Chain};
use crate::call::fold::Flow;
use crate::call::outcome::Outcome;
use crate::call::overruns::Visit;
use crate::call::trace::{Span, Tracer};
use crate::call::typed::{Accepts, Awaited};
use crate::erased::future_buffer::{ExtensionFuture, FutureSlot};
use crate::observe::observer::{Observers, report};
use crate::plugin::implementation::{Implementation, Run};
use crate::spec::point::AsyncPointTypes;
use crate::spec::returns::Returns;

/// Runs every extension of `chain`, up to `limit` at the same time, and returns the results in call order.
pub(super) async fn run_beside<P, S, R, A, F>(
    chain: Chain<'_>,
    args: A,
    limit: NonZeroUsize,
) -> S::Lift<F::Success>
where
    P: AsyncPointTypes,
    S: Returns<R>,
    A: AsyncArguments<P, R>,
    F: AtOnce<S, R>,
{
    let mut args = Foreign::new(args, None);
    let mut call = Beside::<S, R, F> {
        items: F::expect(chain.len()),
        ends: Ends::new(chain, F::ENDS_CALLS),
        has_answer: false,
        is_over: false,
        panic: None,
        reads: PhantomData,
    };
    let ran = call.run_each::<P, A>(&mut args, limit).await;
    let ran = ran.and_then(|()| call.run_default::<P, A>(&mut args));
    let Beside { mut items, mut ends, is_over, panic, .. } = call;
    let ended = ran.map(|()| ends.conclude(is_over.then(|| F::counted(&items))));
    if let Some(panic) = panic {
        discard(&ends, true, items);
        resume_unwind(panic.into_inner());
    }
    let outcome = match ended {
        Ok(None) => {
            let behind = F::behind(&mut items).into_iter();
            let mut behind = Some(behind.map(|(index, item)| Foreign::new(item, Some(ends.plugin(index)))));
            ends.drop_behind(false, &mut || drop_each(behind.take().into_iter().flatten()));
            let (mut items, mut success) = (Some(items), None);
            Tracer::of_host(chain.tracer, chain.branch, &mut || success = items.take().map(F::conclude));
            let Some(success) = success else { unreachable!("the items are there") };
            Outcome::<S, R, F::Success>::new(S::lift(Ok(success)), F::discard)
        }
        Ok(Some(setback)) => {
            // The failure is in a variable that contains its destructor.
            discard(&ends, matches!(setback, Setback::Panicked(_)), items);
            let kept = match setback {
                Setback::Failed(kept) => kept,
                Setback::Panicked(panic) => resume_unwind(panic.into_inner()),
                Setback::Expired(..) => return std::future::pending().await,
            };
            let error = A::kept(kept.into_inner()).map(S::split).and_then(Result::err);
            let Some(error) = error else { unreachable!("an error is kept as one of its type") };
            Outcome::<S, R, F::Success>::new(S::lift(Err(error)), F::discard)
        }
        Err(error) => {
            let outcome = Outcome::<S, R, F::Success>::new(S::lift(Err(error)), F::discard);
            discard(&ends, false, items);
            outcome
        }
    };
    // Dropped while the outcome is in a variable that contains its destructor.
    let mut args = Some(args);
    Tracer::drop_used(chain.tracer, &mut || args = None);
    outcome.into_inner()
}

/// The state of a call whose extensions run at the same time.
struct Beside<'c, S: Returns<R>, R, F: AtOnce<S, R>> {
    items: F::Arrived,
    ends: Ends<'c>,
    /// Whether an extension has returned an item.
    has_answer: bool,
    /// Whether the items have ended the call, or the reducer has panicked.
    is_over: bool,
    /// The panic of the reducer.
    panic: Option<Payload>,
    reads: PhantomData<fn(S, R)>,
}

impl<S: Returns<R>, R, F: AtOnce<S, R>> Beside<'_, S, R, F> {
    /// Runs all extensions but the default body, until the call ends.
    ///
    /// # Errors
    ///
    /// Returns an error that waits for no other extensions.
    async fn run_each<P, A>(&mut self, args: &mut A, limit: NonZeroUsize) -> Result<(), S::Error>
    where
        P: AsyncPointTypes,
        A: AsyncArguments<P, R>,
    {
        let chain = self.ends.chain;
        // The default body runs when all others have not answered.
        let count = chain.len() - usize::from(chain.snapshot.has_default);
        let mut running = Some(Running::new(&chain.snapshot.observers));
        let mut next = 0;
        let mut failed = Ok(());
        while let Some(working) = running.as_mut().filter(|_| !self.is_over) {
            let (index, done) = if next < self.ends.bound(count) && working.left < limit.get() {
                let index = next;
                next += 1;
                let own = self.ends.own(index);
                match Payload::caught(|| begin::<P, R, A>(&own, index, args)) {
                    Ok(None) => {
                        self.arrive(index, None);
                        continue;
                    }
                    Ok(Some(Begun { extension, span, work })) if work.is_some() || chain.snapshot.limited => {
                        let work = run(extension, chain.snapshot.limited, span, work, A::error_text);
                        working.push(index, attend(self.ends.guarded, own.visit(index), work));
                        continue;
                    }
                    Ok(Some(Begun { extension, span, .. })) => {
                        (index, Ok(Done::MayRun(extension, Permits::default(), span)))
                    }
                    Err(panic) => (index, Err(Stop::Panicked(panic))),
                }
            } else {
                match working.next().await {
                    Some(done) => done,
                    None => break,
                }
            };
            let returned = done.and_then(|done| called::<P, R, A>(done, args));
            match self.ends.judge::<P, S, R, A>(index, returned) {
                Judged::Arrives(item) => self.arrive(index, item),
                Judged::Bounds if F::ENDS_CALLS => {
                    self.ends.drop_behind(self.has_panicked(), &mut || working.drop_from(index + 1));
                }
                Judged::Bounds => break,
                Judged::Ends(error) => {
                    // Dropped while the error is in a variable that contains its destructor.
                    failed = Err((index, Foreign::new(error, None)));
                    break;
                }
            }
        }
        self.ends.drop_behind(self.has_panicked(), &mut || running = None);
        failed.map_err(|(index, error)| {
            self.ends.conclude_with(index);
            error.into_inner()
        })
    }

    /// Returns whether the call ends with a panic, unless earlier items end it.
    fn has_panicked(&self) -> bool {
        self.panic.is_some() || self.ends.has_panicked()
    }

    /// Runs the default body, if no other extension has answered and none has ended the call.
    ///
    /// # Errors
    ///
    /// Returns the error of the default body.
    fn run_default<P, A>(&mut self, args: &mut A) -> Result<(), S::Error>
    where
        P: AsyncPointTypes,
        A: AsyncArguments<P, R>,
    {
        let chain = self.ends.chain;
        if !chain.snapshot.has_default || self.has_answer || self.is_over || self.ends.failing.is_some() {
            return Ok(());
        }
        let index = chain.len() - 1;
        let own = self.ends.own(index);
        let returned = Payload::caught(|| {
            let Begun { extension, span, .. } = begin_default(&own, index)?;
            let call = || args.call(extension.object().get::<P::Extension>(), true);
            let returned = Span::inside(span.as_ref(), call);
            Some(shown(span, returned, A::error_text))
        });
        let judged = match returned.transpose() {
            None => Judged::Arrives(None),
            Some(returned) => self.ends.judge::<P, S, R, A>(index, returned.map_err(Stop::Panicked)),
        };
        match judged {
            Judged::Arrives(item) => self.arrive(index, item),
            Judged::Bounds => {}
            Judged::Ends(error) => {
                let error = Foreign::new(error, None);
                self.ends.conclude_with(index);
                return Err(error.into_inner());
            }
        }
        Ok(())
    }

    /// Takes in the item of the extension at `index`; `None` if it has none. A reducer is code of the host.
    fn arrive(&mut self, index: usize, item: Option<S::Item>) {
        self.has_answer |= item.is_some();
        let (mut item, mut flow) = (Some(item), Flow::Next);
        let Chain { tracer, branch, .. } = self.ends.chain;
        let items = &mut self.items;
        let mut arrive = || flow = F::arrive(items, index, item.take().flatten());
        let arrived = Payload::caught(|| Tracer::of_host(tracer, branch, &mut arrive));
        self.panic = arrived.err();
        self.is_over = flow == Flow::Done || self.panic.is_some();
    }
}

/// Drops the results of a call that fails.
fn discard<T>(ends: &Ends<'_>, has_panicked: bool, items: T) {
    let mut items = Some(items);
    ends.drop_behind(has_panicked, &mut || items = None);
}

/// An extension that has begun, with its work if it is awaited.
struct Begun<'w, R> {
    extension: &'w Implementation,
    span: Option<Span<'w, 'w>>,
    work: Option<Contained<ExtensionFuture<'w, R>>>,
}

/// Begins the extension at `index`, if its predicate accepts the call.
fn begin<'w, P, R, A>(own: &Chain<'w>, index: usize, args: &A) -> Option<Begun<'w, R>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R> + 'w,
{
    let extension = &**own.snapshot.extension(index);
    let span = own.span(own.position(index));
    let span = chain::begin(extension, span, &|extension| Awaited::accepts(args, extension))?;
    let work = Span::inside(span.as_ref(), || start::<P, R, A>(args, extension));
    Some(Begun { extension, span, work: work.map(|work| Contained::new(work, extension.plugin())) })
}

/// Begins the default body, which is the extension at `index`.
fn begin_default<'w>(own: &Chain<'w>, index: usize) -> Option<Begun<'w, ()>> {
    let extension = &**own.snapshot.extension(index);
    let span = chain::begin(extension, own.span(own.position(index)), &|_| true)?;
    Some(Begun { extension, span, work: None })
}

/// Starts an extension while others run; `None` if it is called, not awaited.
fn start<'w, P, R, A>(args: &A, extension: &'w Implementation) -> Option<ExtensionFuture<'w, R>>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R> + 'w,
{
    if extension.contribution.run == Run::Awaited {
        return Some(
            args.call_concurrently(extension.object().get::<P::AsyncExtension>(), FutureSlot::own()),
        );
    }
    offload::<P, R, A>(args, extension)
}

/// The state of one extension of a concurrent call.
enum Done<'w, R> {
    Returned(R),
    /// An extension that is called, not awaited, and has its permits.
    MayRun(&'w Implementation, Permits, Option<Span<'w, 'w>>),
}

/// Awaits one extension while others run. For an extension that is called, it awaits the permits.
async fn run<'w, R>(
    extension: &'w Implementation,
    is_limited: bool,
    span: Option<Span<'w, 'w>>,
    work: Option<Contained<ExtensionFuture<'w, R>>>,
    error_text: fn(&R) -> Option<String>,
) -> Done<'w, R> {
    let Some(work) = work else {
        let permits = Permits::acquire(span.as_ref(), extension).await;
        return Done::MayRun(extension, permits, span);
    };
    let returned = if is_limited {
        let work = Permits::run(span.as_ref(), extension, work.0.into_inner());
        Contained::new(work, extension.plugin()).await
    } else {
        run_in_span(span.as_ref(), work).await
    };
    Done::Returned(shown(span, returned, error_text))
}

/// Returns the result of an extension, which is called now if it was not awaited.
fn called<P, R, A>(done: Done<'_, R>, args: &mut A) -> Result<R, Stop>
where
    P: AsyncPointTypes,
    A: AsyncArguments<P, R>,
{
    let (extension, permits, span) = match done {
        Done::Returned(returned) => return Ok(returned),
        Done::MayRun(extension, permits, span) => (extension, permits, span),
    };
    let called = Payload::caught(|| {
        let call = || args.call(extension.object().get::<P::Extension>(), false);
        let returned = permits.call(|| Span::inside(span.as_ref(), call));
        shown(span, returned, A::error_text)
    });
    called.map_err(Stop::Panicked)
}

/// Ends the span of an extension, and returns its result.
fn shown<R>(span: Option<Span<'_, '_>>, returned: R, error_text: fn(&R) -> Option<String>) -> R {
    let Some(span) = span else { return returned };
    // In a variable that contains its destructor, while observers see the end.
    let returned = Foreign::new(returned, None);
    span.end(error_text(&returned).as_deref());
    returned.into_inner()
}

/// Awaits an extension until it panics or, in a guarded call, expires.
async fn attend<T>(
    guarded: Option<&Tracer<'_>>,
    visit: Visit,
    work: impl Future<Output = T>,
) -> Result<T, Stop> {
    let mut work = pin!(Some(work));
    poll_fn(|cx| {
        let Some(running) = work.as_mut().as_pin_mut() else { return Poll::Pending };
        match Payload::caught(|| running.poll(cx)) {
            Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
            Ok(Poll::Pending) => match guarded.filter(|tracer| tracer.overruns.has_expired_at(visit)) {
                Some(tracer) => {
                    tracer.drop_returned(visit.position, &mut || work.set(None));
                    Poll::Ready(Err(Stop::Expired))
                }
                None => Poll::Pending,
            },
            Err(panic) => Poll::Ready(Err(Stop::Panicked(panic))),
        }
    })
    .await
}

pin_project! {
    /// The work of the extension at an index. It can be dropped where it is pinned.
    struct Numbered<F> {
        index: usize,
        #[pin]
        work: Option<F>,
    }
}

impl<F: Future> Future for Numbered<F> {
    type Output = Option<(usize, F::Output)>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.work.as_pin_mut() {
            Some(work) => work.poll(cx).map(|done| Some((*this.index, done))),
            None => Poll::Ready(None),
        }
    }
}

/// The futures of a concurrent call. After an error or a panic, they are dropped one at a time, in call order.
struct Running<'s, F> {
    futures: FuturesUnordered<Numbered<F>>,
    /// The number of those that are neither ready nor dropped.
    left: usize,
    observers: &'s Observers,
}

impl<'s, F> Running<'s, F> {
    fn new(observers: &'s Observers) -> Self {
        Self { futures: FuturesUnordered::new(), left: 0, observers }
    }

    fn push(&mut self, index: usize, work: F) {
        self.futures.push(Numbered { index, work: Some(work) });
        self.left += 1;
    }

    /// Drops the work of the extensions from `index` on.
    fn drop_from(&mut self, index: usize) {
        let Self { futures, left, observers } = self;
        let is_dropped = |each: &Pin<&mut Numbered<F>>| each.index >= index && each.work.is_some();
        let mut all: Vec<_> = Pin::new(futures).iter_pin_mut().filter(is_dropped).collect();
        all.sort_by_key(|each| each.index);
        *left -= all.len();
        let mut all = Some(all.into_iter().map(Dropping));
        scope(&|panic| report(observers, panic), &mut || drop_each(all.take().into_iter().flatten()));
    }
}

/// Work that is dropped where it is pinned.
struct Dropping<'f, F>(Pin<&'f mut Numbered<F>>);

impl<F> Drop for Dropping<'_, F> {
    fn drop(&mut self) {
        self.0.as_mut().project().work.set(None);
    }
}

impl<F: Future> Running<'_, F> {
    /// Awaits the next that is ready; `None` if none is left.
    async fn next(&mut self) -> Option<(usize, F::Output)> {
        while self.left > 0 {
            // One that was dropped may be woken.
            if let Some(done) = self.futures.next().await.flatten() {
                self.left -= 1;
                return Some(done);
            }
        }
        None
    }
}

impl<F> Drop for Running<'_, F> {
    fn drop(&mut self) {
        if self.left > 0 {
            self.drop_from(0);
        }
    }
}

/// A future of a plugin, with its destructor contained.
struct Contained<F>(Foreign<F>);

impl<F> Contained<F> {
    fn new(future: F, plugin: &PluginId) -> Self {
        Self(Foreign::new(future, Some(plugin)))
    }
}

impl<F: Future + Unpin> Future for Contained<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut *self.0).poll(cx)
    }
}
