//! [`Claim`]: who may run the next phase of a plugin.
//!
//! Whoever claims a plugin has it to itself until the claim ends; a claim that is dropped before leaves the
//! plugin failed, never in between.

use std::sync::Arc;

use crate::error::Error;
use crate::lifecycle::{Cause, Conductor, Life, Phase};
use crate::plugin::PluginState;

/// What became of an attempt to start or stop a plugin.
pub(super) enum Turn<'c> {
    /// It is this one's to do.
    Mine(Claim<'c>),
    /// There is nothing to do.
    Done,
    /// Another operation has it, which it is in this state by.
    Wait(PluginState),
    /// These, which use it, must be stopped before.
    After(Vec<Arc<Life>>),
}

/// The right to run the phases of a plugin that is starting or stopping.
pub(super) struct Claim<'c> {
    conductor: &'c Conductor<'c>,
    life: Arc<Life>,
    /// The phase that is under way.
    pub(super) phase: Phase,
    ended: bool,
}

impl<'c> Claim<'c> {
    fn new(conductor: &'c Conductor<'c>, life: &Arc<Life>, phase: Phase) -> Self {
        Self { conductor, life: Arc::clone(life), phase, ended: false }
    }

    /// Ends the claim: the plugin is now in `state`, by the failure of a phase if that is why.
    pub(super) fn end(mut self, state: PluginState, failure: Option<(Phase, Cause)>) {
        self.settle(state, failure);
    }

    fn settle(&mut self, state: PluginState, failure: Option<(Phase, Cause)>) {
        self.ended = true;
        let lives = &self.conductor.registry.lives;
        let was_starting = self.life.state() == PluginState::Starting;
        if state != PluginState::Started {
            self.life.signal().cancel();
        }
        let start = was_starting.then(|| lives.next_start());
        let before = self.life.change(lives.now(), |status| {
            status.state = state;
            status.start = start.unwrap_or(status.start);
            std::mem::replace(&mut status.failure, failure)
        });
        drop(before);
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let cause = Cause::new("cancelled");
            self.settle(PluginState::Failed, Some((self.phase, cause)));
        }
    }
}

impl Conductor<'_> {
    /// Claims `life` to start it, if what it requires, `required`, has been started.
    pub(super) fn claim_start(&self, life: &Arc<Life>, required: &[Arc<Life>]) -> Result<Turn<'_>, Error> {
        let now = self.registry.lives.now();
        // An error of the plugin's own and wakers of others, which are dropped after the lock is free.
        let _left;
        let _turn = self.registry.lives.turn();
        let (state, leaving) = {
            let status = life.status();
            (status.state, status.leaving)
        };
        match state {
            PluginState::Started => return Ok(Turn::Done),
            PluginState::Starting | PluginState::Stopping => return Ok(Turn::Wait(state)),
            PluginState::Loaded | PluginState::Stopped | PluginState::Failed => {}
        }
        if leaving {
            return Err(self.unknown(life.id()));
        }
        for dependency in required {
            let state = dependency.state();
            if state != PluginState::Started {
                let (plugin, dependency) = (life.id().clone(), dependency.id().clone());
                return Err(Error::DependencyNotStarted { plugin, dependency, state });
            }
        }
        let signal = life.renew_signal();
        let failure = life.change(now, |status| {
            status.state = PluginState::Starting;
            status.failure.take()
        });
        _left = (signal, failure);
        Ok(Turn::Mine(Claim::new(self, life, Phase::Init)))
    }

    /// Claims `life` to stop it, if none of those who use it is running.
    pub(super) fn claim_stop(&self, life: &Arc<Life>) -> Turn<'_> {
        let now = self.registry.lives.now();
        let all = self.registry.lives();
        let _turn = self.registry.lives.turn();
        let state = life.state();
        match state {
            PluginState::Loaded | PluginState::Stopped => return Turn::Done,
            PluginState::Starting | PluginState::Stopping => return Turn::Wait(state),
            PluginState::Started | PluginState::Failed => {}
        }
        let mut users = all;
        users.retain(|other| {
            other.identity.uses(life.id())
                && !Arc::ptr_eq(other, life)
                && matches!(other.state(), PluginState::Starting | PluginState::Started)
        });
        if !users.is_empty() {
            return Turn::After(users);
        }
        life.change(now, |status| status.state = PluginState::Stopping);
        Turn::Mine(Claim::new(self, life, Phase::Stop))
    }
}
