//! [`Shared`] and [`Object`]: shared trait objects, with their type and with an id as type.
//!
//! An object is a pointer into a value that an `Arc` keeps in place. So one `Arc` of a plugin, its [`Owner`], owns all
//! objects of the plugin. The compiler makes no `Arc` of its own for each point.
//!
//! 1. The pointer of a [`Shared`] or an [`Object`] points into the value of its owner, or to a value that lives forever.
//!    The owner is an `Arc` that never changes, so that no code has a `&mut` to its value or drops it.
//! 2. The bits of an [`Object`] are a `&O`, and its id is that of `O`. Code reads the bits as this type only after a
//!    comparison of the id.

use std::any::{Any, TypeId};
use std::fmt;
use std::ops::Deref;
use std::ptr::{NonNull, null};
use std::sync::{Arc, LazyLock};

/// The bits of a pointer to a sized type or a trait object.
pub(super) type Bits = [*const (); 2];

/// A shared pointer to an `O`, which may be a part of another value.
///
/// The pointer keeps the whole value alive. The `O` may be a trait object. An `Arc<O>` converts to a `Shared<O>`.
pub struct Shared<O: ?Sized> {
    object: NonNull<O>,
    owner: Arc<dyn Any + Send + Sync>,
}

// SAFETY: it gives access to an `&O`, and owns a `Send + Sync` value.
unsafe impl<O: ?Sized + Send + Sync> Send for Shared<O> {}
// SAFETY: as above.
unsafe impl<O: ?Sized + Send + Sync> Sync for Shared<O> {}

impl<O: ?Sized> Shared<O> {
    /// Returns the object that `find` finds in the value of `owner`.
    #[inline]
    pub fn within<T: Any + Send + Sync>(owner: Arc<T>, find: impl for<'t> FnOnce(&'t T) -> &'t O) -> Self {
        let object = NonNull::from(find(&owner));
        Self { object, owner }
    }
}

impl<O: ?Sized + Send + Sync + 'static> From<Arc<O>> for Shared<O> {
    fn from(object: Arc<O>) -> Self {
        Self::within(Arc::new(object), |object| &**object)
    }
}

impl<O: ?Sized> Clone for Shared<O> {
    fn clone(&self) -> Self {
        Self { object: self.object, owner: Arc::clone(&self.owner) }
    }
}

impl<O: ?Sized> Deref for Shared<O> {
    type Target = O;

    #[inline]
    fn deref(&self) -> &O {
        // SAFETY: by rule 1, the value lives as long as `self`, and is only read.
        unsafe { self.object.as_ref() }
    }
}

impl<O: ?Sized> fmt::Debug for Shared<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// A [`Shared`] object with an id as type.
pub(crate) struct Object {
    pub(super) pointer: Bits,
    pub(super) id: TypeId,
    #[allow(dead_code, reason = "it keeps the value, and only some builds read it")]
    owner: Arc<dyn Any + Send + Sync>,
}

// SAFETY: an object is a `Shared` of a `Send + Sync` value, as `new` and `Owner` require, with an id.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

impl Clone for Object {
    fn clone(&self) -> Self {
        Self { pointer: self.pointer, id: self.id, owner: Arc::clone(&self.owner) }
    }
}

impl Object {
    pub(crate) fn new<O: ?Sized + Send + Sync + 'static>(object: Shared<O>) -> Self {
        Self { pointer: bits(&*object), id: TypeId::of::<O>(), owner: object.owner }
    }

    /// Returns an object that lives forever.
    pub(crate) fn forever<O: ?Sized + Send + Sync + 'static>(object: &'static O) -> Self {
        static NOBODY: LazyLock<Arc<()>> = LazyLock::new(Arc::default);
        Self { pointer: bits(object), id: TypeId::of::<O>(), owner: Arc::<()>::clone(&NOBODY) }
    }

    /// Returns the object.
    ///
    /// # Panics
    ///
    /// Panics if its type is not `O`.
    #[inline]
    pub(crate) fn get<O: ?Sized + 'static>(&self) -> &O {
        let view = View { bits: self.bits_of(TypeId::of::<O>()) };
        // SAFETY: by rule 2, the bits are a pointer of this type. By rule 1, the value lives as long as `self`.
        unsafe { view.object }
    }

    /// Returns the object, shared.
    ///
    /// # Panics
    ///
    /// Panics if its type is not `O`.
    #[cfg(feature = "async")]
    pub(crate) fn share<O: ?Sized + 'static>(&self) -> Shared<O> {
        Shared { object: NonNull::from(self.get::<O>()), owner: Arc::clone(&self.owner) }
    }

    /// Returns the bits of the pointer.
    ///
    /// # Panics
    ///
    /// Panics if `asked` is not the type of the object.
    fn bits_of(&self, asked: TypeId) -> Bits {
        assert!(self.id == asked, "an object is read as the type that it was made with");
        self.pointer
    }
}

