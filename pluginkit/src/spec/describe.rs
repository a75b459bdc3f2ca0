//! The text of an error of any type: by `Display`, else by `Debug`, else the name of its type.
#![allow(missing_docs, reason = "generated code alone names what is here")]

use std::any::Any;
use std::error::Error as StdError;
use std::fmt::{Debug, Display};

use crate::spec::returns::Returns;

/// An error to describe. Method resolution picks the first trait that applies.
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

/// An error to box. Method resolution picks the first trait that applies.
#[derive(Debug)]
pub struct Boxed<E>(pub Option<E>);

impl<E> Boxed<E> {
    /// Returns the error as it was kept, or the error itself.
    ///
    /// # Errors
    ///
    /// Returns the error if it was not kept.
    pub fn or_back(self, kept: Option<Box<dyn Any + Send>>) -> Result<Box<dyn Any + Send>, E> {
        match (kept, self.0) {
            (Some(kept), _) => Ok(kept),
            (None, Some(error)) => Err(error),
            (None, None) => unreachable!("an error that was taken out is kept"),
        }
    }
}

pub trait IsError {
    fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>>;
}
impl<E: Into<Box<dyn StdError + Send + Sync>>> IsError for &mut Boxed<E> {
    fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>> {
        self.0.take().map(Into::into)
    }
}

pub trait IsNotError {
    fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>>;
}
impl<E> IsNotError for Boxed<E> {
    fn boxed(&mut self) -> Option<Box<dyn StdError + Send + Sync>> {
        None
    }
}

pub trait IsSend {
    fn kept(&mut self) -> Option<Box<dyn Any + Send>>;
}
impl<E: Send + 'static> IsSend for &mut Boxed<E> {
    fn kept(&mut self) -> Option<Box<dyn Any + Send>> {
        Some(Box::new(self.0.take()?))
    }
}

pub trait IsNotSend {
    fn kept(&mut self) -> Option<Box<dyn Any + Send>>;
}
impl<E> IsNotSend for Boxed<E> {
    fn kept(&mut self) -> Option<Box<dyn Any + Send>> {
        None
    }
}

/// Returns the return value with the error that was kept; `None` if it has another type.
pub fn kept<S, R>(error: Box<dyn Any + Send>) -> Option<R>
where
    S: Returns<R, Error: 'static>,
{
    let error: Box<S::Error> = error.downcast().ok()?;
    Some(S::failed(*error))
}
