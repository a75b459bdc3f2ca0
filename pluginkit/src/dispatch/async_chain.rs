//! The chain of an async manager: the same contracts as the sync one, awaited.
//!
//! A future that an extension returns borrows what the call holds, which no closure can hand out, so
//! the loops themselves stand in generated code; what they decide is here.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::dispatch::trace::{self, Span, Tracer};
use crate::implementation::{Implementation, Role};
use crate::point::AsyncExtensionPoint;
use crate::registry::Snapshot;
use crate::returns::{Many, One, Returns};

/// One extension of an async manager.
pub enum Entry<P: AsyncExtensionPoint> {
    /// A `fn`, called in place.
    Direct(Arc<P::Extension>),
    /// An `async fn`, awaited in place.
    Awaited(Arc<P::AsyncExtension>),
}

impl<P: AsyncExtensionPoint> fmt::Debug for Entry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Direct(_) => "Direct",
            Self::Awaited(_) => "Awaited",
        })
    }
}

/// The objects of one point of an async manager.
struct Objects<P: AsyncExtensionPoint> {
    extensions: Box<[Entry<P>]>,
    wrappers: Box<[Arc<P::AsyncWrapper>]>,
}

/// Takes the objects of `P` out of its implementations.
pub(crate) fn typed<P: AsyncExtensionPoint>(
    implementations: &[Arc<Implementation>],
) -> Box<dyn Any + Send + Sync> {
    let mut extensions = Vec::new();
    let mut wrappers = Vec::new();
    for implementation in implementations {
        let contribution = &implementation.contribution;
        match (contribution.role, contribution.is_async) {
            (Role::Extension, false) => extensions.push(Entry::Direct(Arc::clone(implementation.object()))),
            (Role::Extension, true) => extensions.push(Entry::Awaited(Arc::clone(implementation.object()))),
            (Role::Wrapper, _) => wrappers.push(Arc::clone(implementation.object())),
        }
    }
    Box::new(Objects::<P> { extensions: extensions.into(), wrappers: wrappers.into() })
}

/// The snapshot an async call works on, which its future owns.
pub struct AsyncKept<P: AsyncExtensionPoint> {
    snapshot: Arc<Snapshot>,
    point: PhantomData<fn() -> P>,
}

impl<P: AsyncExtensionPoint> AsyncKept<P> {
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot, point: PhantomData }
    }

    /// Its chain.
    pub fn chain(&self) -> AsyncChain<'_, P> {
        let objects: &Objects<P> = self.snapshot.typed();
        AsyncChain { snapshot: &self.snapshot, extensions: &objects.extensions, wrappers: &objects.wrappers }
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncKept<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.chain(), f)
    }
}

/// The extensions and wrappers of one point of an async manager at one moment, in call order.
pub struct AsyncChain<'c, P: AsyncExtensionPoint> {
    snapshot: &'c Snapshot,
    extensions: &'c [Entry<P>],
    wrappers: &'c [Arc<P::AsyncWrapper>],
}

impl<'c, P: AsyncExtensionPoint> AsyncChain<'c, P> {
    /// Follows a call, for its observers if there are any.
    pub fn follow(&self) -> Followed<'c> {
        let observers = self.snapshot.observers.as_ref();
        let tracer = observers.map(|all| Tracer::new(P::INFO, &self.snapshot.implementations, Some(all)));
        Followed { tracer }
    }

    /// The rest of a call that starts.
    pub fn start<'n>(&'n self, followed: &'n Followed<'c>) -> AsyncRawNext<'n, P>
    where
        'c: 'n,
    {
        AsyncRawNext {
            snapshot: self.snapshot,
            extensions: self.extensions,
            wrappers: self.wrappers,
            tracer: followed.tracer.as_ref(),
            depth: 0,
        }
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncChain<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncChain")
            .field("point", &format_args!("{}", P::INFO))
            .field("extensions", &self.extensions.len())
            .field("wrappers", &self.wrappers.len())
            .finish_non_exhaustive()
    }
}

/// Follows one async call.
pub struct Followed<'c> {
    tracer: Option<Tracer<'c>>,
}

impl<'c> Followed<'c> {
    /// Opens the span of the whole call.
    pub fn call(&self) -> Ended<'_, 'c> {
        Ended(self.tracer.as_ref().map(Tracer::call))
    }
}

impl fmt::Debug for Followed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Followed").field("observed", &self.tracer.is_some()).finish()
    }
}

/// Something under way that observers may hear of.
pub struct Ended<'t, 'c>(Option<Span<'t, 'c>>);

impl Ended<'_, '_> {
    /// Ends it with a value or with an error, which `describe` turns into a text.
    pub fn end<E>(self, error: Option<&E>, describe: impl Fn(&E) -> String) {
        if let Some(span) = self.0 {
            span.end(error.map(describe).as_deref());
        }
    }
}

impl fmt::Debug for Ended<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended").field("observed", &self.0.is_some()).finish()
    }
}

/// The rest of an async call, before the point's own arguments are put around it.
pub struct AsyncRawNext<'n, P: AsyncExtensionPoint> {
    snapshot: &'n Snapshot,
    extensions: &'n [Entry<P>],
    wrappers: &'n [Arc<P::AsyncWrapper>],
    tracer: Option<&'n Tracer<'n>>,
    depth: usize,
}

