//! [`Known`]: values of plugins at points, for observers that need one at each event.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::base::name::PluginId;
use crate::spec::point::PointInfo;

/// Values by the addresses of a point and of the name of a plugin; those of a point alone have no name.
///
/// An event has the name that the registration of the plugin has, so that the address is enough: to hash and to compare the
/// names would cost more than to count. A later plugin of the same name has another address, and a value of its own here.
/// A name is kept as long as its value, so that no other gets its address.
pub(super) struct Known<T> {
    values: HashMap<(usize, usize), Value<T>, BuildHasherDefault<Addresses>>,
}

/// A value, and the name whose address it is found by.
type Value<T> = (Option<PluginId>, T);

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self { values: HashMap::default() }
    }
}

fn addresses(plugin: Option<&PluginId>, point: &'static PointInfo) -> (usize, usize) {
    (std::ptr::from_ref(point).addr(), plugin.map_or(0, |plugin| plugin.as_str().as_ptr().addr()))
}

impl<T> Known<T> {
    /// Returns the value of a plugin at a point.
    pub(super) fn get(&self, plugin: Option<&PluginId>, point: &'static PointInfo) -> Option<&T> {
        self.values.get(&addresses(plugin, point)).map(|(_, value)| value)
    }

    /// Adds a value. When there is no room, the values of plugins that are gone make some.
    pub(super) fn insert(&mut self, plugin: Option<&PluginId>, point: &'static PointInfo, value: T) {
        if self.values.len() == self.values.capacity() {
            self.values.retain(|_, (plugin, _)| plugin.as_ref().is_none_or(PluginId::is_shared));
        }
        self.values.insert(addresses(plugin, point), (plugin.cloned(), value));
    }

    /// Removes the values of a plugin.
    pub(super) fn forget(&mut self, plugin: &str) {
        self.values.retain(|_, (known, _)| known.as_deref() != Some(plugin));
    }
}

/// Hashes addresses.
#[derive(Default)]
struct Addresses(u64);

impl Hasher for Addresses {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        // The product of an odd number with many bits: the upper half depends on all bits of the address.
        self.0 = (self.0.rotate_left(32) ^ address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::point::Mode;

    static POINT: PointInfo = PointInfo::new("Specs", "point", Mode::Collecting, &[]);

    #[test]
    fn a_value_is_that_of_one_registration() {
        let (one, same_name) = (PluginId::from("name"), PluginId::from("name"));
        let mut known = Known::default();
        known.insert(Some(&one), &POINT, 1);
        known.insert(None, &POINT, 2);
        assert_eq!(known.get(Some(&one.clone()), &POINT), Some(&1));
        assert_eq!(known.get(None, &POINT), Some(&2));
        assert_eq!(known.get(Some(&same_name), &POINT), None);
        known.forget("name");
        assert_eq!((known.get(Some(&one), &POINT), known.get(None, &POINT)), (None, Some(&2)));
    }

    #[test]
    fn values_of_plugins_that_are_gone_are_dropped() {
        let (kept, mut known) = (PluginId::from("kept"), Known::default());
        known.insert(Some(&kept), &POINT, 0);
        (0..1000).for_each(|number| known.insert(Some(&PluginId::from("gone")), &POINT, number));
        assert!(known.values.len() < 20, "{}", known.values.len());
        assert_eq!(known.get(Some(&kept), &POINT), Some(&0));
    }
}
