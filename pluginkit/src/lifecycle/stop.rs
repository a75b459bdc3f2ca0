//! Stopping: each plugin after the plugins that use it, as far as it was started, whatever fails.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::base::drops::{self, DropPanic};
use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::Conductor;
use crate::lifecycle::claim::{Attempt, Claim, StopIf};
use crate::lifecycle::life::Asked;
use crate::plugin::{Cause, Phase, PluginState};
use crate::registry::Entry;

impl Conductor<'_> {
    /// Stops all plugins, the one that was started last first.
    pub(crate) async fn stop_all(&self) -> Result<(), Error> {
        self.registry.lives().set_runs(false);
        let mut errors = Vec::new();
        loop {
            let mut lives = self.registry.entries();
            for life in &lives {
                life.ask_stop();
            }
            last_started_first(&mut lives);
            errors.extend(self.stop_each(&lives).await);
            if !self.are_replaced(lives) {
                return Error::all(errors);
            }
        }
    }

    /// Stops a plugin, and before it the plugins that use it.
    pub(crate) async fn stop(&self, name: PluginId) -> Result<(), Error> {
        let mut errors = Vec::new();
        loop {
            let own = self.registry.entry(&name).ok_or_else(|| self.unknown(&name))?;
            let mut stopped = self.with_dependents(own.number);
            for life in &stopped {
                life.ask_stop();
            }
            last_started_first(&mut stopped);
            errors.extend(self.stop_each(&stopped).await);
            stopped.push(own);
            if !self.are_replaced(stopped) {
                return Error::all(errors);
            }
        }
    }

    /// Returns whether a change has replaced one of `lives`, perhaps before it was asked of that to stop.
    pub(super) fn are_replaced(&self, lives: Vec<Arc<Entry>>) -> bool {
        let is_replaced =
            |life: &Arc<Entry>| life.has_left_with_change() && self.registry.is_registered(life.id());
        let are_replaced = lives.iter().any(is_replaced);
        self.registry.drop_quietly(lives);
        are_replaced
    }

    /// Stops plugins one after the other, and returns the errors.
    pub(super) async fn stop_each(&self, lives: &[Arc<Entry>]) -> Vec<Error> {
        let mut errors = Vec::new();
        for life in lives {
            errors.extend(self.stop_one(life, StopIf::Unused).await);
        }
        errors
    }

    /// Stops a plugin that is asked to stop, and before it the plugins that use it, unless it is asked to start meanwhile.
    pub(super) async fn stop_asked(&self, asked: &Arc<Entry>) -> Vec<Error> {
        let mut errors = Vec::new();
        if asked.is_registered() {
            let mut stopped = self.with_dependents(asked.number);
            last_started_first(&mut stopped);
            for life in &stopped {
                errors.extend(self.stop_one(life, StopIf::StillAsked(asked)).await);
            }
            self.registry.drop_quietly(stopped);
        }
        asked.take_asked(Asked::Stop);
        errors
    }

    /// Stops one plugin, and the plugins that use it and were started meanwhile.
    async fn stop_one(&self, life: &Arc<Entry>, condition: StopIf<'_>) -> Vec<Error> {
        /// A plugin to stop after its users.
        struct Open {
            life: Arc<Entry>,
            /// The number of errors before its users were stopped.
            errors: usize,
            waits: bool,
        }
        let open = |life: &Arc<Entry>, errors: &[Error]| Open {
            life: Arc::clone(life),
            errors: errors.len(),
            waits: false,
        };
        let mut errors = Vec::new();
        let mut stack = vec![open(life, &errors)];
        while let Some(Open { life, errors: before, waits }) = stack.last_mut() {
            let is_busy = |error: &Error| matches!(error, Error::LifecycleBusy { .. });
            if *waits && errors[*before..].iter().any(is_busy) {
                stack.pop();
                continue;
            }
            let life = Arc::clone(life);
            match self.claim_stop(&life, condition) {
                Attempt::Mine(claim) => {
                    errors.extend(self.tear_down(&life, claim).await);
                    stack.pop();
                }
                Attempt::Wait(_) => {
                    if let Err(error) = self.settle(&life).await {
                        errors.push(error);
                        stack.pop();
                    }
                }
                Attempt::After(users) => {
                    *waits = true;
                    stack.extend(users.iter().rev().map(|user| open(user, &errors)));
                }
                Attempt::Done | Attempt::Asked(_) => {
                    stack.pop();
                }
            }
        }
        errors
    }

    /// Stops one plugin, unless others use it.
    pub(super) async fn stop_unused(&self, life: &Arc<Entry>) -> Vec<Error> {
        match self.claim_stop(life, StopIf::Unused) {
            Attempt::Mine(claim) => self.tear_down(life, claim).await,
            // Another operation takes care of it.
            Attempt::Wait(_) | Attempt::After(_) | Attempt::Done | Attempt::Asked(_) => Vec::new(),
        }
    }

    /// Stops one plugin, whether or not others use it.
    pub(super) async fn stop_alone(&self, life: &Arc<Entry>) -> Vec<Error> {
        loop {
            match self.claim_stop(life, StopIf::Always) {
                Attempt::Mine(claim) => return self.tear_down(life, claim).await,
                Attempt::Wait(_) => {
                    if let Err(error) = self.settle(life).await {
                        return vec![error];
                    }
                }
                Attempt::After(_) | Attempt::Done | Attempt::Asked(_) => return Vec::new(),
            }
        }
    }

    /// Undoes the phases of a failed start. The plugin stays failed, for the same reason.
    pub(super) async fn undo(&self, life: &Arc<Entry>) -> Vec<Error> {
        let failure = life.status().failure.clone();
        let Attempt::Mine(claim) = self.claim_stop(life, StopIf::Unused) else { return Vec::new() };
        self.run_stop(life, claim, |claim, _| claim.end(PluginState::Failed, failure)).await
    }

    /// Returns the plugin with this number and the plugins that use it.
    pub(super) fn with_dependents(&self, number: u64) -> Vec<Arc<Entry>> {
        self.registry.dependents(&[number])
    }

    async fn tear_down(&self, life: &Arc<Entry>, claim: Claim) -> Vec<Error> {
        let end = |claim: Claim, failure: Option<(Phase, Cause)>| {
            let state = if failure.is_none() { PluginState::Stopped } else { PluginState::Failed };
            claim.end(state, failure);
        };
        self.run_stop(life, claim, end).await
    }

    /// Runs the phases that are due. `end` ends the claim and gets the first failure of a phase.
    async fn run_stop(
        &self,
        life: &Arc<Entry>,
        mut claim: Claim,
        end: impl FnOnce(Claim, Option<(Phase, Cause)>) + Send + 'static,
    ) -> Vec<Error> {
        let (registry, driver, own) = (Arc::clone(self.registry), self.driver, Arc::clone(life));
        let phases = async move {
            let (errors, failure) = Conductor::new(&registry, driver).run_due(&own, &mut claim).await;
            end(claim, failure);
            errors
        };
        self.run_all(life, phases).await.unwrap_or_else(|| {
            let failure = life.status().failure.clone();
            let error = |(phase, source)| Error::Stop { plugin: life.id().clone(), phase, source };
            failure.map(error).into_iter().collect()
        })
    }

    /// Runs the phases that are due, each whether or not the one before failed, and clears the private state of the
    /// plugin.
    async fn run_due(&self, life: &Arc<Entry>, claim: &mut Claim) -> (Vec<Error>, Option<(Phase, Cause)>) {
        let (mut errors, mut failure) = (Vec::new(), None);
        self.drain(life).await;
        let cx = self.context(life);
        cx.cancellation().cancel();
        let due = life.status().due();
        for phase in due {
            claim.phase = phase;
            match self.run(life, phase, &cx).await {
                Ok(()) => life.status().note(phase),
                Err(cause) => {
                    let (plugin, source) = (life.id().clone(), cause.clone());
                    errors.push(Error::Stop { plugin, phase, source });
                    failure.get_or_insert((phase, cause));
                }
            }
        }
        if let Some(panic) = self.empty(life) {
            let (phase, cause) = (claim.phase, Cause::of_drop(&panic));
            errors.push(Error::Stop { plugin: life.id().clone(), phase, source: cause.clone() });
            failure.get_or_insert((phase, cause));
        }
        (errors, failure)
    }

    /// Withdraws everything that a plugin got in its phases, and clears its private state. Returns the first panic of
    /// a destructor; observers are told of the others.
    fn empty(&self, plugin: &Entry) -> Option<DropPanic> {
        let mut empty = || {
            self.registry.release(plugin.number);
            plugin.private.clear();
        };
        drops::caught(&|panic| self.registry.report_drop(panic), &mut empty)
    }

    /// Withdraws everything that a plugin got in its phases. Observers are told of destructors that panic.
    pub(super) fn release_quietly(&self, plugin: &Entry) {
        let report = |panic: &DropPanic| self.registry.report_drop(panic);
        drops::caught(&report, &mut || self.registry.release(plugin.number)).iter().for_each(report);
    }
}

/// Sorts plugins in the reverse order of their starts. A plugin whose start is under way counts as started last.
pub(super) fn last_started_first(lives: &mut [Arc<Entry>]) {
    lives.sort_by_cached_key(|life| {
        let status = life.status();
        let start = if status.is_settled() { status.start } else { u64::MAX };
        (Reverse(start), Reverse(life.number))
    });
}
