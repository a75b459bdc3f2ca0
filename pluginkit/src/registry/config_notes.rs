//! [`ConfigNotes`]: what the configuration says that concerns no registered plugin.

use std::sync::Arc;

use crate::base::name::PluginId;
use crate::config::ConfigProblem;
use crate::registry::Registry;

/// What the configuration that was loaded last says, beside the plugins that it has.
#[derive(Default)]
pub struct ConfigNotes {
    /// The plugins that it turns off.
    pub turned_off: Vec<PluginId>,
    /// The names that it turns off and that no plugin had.
    pub unknown: Vec<PluginId>,
    /// What else may be a mistake in it.
    pub remarks: Vec<ConfigProblem>,
}

impl Registry {
    /// Notes what a configuration says.
    #[cfg(feature = "macros")]
    pub fn note_config(&self, notes: ConfigNotes) {
        let notes = Arc::new(notes);
        let before = self.look(|state| std::mem::replace(&mut state.config_notes, notes));
        // A remark may have an error of foreign code.
        self.drop_quietly(before);
    }

    /// Returns what the configuration says that was loaded last.
    pub fn config_notes(&self) -> Arc<ConfigNotes> {
        self.look(|state| Arc::clone(&state.config_notes))
    }
}
