//! Finds the best text for an error of any type: `Display`, else `Debug`, else its type.

use std::error::Error as StdError;
use std::fmt::{Debug, Display};

/// An error to describe; method resolution picks the first trait that fits.
#[derive(Debug)]
pub struct Describe<'e, E>(pub &'e E);

pub trait ByDisplay {
    fn text(&self) -> String;
}
impl<E: Display> ByDisplay for &&Describe<'_, E> {
    fn text(&self) -> String {
        self.0.to_string()
    }
}

pub trait ByDebug {
    fn text(&self) -> String;
}
impl<E: Debug> ByDebug for &Describe<'_, E> {
    fn text(&self) -> String {
        format!("{:?}", self.0)
    }
}

pub trait ByType {
    fn text(&self) -> String;
}
impl<E> ByType for Describe<'_, E> {
    fn text(&self) -> String {
        std::any::type_name::<E>().to_owned()
    }
}

/// An error to box; method resolution picks the first trait that fits.
#[derive(Debug)]
pub struct Boxed<E>(pub Option<E>);

pub trait BySource {
    fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>>;
}
impl<E: Into<Box<dyn StdError + Send + Sync>>> BySource for &mut Boxed<E> {
    fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.0.take().map(Into::into)
    }
}

pub trait ByText {
    fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>>;
}
impl<E> ByText for Boxed<E> {
    fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>> {
        None
    }
}
