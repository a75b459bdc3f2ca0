//! The points, and the plugins that live through a round.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, PoisonError};

use pluginkit::prelude::*;

use crate::ledger::{self, must};

/// How many plugins take part from the beginning of a round to its end.
pub(crate) const RESIDENTS: u64 = 6;
/// The resident that has a timeout.
pub(crate) const SLOW: u64 = RESIDENTS - 1;
/// From where on plugins are numbered that fail often, one per worker.
pub(crate) const FUSES: u64 = 1_000_000_000;
/// From where on plugins are numbered that a configuration makes.
pub(crate) const LOADED: u64 = 2_000_000_000;

#[extension_point(project = "soak")]
pub(crate) trait Soak {
    /// One answer per extension.
    fn answer(&self, order: &Order) -> Answer;
    /// The same, and may fail.
    fn check(&self, order: &Order) -> Result<Answer, Refusal>;
    #[extension_point(firstresult)]
    fn find(&self, order: &Order) -> Option<u64>;
    #[extension_point(pipeline)]
    fn pass(&self, trail: Vec<u64>, order: &Order) -> Vec<u64>;
    /// Run by the fuse of the worker that calls, and held to its time.
    fn toil(&self, order: &Order) -> Result<Answer, Refusal>;
    #[extension_point(historic)]
    fn hear(&self, event: u64);
}

/// What a plugin is told to do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Panic,
    Error,
    /// Takes longer than its timeout.
    Late,
    /// Never ends; for those who are dropped.
    Stall,
}

/// The argument of a call.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) number: u64,
    /// Which resident does what wrong.
    pub(crate) fault: Option<(u64, Fault)>,
    /// How many extensions were run for it.
    pub(crate) runs: Arc<AtomicU32>,
}

impl Order {
    pub(crate) fn new(number: u64, fault: Option<(u64, Fault)>) -> Self {
        Self { number, fault, runs: Arc::default() }
    }

    /// The number of the fuse that it is for.
    pub(crate) fn fuse(&self) -> u64 {
        FUSES + (self.number >> 48)
    }

    pub(crate) fn runs(&self) -> usize {
        usize::try_from(self.runs.load(SeqCst)).unwrap_or(usize::MAX)
    }
}

/// What an extension answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The number of the plugin: residents have the lowest.
    pub(crate) plugin: u64,
    pub(crate) half: u8,
    pub(crate) priority: i32,
    pub(crate) order: u64,
}

#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) u64);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "injected refusal {}", self.0)
    }
}

impl std::error::Error for Refusal {}

/// Counts that it was made and dropped, and is big enough that a leak shows.
pub(crate) struct Canary([u8; 512]);

impl Canary {
    pub(crate) fn new() -> Self {
        ledger::CONSTRUCTED.fetch_add(1, Relaxed);
        Self([0x5a; 512])
    }

    /// Whether nobody has written over it.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0x5a)
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        must(self.is_whole(), format_args!("a plugin's memory was written over"));
        self.0.fill(0);
        ledger::DROPPED.fetch_add(1, Relaxed);
    }
}

/// Counts that a body has begun, and that its destructors ran.
pub(crate) struct Inside;

impl Inside {
    pub(crate) fn new() -> Self {
        ledger::ENTERED.fetch_add(1, SeqCst);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        ledger::LEFT.fetch_add(1, SeqCst);
    }
}

/// Answers as often as it has extensions.
pub(crate) struct Voice {
    pub(crate) number: u64,
    pub(crate) priority: i32,
    pub(crate) canary: Canary,
}

impl Voice {
    pub(crate) fn new(number: u64, priority: i32) -> Self {
        Self { number, priority, canary: Canary::new() }
    }

    pub(crate) fn answer(&self, order: &Order, half: u8) -> Answer {
        must(self.canary.is_whole(), format_args!("plugin {} was called when it was gone", self.number));
        order.runs.fetch_add(1, SeqCst);
        let is_told = order.fault == Some((self.number, Fault::Panic));
        assert!(!is_told, "injected panic {}", order.number);
        Answer { plugin: self.number, half, priority: self.priority, order: order.number }
    }

    pub(crate) fn check(&self, order: &Order) -> Result<Answer, Refusal> {
        let answer = self.answer(order, 0);
        if order.fault == Some((self.number, Fault::Error)) {
            return Err(Refusal(order.number));
        }
        Ok(answer)
    }

    pub(crate) fn find(&self, order: &Order) -> Option<u64> {
        let answer = self.answer(order, 0);
        (order.number % RESIDENTS == self.number).then_some(answer.plugin)
    }

    pub(crate) fn pass(&self, mut trail: Vec<u64>, order: &Order) -> Vec<u64> {
        trail.push(self.answer(order, 0).plugin);
        trail
    }

    /// What must hold of the outcome inside of a wrapper of the plugin whose extensions it has.
    pub(crate) fn finds_itself_in(&self, answers: &[Answer]) {
        let own = answers.iter().filter(|answer| answer.plugin == self.number).count();
        must(
            own == 2,
            format_args!("a wrapper of plugin {} ran around {own} of its two extensions", self.number),
        );
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct LoadedSettings {
    number: u64,
}

/// Made by a configuration.
#[plugin(id = "loaded", project = "soak", config = LoadedSettings)]
pub(crate) struct Loaded(Voice);

impl From<LoadedSettings> for Loaded {
    fn from(settings: LoadedSettings) -> Self {
        Self(Voice::new(LOADED + settings.number, 0))
    }
}

#[extension]
impl Soak for Loaded {
    fn pass(&self, trail: Vec<u64>, order: &Order) -> Vec<u64> {
        self.0.pass(trail, order)
    }
}

/// A voice that is registered by its type.
pub(crate) struct Loud(pub(crate) Voice);

#[extension]
impl Soak for Loud {
    fn answer(&self, order: &Order) -> Answer {
        self.0.answer(order, 0)
    }
}

/// Hears every event once, in order.
pub(crate) struct Listener {
    pub(crate) heard: Mutex<Vec<u64>>,
    /// Panics at this event.
    pub(crate) refuses: Option<u64>,
    _canary: Canary,
}

impl Listener {
    pub(crate) fn new(refuses: Option<u64>) -> Self {
        Self { heard: Mutex::default(), refuses, _canary: Canary::new() }
    }

    pub(crate) fn hear(&self, event: u64) {
        assert!(self.refuses != Some(event), "injected panic at event {event}");
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Whether it has heard the events so far, each once and in order; how many these are.
    pub(crate) fn check(&self) -> u64 {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let in_order = heard.iter().zip(0..).all(|(event, expected)| *event == expected);
        must(in_order, format_args!("a listener heard {heard:?}"));
        heard.len() as u64
    }
}
