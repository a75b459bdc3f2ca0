//! The rest of an async call, and the loop over the extensions for each mode.

use std::fmt;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};

use crate::base::drops::Gathered;
use crate::call::arguments::{AsyncArguments, AsyncWrapArguments, ThreadedArguments};
use crate::call::asynchronous::inside::Inside;
use crate::call::asynchronous::{AsyncChain, Entry};
use crate::call::pipeline::running;
use crate::call::trace::{Span, Tracer};
use crate::erased::room::{ExtensionFuture, Slot};
use crate::spec::point::AsyncExtensionPoint;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

/// The rest of an async call, which a wrapper of a point written by hand runs around.
///
/// Each method runs it in one mode, at most once. It borrows from the call, and so lives no longer.
pub struct AsyncRest<'n, P: AsyncExtensionPoint> {
    pub(super) chain: AsyncChain<'n, P>,
    pub(super) tracer: Option<&'n Tracer<'n>>,
    pub(super) depth: usize,
    /// How many extensions may be under way at once, if not one after the other.
    pub(super) beside: Option<NonZeroUsize>,
}

/// What comes next in an async call.
enum Step<'n, P: AsyncExtensionPoint, A> {
    /// A wrapper, which decides on the rest.
    Wrapper(&'n P::AsyncWrapper, Option<Span<'n, 'n>>, AsyncRest<'n, P>, A),
    /// The extensions: no wrapper is left.
    Extensions(Extensions<'n, P>, A),
}

impl<'n, P: AsyncExtensionPoint> AsyncRest<'n, P> {
    fn step<O, A: AsyncWrapArguments<P, O>>(mut self, args: A) -> Step<'n, P, A> {
        let Self { chain, tracer, .. } = self;
        while let Some(wrapper) = chain.wrappers.get(self.depth) {
            let place = self.depth;
            self.depth += 1;
            let mut span = Tracer::wrapper(tracer, place);
            let asks = chain.snapshot.wraps_conditionally && chain.snapshot.asks(place);
            // A panic in a predicate is the plugin's.
            if asks && !Span::inside(span.as_ref(), || args.accepts_async_wrapper(wrapper)) {
                Span::skip_any(span);
                continue;
            }
            if let Some(span) = &mut span {
                span.started();
            }
            return Step::Wrapper(wrapper, span, self, args);
        }
        Step::Extensions(Extensions { chain, tracer, beside: self.beside }, args)
    }
}

/// Goes down a chain: a wrapper runs around the rest, or `$extensions` with `$args` run `$loop`.
///
/// The loop is on the heap: wrappers may stand a thousand deep, and each would take its room on the stack.
macro_rules! descend {
    ($next:expr, $args:ident, $outcome:ty, |$extensions:ident| $loop:expr) => {
        match $next.step::<$outcome, A>($args) {
            Step::Wrapper(wrapper, span, rest, args) => {
                let work = {
                    let _entered = Span::enter(span.as_ref());
                    args.wrap_async(wrapper, rest)
                };
                match span {
                    None => work.await,
                    Some(span) => watched(span, work, A::outcome_error_text).await,
                }
            }
            Step::Extensions($extensions, $args) => on_heap(move || $loop).await,
        }
    };
}

/// What `make` makes, on the heap, without taking room on the stack of whoever polls.
#[inline(never)]
fn on_heap<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::pin(make())
}

/// Awaits what a wrapper does under its span.
async fn watched<O>(
    span: Span<'_, '_>,
    work: ExtensionFuture<'_, O>,
    error_text: fn(&O) -> Option<String>,
) -> O {
    let (mut work, mut over) = (pin!(Some(work)), pin!(None));
    let outcome = Inside::new(Some(&span), work.as_mut()).limited(over.as_mut()).await;
    span.end(error_text(&outcome).as_deref());
    outcome
}

