//! [`TurnedOff`]: which plugins a configuration turns off.

use std::collections::{HashMap, HashSet};

use crate::config::{ConfigGroup, PluginConfig};
use crate::loading::PluginFactory;
use crate::loading::discover::names;

/// Which plugins a configuration turns off: all, or those that no entry turns on and that an entry or the whole turns
/// off.
pub(super) struct TurnedOff {
    all: bool,
    /// The references of all entries, and whether one of each is on.
    listed: HashMap<String, bool>,
    /// The references that are off wherever they come from.
    disabled: HashSet<String>,
}

impl TurnedOff {
    pub(super) fn of(config: &PluginConfig) -> Self {
        let plain = |reference: &str| reference.replace("r#", "");
        let mut listed = HashMap::new();
        for entry in config.groups().iter().flat_map(ConfigGroup::entries) {
            *listed.entry(plain(entry.reference().as_str())).or_default() |= entry.is_enabled();
        }
        let disabled = config.disabled().iter().map(|reference| plain(reference.as_str())).collect();
        Self { all: !config.is_enabled(), listed, disabled }
    }

    /// Returns whether it turns a plugin off.
    pub(super) fn has(&self, factory: &PluginFactory) -> bool {
        let names = names(factory);
        let listed: Vec<bool> = names.iter().filter_map(|name| self.listed.get(*name).copied()).collect();
        let is_off = if listed.is_empty() {
            names.iter().any(|name| self.disabled.contains(*name))
        } else {
            listed.iter().all(|is_on| !is_on)
        };
        self.all || is_off
    }
}
