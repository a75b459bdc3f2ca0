//! Measurements as `serde` writes them.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::base::name::PluginId;
use crate::base::serialize::text;
use crate::insight::Measurement;
use crate::spec::point::PointInfo;

/// Writes a duration as seconds.
pub(super) fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}

/// A [`Measurement`], with the times that it computes.
#[derive(Serialize)]
struct Shape<'m> {
    manager: Option<&'m str>,
    plugin: Option<&'m PluginId>,
    #[serde(serialize_with = "text")]
    point: PointInfo,
    calls: u64,
    errors: u64,
    panics: u64,
    timeouts: u64,
    overruns: u64,
    cancelled: u64,
    #[serde(serialize_with = "seconds")]
    total_seconds: Duration,
    #[serde(serialize_with = "seconds")]
    mean_seconds: Duration,
    #[serde(serialize_with = "seconds")]
    p50_seconds: Duration,
    #[serde(serialize_with = "seconds")]
    p99_seconds: Duration,
    #[serde(serialize_with = "seconds")]
    max_seconds: Duration,
    #[serde(serialize_with = "seconds")]
    last_seconds: Duration,
}

impl Serialize for Measurement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shape = Shape {
            manager: self.manager.as_deref(),
            plugin: self.plugin.as_ref(),
            point: self.point,
            calls: self.calls,
            errors: self.errors,
            panics: self.panics,
            timeouts: self.timeouts,
            overruns: self.overruns,
            cancelled: self.cancelled,
            total_seconds: self.total,
            mean_seconds: self.mean(),
            p50_seconds: self.percentile(50.0),
            p99_seconds: self.percentile(99.0),
            max_seconds: self.max,
            last_seconds: self.last,
        };
        shape.serialize(serializer)
    }
}