impl<'n, P: AsyncExtensionPoint> AsyncRawNext<'n, P> {
    /// What comes next: a wrapper, or the extensions.
    pub fn step(self) -> AsyncStep<'n, P> {
        if self.depth < self.wrappers.len() {
            AsyncStep::Wrapper(AsyncWrapperStep { next: self })
        } else {
            AsyncStep::Extensions(AsyncExtensions { next: self, index: 0 })
        }
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncRawNext<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("depth", &self.depth).finish_non_exhaustive()
    }
}

/// What comes next in an async call.
#[derive(Debug)]
pub enum AsyncStep<'n, P: AsyncExtensionPoint> {
    /// A wrapper, which decides on the rest.
    Wrapper(AsyncWrapperStep<'n, P>),
    /// The extensions: no wrapper is left.
    Extensions(AsyncExtensions<'n, P>),
}

/// One wrapper of an async call.
#[derive(Debug)]
pub struct AsyncWrapperStep<'n, P: AsyncExtensionPoint> {
    next: AsyncRawNext<'n, P>,
}

impl<'n, P: AsyncExtensionPoint> AsyncWrapperStep<'n, P> {
    /// Whether the wrapper has a predicate and that says no; `accepts` asks it.
    pub fn declines(&self, accepts: impl FnOnce(&P::AsyncWrapper) -> bool) -> bool {
        let AsyncRawNext { snapshot, tracer, depth, .. } = self.next;
        trace::declines(snapshot, tracer, depth, || accepts(&self.next.wrappers[depth]))
    }

    /// The rest of the call, without the wrapper.
    #[must_use]
    pub fn skip(self) -> AsyncRawNext<'n, P> {
        AsyncRawNext { depth: self.next.depth + 1, ..self.next }
    }

    /// The wrapper, what it runs around, and what follows it.
    pub fn begin(self) -> (&'n P::AsyncWrapper, AsyncRawNext<'n, P>, Ended<'n, 'n>) {
        let AsyncRawNext { wrappers, tracer, depth, .. } = self.next;
        let span = tracer.map(|tracer| tracer.implementation(depth));
        if let Some(span) = &span {
            span.started();
        }
        (&*wrappers[depth], self.skip(), Ended(span))
    }
}

/// The extensions of an async call, one after the other.
#[derive(Debug)]
pub struct AsyncExtensions<'n, P: AsyncExtensionPoint> {
    next: AsyncRawNext<'n, P>,
    index: usize,
}

impl<'n, P: AsyncExtensionPoint> AsyncExtensions<'n, P> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.next.extensions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The turn of the next one.
    pub fn turn(&mut self) -> Option<Turn<'n, P>> {
        let AsyncRawNext { snapshot, extensions, wrappers, tracer, .. } = self.next;
        let entry = extensions.get(self.index)?;
        let place = wrappers.len() + self.index;
        self.index += 1;
        Some(Turn {
            entry,
            check: snapshot.implementations[place].contribution.conditional,
            last: self.index == extensions.len(),
            span: tracer.map(|tracer| tracer.implementation(place)),
        })
    }
}

/// One extension whose turn it is.
pub struct Turn<'n, P: AsyncExtensionPoint> {
    entry: &'n Entry<P>,
    check: bool,
    last: bool,
    span: Option<Span<'n, 'n>>,
}

impl<'n, P: AsyncExtensionPoint> Turn<'n, P> {
    /// The extension.
    pub fn entry(&self) -> &'n Entry<P> {
        self.entry
    }

    /// Whether the extension is to run: `accepts` is its predicate, asked only if it has one.
    pub fn admits(&mut self, accepts: impl FnOnce() -> bool) -> bool {
        if self.check && !accepts() {
            if let Some(span) = self.span.take() {
                span.skip();
            }
            return false;
        }
        if let Some(span) = &self.span {
            span.started();
        }
        true
    }

    /// Whether no extension comes after this one, so that it can have owned arguments themselves.
    pub fn is_last(&self) -> bool {
        self.last
    }

    /// Ends the turn with a value or with an error, which `describe` turns into a text.
    pub fn end<E>(self, error: Option<&E>, describe: impl Fn(&E) -> String) {
        Ended(self.span).end(error, describe);
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for Turn<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("entry", self.entry).field("last", &self.last).finish_non_exhaustive()
    }
}

/// What the extensions of an async call have contributed so far.
pub struct Gathered<S: Returns<R>, R> {
    items: Vec<S::Item>,
    error: Option<S::Error>,
}

impl<S: Returns<R>, R> Gathered<S, R> {
    /// Nothing yet, of up to `count` contributions.
    pub fn new(count: usize) -> Self {
        Self { items: if S::EXACT { Vec::with_capacity(count) } else { Vec::new() }, error: None }
    }

    /// Adds what an extension returned; whether the call goes on.
    pub fn add(&mut self, returned: R) -> bool {
        match S::split(returned) {
            Ok(Some(item)) => self.items.push(item),
            Ok(None) => {}
            Err(error) => self.error = Some(error),
        }
        self.error.is_none()
    }

    /// Adds what an extension returned; whether the call goes on, which an answer ends.
    pub fn add_first(&mut self, returned: R) -> bool {
        self.add(returned) && self.items.is_empty()
    }

    /// The outcome of a collecting call.
    pub fn all(self) -> Many<S, R> {
        S::lift(self.error.map_or_else(|| Ok(S::all(self.items)), Err))
    }

    /// The outcome of a firstresult call.
    pub fn first(mut self) -> One<S, R> {
        S::lift(self.error.map_or_else(|| Ok(self.items.pop()), Err))
    }
}

impl<S: Returns<R>, R> fmt::Debug for Gathered<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathered").field("items", &self.items.len()).finish_non_exhaustive()
    }
}
