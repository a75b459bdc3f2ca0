//! [`Loan`]: a reference to an object that borrows, without its type.
//!
//! A call takes work of the host along, which borrows from the host. The loops over a call have no types of points, and
//! `Any` has no types that borrow. So a loan has the family of its type as an id.
//!
//! The bits of a `Loan<'f>` are a `&'f L::Object<'f>`, and its id is that of `L`. They are read as this type only after
//! a comparison of the id. A `Loan` is invariant: it has the lifetime that it was made with.

use std::any::TypeId;
use std::cell::Cell;
use std::marker::PhantomData;

use crate::erased::object::{Bits, View, bits};

/// A family of types of objects, one for each lifetime.
pub(crate) trait Lends: 'static {
    /// The type of objects that live as long as `'f`.
    type Object<'f>: ?Sized + 'f;
}

/// A reference to an object of a family.
pub(crate) struct Loan<'f> {
    object: Bits,
    family: TypeId,
    borrowed: PhantomData<Cell<&'f ()>>,
}

impl<'f> Loan<'f> {
    pub(crate) fn new<L: Lends>(object: &'f L::Object<'f>) -> Self {
        Self { object: bits(object), family: TypeId::of::<L>(), borrowed: PhantomData }
    }

    /// Returns the object.
    ///
    /// # Panics
    ///
    /// Panics if it is of another family.
    pub(crate) fn get<L: Lends>(&self) -> &'f L::Object<'f> {
        assert!(self.family == TypeId::of::<L>(), "an object is read as the type that it was made with");
        let view = View { bits: self.object };
        // SAFETY: by the rule above, the bits are a reference of this type and this lifetime.
        unsafe { view.object }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    trait Adds {
        fn add(&self, to: &str) -> String;
    }

    impl Adds for &str {
        fn add(&self, to: &str) -> String {
            format!("{to}{self}")
        }
    }

    struct Adding;

    impl Lends for Adding {
        type Object<'f> = dyn Adds + 'f;
    }

    struct Other;

    impl Lends for Other {
        type Object<'f> = str;
    }

    #[test]
    fn a_loan_is_read_as_the_type_that_it_was_made_with() {
        let text = String::from("b");
        let (borrows, own) = (text.as_str(), String::from("c"));
        let adds = Loan::new::<Adding>(&borrows);
        assert_eq!(adds.get::<Adding>().add("a"), "ab");
        assert_eq!(Loan::new::<Other>(&own).get::<Other>(), "c");
        assert!(
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| adds.get::<Other>().len())).is_err()
        );
    }
}
