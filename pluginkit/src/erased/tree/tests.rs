//! Tests of the tree.

use std::collections::BTreeMap;

use super::*;

pub(in crate::erased) trait Says: Send + Sync {
    fn say(&self) -> u64;
}

struct Says1(u64);

impl Says for Says1 {
    fn say(&self) -> u64 {
        self.0
    }
}

/// An item that says its key.
pub(in crate::erased) struct Numbered {
    pub(in crate::erased) key: u64,
    marks: u8,
    object: Object,
}

impl Numbered {
    pub(in crate::erased) fn new(key: u64) -> Arc<Self> {
        Self::marked(key, 0)
    }

    fn marked(key: u64, marks: u8) -> Arc<Self> {
        let says: Arc<dyn Says> = Arc::new(Says1(key));
        Arc::new(Self { key, marks, object: Object::new(says.into()) })
    }

    fn mute(key: u64) -> Arc<Self> {
        Arc::new(Self { key, marks: 0, object: Object::new(Arc::new(key).into()) })
    }
}

impl Item for Numbered {
    type Key = u64;

    fn key(&self) -> u64 {
        self.key
    }

    fn object(&self) -> &Object {
        &self.object
    }

    fn marks(&self) -> u8 {
        self.marks
    }
}

/// Numbers that follow no pattern.
fn numbers() -> impl Iterator<Item = u64> {
    let mut state = 7_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    })
}

type Model = BTreeMap<u64, Arc<Numbered>>;

fn assert_same(tree: &ErasedTree<Numbered>, model: &Model) {
    let row = tree.row();
    assert_eq!((row.len(), row.iter().len()), (model.len(), model.len()));
    assert!(row.iter().zip(model.values()).all(|(own, other)| Arc::ptr_eq(own, other)));
    for (position, (key, item)) in model.iter().enumerate() {
        assert!(tree.get(key).is_some_and(|own| Arc::ptr_eq(own, item)));
        assert!(row.get(position).is_some_and(|own| Arc::ptr_eq(own, item)));
    }
    assert!(row.get(model.len()).is_none());
    assert_eq!(row.marks(), model.values().fold(0, |marks, item| marks | item.marks));
}

#[test]
fn it_does_what_a_btree_map_does() {
    let (mut tree, mut model) = (ErasedTree::<Numbered>::default(), Model::new());
    let mut versions = Vec::new();
    for (step, number) in numbers().take(if cfg!(miri) { 2_000 } else { 30_000 }).enumerate() {
        let key = number % 9_000;
        let removes = if step < 20_000 { 2 } else { 7 };
        if model.contains_key(&key) || number / 9_000 % 10 < removes {
            assert_eq!(tree.remove(&key).map(|item| item.key), model.remove(&key).map(|item| item.key));
        } else {
            let item = Numbered::marked(key, if number % 1_000 == 0 { 1 << (key % 8) } else { 0 });
            tree.insert(Arc::clone(&item));
            model.insert(key, item);
        }
        if step % 3_000 == 0 {
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
    let count = if cfg!(miri) { 200 } else { 5_000 };
    for (up, first) in [(true, true), (true, false), (false, true), (false, false)] {
        let (mut tree, mut model) = (ErasedTree::<Numbered>::default(), Model::new());
        for key in 0..count {
            let item = Numbered::new(if up { key } else { count - key });
            tree.insert(Arc::clone(&item));
            model.insert(item.key, item);
        }
        assert_same(&tree, &model);
        while let Some(entry) = if first { model.first_entry() } else { model.last_entry() } {
            let (key, item) = entry.remove_entry();
            assert!(tree.remove(&key).is_some_and(|removed| Arc::ptr_eq(&removed, &item)));
            assert!(tree.remove(&key).is_none());
        }
        assert_same(&tree, &model);
        assert!(tree.0.root.is_none());
    }
}

#[test]
fn what_was_removed_is_not_kept() {
    let items: Vec<_> = (0..1_000).map(Numbered::new).collect();
    let mut tree = ErasedTree::default();
    for item in &items {
        tree.insert(Arc::clone(item));
        // A version for every change, as calls have them, but one at a time.
        drop(tree.clone());
    }
    let version = tree.clone();
    for item in &items {
        drop(tree.remove(&item.key));
        assert_eq!(Arc::strong_count(item), 2);
    }
    drop(version);
    assert!(items.iter().all(|item| Arc::strong_count(item) == 1));
}

#[test]
fn a_change_copies_little() {
    let mut tree = ErasedTree::default();
    (0..100_000).for_each(|key| tree.insert(Numbered::new(key)));
    let version = tree.clone();
    tree.remove(&70_000);
    let copied = tree.row().iter().filter(|item| Arc::strong_count(item) > 1).count();
    assert!(copied < LEAF, "{copied} items");
    drop(version);
}

#[test]
fn a_row_knows_the_common_type_of_its_objects() {
    let mut tree = ErasedTree::default();
    assert_eq!(tree.row().summary.common_type(), None);
    (0..300).for_each(|key| tree.insert(Numbered::new(key)));
    let says = Some(TypeId::of::<dyn Says>());
    assert_eq!(tree.row().summary.common_type(), says);
    tree.insert(Numbered::mute(300));
    assert_eq!(tree.row().summary.common_type(), None);
    tree.remove(&300);
    assert_eq!(tree.row().summary.common_type(), says);
    (0..299).for_each(|key| drop(tree.remove(&key)));
    tree.insert(Numbered::mute(300));
    tree.remove(&299);
    assert_eq!(tree.row().summary.common_type(), Some(TypeId::of::<u64>()));
}
