//! [`Parts`]: values of different types, one of each, made when they are first asked for.

use std::any::Any;

use crate::base::sync::OnceLock;

/// Values of different types that can all be seen as a `P`, at most one of each type.
///
/// They come and never go, so a look-up returns a reference and takes no lock. There are few: it passes them one by one.
pub(crate) struct Parts<P: ?Sized> {
    first: OnceLock<Box<Node<P>>>,
}

struct Node<P: ?Sized> {
    part: Box<P>,
    next: OnceLock<Box<Node<P>>>,
}

/// A type of which [`Parts`] can have a value.
pub(crate) trait Part<P: ?Sized>: Any {
    /// Returns the value, boxed, as a `P`.
    fn boxed(self) -> Box<P>;

    /// Returns a `P` as the value, if it is one.
    fn of(part: &P) -> Option<&Self>;
}

impl<P: ?Sized> Default for Parts<P> {
    fn default() -> Self {
        Self { first: OnceLock::default() }
    }
}

impl<P: ?Sized> Parts<P> {
    /// Returns the part of type `T`, and makes it if there is none.
    pub(crate) fn get_or_make<T: Part<P>>(&self, make: impl Fn() -> T) -> &T {
        let mut place = &self.first;
        loop {
            let node =
                place.get_or_init(|| Box::new(Node { part: make().boxed(), next: OnceLock::default() }));
            if let Some(part) = T::of(&node.part) {
                return part;
            }
            place = &node.next;
        }
    }

    /// Returns the part of type `T`, if there is one.
    pub(crate) fn get<T: Part<P>>(&self) -> Option<&T> {
        self.iter().find_map(T::of)
    }

    /// Returns all parts, in the order they were made.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &P> {
        let mut place = &self.first;
        std::iter::from_fn(move || {
            let node = place.get()?;
            place = &node.next;
            Some(&*node.part)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    trait Shown: Any + Debug {}
    impl<T: Any + Debug> Shown for T {}

    impl<T: Any + Debug> Part<dyn Shown> for T {
        fn boxed(self) -> Box<dyn Shown> {
            Box::new(self)
        }

        fn of(part: &dyn Shown) -> Option<&Self> {
            (part as &dyn Any).downcast_ref()
        }
    }

    #[test]
    fn a_part_is_made_once_and_found_by_its_type() {
        let parts = Parts::<dyn Shown>::default();
        assert_eq!(parts.iter().count(), 0);
        assert_eq!(parts.get::<u8>(), None);
        assert_eq!(*parts.get_or_make(|| 1_u8), 1);
        assert_eq!(*parts.get_or_make(|| 2_u16), 2);
        assert_eq!(*parts.get_or_make(|| 3_u8), 1);
        assert_eq!(parts.get::<u16>(), Some(&2));
        assert_eq!(format!("{:?}", parts.iter().collect::<Vec<_>>()), "[1, 2]");
    }
}
