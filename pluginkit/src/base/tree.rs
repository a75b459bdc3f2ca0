//! [`Tree`]: a sorted map whose versions share their common nodes.
//!
//! A clone is a version that stays as it is, at the price of one reference count. A change copies the nodes on
//! the way to its entry, and of those only the ones that another version has, too: a few small arrays,
//! however many entries there are. What a version has alone goes when the version does, so that nothing
//! that was removed is kept by accident.
//!
//! Nodes are split when they are full, dropped when they are empty, and never merged. An iteration meets no more nodes
//! than entries.

use std::sync::Arc;

/// The greatest number of entries of a leaf, or children of a branch.
const WIDTH: usize = 24;

/// A sorted map.
pub(crate) struct Tree<K, V> {
    root: Option<Arc<Node<K, V>>>,
    len: usize,
}

enum Node<K, V> {
    Leaf(Vec<(K, V)>),
    /// Children, each with a key that none of its own is below; that of the first is not looked at.
    Branch(Vec<(K, Arc<Node<K, V>>)>),
}

impl<K, V> Default for Tree<K, V> {
    fn default() -> Self {
        Self { root: None, len: 0 }
    }
}

impl<K, V> Clone for Tree<K, V> {
    fn clone(&self) -> Self {
        Self { root: self.root.clone(), len: self.len }
    }
}

impl<K: Copy, V: Clone> Clone for Node<K, V> {
    fn clone(&self) -> Self {
        match self {
            Self::Leaf(entries) => Self::Leaf(with_room(entries)),
            Self::Branch(children) => Self::Branch(with_room(children)),
        }
    }
}

/// Returns a copy with room for one more item.
fn with_room<T: Clone>(items: &[T]) -> Vec<T> {
    let mut copy = Vec::with_capacity(items.len() + 1);
    copy.extend_from_slice(items);
    copy
}

impl<K: Ord + Copy, V: Clone> Tree<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the value under `key`.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let mut node = self.root.as_deref()?;
        loop {
            match node {
                Node::Branch(children) => node = &children[child(children, key)].1,
                Node::Leaf(entries) => {
                    let at = entries.binary_search_by(|entry| entry.0.cmp(key)).ok()?;
                    return Some(&entries[at].1);
                }
            }
        }
    }

    /// All values, in the order of their keys.
    pub(crate) fn values(&self) -> Vec<V> {
        let mut values = Vec::with_capacity(self.len);
        if let Some(root) = &self.root {
            root.push_values(&mut values);
        }
        values
    }

    /// Adds `value` under `key`, which must be new.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let root = self.root.get_or_insert_with(|| Arc::new(Node::Leaf(Vec::with_capacity(1))));
        self.len += 1;
        if let Some(right) = insert(root, key, value) {
            let left = (right.0, Arc::clone(root));
            *root = Arc::new(Node::Branch(vec![left, right]));
        }
    }

    /// Takes away what is there under `key`.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.get(key)?;
        let root = self.root.as_mut()?;
        let removed = remove(root, key);
        self.len -= 1;
        // A branch of one child is no use at the top.
        while let Node::Branch(children) = &**root
            && let [only] = &children[..]
        {
            *root = Arc::clone(&only.1);
        }
        if self.len == 0 {
            self.root = None;
        }
        removed
    }
}

impl<K: Ord + Copy, V: Clone> Node<K, V> {
    fn push_values(&self, values: &mut Vec<V>) {
        match self {
            Self::Leaf(entries) => values.extend(entries.iter().map(|entry| entry.1.clone())),
            Self::Branch(children) => children.iter().for_each(|child| child.1.push_values(values)),
        }
    }
}

/// Returns the index of the child that has `key`, if any has.
fn child<K: Ord, V>(children: &[(K, V)], key: &K) -> usize {
    // Newcomers go to the end.
    if children.last().is_some_and(|last| last.0 <= *key) {
        return children.len() - 1;
    }
    children[1..].partition_point(|child| child.0 <= *key)
}

/// Adds an entry below `node`, and returns what must stand to its right, if that made it too large.
fn insert<K: Ord + Copy, V: Clone>(
    node: &mut Arc<Node<K, V>>,
    key: K,
    value: V,
) -> Option<(K, Arc<Node<K, V>>)> {
    match Arc::make_mut(node) {
        Node::Leaf(entries) => {
            let is_last = entries.last().is_none_or(|last| last.0 < key);
            let at = if is_last { entries.len() } else { entries.partition_point(|entry| entry.0 < key) };
            entries.insert(at, (key, value));
            split(entries, at).map(|right| (right[0].0, Arc::new(Node::Leaf(right))))
        }
        Node::Branch(children) => {
            let at = child(children, &key);
            let right = insert(&mut children[at].1, key, value)?;
            children.insert(at + 1, right);
            split(children, at + 1).map(|right| (right[0].0, Arc::new(Node::Branch(right))))
        }
    }
}

