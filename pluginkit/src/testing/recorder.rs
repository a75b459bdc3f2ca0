//! [`Recorder`]: an observer that records the extensions that ran.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::name::PluginId;
use crate::observe::observer::{End, Event, Observer};
use crate::spec::point::PointInfo;

/// An observer that records the extensions that ran, in the order of their starts, with the end of each extension.
///
/// Clones share one record.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Vec<Recorded>>>);

/// One extension that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The plugin.
    pub plugin: PluginId,
    /// The point.
    pub point: &'static PointInfo,
    /// The end of the extension; `None` while it runs.
    pub outcome: Option<Outcome>,
}

/// The end of an extension: an owned [`End`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The extension returned a value.
    Returned,
    /// The extension returned an `Err` with this text.
    Failed(String),
    /// The extension panicked.
    Panicked,
    /// The wrapper passed on a failure of another plugin: an `Err` with this text, or a panic.
    PassedOn(Option<String>),
    /// The extension was dropped.
    Cancelled,
    /// The extension was dropped at its timeout.
    TimedOut,
}

impl Outcome {
    fn of(end: End<'_>) -> Self {
        match end {
            End::Returned => Self::Returned,
            End::Failed(error) => Self::Failed(error.to_owned()),
            End::Panicked => Self::Panicked,
            End::PassedOn { error } => Self::PassedOn(error.map(str::to_owned)),
            End::Cancelled => Self::Cancelled,
            End::TimedOut => Self::TimedOut,
        }
    }
}

impl Recorder {
    /// Returns an empty recorder.
    pub fn new() -> Self {
        Self::default()
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the record, in the order in which extensions started.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.lines().clone()
    }

    /// Returns the record and empties it.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.lines())
    }

    /// Returns the plugins that ran at `point`, in the order in which they started.
    pub fn plugins_at<P: crate::ExtensionPoint>(&self, _point: P) -> Vec<PluginId> {
        self.lines().iter().filter(|line| *line.point == *P::INFO).map(|line| line.plugin.clone()).collect()
    }

    /// Asserts that the first runs of these plugins were in this order. Other plugins may have run in between.
    ///
    /// # Panics
    ///
    /// Panics with the plugins that ran, if the order differs.
    #[track_caller]
    pub fn assert_order<'n>(&self, plugins: impl IntoIterator<Item = &'n str>) {
        let ran = self.plugins();
        let mut before: Option<(&str, usize)> = None;
        for plugin in plugins {
            let Some(at) = ran.iter().position(|other| other == plugin) else {
                panic!("expected `{plugin}` to run; the order was {ran:?}")
            };
            if let Some((other, place)) = before
                && at < place
            {
                panic!("expected `{plugin}` to run after `{other}`; the order was {ran:?}");
            }
            before = Some((plugin, at));
        }
    }

    /// Asserts that exactly these plugins ran, in this order and this often.
    ///
    /// # Panics
    ///
    /// Panics with the plugins that ran, if they differ.
    #[track_caller]
    pub fn assert_ran<'n>(&self, plugins: impl IntoIterator<Item = &'n str>) {
        let (ran, expected) = (self.plugins(), plugins.into_iter().collect::<Vec<_>>());
        assert!(ran == expected, "expected {expected:?} to run; the order was {ran:?}");
    }

    fn plugins(&self) -> Vec<PluginId> {
        self.lines().iter().map(|line| line.plugin.clone()).collect()
    }
}

impl Observer for Recorder {
    fn observe(&self, event: &Event<'_>) {
        match *event {
            Event::ExtensionStarted { plugin, point } => {
                self.lines().push(Recorded { plugin: plugin.clone(), point, outcome: None });
            }
            Event::ExtensionFinished { plugin, point, end, .. } => {
                let mut lines = self.lines();
                let is_it = |line: &&mut Recorded| {
                    line.outcome.is_none() && line.plugin == *plugin && line.point == point
                };
                if let Some(line) = lines.iter_mut().rev().find(is_it) {
                    line.outcome = Some(Outcome::of(end));
                }
            }
            _ => {}
        }
    }
}
