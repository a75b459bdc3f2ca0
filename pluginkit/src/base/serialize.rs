//! Values as `serde` writes them for the feature `serde`.

use std::fmt::Display;
use std::time::SystemTime;

use serde::{Serialize, Serializer};

use crate::base::name::PluginId;

impl Serialize for PluginId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// Writes a value as its text.
///
/// # Errors
///
/// As the serializer.
pub fn text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Writes a time as the seconds since the Unix epoch, which are negative before it.
pub(crate) fn timestamp<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    })
}
