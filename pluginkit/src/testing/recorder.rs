//! [`Recorder`]: an observer that writes down what ran.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::name::PluginId;
use crate::observe::observer::{End, Event, Observer};
use crate::spec::point::PointInfo;

/// An observer that writes down which extensions ran, in the order they were started in, and how they ended. Clones
/// are one recorder.
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
    /// How it ended; `None` if it has not.
    pub outcome: Option<Outcome>,
}

/// How an extension ended: an [`End`] to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// With a value.
    Returned,
    /// With an `Err` of this text.
    Failed(String),
    /// With a panic.
    Panicked,
    /// It was dropped.
    Cancelled,
    /// It was dropped when its time was over.
    TimedOut,
}

impl Outcome {
    fn of(end: End<'_>) -> Self {
        match end {
            End::Returned => Self::Returned,
            End::Failed(error) => Self::Failed(error.to_owned()),
            End::Panicked => Self::Panicked,
            End::Cancelled => Self::Cancelled,
            End::TimedOut => Self::TimedOut,
        }
    }
}

impl Recorder {
    /// One that has written nothing.
    pub fn new() -> Self {
        Self::default()
    }

    fn lines(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What ran, in the order it was started in.
    pub fn recorded(&self) -> Vec<Recorded> {
        self.lines().clone()
    }

    /// Takes what ran out.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.lines())
    }

    /// The plugins that ran at `point`, in that order.
    pub fn plugins_at<P: crate::ExtensionPoint>(&self, _point: P) -> Vec<PluginId> {
        self.lines().iter().filter(|line| *line.point == *P::INFO).map(|line| line.plugin.clone()).collect()
    }

    /// Asserts that these plugins ran, each for the first time after the one before it did; others may have run, too.
    ///
    /// # Panics
    ///
    /// If they did not, with what ran.
    #[track_caller]
    pub fn assert_order<'n>(&self, plugins: impl IntoIterator<Item = &'n str>) {
        let ran = self.plugins();
        let mut before: Option<(&str, usize)> = None;
        for plugin in plugins {
            let Some(at) = ran.iter().position(|other| other == plugin) else {
                panic!("`{plugin}` did not run; what ran: {ran:?}")
            };
            if let Some((other, place)) = before
                && at < place
            {
                panic!("`{plugin}` ran before `{other}`, and not after it; what ran: {ran:?}");
            }
            before = Some((plugin, at));
        }
    }

    /// Asserts that exactly these plugins ran, in this order, each as often as it stands there.
    ///
    /// # Panics
    ///
    /// If they did not, with what ran.
    #[track_caller]
    pub fn assert_ran<'n>(&self, plugins: impl IntoIterator<Item = &'n str>) {
        let (ran, expected) = (self.plugins(), plugins.into_iter().collect::<Vec<_>>());
        assert!(ran == expected, "expected {expected:?} to run; what ran: {ran:?}");
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
