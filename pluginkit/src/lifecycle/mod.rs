//! The lives of plugins: from registered over started to stopped and removed.
#![forbid(unsafe_code)]

mod life;

pub(crate) use life::{Cause, Clock, Life, Lives};
