//! The chain of an async manager: the same contracts as the sync one, awaited.
//!
//! | file | what it holds |
//! |---|---|
//! | here | the snapshot: extensions and wrappers in call order |
//! | `next` | the steps down a chain and one loop per mode |
//! | `turn` | one extension or wrapper: its predicate, its span, its places, its timeout |
//! | `seat` | the places of an extension that is called |
//! | `calls` | what a handle offers: `call`, `try_call` and their relatives, per mode |
//! | `beside` | the collecting loop that runs extensions at once |
//! | `historic` | the loop that also remembers |
//! | `guard` | futures whose panics and overruns are caught, and calls that go on after them |
//! | `inside` | futures that are polled inside what they run in |
//!
//! A future owns the snapshot it works on and borrows the arguments, nothing else.

mod beside;
mod calls;
mod guard;
mod historic;
mod inside;
mod next;
mod seat;
mod turn;

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::call::chain::Plain;
use crate::call::trace::Tracer;
use crate::erased::Row;
use crate::erased::room::Room;
use crate::plugin::implementation::{Implementation, Run};
use crate::registry::Snapshot;
use crate::spec::point::AsyncExtensionPoint;

pub use next::AsyncRest;

/// One extension of an async manager.
pub(crate) enum Entry<'c, P: AsyncExtensionPoint> {
    /// A `fn`, called in place.
    Direct(&'c P::Extension),
    /// An `async fn`, awaited in place.
    Awaited(&'c P::AsyncExtension),
    /// A `fn`, run on the blocking pool.
    Offloaded(&'c Arc<P::Extension>),
}

impl<'c, P: AsyncExtensionPoint> Entry<'c, P> {
    pub(crate) fn of(implementation: &'c Implementation) -> Self {
        match implementation.contribution.run {
            Run::Awaited => Self::Awaited(&**implementation.object()),
            Run::OnPool if P::OFFLOADS => Self::Offloaded(implementation.object()),
            Run::OnPool | Run::InPlace => Self::Direct(&**implementation.object()),
        }
    }
}

/// The snapshot an async call works on, which its future owns.
pub(crate) struct AsyncKept<P: AsyncExtensionPoint> {
    snapshot: Arc<Snapshot>,
    point: PhantomData<fn() -> P>,
}

impl<P: AsyncExtensionPoint> AsyncKept<P> {
    pub(crate) fn new(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot, point: PhantomData }
    }

    /// The extensions, if a call may call them one after the other and do nothing else.
    fn in_place(&self) -> Option<Plain<'_, P>> {
        if self.snapshot.in_place { Some(Plain::of(&self.snapshot)) } else { None }
    }

    /// Whether a call has nothing to do but to run the extensions.
    fn is_plain(&self) -> bool {
        self.snapshot.plain
    }

    /// Its chain.
    fn chain(&self) -> AsyncChain<'_, P> {
        AsyncChain { snapshot: &self.snapshot, wrappers: self.snapshot.shelf.wrappers() }
    }
}

impl<P: AsyncExtensionPoint> Deref for AsyncKept<P> {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

/// The extensions and wrappers of one point of an async manager at one moment, in call order.
struct AsyncChain<'c, P: AsyncExtensionPoint> {
    snapshot: &'c Snapshot,
    wrappers: Row<'c, P::AsyncWrapper>,
}

#[expect(
    clippy::expl_impl_clone_on_copy,
    reason = "a derive would ask the objects of the point to be `Clone`"
)]
impl<P: AsyncExtensionPoint> Clone for AsyncChain<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: AsyncExtensionPoint> Copy for AsyncChain<'_, P> {}

impl<'c, P: AsyncExtensionPoint> AsyncChain<'c, P> {
    /// How many extensions there are.
    fn len(self) -> usize {
        self.snapshot.implementations().len() - self.wrappers.len()
    }

    /// Room for the futures of the extensions, as large as was needed before.
    fn room(&self) -> Room {
        Room::of(self.snapshot.room.load(Ordering::Relaxed))
    }

    /// Remembers how much room was needed.
    fn leave(&self, room: &Room) {
        if room.wanted() > self.snapshot.room.load(Ordering::Relaxed) {
            self.snapshot.room.store(room.wanted(), Ordering::Relaxed);
        }
    }

    /// Follows a call, for its observers if there are any.
    fn tracer(&self) -> Option<Tracer<'c>> {
        let observers = self.snapshot.observers.as_ref()?;
        Some(Tracer::new(P::INFO, self.snapshot.implementations(), Some(observers)))
    }

    /// Follows a call, to tell whose a failure is and who takes too long.
    fn timed(&self) -> Tracer<'c> {
        Tracer::timed(self.snapshot, P::INFO)
    }

    /// The rest of a call that starts.
    fn start<'n>(self, tracer: Option<&'n Tracer<'n>>, beside: Option<NonZeroUsize>) -> AsyncRest<'n, P>
    where
        'c: 'n,
    {
        AsyncRest { chain: self, tracer, depth: 0, beside }
    }
}

impl<P: AsyncExtensionPoint> fmt::Debug for AsyncChain<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncChain")
            .field("point", &format_args!("{}", P::INFO))
            .field("extensions", &self.len())
            .field("wrappers", &self.wrappers.len())
            .finish_non_exhaustive()
    }
}
