//! [`Cause`]: why a phase failed.

use std::error::Error as StdError;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::base::boxed::BoxError;
#[cfg(feature = "macros")]
use crate::base::drops::DropPanic;
use crate::base::drops::Foreign;

/// The error of a failed phase.
///
/// The descriptor of the plugin and all operations that waited for the phase share one `Cause`. A `Cause` dereferences
/// to the error of the phase, so `downcast_ref` returns that error. A panic becomes a
/// [`CallError::Panicked`](crate::CallError::Panicked).
// It is no `Error` itself, so that the `source` of what has it is the plugin's own error.
#[derive(Clone)]
pub struct Cause(Arc<Foreign<BoxError>>);

impl Cause {
    /// Returns the cause that a destructor panicked.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn of_drop(panic: &DropPanic) -> Self {
        Self::new(format!("a destructor panicked: {}", panic.message()))
    }

    /// Returns the cause of an error.
    #[doc(hidden)]
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(Arc::new(Foreign::new(error.into(), None)))
    }
}

impl Deref for Cause {
    type Target = dyn StdError + Send + Sync + 'static;

    fn deref(&self) -> &Self::Target {
        &***self.0
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
