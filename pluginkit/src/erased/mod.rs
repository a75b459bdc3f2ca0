//! Values of many types in one place, and what many threads read while it is replaced: the one module that uses
//! `unsafe`. Here it is for the objects of points, in [`direct`] for the plugins that are such objects themselves,
//! in [`room`] for the futures of async extensions, and in [`hazard_cell`] for values that are read while others replace
//! them.
//!
//! A call runs over the objects of its point, whose type only the point knows: a slice of `Arc<dyn …>` per
//! point would be built, cloned and dropped by code of its own for each, and found again by a virtual call.
//! Here the types of the objects are ids, and the objects stand in one array that calls read in place. That took
//! the cost of one extension from 24 instructions to 19, where a loop over `Box<dyn …>` needs 14 to 18, and a tenth
//! off the functions that a host compiles.
//!
//! What is unsafe about it rests on three rules:
//!
//! 1. The bits of an [`Object`] are an `Arc<O>` and, beside it, a `*const O` to what that owns; its
//!    [`TypeId`] is that of `O`. Bits are read as either only after that was compared.
//! 2. An [`Object`] owns its `Arc`, which never changes.
//! 3. A [`Shelf`] owns the implementations whose objects' pointers it copied, for as long as it lives, so
//!    that they point to something; it hands out references that live no longer than itself. Behind an `Arc` that a shelf
//!    shares, an implementation keeps its contribution, and that its object: neither has a field that can be changed there.

#![allow(unsafe_code)]
#![allow(clippy::ptr_as_ptr, reason = "`cast` is a function that a host compiles for each of its points")]

mod direct;
pub(crate) mod hazard_cell;
#[cfg_attr(pluginkit_shuttle, path = "platform_shuttle.rs")]
mod platform;
#[cfg(feature = "async")]
pub(crate) mod room;

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::Arc;

use crate::base::drops::contain;
use crate::base::name::PluginId;
use crate::plugin::implementation::{Implementation, Role};

/// Room for a pointer or an `Arc`, of a sized type or of a trait object.
type Bits = [MaybeUninit<*const ()>; 2];

/// An `Arc` whose type is an id.
pub(crate) struct Object {
    arc: Bits,
    /// To what the `Arc` owns.
    pointer: Bits,
    id: TypeId,
    drop: unsafe fn(&mut Bits),
    /// The plugin it belongs to, for a panic of its destructor.
    plugin: Option<PluginId>,
}

// SAFETY: it is an `Arc` of something `Send + Sync`, as `new` demands, and an id, a function and a name.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

impl Object {
    pub(crate) fn new<O: ?Sized + Send + Sync + 'static>(object: Arc<O>) -> Self {
        let pointer = bits(Arc::as_ptr(&object));
        Self { arc: bits(object), pointer, id: TypeId::of::<O>(), drop: drop_object::<O>, plugin: None }
    }

    /// Names the plugin it belongs to.
    pub(crate) fn set_plugin(&mut self, plugin: &PluginId) {
        self.plugin = Some(plugin.clone());
    }

    /// The object, if it is an `O`.
    pub(crate) fn get<O: ?Sized + 'static>(&self) -> Option<&Arc<O>> {
        // By rule 1:
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
        let Self { arc, drop, plugin, .. } = self;
        // SAFETY: `drop` was made for the type of the bits, which are dropped here and nowhere else.
        contain(plugin.as_ref(), || unsafe { drop(arc) });
    }
}

/// The bits of `value`, which is not dropped.
fn bits<T>(value: T) -> Bits {
    const { assert!(size_of::<T>() <= size_of::<Bits>() && align_of::<T>() <= align_of::<Bits>()) }
    let mut bits = [MaybeUninit::uninit(); 2];
    // SAFETY: `bits` is writable, and large and aligned enough, as was just asserted.
    unsafe { std::ptr::write((&raw mut bits) as *mut T, value) };
    bits
}

/// Drops the `Arc<O>` that `bits` are.
///
/// # Safety
///
/// They are one, and nobody uses it afterwards.
unsafe fn drop_object<O: ?Sized>(bits: &mut Bits) {
    // SAFETY: as the caller promises.
    unsafe { std::ptr::drop_in_place(std::ptr::from_mut(bits) as *mut Arc<O>) }
}

/// The implementations of a point in call order, wrappers first, with their objects beside them.
#[derive(Default)]
pub(crate) struct Shelf {
    implementations: Box<[Arc<Implementation>]>,
    /// Copies of the pointers of their objects.
    pointers: Box<[Bits]>,
    wrappers: usize,
    wrapper_type: Option<TypeId>,
    extension_type: Option<TypeId>,
}

