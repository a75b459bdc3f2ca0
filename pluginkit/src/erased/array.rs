//! [`ErasedArray`]: objects of one type in one allocation.
//!
//! A slice of `Arc<dyn …>` would need code of its own for each point, and a virtual call to find it. Here, the types of
//! objects are ids, and their pointers are in one array. This reduced a call of an extension from 24 instructions to 19; a
//! loop over `Box<dyn …>` needs 14 to 18.
//!
//! An array copies the pointers of objects and owns the items that contain them, each behind an `Arc`. A function from
//! `&T` finds the [`Object`] in an item. While the array owns the `Arc`, no code has a `&mut` to the item or drops it. So
//! the object stays in place, and an object never changes.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::erased::object::{Bits, Object};

/// Items with an [`Object`] each: the front before `split`, and the back from there on. The objects of each part have one
/// type.
pub(crate) struct ErasedArray<T> {
    items: Box<[Arc<T>]>,
    /// Copies of the pointers of the objects.
    pointers: Box<[Bits]>,
    split: usize,
    front_type: Option<TypeId>,
    back_type: Option<TypeId>,
}

// SAFETY: the pointers point to objects of the items, which are `Send + Sync`. The bound covers the items.
unsafe impl<T: Send + Sync> Send for ErasedArray<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for ErasedArray<T> {}

impl<T> ErasedArray<T> {
    /// Returns the array of `items`, with the first `split` items as the front. `object` finds the object of an item.
    pub(crate) fn new(items: Vec<Arc<T>>, split: usize, object: for<'t> fn(&'t T) -> &'t Object) -> Self {
        let mut pointers = Vec::with_capacity(items.len());
        let (mut front_type, mut back_type) = (Common::Nothing, Common::Nothing);
        for (index, item) in items.iter().enumerate() {
            // Called once per item, because a second call may find another object.
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
    /// Panics if an object has another type than `O`.
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
    /// Panics if an object has another type than `O`.
    #[inline]
    pub(crate) fn back<O: ?Sized + 'static>(&self) -> ErasedSlice<'_, O> {
        let left = &self.pointers[self.split..];
        assert_type(left, self.back_type, TypeId::of::<O>());
        ErasedSlice { left, objects: PhantomData }
    }

    /// Returns the objects of the back, if there is one and all have the type `O`.
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

/// The common type of objects.
#[derive(Clone, Copy, PartialEq)]
enum Common {
    /// There are no objects.
    Nothing,
    Type(TypeId),
    /// Objects of several types.
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

/// Asserts that `pointers` point to objects of the type `asked`, if there are any.
#[inline]
fn assert_type(pointers: &[Bits], id: Option<TypeId>, asked: TypeId) {
    assert!(pointers.is_empty() || id == Some(asked), "an array is read by the types of its objects");
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

// SAFETY: a slice is a `&[&O]`.
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
        // SAFETY: `assert_type` has compared the type of all objects. The values live as long as the array, and `pointer`
        // is borrowed from it.
        unsafe { &**(std::ptr::from_ref(pointer) as *const *const O) }
    }
}
