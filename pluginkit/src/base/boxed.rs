//! Errors and values of types that are not known here.

use std::any::Any;
use std::error::Error as StdError;
use std::sync::Arc;

/// An error of any type.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// A shared value of any type; `downcast` gives it back.
pub(crate) type AnyValue = Arc<dyn Any + Send + Sync>;
