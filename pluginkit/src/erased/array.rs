//! [`ErasedArray`]: objects of two types, as calls read them.
//!
//! A slice of `Arc<dyn …>` would need code of its own for each point, and a virtual call to find it. Here, the types of
//! objects are ids, and their pointers are side by side. This reduced a call of an extension from 24 instructions to 19; a
//! loop over `Box<dyn …>` needs 14 to 18.
//!
//! The pointers are in the leaves of a tree, which the array keeps. So they stay as they are while the array lives.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use crate::erased::object::Bits;
use crate::erased::tree::{ErasedRow, Item, Leaves};

/// The front and the back of an array. The objects of each have one type.
pub(crate) struct ErasedArray<T: Item> {
    front: Part<T>,
    back: Part<T>,
}

struct Part<T: Item> {
    /// The pointers of the first leaf of the row, so that short calls need not look for it.
    first: NonNull<[Bits]>,
    /// The path of that leaf.
    path: usize,
    /// The number of objects of later leaves.
    later: usize,
    /// The type of all objects; [`Mixed`] if they have several.
    common_type: TypeId,
    /// Never changed.
    row: ErasedRow<T>,
}

/// No object has this type.
struct Mixed;

// SAFETY: `first` is a `&[Bits]` into the row, whose pointers point to objects of the items, which are `Send + Sync`.
unsafe impl<T: Item> Send for Part<T> {}
// SAFETY: as above.
unsafe impl<T: Item> Sync for Part<T> {}

impl<T: Item> Part<T> {
    fn new(row: ErasedRow<T>) -> Self {
        let (first, path) = row.first();
        let later = row.len() - first.len();
        let first = NonNull::from(first);
        let common_type = row.summary.common_type().unwrap_or(TypeId::of::<Mixed>());
        Self { first, path, later, common_type, row }
    }

    /// Returns the objects.
    ///
    /// # Panics
    ///
    /// Panics if an object has another type than `O`.
    #[inline]
    fn objects<O: ?Sized + 'static>(&self) -> ErasedSlice<'_, O> {
        // SAFETY: the leaf belongs to the row. A node changes only while one version has it, so that this one stays as it is
        // while the row lives.
        let left = unsafe { self.first.as_ref() };
        if self.common_type != TypeId::of::<O>() {
            assert_empty(left);
        }
        ErasedSlice {
            left,
            later: self.later,
            path: self.path,
            leaves: Some(&self.row),
            objects: PhantomData,
        }
    }

    /// Returns the object after `index` others, without a slice.
    ///
    /// # Panics
    ///
    /// Panics if an object has another type than `O`.
    #[inline]
    fn object<O: ?Sized + 'static>(&self, index: usize) -> Option<&O> {
        // SAFETY: as in `objects`.
        let first = unsafe { self.first.as_ref() };
        if self.common_type != TypeId::of::<O>() {
            assert_empty(first);
        }
        match first.get(index) {
            Some(pointer) => Some(ErasedSlice::object(pointer)),
            None if self.later == 0 => None,
            None => self.later_object(index),
        }
    }

    #[cold]
    #[inline(never)]
    fn later_object<O: ?Sized + 'static>(&self, index: usize) -> Option<&O> {
        self.objects::<O>().get(index)
    }
}

/// Asserts that there are no objects.
#[inline]
fn assert_empty(pointers: &[Bits]) {
    assert!(pointers.is_empty(), "an array is read by the types of its objects");
}

impl<T: Item> ErasedArray<T> {
    pub(crate) fn new(front: ErasedRow<T>, back: ErasedRow<T>) -> Self {
        Self { front: Part::new(front), back: Part::new(back) }
    }

    /// Returns the items of the front.
    #[inline]
    pub(crate) fn front_items(&self) -> &ErasedRow<T> {
        &self.front.row
    }

    /// Returns the items of the back.
    #[inline]
    pub(crate) fn back_items(&self) -> &ErasedRow<T> {
        &self.back.row
    }

