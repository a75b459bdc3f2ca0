//! [`Kept`]: a value that a program keeps for later, in the program, in a thread or forever.

use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::Stream;
use pluginkit::limits::CircuitBreaker;
use pluginkit::observe::ObserverGuard;
use pluginkit::prelude::*;
use pluginkit_tests::Random;

use crate::canary::Life;
use crate::points::{Points, Speak, Token};
use crate::violations::{must, quietly};
use crate::world::World;

pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The results of a point, of which some were not asked for yet.
pub(crate) enum Items {
    Iter(Box<dyn Iterator<Item = Token> + Send>),
    Stream(Pin<Box<dyn Stream<Item = Token> + Send>>),
}

/// An iterator or a stream, and the plugins that it must keep alive.
pub(crate) struct Walk {
    items: Items,
    /// How many items are to come, if that is known.
    left: Option<usize>,
    lives: Vec<Arc<Life>>,
}

impl Walk {
    pub(crate) fn new(items: Items, left: Option<usize>, lives: Vec<Arc<Life>>) -> Self {
        Self { items, left, lives }
    }

    fn must_hold(&self) {
        for life in &self.lives {
            life.must_last("an iterator or a stream");
        }
    }

    /// Asks for some items. Returns whether it has ended.
    pub(crate) fn advance(&mut self, waker: &Waker, items: usize) -> bool {
        for _ in 0..items {
            self.must_hold();
            // One that panics or ends may let go of its plugins, and owes nothing more.
            let (left, lives) = (self.left.take(), std::mem::take(&mut self.lives));
            let item = match &mut self.items {
                Items::Iter(iter) => Poll::Ready(iter.next()),
                Items::Stream(stream) => stream.as_mut().poll_next(&mut Context::from_waker(waker)),
            };
            let left = match (left, &item) {
                (Some(0), Poll::Ready(Some(_))) => {
                    must(false, format_args!("an iterator has more items than its snapshot has extensions"));
                    None
                }
                (Some(left), Poll::Ready(Some(_))) => Some(left - 1),
                (Some(left), Poll::Ready(None)) => {
                    must(left == 0, format_args!("an iterator ended {left} items before its snapshot"));
                    None
                }
                (left, _) => left,
            };
            match item {
                Poll::Ready(None) => return true,
                Poll::Ready(Some(item)) => item.check(),
                Poll::Pending => {}
            }
            (self.left, self.lives) = (left, lives);
        }
        self.must_hold();
        false
    }
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.must_hold();
    }
}

/// Something that keeps plugins alive, or changes managers when it is dropped.
pub(crate) enum Kept {
    Walk(Walk),
    Work(Work),
    Caller(Caller<pluginkit::point!(Points::gather)>),
    AsyncCaller(AsyncCaller<pluginkit::point!(Points::gather)>),
    Service(Arc<dyn Speak>),
    Breaker(CircuitBreaker),
    Token(Token),
    #[expect(dead_code, reason = "it is kept to be dropped")]
    Plugin(AnyPlugin),
    #[expect(dead_code, reason = "it is kept to be dropped")]
    Guard(ObserverGuard),
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

/// What is never dropped. It stays reachable, so that what else is lost shows.
static FORGOTTEN: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

/// Keeps it forever.
pub(crate) fn forget(kept: Kept) {
    FORGOTTEN.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
}

/// Takes out what was to be kept forever.
pub(crate) fn recall() -> Option<Kept> {
    FORGOTTEN.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

/// What one thread keeps until it ends.
struct Local(RefCell<Vec<Kept>>);

impl Drop for Local {
    fn drop(&mut self) {
        let kept = std::mem::take(&mut *self.0.borrow_mut());
        for kept in kept {
            quietly(|| drop(kept));
        }
    }
}

thread_local! {
    static LOCAL: Local = const { Local(RefCell::new(Vec::new())) };
}

/// Keeps it until this thread ends, unless it is about to.
pub(crate) fn keep_in_thread(kept: Kept) {
    let mut kept = Some(kept);
    let _ = LOCAL.try_with(|local| {
        let mut all = local.0.borrow_mut();
        if all.len() < 8 {
            all.extend(kept.take());
        }
    });
    drop(kept);
}

/// Takes out something that this thread keeps.
pub(crate) fn take_from_thread() -> Option<Kept> {
    LOCAL.try_with(|local| local.0.borrow_mut().pop()).ok().flatten()
}

/// Puts something away: for the program, for this thread, or forever.
pub(crate) fn put_away(world: &World, kept: Kept, random: &mut Random) {
    match random.below(8) {
        0 if world.traits.forgets => forget(kept),
        0 | 1 => keep_in_thread(kept),
        _ if world.is_full() => drop(kept),
        _ => world.keep(kept),
    }
}
