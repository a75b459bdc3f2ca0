//! [`Here`]: a value that only the thread that set it can reach.
//!
//! A call has results and errors of any types for a moment: between the end of an extension and the end of the poll. The
//! future of the call must be `Send` even if these types are not. So the places for such values are `Send`, and check the
//! thread when they are used. The alternative is code for the loop over extensions that is generic over these types, and
//! that a host compiles once per point.
//!
//! 1. A place has the number of the thread that set its value. No two threads have the same number: `base/threads.rs`.
//! 2. The value is borrowed, taken or dropped only on that thread. The destructor of the place leaks it on another one.

use std::mem::ManuallyDrop;
use std::task::Poll;

use crate::base::threads::current;

/// The thread that set a value.
pub(super) struct Setter(u64);

impl Setter {
    /// Makes the current thread the one that sets the value.
    pub(super) fn set(&mut self) {
        self.0 = current();
    }

    #[inline]
    fn is_current(&self) -> bool {
        self.0 == current()
    }

    fn check(&self) {
        assert!(self.is_current(), "a value stays on the thread that set it");
    }
}

/// A place for a value that only the thread that set it can reach.
pub(crate) struct Here<T> {
    /// Pending if there is no value.
    value: ManuallyDrop<Poll<T>>,
    setter: Setter,
}

// SAFETY: by rule 2, other threads do not reach the value.
unsafe impl<T> Send for Here<T> {}

impl<T> Here<T> {
    pub(crate) const EMPTY: Self = Self { value: ManuallyDrop::new(Poll::Pending), setter: Setter(0) };

    /// Returns the parts of the place, which is empty: for code that sets the setter and then the value.
    pub(super) fn parts(&mut self) -> (*mut Poll<T>, &mut Setter) {
        self.clear();
        (&raw mut *self.value, &mut self.setter)
    }

    /// Returns the value, if there is one.
    pub(crate) fn get(&self) -> Option<&T> {
        match &*self.value {
            Poll::Pending => None,
            Poll::Ready(value) => {
                self.setter.check();
                Some(value)
            }
        }
    }

    /// Takes the value, if there is one.
    pub(crate) fn take(&mut self) -> Option<T> {
        if self.value.is_pending() {
            return None;
        }
        self.setter.check();
        match std::mem::replace(&mut *self.value, Poll::Pending) {
            Poll::Pending => None,
            Poll::Ready(value) => Some(value),
        }
    }

    /// Sets the value and drops an earlier one.
    pub(crate) fn set(&mut self, value: T) {
        self.clear();
        self.setter.set();
        *self.value = Poll::Ready(value);
    }

    fn clear(&mut self) {
        drop(self.take());
    }
}

impl<T> Drop for Here<T> {
    fn drop(&mut self) {
        if self.setter.is_current() {
            // SAFETY: only this drops it, on the thread that set it.
            unsafe { ManuallyDrop::drop(&mut self.value) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::thread;

    use super::*;

    #[test]
    fn a_value_is_there_until_it_is_taken_or_replaced() {
        let mut here = Here::EMPTY;
        assert_eq!(here.get(), None);
        here.set("one".to_owned());
        here.set("two".to_owned());
        assert_eq!(here.get().unwrap(), "two");
        assert_eq!(here.take().unwrap(), "two");
        assert_eq!(here.take(), None);
    }

    #[test]
    fn a_value_is_dropped_on_its_thread_and_leaked_on_others() {
        let value = Rc::new(());
        let mut here = Here::EMPTY;
        here.set(Rc::clone(&value));
        drop(here);
        assert_eq!(Rc::strong_count(&value), 1);
        let mut here = Here::EMPTY;
        here.set(Rc::clone(&value));
        thread::spawn(move || drop(here)).join().unwrap();
        assert_eq!(Rc::strong_count(&value), 2);
    }

    #[test]
    fn another_thread_does_not_reach_a_value() {
        let mut here = Here::EMPTY;
        here.set(Rc::new(()));
        assert!(thread::spawn(move || here.take().is_some()).join().is_err());
        let mut empty = Here::<Rc<()>>::EMPTY;
        thread::spawn(move || {
            assert!(empty.take().is_none());
            empty.set(Rc::new(()));
            assert!(empty.get().is_some());
        })
        .join()
        .unwrap();
    }
}
