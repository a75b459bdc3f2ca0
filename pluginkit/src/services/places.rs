//! [`Places`]: the places that the services of a plugin have left.

use std::collections::{BTreeMap, HashMap};

use crate::services::Key;

/// The places of services that a plugin provides no longer. The next services of the same kinds get them.
///
/// There are at most as many as the plugin has had services at once, so that names which are used once fill no memory.
#[derive(Default)]
pub(super) struct Places {
    /// The kind and the number of each place, in the order in which they were left.
    left: BTreeMap<u64, (Key, u64)>,
    /// The numbers of the places of each kind, with the keys in `left`.
    by_key: HashMap<Key, BTreeMap<u64, u64>>,
    /// The key of the next one in `left`.
    next: u64,
    /// The largest number of services that the plugin has had at once.
    most: usize,
}

impl Places {
    /// Notes that the plugin has this number of services.
    pub(super) fn note(&mut self, services: usize) {
        self.most = self.most.max(services);
    }

    /// Notes the place of a service that the plugin provides no longer.
    pub(super) fn leave(&mut self, key: Key, place: u64) {
        self.by_key.entry(key.clone()).or_default().insert(place, self.next);
        self.left.insert(self.next, (key, place));
        self.next += 1;
    }

    /// Returns the first place for a service of a kind, which is not free any more.
    pub(super) fn claim(&mut self, key: &Key) -> Option<u64> {
        let (&place, _) = self.by_key.get(key)?.first_key_value()?;
        self.remove(key, place);
        Some(place)
    }

    fn remove(&mut self, key: &Key, place: u64) {
        let Some(own) = self.by_key.get_mut(key) else { return };
        if let Some(at) = own.remove(&place) {
            self.left.remove(&at);
        }
        if own.is_empty() {
            self.by_key.remove(key);
        }
    }

    /// Forgets the places that were left first, as far as there are too many beside this number of services.
    pub(super) fn forget(&mut self, services: usize) {
        while self.left.len() + services > self.most {
            let Some((_, (key, place))) = self.left.first_key_value() else { break };
            let (key, place) = (key.clone(), *place);
            self.remove(&key, place);
        }
    }

    /// Returns the numbers of all places.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        self.left.values().map(|(_, place)| *place)
    }

    /// Gives the places other numbers.
    pub(super) fn renumber(&mut self, number: impl Fn(u64) -> u64) {
        self.by_key.clear();
        for (at, (key, place)) in &mut self.left {
            *place = number(*place);
            self.by_key.entry(key.clone()).or_default().insert(*place, *at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_that_uses_each_name_once_keeps_the_places_of_the_last_names() {
        let mut places = Places::default();
        let name = |number: u64| Key::Named(format!("session {number}").into());
        places.note(2);
        for number in 0..100 {
            places.leave(name(number), number);
            places.forget(1);
        }
        assert_eq!(places.numbers().collect::<Vec<_>>(), [99]);
        assert_eq!((places.claim(&name(98)), places.claim(&name(99))), (None, Some(99)));
        assert!(places.by_key.is_empty() && places.left.is_empty());
    }

    #[test]
    fn the_first_place_of_a_kind_is_claimed_first_also_by_other_numbers() {
        let mut places = Places::default();
        let (one, other) = (Key::Named("one".into()), Key::Named("other".into()));
        places.note(3);
        for (key, place) in [(&one, 5), (&other, 3), (&one, 4)] {
            places.leave(key.clone(), place);
        }
        places.renumber(|place| 10 - place);
        assert_eq!([places.claim(&one), places.claim(&one), places.claim(&one)], [Some(5), Some(6), None]);
        assert_eq!(places.claim(&other), Some(7));
    }
}
