//! [`Precedence`]: checks that `before` and `after` of the members of one point can be kept.
//!
//! It keeps the members in a possible order, so that a newcomer costs only its own dependencies. Mostly the newcomer
//! fits between the members that it names and those that name it. Otherwise the smaller side of the members between
//! them moves.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::base::make_room::Ends;
use crate::base::name::PluginId;
use crate::base::sequence::Sequence;
use crate::plugin::implementation::{Implementation, Owner, Role};
use crate::spec::names::PluginNames;
use crate::spec::order::Place;

/// The members of one point, in an order that keeps their `before` and `after`.
#[derive(Default)]
pub(super) struct Precedence {
    numbers: BTreeMap<Place, usize>,
    /// By number.
    members: Vec<Member>,
    /// Numbers of removed members, to be used again.
    free: Vec<usize>,
    /// The members of each plugin.
    of: HashMap<PluginId, BTreeSet<usize>>,
    /// The members that name a plugin in their `before`.
    before: HashMap<PluginId, BTreeSet<usize>>,
    /// The members that name a plugin in their `after`.
    after: HashMap<PluginId, BTreeSet<usize>>,
    order: Sequence,
}

/// The properties of a member that its order depends on.
#[derive(Clone)]
struct Member {
    owner: Arc<Owner>,
    role: Role,
    before: PluginNames,
    after: PluginNames,
}

impl Precedence {
    /// Returns whether a member names this plugin.
    pub(super) fn names(&self, plugin: &str) -> bool {
        self.before.contains_key(plugin) || self.after.contains_key(plugin)
    }

    pub(super) fn has(&self, member: &Implementation) -> bool {
        self.numbers.contains_key(&member.place)
    }

    /// Adds a member that is not in, unless that would close a cycle.
    pub(super) fn add(&mut self, member: &Implementation) -> bool {
        let number = self.enter(member);
        let at = self.place_for(number);
        match at {
            Some(at) => self.order.insert(at, number, [0; 2]),
            None => self.leave(&member.place, number),
        }
        at.is_some()
    }

    pub(super) fn remove(&mut self, member: &Implementation) {
        if let Some(&number) = self.numbers.get(&member.place) {
            self.order.remove(number);
            self.leave(&member.place, number);
        }
    }

    fn enter(&mut self, member: &Implementation) -> usize {
        let options = member.options();
        let (before, after) = (options.before.clone(), options.after.clone());
        let owner = Arc::clone(&member.owner);
        let entry = Member { owner, role: member.contribution.role, before, after };
        let number = self.free.pop().unwrap_or(self.members.len());
        self.numbers.insert(member.place, number);
        for name in entry.owner.names() {
            self.of.entry(name.clone()).or_default().insert(number);
        }
        for (names, named) in [(&entry.before, &mut self.before), (&entry.after, &mut self.after)] {
            for name in names {
                named.entry(name.clone()).or_default().insert(number);
            }
        }
        match self.members.get_mut(number) {
            Some(left) => *left = entry,
            None => self.members.push(entry),
        }
        number
    }

    fn leave(&mut self, place: &Place, number: usize) {
        let Member { owner, before, after, .. } = self.members[number].clone();
        self.numbers.remove(place);
        self.free.push(number);
        for name in owner.names() {
            if let Some(own) = self.of.get_mut(name) {
                own.remove(&number);
                if own.is_empty() {
                    self.of.remove(name);
                }
            }
        }
        for (names, named) in [(&before, &mut self.before), (&after, &mut self.after)] {
            for name in names {
                if let Some(those) = named.get_mut(name) {
                    those.remove(&number);
                    if those.is_empty() {
                        named.remove(name);
                    }
                }
            }
        }
    }

    /// Returns the members of the same role that must come later than one, or earlier.
    fn neighbours(&self, own: usize, later: bool) -> impl Iterator<Item = usize> {
        let member = &self.members[own];
        let (names, named) =
            if later { (&member.before, &self.after) } else { (&member.after, &self.before) };
        let those = names.iter().flat_map(|name| {
            let all = self.of.get(name).into_iter().flatten().copied();
            all.filter(|&other| names.mean(name, &self.members[other].owner.id))
        });
        let own = member.owner.names().flat_map(move |name| {
            let all = named.get(name.as_str()).into_iter().flatten().copied();
            all.filter(move |&other| {
                let other = &self.members[other];
                let names = if later { &other.after } else { &other.before };
                names.mean(name, &member.owner.id)
            })
        });
        those.chain(own).filter(|&other| self.members[other].role == member.role)
    }

    /// Returns the position for a member that is not in the order yet, after others have moved if they must; `None` if
    /// it is in a cycle.
    fn place_for(&mut self, own: usize) -> Option<usize> {
        let (mut first_later, mut last_earlier) = (self.order.len(), None);
        for other in self.neighbours(own, true) {
            // Only the newcomer has no position, and it names itself then.
            first_later = first_later.min(self.order.position(other)?);
        }
        for other in self.neighbours(own, false) {
            last_earlier = last_earlier.max(Some(self.order.position(other)?));
        }
        match last_earlier {
            Some(last) if last >= first_later => self.make_room(own, first_later, last),
            _ => Some(first_later),
        }
    }

    /// Moves others so that the newcomer fits between the members that must come earlier and those that must come
    /// later. Returns its position; `None` if it is in a cycle.
    fn make_room(&mut self, own: usize, first: usize, last: usize) -> Option<usize> {
        let mut order = std::mem::take(&mut self.order);
        let neighbours = |number, later| self.neighbours(number, later).collect();
        let ends = Ends { behind: neighbours(own, true), ahead: neighbours(own, false) };
        let at = order.make_room(first..=last, ends, neighbours);
        self.order = order;
        at
    }
}
