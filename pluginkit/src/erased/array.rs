//! [`ErasedArray`]: objects of one type after another, which calls read in place.
//!
//! A slice of `Arc<dyn …>` per point would be built, cloned and dropped by code of its own for each point, and found again
//! by a virtual call. Here the types of the objects are ids, and their pointers are in one array. That took an extension
//! from 24 instructions to 19, where a loop over `Box<dyn …>` needs 14 to 18.
//!
//! An array owns the items whose objects' pointers it copied, each behind an `Arc`. An object is found by a function from
//! any `&T` to an [`Object`] in it. While the array has the `Arc`, nothing has the item by `&mut` or drops it, so that the
//! object stays where it is; and an object never changes.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::erased::object::{Bits, Object};

/// Items with an [`Object`] each. Those before `split` are the front, the others the back; the objects of each part have
/// one type.
pub(crate) struct ErasedArray<T> {
    items: Box<[Arc<T>]>,
    /// Copies of the pointers of their objects.
    pointers: Box<[Bits]>,
    split: usize,
    front_type: Option<TypeId>,
    back_type: Option<TypeId>,
}

// SAFETY: the pointers are to the items' objects, which are `Send + Sync`, and the items are sent and shared as they are.
unsafe impl<T: Send + Sync> Send for ErasedArray<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for ErasedArray<T> {}

impl<T> ErasedArray<T> {
    /// The array of `items`, of which the first `split` are the front. `object` finds the object of an item.
    pub(crate) fn new(items: Vec<Arc<T>>, split: usize, object: for<'t> fn(&'t T) -> &'t Object) -> Self {
        let mut pointers = Vec::with_capacity(items.len());
        let (mut front_type, mut back_type) = (Common::Nothing, Common::Nothing);
        for (index, item) in items.iter().enumerate() {
            // Found once: another call may find another object.
            let object = object(item);
            pointers.push(object.pointer);
            let part = if index < split { &mut front_type } else { &mut back_type };
            part.add(object.id);
        }
        let (front_type, back_type) = (front_type.id(), back_type.id());
        Self { items: items.into(), pointers: pointers.into(), split, front_type, back_type }
    }

    #[inline]
    pub(crate) fn items(&self) -> &[Arc<T>] {
        &self.items
    }

    /// Returns the number of items of the front.
    #[inline]
    pub(crate) fn front_len(&self) -> usize {
        self.split
    }

    /// Returns the objects of the front.
    ///
    /// # Panics
    ///
    /// Panics if there are objects of another type than `O`.
    #[inline]
    pub(crate) fn front<O: ?Sized + 'static>(&self) -> ErasedSlice<'_, O> {
        let left = &self.pointers[..self.split];
        assert_type(left, self.front_type, TypeId::of::<O>());
        ErasedSlice { left, objects: PhantomData }
    }

    /// Returns the objects of the back.
    ///
    /// # Panics
    ///
    /// Panics if there are objects of another type than `O`.
    #[inline]
    pub(crate) fn back<O: ?Sized + 'static>(&self) -> ErasedSlice<'_, O> {
        let left = &self.pointers[self.split..];
        assert_type(left, self.back_type, TypeId::of::<O>());
        ErasedSlice { left, objects: PhantomData }
    }

    /// Returns the objects of the back, if there are some and all are of type `O`.
    #[inline]
    #[cfg(feature = "async")]
    pub(crate) fn back_if<O: ?Sized + 'static>(&self) -> Option<ErasedSlice<'_, O>> {
        if self.back_type == Some(TypeId::of::<O>()) { Some(self.back()) } else { None }
    }
}

impl<T> Default for ErasedArray<T> {
    fn default() -> Self {
        Self { items: Box::default(), pointers: Box::default(), split: 0, front_type: None, back_type: None }
    }
}

impl<T: fmt::Debug> fmt::Debug for ErasedArray<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.items).finish()
    }
}

/// The type that objects have in common.
#[derive(Clone, Copy, PartialEq)]
enum Common {
    /// There are no objects.
    Nothing,
    Type(TypeId),
    /// They have several types.
    Several,
}

impl Common {
    fn add(&mut self, id: TypeId) {
        *self = match *self {
            Self::Nothing => Self::Type(id),
            own if own == Self::Type(id) => own,
            _ => Self::Several,
        };
    }

    fn id(self) -> Option<TypeId> {
        if let Self::Type(id) = self { Some(id) } else { None }
    }
}

/// Asserts that `pointers` are to objects of the type `asked`, if there are any.
#[inline]
fn assert_type(pointers: &[Bits], id: Option<TypeId>, asked: TypeId) {
    assert!(pointers.is_empty() || id == Some(asked), "an array is read by the types that it was made with");
}

/// Objects of one type in an [`ErasedArray`].
pub(crate) struct ErasedSlice<'s, O: ?Sized> {
    left: &'s [Bits],
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
        Self { left: &[], objects: PhantomData }
    }
}

// SAFETY: it is a `&[&O]`.
unsafe impl<O: ?Sized + Send + Sync> Send for ErasedSlice<'_, O> {}
// SAFETY: as above.
unsafe impl<O: ?Sized + Send + Sync> Sync for ErasedSlice<'_, O> {}

impl<'s, O: ?Sized + 'static> ErasedSlice<'s, O> {
    /// Returns the number of objects that are left.
    #[inline]
    pub(crate) fn len(self) -> usize {
        self.left.len()
    }

    /// Takes the next object.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<&'s O> {
        let [next, left @ ..] = self.left else { return None };
        self.left = left;
        Some(Self::object(next))
    }

    /// Returns the object after `index` others.
    #[inline]
    pub(crate) fn get(self, index: usize) -> Option<&'s O> {
        if index < self.left.len() { Some(Self::object(&self.left[index])) } else { None }
    }

    /// Returns the object of a pointer of the array.
    #[inline]
    fn object(pointer: &'s Bits) -> &'s O {
        // SAFETY: `assert_type` has seen the type of all, and the values live as long as the
        // array, from which `pointer` is borrowed.
        unsafe { &**(std::ptr::from_ref(pointer) as *const *const O) }
    }
}
