//! [`Gate`]: what decides whether an implementation of a plugin runs now, and learns how it ended.
#![forbid(unsafe_code)]

use crate::base::name::PluginId;
use crate::observe::observer::Fault;

/// Decides which implementations run.
///
/// Calls ask it after the predicate of an implementation. An implementation that it leaves out does not run, as if its
/// predicate had declined. The phases of a life do not ask.
pub trait Gate: Send + Sync + 'static {
    /// A call begins.
    fn called(&self);

    /// Returns a ticket if the implementation may run now, `None` if it is left out.
    fn admit(&self, run: &Run<'_>) -> Option<u64>;

    /// An admitted implementation has ended. Called once for each ticket.
    fn ended(&self, run: &Run<'_>, ticket: u64, ending: Ending<'_>);
}

/// One run of an extension or of a wrapper.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The plugin of the implementation.
    pub plugin: &'a PluginId,
    /// Whether it is a wrapper.
    pub is_wrapper: bool,
    /// Whether it runs in any case: a historic call reaches a plugin whatever its state.
    pub is_exempt: bool,
}

/// The end of a run.
#[derive(Clone, Copy, Debug)]
pub enum Ending<'a> {
    /// It returned a value in time.
    Well,
    /// It failed by itself.
    Failed(&'a Fault<'a>),
    /// It passed on the failure of another plugin, or did not end.
    Undecided,
}
