//! A spare copy of the value of a pipeline, if its type is `Clone`. Method resolution picks the first trait that applies.
#![allow(missing_docs, reason = "generated code alone names what is here")]

/// The running value of a pipeline.
#[derive(Debug)]
pub struct Running<'a, T>(pub &'a Option<T>);

pub trait IsClone<T> {
    fn spare(&self) -> Option<T>;
}
impl<T: Clone> IsClone<T> for &Running<'_, T> {
    fn spare(&self) -> Option<T> {
        self.0.clone()
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
