//! [`Filled`]: a vector that a loop fills.
//!
//! The length of a `Vec` is in memory while its `push` may grow it: each push writes it there and reads it again. Here, it is a
//! variable of the loop. A collecting call of ten extensions took 472 instructions with `Vec`, and takes 454.
//!
//! 1. The length of the vector is 0. The first `len` places of its memory have items.
//!
//! An unoptimised build pushes to a `Vec`, so that a host compiles less.

use crate::base::drops::Gathered;

/// A vector that a loop fills. Left behind by an error or a panic, its items are dropped one at a time.
#[cfg(debug_assertions)]
pub(crate) struct Filled<T>(Gathered<T>);

#[cfg(debug_assertions)]
impl<T> Filled<T> {
    /// Returns a vector with room for `capacity` items.
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self(Gathered(Vec::with_capacity(capacity)))
    }

    pub(crate) fn push(&mut self, item: T) {
        self.0.0.push(item);
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        self.0.into_vec()
    }
}

/// A vector that a loop fills. Left behind by an error or a panic, its items are dropped one at a time.
#[cfg(not(debug_assertions))]
pub(crate) struct Filled<T> {
    items: Vec<T>,
    len: usize,
}

#[cfg(not(debug_assertions))]
impl<T> Filled<T> {
    /// Returns a vector with room for `capacity` items.
    #[inline]
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { items: Vec::with_capacity(capacity), len: 0 }
    }

    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        if self.len == self.items.capacity() {
            self.items = grown(self.take());
            self.len = self.items.len();
            // SAFETY: 0 is not more than the capacity. The items stay in their places, and `len` counts them.
            unsafe { self.items.set_len(0) };
        }
        // SAFETY: there is room for more than `len` items, and by invariant 1 this place has none.
        unsafe { self.items.as_mut_ptr().add(self.len).write(item) };
        self.len += 1;
    }

    #[inline]
    pub(crate) fn into_vec(mut self) -> Vec<T> {
        self.take()
    }

    /// Takes all items.
    #[inline]
    fn take(&mut self) -> Vec<T> {
        let (mut items, len) = (std::mem::take(&mut self.items), std::mem::take(&mut self.len));
        // SAFETY: by invariant 1.
        unsafe { items.set_len(len) };
        items
    }
}

/// Returns the vector with room for more items. By value, because a vector that is lent would be kept in memory.
#[cfg(not(debug_assertions))]
#[cold]
#[inline(never)]
fn grown<T>(mut items: Vec<T>) -> Vec<T> {
    items.reserve(1);
    items
}

#[cfg(not(debug_assertions))]
impl<T> Drop for Filled<T> {
    #[inline]
    fn drop(&mut self) {
        drop(Gathered(self.take()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn items_are_kept_in_order_whatever_the_capacity() {
        for (capacity, count) in [(0, 0), (0, 1), (1, 1), (2, 5), (100, 3), (3, 1_000)] {
            let mut filled = Filled::with_capacity(capacity);
            (0..count).for_each(|item| filled.push(Box::new(item)));
            let items: Vec<u32> = filled.into_vec().into_iter().map(|item| *item).collect();
            assert_eq!(items, (0..count).collect::<Vec<_>>());
        }
    }

    #[test]
    fn items_without_a_size_are_counted() {
        let mut filled = Filled::with_capacity(0);
        (0..5).for_each(|_| filled.push(()));
        assert_eq!(filled.into_vec().len(), 5);
    }

    #[test]
    fn items_that_are_left_are_dropped_once() {
        let item = Arc::new(());
        let mut filled = Filled::with_capacity(1);
        (0..3).for_each(|_| filled.push(Arc::clone(&item)));
        assert_eq!(Arc::strong_count(&item), 4);
        drop(filled);
        assert_eq!(Arc::strong_count(&item), 1);
    }
}