    /// Returns the number of items of the front.
    #[inline]
    pub(crate) fn front_len(&self) -> usize {
        self.front.row.len()
    }

    /// Returns the first objects of the front, which lie side by side: all of a few.
    ///
    /// # Panics
    ///
    /// Panics if an object has another type than `O`.
    #[inline]
    pub(crate) fn front_run<O: ?Sized + 'static>(&self) -> ErasedRun<'_, O> {
        let ErasedSlice { left, objects, .. } = self.front.objects();
        ErasedRun { pointers: left, objects }
    }

    /// Returns the object of the front after `index` others.
    ///
    /// # Panics
    ///
    /// Panics if an object has another type than `O`.
    #[inline]
    pub(crate) fn front_at<O: ?Sized + 'static>(&self, index: usize) -> Option<&O> {
        self.front.object(index)
    }

    /// Returns the objects of the back.
    ///
    /// # Panics
    ///
    /// Panics if an object has another type than `O`.
    #[inline]
    pub(crate) fn back<O: ?Sized + 'static>(&self) -> ErasedSlice<'_, O> {
        self.back.objects()
    }

    /// Returns the objects of the back, if there is one and all have the type `O`.
    #[inline]
    #[cfg(feature = "async")]
    pub(crate) fn back_if<O: ?Sized + 'static>(&self) -> Option<ErasedSlice<'_, O>> {
        if self.back.common_type == TypeId::of::<O>() { Some(self.back()) } else { None }
    }
}

impl<T: Item> Default for ErasedArray<T> {
    fn default() -> Self {
        Self::new(ErasedRow::default(), ErasedRow::default())
    }
}

impl<T: Item + fmt::Debug> fmt::Debug for ErasedArray<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.front_items().iter().chain(self.back_items().iter())).finish()
    }
}

/// Objects of one type in an [`ErasedArray`].
pub(crate) struct ErasedSlice<'s, O: ?Sized> {
    /// What is left of a leaf.
    left: &'s [Bits],
    /// The number of objects of later leaves.
    later: usize,
    /// The path of the leaf.
    path: usize,
    /// All leaves, if there are any.
    leaves: Option<&'s dyn Leaves>,
    objects: PhantomData<&'s O>,
}

impl<O: ?Sized> Clone for ErasedSlice<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O: ?Sized> Copy for ErasedSlice<'_, O> {}

/// An empty slice.
impl<O: ?Sized> Default for ErasedSlice<'_, O> {
    fn default() -> Self {
        Self { left: &[], later: 0, path: 0, leaves: None, objects: PhantomData }
    }
}

// SAFETY: a slice is some `&[&O]`.
unsafe impl<O: ?Sized + Send + Sync> Send for ErasedSlice<'_, O> {}
// SAFETY: as above.
unsafe impl<O: ?Sized + Send + Sync> Sync for ErasedSlice<'_, O> {}

impl<'s, O: ?Sized + 'static> ErasedSlice<'s, O> {
    /// Returns the number of objects that are left.
    #[inline]
    pub(crate) fn len(self) -> usize {
        self.left.len() + self.later
    }

    /// Returns whether no object is left.
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.left.is_empty() && self.later == 0
    }

    /// Takes the next object.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<&'s O> {
        if self.left.is_empty() {
            if self.later == 0 {
                return None;
            }
            // A function that took the slice by reference would keep it out of registers.
            let (leaf, path) = self.leaves?.after(self.path);
            (self.left, self.path, self.later) = (leaf, path, self.later - leaf.len());
        }
        let [next, left @ ..] = self.left else { return None };
        self.left = left;
        Some(Self::object(next))
    }

    /// Returns the object after `index` others.
    #[inline]
    pub(crate) fn get(self, index: usize) -> Option<&'s O> {
        match self.left.get(index) {
            Some(pointer) => Some(Self::object(pointer)),
            None if self.later == 0 => None,
            None => self.get_later(index),
        }
    }

    #[cold]
    #[inline(never)]
    fn get_later(self, index: usize) -> Option<&'s O> {
        let leaves = self.leaves?;
        let taken = leaves.count() - self.len();
        leaves.pointer(taken.checked_add(index)?).map(Self::object)
    }

    /// Returns the object of a pointer of the array.
    #[inline]
    fn object(pointer: &'s Bits) -> &'s O {
        // SAFETY: `Part::objects` has compared the type of all objects, so that these are the bits of a pointer to an `O`. The
        // values live as long as the array, and `pointer` is borrowed from it.
        unsafe { *(std::ptr::from_ref(pointer) as *const &'s O) }
    }
}

/// Objects of one type that lie side by side.
pub(crate) struct ErasedRun<'s, O: ?Sized> {
    pointers: &'s [Bits],
    objects: PhantomData<&'s O>,
}

impl<O: ?Sized> ErasedRun<'_, O> {
    /// An empty run. A constant, because a host compiles a function for each type.
    pub(crate) const EMPTY: Self = Self { pointers: &[], objects: PhantomData };
}

