//! What a plugin gets to work with when it is started.
#![forbid(unsafe_code)]

mod plugin_context;
mod signal;
mod state;

pub use plugin_context::PluginContext;
pub use signal::{CancellationSignal, Cancelled};
pub use state::StateMap;
