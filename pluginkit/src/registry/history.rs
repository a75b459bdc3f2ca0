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

/// A historic call that is under way. Its event is in the history, and is taken out again unless the call
/// [succeeds](Self::succeed).
pub(crate) struct Remembering {
    /// `None` after the manager is dropped.
    registry: Option<Arc<Registry>>,
    number: u64,
    has_succeeded: bool,
}

impl Remembering {
    /// Adds `event` to the history of the manager, if there is one still.
    pub(crate) fn begin(registry: Option<Arc<Registry>>, event: &Arc<HistoricEvent>) -> Self {
        let number =
            registry.as_ref().map_or(u64::MAX, |registry| registry.look(|state| state.remember(event)));
        Self { registry, number, has_succeeded: false }
    }

    /// Returns whether the call runs the extensions of a plugin. To a plugin that was registered later, the call is
    /// replayed.
    pub(crate) fn reaches(&self, owner: &Owner) -> bool {
        // In this order: the number is there before the replays are over.
        !owner.replaying.load(Ordering::Acquire) && owner.replayed.load(Ordering::Acquire) <= self.number
    }

    /// Keeps the event in the history.
    pub(crate) fn succeed(&mut self) {
        self.has_succeeded = true;
    }
}

impl Drop for Remembering {
    fn drop(&mut self) {
        if let (Some(registry), false) = (&self.registry, self.has_succeeded) {
            registry.change(|state, deferred| deferred.push(state.forget(self.number)));
        }
    }
}

/// Returns those of the implementations that get replays: all but those that their options turn off.
fn replayed(implementations: &[Arc<Implementation>]) -> impl Iterator<Item = &Arc<Implementation>> {
    implementations.iter().filter(|each| each.options().enabled)
}

impl State {
    /// Adds an event to the history and returns its number.
    fn remember(&mut self, event: &Arc<HistoricEvent>) -> u64 {
        let number = self.events;
        self.events += 1;
        self.history.insert(number, Arc::clone(event));
        self.remembered.entry(event.point).or_default().insert(number);
        number
    }

    /// Takes an event out of the history.
    fn forget(&mut self, number: u64) -> Option<Arc<HistoricEvent>> {
        let event = self.history.remove(&number)?;
        if let Some(numbers) = self.remembered.get_mut(&event.point) {
            numbers.remove(&number);
            if numbers.is_empty() {
                self.remembered.remove(&event.point);
            }
        }
        Some(event)
    }

    /// Notes whether there are events to replay to a plugin that is wired now.
    pub(super) fn begin_replays(&self, owner: &Owner, implementations: &[Arc<Implementation>]) {
        owner.replayed.store(self.events, Ordering::Release);
        owner.replaying.store(self.to_replay(implementations).is_some(), Ordering::Release);
    }

    /// Returns the first of the implementations with events to replay.
    pub(super) fn to_replay<'i>(
        &self,
        implementations: &'i [Arc<Implementation>],
    ) -> Option<&'i Arc<Implementation>> {
        replayed(implementations).find(|each| self.remembered.contains_key(&each.contribution.point))
    }

    /// Returns whether there are events from `seen` on for `implementations`.
    #[cfg(feature = "macros")]
    pub(super) fn has_events_from(&self, seen: u64, implementations: &[Arc<Implementation>]) -> bool {
        let events = |each: &Arc<Implementation>| self.remembered.get(&each.contribution.point);
        replayed(implementations)
            .filter_map(events)
            .any(|events| events.last().is_some_and(|last| *last >= seen))
    }
}

impl Registry {
    /// Returns the events from `seen` on for `implementations`, those of the plugin `owner`. Once there are none left
    /// it returns `None`, and calls reach the plugin.
    pub(crate) fn due(
        &self,
        owner: &Owner,
        implementations: &[Arc<Implementation>],
        seen: &mut u64,
    ) -> Option<Vec<Arc<HistoricEvent>>> {
        let state = self.lock();
        let own: BTreeSet<_> = replayed(implementations).map(|each| each.contribution.point).collect();
        let events = own.iter().filter_map(|point| state.remembered.get(point));
        let mut numbers: Vec<u64> = events.flat_map(|numbers| numbers.range(*seen..).copied()).collect();
        numbers.sort_unstable();
        let due: Vec<_> =
            numbers.into_iter().filter_map(|number| state.history.get(&number).cloned()).collect();
        *seen = state.events;
        if due.is_empty() {
            owner.replayed.store(*seen, Ordering::Release);
            owner.replaying.store(false, Ordering::Release);
            return None;
        }
        Some(due)
    }
}

/// Returns the pairs to replay to one plugin in order: each event, and each implementation that it reaches.
fn due<'r>(
    implementations: &'r [Arc<Implementation>],
    events: &'r [Arc<HistoricEvent>],
) -> impl Iterator<Item = (&'r HistoricEvent, &'r Arc<Implementation>)> {
    events.iter().flat_map(move |event| {
        let mut own: Vec<_> =
            replayed(implementations).filter(|each| each.contribution.point == event.point).collect();
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
