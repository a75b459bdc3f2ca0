//! [`Spans`]: the spans of `tracing` that calls and extensions run in.

use std::time::Duration;

use tracing::Span;

use crate::base::name::PluginId;
use crate::spec::point::PointInfo;

/// Makes the spans in which the calls and the extensions of a manager run.
pub trait Spans: Send + Sync + 'static {
    /// Returns the span of a call of `point`.
    fn of_call(&self, manager: &str, point: &PointInfo) -> Span;

    /// Returns the span of an extension of `plugin`, or of a wrapper.
    fn of_extension(&self, plugin: &PluginId, point: &PointInfo, is_wrapper: bool) -> Span;

    /// Records the end of `span`: the outcome in one word, the time if the code began, and the error if it failed.
    fn end(&self, span: &Span, outcome: &'static str, elapsed: Option<Duration>, error: Option<&str>);
}