/// The right part of `items`, if they are too many since one came in `at` its place. Where they come in at the
/// end, as newcomers do, the left part stays full.
fn split<T>(items: &mut Vec<T>, at: usize) -> Option<Vec<T>> {
    let len = items.len();
    (len > WIDTH).then(|| items.split_off(if at + 1 == len { at } else { len / 2 }))
}

/// Takes away the entry below `node` that has `key`. The node may be empty then.
fn remove<K: Ord + Copy, V: Clone>(node: &mut Arc<Node<K, V>>, key: &K) -> Option<V> {
    match Arc::make_mut(node) {
        Node::Leaf(entries) => {
            let at = entries.binary_search_by(|entry| entry.0.cmp(key)).ok()?;
            Some(entries.remove(at).1)
        }
        Node::Branch(children) => {
            let at = child(children, key);
            let removed = remove(&mut children[at].1, key);
            let is_empty = match &*children[at].1 {
                Node::Leaf(entries) => entries.is_empty(),
                Node::Branch(children) => children.is_empty(),
            };
            if is_empty {
                children.remove(at);
            }
            removed
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Numbers that follow no pattern.
    fn numbers() -> impl Iterator<Item = u64> {
        let mut state = 7_u64;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 33
        })
    }

    fn assert_same(tree: &Tree<u64, Arc<u64>>, model: &BTreeMap<u64, Arc<u64>>) {
        assert_eq!(tree.len(), model.len());
        assert!(tree.values().iter().eq(model.values()));
        assert!(model.keys().all(|key| tree.get(key) == model.get(key)));
    }

    #[test]
    fn it_does_what_a_btree_map_does() {
        let (mut tree, mut model) = (Tree::default(), BTreeMap::new());
        let mut versions = Vec::new();
        for (step, number) in numbers().take(20_000).enumerate() {
            let key = number % 3_000;
            let removes = if step < 8_000 { 3 } else { 6 };
            if model.contains_key(&key) || number / 3_000 % 10 < removes {
                assert_eq!(tree.remove(&key), model.remove(&key));
            } else {
                tree.insert(key, Arc::new(number));
                model.insert(key, Arc::clone(tree.get(&key).unwrap()));
            }
            if step % 1_000 == 0 {
                assert_same(&tree, &model);
                versions.push((tree.clone(), model.clone()));
            }
        }
        for (tree, model) in &versions {
            assert_same(tree, model);
        }
    }

    #[test]
    fn it_grows_and_shrinks_from_either_end() {
        for (up, first) in [(true, true), (true, false), (false, true), (false, false)] {
            let (mut tree, mut model) = (Tree::default(), BTreeMap::new());
            for key in 0..5_000 {
                let key = if up { key } else { 5_000 - key };
                tree.insert(key, Arc::new(key));
                model.insert(key, Arc::new(key));
            }
            assert_same(&tree, &model);
            while let Some(entry) = if first { model.first_entry() } else { model.last_entry() } {
                let (key, value) = entry.remove_entry();
                assert_eq!(tree.remove(&key), Some(value));
                assert_eq!(tree.remove(&key), None);
            }
            assert!(tree.is_empty() && tree.root.is_none());
        }
    }

    #[test]
    fn what_was_removed_is_not_kept() {
        let values: Vec<_> = (0..1_000).map(Arc::new).collect();
        let mut tree = Tree::default();
        for value in &values {
            tree.insert(**value, Arc::clone(value));
            // A version for every change, as calls have them, but one at a time.
            drop(tree.clone());
        }
        let version = tree.clone();
        for value in &values {
            drop(tree.remove(value));
            assert_eq!(Arc::strong_count(value), 2);
        }
        drop(version);
        assert!(values.iter().all(|value| Arc::strong_count(value) == 1));
    }

    #[test]
    fn a_change_copies_little() {
        let mut tree = Tree::default();
        for key in 0..100_000_u64 {
            tree.insert(key, Arc::new(key));
        }
        let version = tree.clone();
        tree.remove(&70_000);
        let copied = tree.values().iter().filter(|value| Arc::strong_count(value) > 2).count();
        assert!(copied < WIDTH, "{copied} entries");
        drop(version);
    }
}
