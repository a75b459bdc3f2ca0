//! Plugins of a fleet that are stopped, started, disabled and replaced while it is loaded. One worker alone does this.

use std::sync::Arc;

use pluginkit::Error;
use pluginkit::lifecycle::StartPolicy;

use super::crew::Sailor;
use super::kind::awaited;
use super::plugins::Tug;
use crate::fleet::{DOCK, GUARD, Hull, PORT, SLOW, SOME, TUG};
use crate::ledger::must;

impl Sailor {
    pub(super) async fn live(&mut self) {
        self.crew.begin_turn().await;
        self.stop_and_start().await;
        self.crew.end_turn();
        self.sail().await;
    }

    async fn stop_and_start(&mut self) {
        let pm = Arc::clone(&self.crew.pm);
        let some = SOME[self.random.below(SOME.len())];
        let id = [some, some, SLOW, PORT, GUARD, TUG][self.random.below(6)];
        let result = match self.random.below(8) {
            0 => {
                let stopped = awaited!(pm.stop_all());
                self.tally.did("stop and start all of a fleet");
                self.bears("stop", stopped);
                awaited!(pm.start_all())
            }
            1 if self.crew.takes_turns => return self.replace().await,
            2 => return self.disable().await,
            3 => awaited!(pm.start_all_with(StartPolicy::Continue)),
            _ => {
                let stopped = awaited!(pm.stop_plugin(id));
                self.bears("stop", stopped);
                self.tally.did("restart one of a fleet");
                if self.random.once_in(2) { awaited!(pm.start_plugin(id)) } else { awaited!(pm.start_all()) }
            }
        };
        self.bears("start", result);
    }

    /// What an operation may say: that a plugin does not start as it was told. Where others are under way, also that what
    /// it needs has stopped or gone meanwhile.
    pub(super) fn bears(&mut self, what: &str, result: Result<(), Error>) {
        let Err(error) = result else { return };
        let text = format!("{error:?}");
        let survived = ["injected", "no plugin is named"].iter().any(|part| text.contains(part))
            || !self.crew.takes_turns && is_of_others(&error);
        must(survived, format_args!("a {what} failed: {text}"));
        self.tally.fault("a stop or a start fails", survived);
    }

    /// The tug is replaced by another: not while a load is under way, as neither would see what the other brings.
    async fn replace(&mut self) {
        let pm = &self.crew.pm;
        let tug = Arc::new(Hull::new(TUG, None, &self.crew.log));
        let replaced = awaited!(pm.replace(Tug(tug)));
        match replaced {
            Ok(old) => must(old.is_some(), format_args!("the tug was lost")),
            Err(error) => self.bears("replace", Err(error)),
        }
        self.tally.did("replace in a fleet");
    }

    /// Disables a plugin for a while, which may be made anew meanwhile.
    async fn disable(&mut self) {
        let id = DOCK;
        let pm = Arc::clone(&self.crew.pm);
        if pm.disable(id, "the captain says so").is_ok() {
            self.sail().await;
            let _ = pm.enable(id);
        }
        self.tally.did("disable in a fleet");
    }
}

/// Whether an operation failed because of another at the same time.
pub(super) fn is_of_others(error: &Error) -> bool {
    match error {
        Error::DependencyNotStarted { .. } | Error::UnmetDependencies { .. } => true,
        Error::Start { source, .. } => {
            let text = source.to_string();
            ["stopped before calls could reach it", "is provided now"].iter().any(|part| text.contains(part))
        }
        Error::Several { errors, .. } => errors.iter().all(is_of_others),
        _ => false,
    }
}