/// Runs `$extensions` one after the other on `$args`, and `$body` on what each returns.
macro_rules! each {
    ($extensions:ident, $args:ident, |$returned:ident| $body:expr) => {
        let (mut room, count) = ($extensions.chain.room(), $extensions.len());
        let snapshot = $extensions.chain.snapshot;
        let plain = $extensions.tracer.is_none() && !snapshot.conditional && !snapshot.limited;
        let awaited = $extensions.chain.snapshot.shelf.extensions_if::<P::AsyncExtension>();
        if let Some(awaited) = awaited.filter(|_| plain) {
            let mut index = 0;
            while let Some(extension) = awaited.get(index) {
                index += 1;
                let $returned = $args.call_async(extension, Slot::of(&mut room), index == count).await;
                $body
            }
        } else {
            let spares = $extensions.spares();
            for index in 0..count {
                let last = index + 1 == count;
                let returned = if spares {
                    // On the heap, to keep it out of the futures of all other calls.
                    Box::pin($extensions.attend::<S, R, A>(index, last, &mut $args, &mut room)).await
                } else {
                    $extensions.turn(index, last, &mut $args, &mut room).await
                };
                let Some($returned) = returned else { continue };
                $body
            }
        }
        $extensions.chain.leave(&room);
    };
}

impl<P: AsyncExtensionPoint> AsyncRest<'_, P> {
    /// The rest of a collecting call.
    pub async fn collect<S, R, A>(self, args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, Many<S, R>>,
    {
        descend!(self, args, Many<S, R>, |extensions| async move {
            match extensions.beside {
                None => extensions.collect::<S, R, A>(args).await,
                Some(limit) => extensions.collect_beside::<S, R, A>(args, limit).await,
            }
        })
    }

    /// The rest of a firstresult call.
    pub async fn first<S, R, A>(self, args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + AsyncWrapArguments<P, One<S, R>>,
    {
        descend!(self, args, One<S, R>, |extensions| extensions.first::<S, R, A>(args))
    }

    /// The rest of a call of a pipeline whose extensions always return the next value.
    pub async fn thread<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item> + AsyncWrapArguments<P, Threaded<S, R>>,
    {
        descend!(self, args, Threaded<S, R>, |extensions| extensions.thread::<S, R, A>(args))
    }

    /// The rest of a call of a pipeline whose extensions may abstain.
    pub async fn thread_optional<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item> + AsyncWrapArguments<P, Threaded<S, R>>,
    {
        descend!(self, args, Threaded<S, R>, |extensions| extensions.thread_optional::<S, R, A>(args))
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncRest<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("chain", &self.chain).field("depth", &self.depth).finish_non_exhaustive()
    }
}

/// The plain extensions of an async chain, as the innermost step of a call.
pub(super) struct Extensions<'n, P: AsyncExtensionPoint> {
    pub(super) chain: AsyncChain<'n, P>,
    pub(super) tracer: Option<&'n Tracer<'n>>,
    pub(super) beside: Option<NonZeroUsize>,
}

impl<'n, P: AsyncExtensionPoint> Extensions<'n, P> {
    pub(super) fn len(&self) -> usize {
        self.chain.len()
    }

    pub(super) fn entry(&self, index: usize) -> Entry<'n, P> {
        Entry::of(self.chain.snapshot.extension(index))
    }

    pub(super) async fn collect<S, R, A>(self, mut args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        let mut items = Gathered(if S::EXACT { Vec::with_capacity(self.len()) } else { Vec::new() });
        each!(self, args, |returned| match S::split(returned) {
            Ok(Some(item)) => items.0.push(item),
            Ok(None) => {}
            Err(error) => {
                Tracer::drop_left(self.tracer, items);
                return S::lift(Err(error));
            }
        });
        S::lift(Ok(S::all(items.into_vec())))
    }

    pub(super) async fn first<S, R, A>(self, mut args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R>,
    {
        each!(self, args, |returned| match S::split(returned) {
            Ok(None) => {}
            answer => return S::lift(answer),
        });
        S::lift(Ok(None))
    }

    pub(super) async fn thread<S, R, A>(self, mut args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item>,
    {
        if self.spares() {
            return Box::pin(self.thread_on::<S, R, A>(args)).await;
        }
        each!(self, args, |returned| match S::value(returned) {
            Ok(changed) => *args.threaded() = Some(changed),
            Err(error) => return S::lift(Err(error)),
        });
        S::lift(Ok(running(&mut args)))
    }

    pub(super) async fn thread_optional<S, R, A>(self, mut args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: AsyncArguments<P, R> + ThreadedArguments<S::Item>,
    {
        each!(self, args, |returned| match S::split(returned) {
            Ok(None) => {}
            Ok(Some(changed)) => *args.threaded() = Some(changed),
            Err(error) => return S::lift(Err(error)),
        });
        S::lift(Ok(running(&mut args)))
    }
}
