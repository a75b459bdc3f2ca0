//! Stand-ins for an app and a group of plugins.

use std::sync::atomic::{AtomicBool, Ordering};

/// A program that plugins put together. It cannot be cloned.
#[derive(Debug, Default)]
pub(crate) struct App {
    pub(crate) systems: Vec<&'static str>,
    /// Whether the device for drawing is there: it comes while the program runs.
    pub(crate) device: AtomicBool,
}

impl App {
    pub(crate) fn has_device(&self) -> bool {
        self.device.load(Ordering::Relaxed)
    }

    pub(crate) fn replace(&mut self, system: &'static str, by: &'static str) {
        let place = self.systems.iter_mut().find(|each| **each == system);
        *place.expect("the system is there") = by;
    }
}

/// The plugins of a group, in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct PluginGroupBuilder(pub(crate) Vec<&'static str>);
