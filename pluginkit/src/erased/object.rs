//! [`Object`]: an `Arc` with an id as type.
//!
//! 1. An object has the bits of an `Arc<O>`, the bits of a `*const O` to its value, and the [`TypeId`] of `O`. Code reads
//!    the bits as these types only after a comparison of the id.
//! 2. An object owns its `Arc`, which never changes.

use std::any::TypeId;
use std::mem::MaybeUninit;
use std::sync::Arc;

/// The bits of a pointer or an `Arc`, of a sized type or of a trait object.
pub(super) type Bits = [MaybeUninit<*const ()>; 2];

/// An `Arc` with an id as type.
pub(crate) struct Object {
    arc: Bits,
    /// A pointer to the value of the `Arc`.
    pub(super) pointer: Bits,
    pub(super) id: TypeId,
    drop: unsafe fn(&mut Bits),
}

// SAFETY: an object is an `Arc` of a `Send + Sync` value, as `new` requires, with an id and a function.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

impl Object {
    pub(crate) fn new<O: ?Sized + Send + Sync + 'static>(object: Arc<O>) -> Self {
        let pointer = bits(Arc::as_ptr(&object));
        Self { arc: bits(object), pointer, id: TypeId::of::<O>(), drop: drop_object::<O> }
    }

    /// Returns the `Arc`, if its type is `O`.
    pub(crate) fn get<O: ?Sized + 'static>(&self) -> Option<&Arc<O>> {
        // Rule 1.
        if self.id == TypeId::of::<O>() {
            // SAFETY: the bits are an `Arc<O>`, which lives as long as `self`.
            Some(unsafe { &*((&raw const self.arc) as *const Arc<O>) })
        } else {
            None
        }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        // SAFETY: `drop` belongs to the type of the bits, and only this drops them.
        unsafe { (self.drop)(&mut self.arc) }
    }
}

/// Returns the bits of `value`, without dropping it.
fn bits<T>(value: T) -> Bits {
    const { assert!(size_of::<T>() <= size_of::<Bits>() && align_of::<T>() <= align_of::<Bits>()) }
    let mut bits = [MaybeUninit::uninit(); 2];
    // SAFETY: `bits` is writable, and large and aligned enough by the assertion.
    unsafe { std::ptr::write((&raw mut bits) as *mut T, value) };
    bits
}

/// Drops the `Arc<O>` in `bits`.
///
/// # Safety
///
/// `bits` must hold an `Arc<O>`, and no code may use it afterwards.
unsafe fn drop_object<O: ?Sized>(bits: &mut Bits) {
    // SAFETY: as the caller promises.
    unsafe { std::ptr::drop_in_place(std::ptr::from_mut(bits) as *mut Arc<O>) }
}
