//! Historic calls, remembered for plugins that are registered later.

use std::any::TypeId;
use std::collections::BTreeSet;
#[cfg(feature = "macros")]
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
#[cfg(feature = "macros")]
use std::task::Poll;

use crate::base::boxed::BoxError;
use crate::base::drops::Foreign;
#[cfg(feature = "macros")]
use crate::base::drops::message;
#[cfg(feature = "async")]
use crate::base::futures::BoxFuture;
use crate::error::Error;
use crate::plugin::implementation::{Implementation, Owner};
use crate::registry::{Registry, State};

/// A function that runs one implementation on a remembered call.
pub(crate) enum Replay {
    Direct(DirectReplay),
    #[cfg(feature = "async")]
    Awaited(Box<dyn AwaitedReplay>),
}

pub(crate) type DirectReplay = Box<dyn Fn(&Arc<Implementation>) -> Result<(), BoxError> + Send + Sync>;

/// Runs one implementation on a remembered call, awaiting it.
#[cfg(feature = "async")]
pub(crate) trait AwaitedReplay: Send + Sync {
    fn replay<'r>(&'r self, implementation: &'r Arc<Implementation>) -> BoxFuture<'r, Result<(), BoxError>>;
}

/// One remembered call.
pub(crate) struct HistoricEvent {
    pub(crate) point: TypeId,
    /// The arguments of the call, and how to pass them.
    pub(crate) replay: Foreign<Replay>,
}

impl HistoricEvent {
    pub(crate) fn new<P: 'static>(replay: Replay) -> Self {
        Self { point: TypeId::of::<P>(), replay: Foreign::new(replay, None) }
    }
}

impl Registry {
    /// Remembers `event` if `settled` returns that the call has reached every plugin.
    pub(crate) fn remember(&self, event: &Arc<HistoricEvent>, settled: impl FnOnce() -> bool) -> bool {
        let mut state = self.lock();
        let settled = settled();
        if settled {
            let at = state.history.len();
            state.history.push(Arc::clone(event));
            state.remembered.entry(event.point).or_default().push(at);
        }
        settled
    }

    /// Returns the events from `seen` on for `implementations`, those of the plugin `owner`. Once there are none left
    /// it returns `None`, and calls reach the plugin.
    pub(crate) fn due(
        &self,
        owner: &Owner,
        implementations: &[Arc<Implementation>],
        seen: &mut usize,
    ) -> Option<Vec<Arc<HistoricEvent>>> {
        let state = self.lock();
        let own: BTreeSet<_> = implementations.iter().map(|each| each.contribution.point).collect();
        let mut places: Vec<usize> = Vec::new();
        for places_of_point in own.iter().filter_map(|point| state.remembered.get(point)) {
            places.extend(&places_of_point[places_of_point.partition_point(|place| place < seen)..]);
        }
        places.sort_unstable();
        let due: Vec<_> = places.into_iter().map(|place| Arc::clone(&state.history[place])).collect();
        *seen = state.history.len();
        if due.is_empty() {
            owner.replaying.store(false, Ordering::Release);
            return None;
        }
        Some(due)
    }
}

impl State {
    /// Returns whether there are events from `seen` on for `implementations`.
    #[cfg(feature = "macros")]
    pub(super) fn has_events_from(&self, seen: usize, implementations: &[Arc<Implementation>]) -> bool {
        let events = |each: &Arc<Implementation>| self.remembered.get(&each.contribution.point);
        implementations
            .iter()
            .filter_map(events)
            .any(|events| events.last().is_some_and(|last| *last >= seen))
    }
}

/// Returns the pairs to replay to one plugin in order: each event, and each implementation that it reaches.
fn due<'r>(
    implementations: &'r [Arc<Implementation>],
    events: &'r [Arc<HistoricEvent>],
) -> impl Iterator<Item = (&'r HistoricEvent, &'r Arc<Implementation>)> {
    events.iter().flat_map(move |event| {
        let mut own: Vec<_> =
            implementations.iter().filter(|each| each.contribution.point == event.point).collect();
        own.sort_by_key(|each| each.place);
        own.into_iter().map(move |implementation| (&**event, implementation))
    })
}

fn failed(implementation: &Implementation, source: BoxError) -> Error {
    let point = implementation.contribution.info;
    Error::Replay { plugin: implementation.plugin().clone(), point, source }
}

/// Replays `events` to the implementations of one plugin while it stays registered.
pub(crate) fn replay(
    implementations: &[Arc<Implementation>],
    events: &[Arc<HistoricEvent>],
) -> Result<(), Error> {
    for (event, implementation) in due(implementations, events) {
        if !implementation.owner.registered.load(Ordering::Acquire) {
            break;
        }
        let replayed = match &*event.replay {
            Replay::Direct(replay) => replay(implementation),
            #[cfg(feature = "async")]
            Replay::Awaited(_) => unreachable!("a manager remembers calls of its own kind only"),
        };
        replayed.map_err(|error| failed(implementation, error))?;
    }
    Ok(())
}

/// Replays `events` as [`replay`] does, and awaits them.
#[cfg(feature = "async")]
pub(crate) async fn replay_async(
    implementations: &[Arc<Implementation>],
    events: &[Arc<HistoricEvent>],
) -> Result<(), Error> {
    for (event, implementation) in due(implementations, events) {
        if !implementation.owner.registered.load(Ordering::Acquire) {
            break;
        }
        let replayed = match &*event.replay {
            Replay::Direct(replay) => replay(implementation),
            Replay::Awaited(replay) => replay.replay(implementation).await,
        };
        replayed.map_err(|error| failed(implementation, error))?;
    }
    Ok(())
}

/// Replays `events` as the manager needs, synchronously or not. A panic counts as a failure.
#[cfg(feature = "macros")]
pub(crate) async fn replay_caught(
    implementations: &[Arc<Implementation>],
    events: &[Arc<HistoricEvent>],
) -> Result<(), Error> {
    for (event, implementation) in due(implementations, events) {
        if !implementation.owner.registered.load(Ordering::Acquire) {
            break;
        }
        let mut work = std::pin::pin!(async {
            match &*event.replay {
                Replay::Direct(replay) => replay(implementation),
                #[cfg(feature = "async")]
                Replay::Awaited(replay) => replay.replay(implementation).await,
            }
        });
        let replayed = std::future::poll_fn(|cx| {
            let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
            polled.unwrap_or_else(|panic| Poll::Ready(Err(format!("it panicked: {}", message(panic)).into())))
        });
        replayed.await.map_err(|error| failed(implementation, error))?;
    }
    Ok(())
}
