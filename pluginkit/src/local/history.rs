//! Historic calls, remembered for plugins that are registered later.
//!
//! The rules are those of the other managers. No plugin code runs while the history is borrowed.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::{Rc, Weak};

use crate::base::boxed::BoxError;
use crate::base::drops::{Foreign, drop_each};
use crate::error::Error;
use crate::local::implementation::{Implementation, Owner};

/// Runs one extension on a remembered call.
pub(super) type Replay<'p> = dyn Fn(&Implementation<'p>) -> Result<(), BoxError> + 'p;

/// One remembered call.
pub(super) struct Event<'p> {
    point: TypeId,
    /// The arguments of the call, and how to pass them.
    replay: Foreign<Box<Replay<'p>>>,
}

impl<'p> Event<'p> {
    pub(super) fn new<P: 'static>(
        replay: impl Fn(&Implementation<'p>) -> Result<(), BoxError> + 'p,
    ) -> Rc<Self> {
        Rc::new(Self { point: TypeId::of::<P>(), replay: Foreign::new(Box::new(replay), None) })
    }
}

/// The remembered calls of one manager.
#[derive(Default)]
pub(super) struct History<'p> {
    /// The number of the next event.
    next: u64,
    events: BTreeMap<u64, Rc<Event<'p>>>,
    /// The numbers of the events of each point.
    of_point: HashMap<TypeId, BTreeSet<u64>>,
}

/// A history that points know, too.
pub(super) type Shared<'p> = Rc<RefCell<History<'p>>>;

impl<'p> History<'p> {
    fn remember(&mut self, event: &Rc<Event<'p>>) -> u64 {
        let number = self.next;
        self.next += 1;
        self.events.insert(number, Rc::clone(event));
        self.of_point.entry(event.point).or_default().insert(number);
        number
    }

    fn forget(&mut self, number: u64) -> Option<Rc<Event<'p>>> {
        let event = self.events.remove(&number)?;
        if let Some(numbers) = self.of_point.get_mut(&event.point) {
            numbers.remove(&number);
        }
        Some(event)
    }

    /// Takes out all events.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = Rc<Event<'p>>> + use<'p> {
        self.of_point.clear();
        std::mem::take(&mut self.events).into_values()
    }

    /// Notes whether there are events to replay to a plugin that is wired now.
    pub(super) fn begin_replays(&self, owner: &Owner, implementations: &[Rc<Implementation<'p>>]) {
        owner.replayed.set(self.next);
        let has_events = |each: &Rc<Implementation<'_>>| {
            self.of_point.get(&each.contribution.point).is_some_and(|numbers| !numbers.is_empty())
        };
        owner.replaying.set(replayed(implementations).any(has_events));
    }

    /// Returns the events from `seen` on for `implementations`, those of the plugin `owner`. Once there are none left it
    /// returns `None`, and calls reach the plugin.
    fn due(
        &self,
        owner: &Owner,
        implementations: &[Rc<Implementation<'p>>],
        seen: &mut u64,
    ) -> Option<Vec<Rc<Event<'p>>>> {
        let points: BTreeSet<_> = replayed(implementations).map(|each| each.contribution.point).collect();
        let numbers = points.iter().filter_map(|point| self.of_point.get(point));
        let numbers: BTreeSet<u64> = numbers.flat_map(|numbers| numbers.range(*seen..).copied()).collect();
        let due: Vec<_> = numbers.iter().filter_map(|number| self.events.get(number).cloned()).collect();
        *seen = self.next;
        if due.is_empty() {
            owner.replayed.set(*seen);
            owner.replaying.set(false);
            return None;
        }
        Some(due)
    }
}

/// Returns those of the implementations that get replays: all but those that their options turn off.
fn replayed<'i, 'p>(
    implementations: &'i [Rc<Implementation<'p>>],
) -> impl Iterator<Item = &'i Rc<Implementation<'p>>> {
    implementations.iter().filter(|each| each.contribution.options.enabled)
}

/// Replays past calls to the implementations of the plugin `owner`, as long as it is registered.
pub(super) fn replay<'p>(
    history: &Shared<'p>,
    owner: &Owner,
    implementations: &[Rc<Implementation<'p>>],
) -> Result<(), Error> {
    let mut seen = 0;
    loop {
        let due = history.borrow().due(owner, implementations, &mut seen);
        let Some(events) = due else { return Ok(()) };
        let replayed = events.iter().try_for_each(|event| replay_event(event, owner, implementations));
        // An event that failed meanwhile may have no other owner. Dropped while the result is in a variable.
        let replayed = Foreign::new(replayed, None);
        drop_each(events);
        replayed.into_inner()?;
    }
}

fn replay_event<'p>(
    event: &Event<'p>,
    owner: &Owner,
    implementations: &[Rc<Implementation<'p>>],
) -> Result<(), Error> {
    let own = replayed(implementations).filter(|each| each.contribution.point == event.point);
    let mut own: Vec<_> = own.collect();
    own.sort_by_key(|each| each.place);
    for each in own {
        if !owner.registered.get() {
            break;
        }
        (event.replay)(each).map_err(|source| Error::Replay {
            plugin: owner.id.clone(),
            point: each.contribution.info,
            source,
        })?;
    }
    Ok(())
}

/// A historic call that is under way. Its event is in the history, and is taken out again unless the call
/// [succeeds](Self::succeed).
pub(super) struct Remembering<'p> {
    /// `None` after the manager is dropped.
    history: Option<Shared<'p>>,
    number: u64,
    has_succeeded: bool,
}

impl<'p> Remembering<'p> {
    /// Adds `event` to the history of the manager, if there is one still.
    pub(super) fn begin(history: &Weak<RefCell<History<'p>>>, event: &Rc<Event<'p>>) -> Self {
        let history = history.upgrade();
        let number = history.as_ref().map_or(u64::MAX, |history| history.borrow_mut().remember(event));
        Self { history, number, has_succeeded: false }
    }

    /// Returns whether the call runs the extensions of a plugin. To a plugin that was registered later, the call is
    /// replayed.
    pub(super) fn reaches(&self, owner: &Owner) -> bool {
        !owner.replaying.get() && owner.replayed.get() <= self.number
    }

    /// Keeps the event in the history.
    pub(super) fn succeed(&mut self) {
        self.has_succeeded = true;
    }
}

impl Drop for Remembering<'_> {
    fn drop(&mut self) {
        if let (Some(history), false) = (&self.history, self.has_succeeded) {
            let event = history.borrow_mut().forget(self.number);
            drop_each(event);
        }
    }
}