// SAFETY: the pointers are to the implementations' objects, which are `Send + Sync`.
unsafe impl Send for Shelf {}
// SAFETY: as above.
unsafe impl Sync for Shelf {}

impl Shelf {
    /// The shelf of `implementations`, of which wrappers stand first.
    pub(crate) fn new(implementations: Vec<Arc<Implementation>>) -> Self {
        let wrappers = implementations.partition_point(|each| each.contribution.role == Role::Wrapper);
        let common = |these: &[Arc<Implementation>]| {
            let first = these.first()?.contribution.object.id;
            these.iter().all(|each| each.contribution.object.id == first).then_some(first)
        };
        Self {
            pointers: implementations.iter().map(|each| each.contribution.object.pointer).collect(),
            wrappers,
            wrapper_type: common(&implementations[..wrappers]),
            extension_type: common(&implementations[wrappers..]),
            implementations: implementations.into(),
        }
    }

    #[inline]
    pub(crate) fn implementations(&self) -> &[Arc<Implementation>] {
        &self.implementations
    }

    /// How many of the implementations are wrappers.
    #[inline]
    pub(crate) fn wrapper_count(&self) -> usize {
        self.wrappers
    }

    /// The wrappers.
    ///
    /// # Panics
    ///
    /// If there are some that are not all of type `O`, which the point of a slot rules out.
    #[inline]
    pub(crate) fn wrappers<O: ?Sized + 'static>(&self) -> Row<'_, O> {
        let left = &self.pointers[..self.wrappers];
        assert_type(left, self.wrapper_type, TypeId::of::<O>());
        Row { left, objects: PhantomData }
    }

    /// The extensions.
    ///
    /// # Panics
    ///
    /// If there are some that are not all of type `O`, which the point of a slot rules out for sync managers.
    #[inline]
    pub(crate) fn extensions<O: ?Sized + 'static>(&self) -> Row<'_, O> {
        let left = &self.pointers[self.wrappers..];
        assert_type(left, self.extension_type, TypeId::of::<O>());
        Row { left, objects: PhantomData }
    }

    /// The extensions, if there are some and all are of type `O`.
    #[inline]
    #[cfg(feature = "async")]
    pub(crate) fn extensions_if<O: ?Sized + 'static>(&self) -> Option<Row<'_, O>> {
        if self.extension_type == Some(TypeId::of::<O>()) { Some(self.extensions()) } else { None }
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.implementations).finish()
    }
}

/// That `pointers` are to objects of the type `asked`, if there are any.
#[inline]
fn assert_type(pointers: &[Bits], id: Option<TypeId>, asked: TypeId) {
    assert!(pointers.is_empty() || id == Some(asked), "a slot is reached through its own point only");
}

/// Objects of one type, on a [`Shelf`], one after the other.
pub(crate) struct Row<'s, O: ?Sized> {
    left: &'s [Bits],
    objects: PhantomData<&'s O>,
}

impl<O: ?Sized> Clone for Row<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O: ?Sized> Copy for Row<'_, O> {}

/// None.
impl<O: ?Sized> Default for Row<'_, O> {
    fn default() -> Self {
        Self { left: &[], objects: PhantomData }
    }
}

// SAFETY: it is a `&[&O]`.
unsafe impl<O: ?Sized + Send + Sync> Send for Row<'_, O> {}
// SAFETY: as above.
unsafe impl<O: ?Sized + Send + Sync> Sync for Row<'_, O> {}

impl<'s, O: ?Sized + 'static> Row<'s, O> {
    /// How many are left.
    #[inline]
    pub(crate) fn len(self) -> usize {
        self.left.len()
    }

    /// The next one.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<&'s O> {
        let [next, left @ ..] = self.left else { return None };
        self.left = left;
        Some(Self::object(next))
    }

    /// The one that comes after `index` others.
    #[inline]
    pub(crate) fn get(self, index: usize) -> Option<&'s O> {
        if index < self.left.len() { Some(Self::object(&self.left[index])) } else { None }
    }

    /// The object that `pointer`, one of a row's, is to.
    #[inline]
    fn object(pointer: &'s Bits) -> &'s O {
        // SAFETY: `assert_type` has seen the type of all, and by rule 3 what they point to lives as long as the
        // shelf, from which `pointer` is borrowed.
        unsafe { &**(std::ptr::from_ref(pointer) as *const *const O) }
    }
}
