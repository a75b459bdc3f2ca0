//! A spare copy of the value of a pipeline, if its type is `Clone`. Method resolution picks the first trait that applies.
#![allow(missing_docs, reason = "generated code alone names what is here")]

use std::marker::PhantomData;

/// The running value of a pipeline.
#[derive(Debug)]
pub struct Running<'a, T>(pub &'a Option<T>);

/// The threaded argument of a pipeline, for another run of the rest of a call.
#[derive(Debug)]
pub struct Repeated<'a, T>(pub &'a T);

pub trait IsClone<T> {
    fn spare(&self) -> Option<T>;
}
impl<T: Clone> IsClone<T> for &Running<'_, T> {
    fn spare(&self) -> Option<T> {
        self.0.clone()
    }
}

/// Returns the running value for a wrapper whose rest runs several times. The `last` run takes the value; others get the
/// `spare` one.
///
/// # Panics
///
/// Panics if there is no spare value: the `next` of such a pipeline is not `Clone`.
#[inline]
pub fn give<T>(last: bool, slot: &mut Option<T>, spare: impl FnOnce(&Option<T>) -> Option<T>) -> T {
    let given = if last { slot.take() } else { spare(slot) };
    given.expect("the `next` of a pipeline whose value is not `Clone` is not cloned")
}

/// Tells whether the threaded argument of a pipeline is `Clone`, as far as the bounds of generic specs say.
#[derive(Debug)]
pub struct Repeats<T>(PhantomData<T>);

impl<T: Clone> Repeats<T> {
    pub const IS_REPEATED: bool = true;
}

/// A type that is perhaps not `Clone`: its own constant, if it has one, is found before this.
pub trait NotRepeated {
    const IS_REPEATED: bool = false;
}
impl<T> NotRepeated for Repeats<T> {}

pub trait IsRepeated<T> {
    fn repeat(&self) -> T;
}
impl<T: Clone> IsRepeated<T> for &Repeated<'_, T> {
    fn repeat(&self) -> T {
        self.0.clone()
    }
}

pub trait IsNotRepeated<T> {
    fn repeat(&self) -> T;
}
impl<T> IsNotRepeated<T> for Repeated<'_, T> {
    fn repeat(&self) -> T {
        unreachable!("the `next` of a pipeline whose value is not `Clone` is not cloned")
    }
}

pub trait IsNotClone<T> {
    fn spare(&self) -> Option<T>;
}
impl<T> IsNotClone<T> for Running<'_, T> {
    fn spare(&self) -> Option<T> {
        None
    }
}
