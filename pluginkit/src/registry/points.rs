//! [`Points`]: the points of a manager, found by their types.

use std::any::TypeId;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::Arc;

use crate::base::sync::OnceLock;
use crate::registry::Slot;

/// The number of bits of a hash that select a child of a node.
const BITS: u32 = 3;

/// The slots of all points. Points are added and never removed.
///
/// So a look-up needs neither a lock nor a reference count. It descends a tree whose nodes are set once, by a few bits
/// of the hash at each step.
#[derive(Default)]
pub(super) struct Points {
    root: OnceLock<Box<Node>>,
}

struct Node {
    id: TypeId,
    slot: Arc<Slot>,
    children: [OnceLock<Box<Node>>; 1 << BITS],
}

impl Points {
    #[inline]
    pub(super) fn get(&self, id: TypeId) -> Option<&Arc<Slot>> {
        let mut hash = hash(id);
        let mut place = &self.root;
        loop {
            let node = place.get()?;
            if node.id == id {
                return Some(&node.slot);
            }
            place = node.child(&mut hash);
        }
    }

    /// Adds a point; only one thread at a time may.
    pub(super) fn add(&self, id: TypeId, slot: Arc<Slot>) {
        let mut hash = hash(id);
        let mut place = &self.root;
        while let Some(node) = place.get() {
            place = node.child(&mut hash);
        }
        place.get_or_init(|| Box::new(Node { id, slot, children: Default::default() }));
    }
}

impl Node {
    /// Returns the child for the next bits of `hash`.
    #[inline]
    fn child(&self, hash: &mut u64) -> &OnceLock<Box<Self>> {
        let bits = usize::try_from(*hash % (1 << BITS)).unwrap_or_default();
        *hash = hash.rotate_right(BITS);
        &self.children[bits]
    }
}

#[inline]
fn hash(id: TypeId) -> u64 {
    IdHash::default().hash_one(id)
}

/// A map with types as keys.
pub(super) type IdMap<V> = HashMap<TypeId, V, IdHash>;

/// Uses ids of types as they are, because they are hashes. It mixes the bits of addresses, which no caller can choose.
pub(super) type IdHash = BuildHasherDefault<IdHasher>;

#[derive(Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }

    #[inline]
    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }

    #[inline]
    fn write_usize(&mut self, address: usize) {
        // To both ends, as maps look at either; the factor is odd and otherwise of no pattern.
        self.0 = (address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }

    /// Ids of types do not use this today.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
}