/// A reference as its bits. Unlike a cast of pointers, it makes no checks that a host compiles for each point.
pub(super) union View<'o, O: ?Sized> {
    pub(super) bits: Bits,
    pub(super) object: &'o O,
}

const NOWHERE: Bits = [null(); 2];

/// Returns the bits of a reference.
pub(super) fn bits<O: ?Sized>(object: &O) -> Bits {
    const { assert!(size_of::<&O>() <= size_of::<Bits>()) }
    let mut view = View::<O> { bits: NOWHERE };
    view.object = object;
    // SAFETY: all bits were written before, and the reference is in the first of them.
    unsafe { view.bits }
}

/// An `Arc` of a `T` that owns the objects that are found in it.
pub(crate) struct Owner<T> {
    value: Arc<T>,
    any: Arc<dyn Any + Send + Sync>,
}

impl<T: Any + Send + Sync> Owner<T> {
    pub(crate) fn new(value: Arc<T>) -> Self {
        let any = Arc::clone(&value);
        Self { value, any }
    }

    pub(crate) fn value(&self) -> &Arc<T> {
        &self.value
    }

    /// Returns the object that `find` finds in the value.
    pub(crate) fn object<O: ?Sized + Send + Sync + 'static>(
        &self,
        find: impl for<'t> FnOnce(&'t T) -> &'t O + Copy,
    ) -> Object {
        // Code for each point, so that the rest is in a function of its own.
        self.share(bits(find(&self.value)), TypeId::of::<O>())
    }

    /// Returns the part of the value that `find` returns, if there is one.
    #[cfg(feature = "async")]
    #[expect(clippy::manual_map, reason = "a host would compile a closure for each point")]
    pub(crate) fn object_if<O: ?Sized + Send + Sync + 'static>(
        &self,
        find: impl for<'t> FnOnce(&'t T) -> Option<&'t O> + Copy,
    ) -> Option<Object> {
        match find(&self.value) {
            Some(object) => Some(self.share(bits(object), TypeId::of::<O>())),
            None => None,
        }
    }

    fn share(&self, pointer: Bits, id: TypeId) -> Object {
        Object { pointer, id, owner: Arc::clone(&self.any) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    trait Says: Send + Sync {
        fn say(&self) -> String;
    }

    struct Plugin {
        name: String,
        _kept: Arc<()>,
    }

    impl Says for Plugin {
        fn say(&self) -> String {
            self.name.clone()
        }
    }

    #[test]
    fn an_object_keeps_the_value_that_it_is_a_part_of() {
        let kept = Arc::new(());
        let plugin = Arc::new(Plugin { name: "weather".to_owned(), _kept: Arc::clone(&kept) });
        let says = Shared::<dyn Says>::within(Arc::clone(&plugin), |plugin| plugin);
        let name = Shared::<str>::within(plugin, |plugin| &plugin.name);
        let object = Object::new(says.clone());
        drop(says);
        assert_eq!(object.get::<dyn Says>().say(), "weather");
        drop(object);
        assert_eq!((&*name, Arc::strong_count(&kept)), ("weather", 2));
        drop(name);
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn an_arc_of_a_trait_object_is_an_object() {
        let kept = Arc::new(());
        let plugin: Arc<dyn Says> = Arc::new(Plugin { name: "news".to_owned(), _kept: Arc::clone(&kept) });
        let object = Object::new(Shared::from(plugin));
        assert_eq!(object.get::<dyn Says>().say(), "news");
        drop(object);
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn an_owner_shares_its_value_with_its_objects() {
        let kept = Arc::new(());
        let owner = Owner::new(Arc::new(Plugin { name: "owner".to_owned(), _kept: Arc::clone(&kept) }));
        let object = owner.object::<dyn Says>(|plugin| plugin);
        assert_eq!(owner.value().name, "owner");
        drop(owner);
        assert_eq!((object.get::<dyn Says>().say().as_str(), Arc::strong_count(&kept)), ("owner", 2));
        drop(object);
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn an_object_may_live_forever() {
        static WORD: &str = "word";
        let object = Object::forever::<str>(WORD);
        let other = object.clone();
        drop(object);
        assert_eq!(other.get::<str>(), "word");
    }

    #[test]
    fn an_object_has_one_type() {
        let object = Object::new(Shared::from(Arc::new(1_u8)));
        let read = std::panic::AssertUnwindSafe(|| *object.get::<i8>());
        assert!(std::panic::catch_unwind(read).is_err());
        assert_eq!(*object.get::<u8>(), 1);
    }
}