// SAFETY: a run is some `&[&O]`.
unsafe impl<O: ?Sized + Send + Sync> Send for ErasedRun<'_, O> {}
// SAFETY: as above.
unsafe impl<O: ?Sized + Send + Sync> Sync for ErasedRun<'_, O> {}

impl<'s, O: ?Sized + 'static> ErasedRun<'s, O> {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.pointers.is_empty()
    }

    /// Returns the object after `index` others.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<&'s O> {
        self.pointers.get(index).map(ErasedSlice::object)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::erased::ErasedTree;
    use crate::erased::tree::tests::{Numbered, Says};

    fn said(mut slice: ErasedSlice<'_, dyn Says>) -> Vec<u64> {
        let mut said = Vec::new();
        while let Some(object) = slice.next() {
            said.push(object.say());
            let next = (!slice.is_empty()).then(|| object.say() + 1);
            assert_eq!(slice.get(0).map(Says::say), next);
        }
        assert_eq!((slice.len(), slice.next().is_none()), (0, true));
        said
    }

    #[test]
    fn a_slice_has_the_objects_of_all_leaves_in_order() {
        for count in [0, 1, 63, 64, 65, 129, 2_048, 2_049, if cfg!(miri) { 2_050 } else { 70_000 }] {
            let mut tree = ErasedTree::default();
            (0..count).for_each(|key| tree.insert(Numbered::new(key)));
            let array = ErasedArray::new(ErasedRow::default(), tree.row().clone());
            // Later changes do not concern the array.
            (0..count).step_by(2).for_each(|key| drop(tree.remove(&key)));
            let slice = array.back::<dyn Says>();
            assert_eq!(slice.len() as u64, count);
            assert_eq!(said(slice), (0..count).collect::<Vec<_>>());
            assert!(array.front_at::<dyn Says>(0).is_none());
            let odd = ErasedArray::new(tree.row().clone(), ErasedRow::default());
            drop(tree);
            for index in 0..odd.front_len() {
                assert_eq!(odd.front_at::<dyn Says>(index).map(Says::say), Some(2 * index as u64 + 1));
            }
            assert!(odd.front_at::<dyn Says>(odd.front_len()).is_none());
        }
    }

    #[test]
    fn items_in_any_order_are_a_row() {
        let items: Vec<_> = [3, 1, 2].into_iter().chain(100..300).map(Numbered::new).collect();
        let array = ErasedArray::new(ErasedRow::default(), ErasedRow::from(items.clone()));
        let mut slice = array.back::<dyn Says>();
        for item in &items {
            assert_eq!(slice.next().map(Says::say), Some(item.key));
            assert_eq!(Arc::strong_count(item), 2);
        }
        assert!(slice.next().is_none());
    }

    #[test]
    #[should_panic = "an array is read by the types of its objects"]
    fn objects_are_read_by_their_type_only() {
        let array = ErasedArray::new(ErasedRow::from(vec![Numbered::new(1)]), ErasedRow::default());
        let _ = array.front_at::<dyn Send>(0);
    }
}
