//! [`Scoped`]: a boxed object that may borrow for a lifetime, with an id as type.
//!
//! `Any` is for values that borrow nothing. A local manager has objects that borrow, in one list for points of all types.
//!
//! 1. A `Scoped<'p>` of the family `F` has a `Box<F::Of<'p>>`. Its id is that of `F`, and `F` with `'p` determines the type.
//! 2. `'p` is invariant, so that it is the same where the object is made and where it is read.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

/// A type for each lifetime.
pub(crate) trait Family: 'static {
    /// The type for `'p`.
    type Of<'p>: ?Sized + 'p;
}

/// Any type.
trait Anything {}

impl<T: ?Sized> Anything for T {}

/// An object of a [`Family`].
pub(crate) struct Scoped<'p> {
    /// A `Box<F::Of<'p>>`.
    object: Box<dyn Anything + 'p>,
    /// The id of `F`.
    family: TypeId,
    invariant: PhantomData<fn(&'p ()) -> &'p ()>,
}

impl<'p> Scoped<'p> {
    pub(crate) fn new<F: Family>(object: Box<F::Of<'p>>) -> Self {
        Self { object: Box::new(object), family: TypeId::of::<F>(), invariant: PhantomData }
    }

    /// Returns the object.
    ///
    /// # Panics
    ///
    /// Panics if its family is not `F`.
    #[inline]
    pub(crate) fn get<F: Family>(&self) -> &F::Of<'p> {
        assert!(self.family == TypeId::of::<F>(), "an object is read as the type that it was made with");
        // SAFETY: by rules 1 and 2, the value is a `Box` of this type. It is only read while `self` is borrowed.
        unsafe { &*(&raw const *self.object).cast::<Box<F::Of<'p>>>() }
    }
}

impl fmt::Debug for Scoped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scoped").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    trait Says<'p> {
        fn say(&self) -> &'p str;
    }

    struct Saying;

    impl Family for Saying {
        type Of<'p> = dyn Says<'p> + 'p;
    }

    struct Counting;

    impl Family for Counting {
        type Of<'p> = dyn Fn(&Cell<u32>) + 'p;
    }

    struct Text<'p>(&'p str, #[expect(dead_code, reason = "it is counted")] Rc<()>);

    impl<'p> Says<'p> for Text<'p> {
        fn say(&self) -> &'p str {
            self.0
        }
    }

    #[test]
    fn an_object_that_borrows_is_read_and_dropped_once() {
        let text = String::from("weather");
        let kept = Rc::new(());
        let said = {
            let object = Scoped::new::<Saying>(Box::new(Text(&text, Rc::clone(&kept))));
            assert_eq!(Rc::strong_count(&kept), 2);
            object.get::<Saying>().say()
        };
        assert_eq!((said, Rc::strong_count(&kept)), ("weather", 1));
    }

    #[test]
    fn objects_of_several_types_are_in_one_list() {
        let (text, count) = (String::from("news"), Cell::new(0));
        let list = [
            Scoped::new::<Saying>(Box::new(Text(&text, Rc::new(())))),
            Scoped::new::<Counting>(Box::new(|more: &Cell<u32>| count.set(count.get() + more.get()))),
        ];
        assert_eq!(list[0].get::<Saying>().say(), "news");
        list[1].get::<Counting>()(&Cell::new(7));
        assert_eq!(count.get(), 7);
    }

    #[test]
    fn an_object_has_one_type() {
        let object = Scoped::new::<Counting>(Box::new(|_: &Cell<u32>| ()));
        let read = std::panic::AssertUnwindSafe(|| object.get::<Saying>().say().len());
        assert!(std::panic::catch_unwind(read).is_err());
    }
}
