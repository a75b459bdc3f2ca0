//! Plugins that are started and stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};

use pluginkit::prelude::*;

use crate::ledger::must;
use crate::plugins::Canary;

/// How many plugins are started and stopped; each requires the one before.
pub(crate) const LIVES: usize = 4;

/// What the next phase of a life does wrong.
#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Good,
    StartFails,
    StartPanics,
    StopFails,
}

/// Not started, or stopped.
const DOWN: u32 = 0;
/// Started.
const UP: u32 = 1;
/// Its stop has failed: it may be stopped once more, or started anew.
const ASTRAY: u32 = 2;

/// What is known of the lives of a round.
#[derive(Default)]
pub(crate) struct Street {
    states: [AtomicU32; LIVES],
    moods: [AtomicU32; LIVES],
    pub(crate) starts: AtomicU64,
    pub(crate) stops: AtomicU64,
}

impl Street {
    pub(crate) fn set(&self, house: usize, mood: Mood) {
        self.moods[house].store(mood as u32, SeqCst);
    }

    fn take(&self, house: usize, mood: Mood) -> bool {
        self.moods[house].compare_exchange(mood as u32, Mood::Good as u32, SeqCst, SeqCst).is_ok()
    }

    pub(crate) fn all_down(&self) -> bool {
        self.states.iter().all(|state| state.load(SeqCst) == DOWN)
    }
}

/// A plugin with a life; it requires the one before it.
pub(crate) struct House {
    pub(crate) number: usize,
    pub(crate) street: Arc<Street>,
    pub(crate) canary: Canary,
}

impl House {
    pub(crate) fn id(number: usize) -> String {
        format!("house-{number}")
    }

    pub(crate) fn metadata(number: usize) -> pluginkit::metadata::PluginMetadata {
        let metadata = pluginkit::metadata::PluginMetadata::new(Self::id(number)).version("1.0.0");
        metadata.requires(number.checked_sub(1).map(|before| format!("{} >= 1", Self::id(before))))
    }

    pub(crate) fn up(&self) -> Result<(), BoxError> {
        let Self { number, street, canary } = self;
        must(canary.is_whole(), format_args!("house {number} was started when it was gone"));
        if street.take(*number, Mood::StartFails) {
            return Err("injected failure of a start".into());
        }
        assert!(!street.take(*number, Mood::StartPanics), "injected panic of a start");
        let below = number.checked_sub(1).is_none_or(|below| street.states[below].load(SeqCst) == UP);
        must(below, format_args!("house {number} was started before what it requires"));
        must(street.states[*number].swap(UP, SeqCst) != UP, format_args!("house {number} was started twice"));
        street.starts.fetch_add(1, Relaxed);
        Ok(())
    }

    pub(crate) fn down(&self) -> Result<(), BoxError> {
        let Self { number, street, canary } = self;
        must(canary.is_whole(), format_args!("house {number} was stopped when it was gone"));
        if street.take(*number, Mood::StopFails) {
            street.states[*number].store(ASTRAY, SeqCst);
            return Err("injected failure of a stop".into());
        }
        must(
            street.states[*number].swap(DOWN, SeqCst) != DOWN,
            format_args!("house {number} was stopped and not up"),
        );
        street.stops.fetch_add(1, Relaxed);
        Ok(())
    }
}
