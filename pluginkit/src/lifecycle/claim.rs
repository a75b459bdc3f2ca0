//! [`Claim`]: the right to run the next phases of a plugin.
//!
//! Only one claim on a plugin exists at a time. A claim that is dropped early leaves the plugin failed, never in
//! between.

use std::sync::Arc;

use crate::base::drops::contain_quietly;
use crate::base::signal::CancellationSignal;
use crate::error::Error;
use crate::lifecycle::life::{Asked, Away};
use crate::lifecycle::{Conductor, Lives};
use crate::plugin::dependency::DependencyProblem;
use crate::plugin::{Cause, Phase, PluginState, ServiceType};
use crate::registry::{Entry, Registry, ServiceProviders};

/// The result of an attempt to claim a plugin.
pub(super) enum Attempt {
    /// The attempt has the claim.
    Mine(Claim),
    /// There is nothing to do.
    Done,
    /// A change that is under way does it in the end: the one that takes this plugin away.
    Asked(Arc<Entry>),
    /// Another operation has the claim, by which the plugin is in this state.
    Wait(PluginState),
    /// These plugins use it and must be stopped first.
    After(Vec<Arc<Entry>>),
}

/// When a plugin may be stopped.
#[derive(Clone, Copy)]
pub(super) enum StopIf<'l> {
    /// When no plugin that uses it runs.
    Unused,
    /// The same, as long as this plugin is asked to stop: what is asked last counts.
    StillAsked(&'l Entry),
    /// In any case, also under plugins that use it.
    Always,
}

/// The right to run the phases of a plugin that is starting or stopping.
pub(super) struct Claim {
    registry: Arc<Registry>,
    life: Arc<Entry>,
    /// The phase that is under way.
    pub(super) phase: Phase,
    ended: bool,
}

impl Claim {
    fn new(conductor: &Conductor<'_>, life: &Arc<Entry>, phase: Phase) -> Self {
        let registry = Arc::clone(conductor.registry);
        Self { registry, life: Arc::clone(life), phase, ended: false }
    }

    /// Ends the claim: the plugin is now in `state`, by the failure of a phase if that is why.
    pub(super) fn end(mut self, state: PluginState, failure: Option<(Phase, Cause)>) {
        self.settle(state, failure);
    }

    /// Settles the state. No panic of foreign code keeps it from that.
    fn settle(&mut self, state: PluginState, failure: Option<(Phase, Cause)>) {
        self.ended = true;
        let lives = self.registry.lives();
        let was_starting = self.life.state() == PluginState::Starting;
        if state != PluginState::Started {
            contain_quietly(&mut || self.life.signal().cancel());
        }
        let start = was_starting.then(|| lives.next_start());
        if lives.calls_follow_states() {
            // Before the state: code that sees a plugin started may call it.
            if state == PluginState::Started {
                self.registry.join_calls(&[self.life.number]);
            } else {
                self.registry.leave_calls(&[self.life.number]);
            }
        }
        let before = self.life.change(self.registry.clock.now_at_any_rate(), |status| {
            status.state = state;
            status.start = start.unwrap_or(status.start);
            if state == PluginState::Started {
                status.calls_left = 0;
            }
            std::mem::replace(&mut status.failure, failure)
        });
        self.registry.drop_quietly(before);
        self.registry.tell_state(&self.life);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.ended {
            let cause = Cause::new("cancelled");
            self.settle(PluginState::Failed, Some((self.phase, cause)));
        }
    }
}

impl Conductor<'_> {
    /// Claims `life` to start it, if everything in `required` is started, and a provider of each service that it requires.
    pub(super) fn claim_start(&self, life: &Arc<Entry>, required: &[Arc<Entry>]) -> Result<Attempt, Error> {
        let mut before = None;
        let services: Vec<_> = life
            .requires_services()
            .iter()
            .filter_map(|service| Some((*service, self.registry.providers_for(life, *service)?)))
            .collect();
        let attempt = self.decide_start(life, required, &services, &mut before);
        // Foreign, so dropped after the lock; and the claim must not be lost to a panic.
        self.registry.drop_quietly((before, services));
        if let Ok(attempt) = &attempt {
            self.tell_claimed(attempt);
        }
        attempt
    }

    /// Tells observers that a plugin is starting or stopping, if the attempt has the claim.
    fn tell_claimed(&self, attempt: &Attempt) {
        if let Attempt::Mine(claim) = attempt {
            // An observer cannot wait for the phases that come after it.
            Lives::run_within(&claim.life, || self.registry.tell_state(&claim.life));
        }
    }

    fn decide_start(
        &self,
        life: &Arc<Entry>,
        required: &[Arc<Entry>],
        services: &[(ServiceType, ServiceProviders)],
        before: &mut Option<(CancellationSignal, Option<(Phase, Cause)>)>,
    ) -> Result<Attempt, Error> {
        let now = self.registry.clock.now_at_any_rate();
        let _deciding = self.registry.lives().decide();
        let (state, away) = {
            let status = life.status();
            (status.state, status.away)
        };
        if !self.is_change() {
            // What is asked last counts.
            let _ = life.take_asked(Asked::Stop);
        }
        match state {
            PluginState::Started => return Ok(Attempt::Done),
            PluginState::Starting | PluginState::Stopping => return Ok(Attempt::Wait(state)),
            PluginState::Loaded | PluginState::Stopped | PluginState::Failed => {}
        }
        match away {
            Some(Away::Removed) => return Err(self.unknown(life.id())),
            _ if self.is_kept_from(away) && life.ask_start(life, self.registry.lives()) => {
                return Ok(Attempt::Asked(Arc::clone(life)));
            }
            Some(Away::Changed(_)) | None => {}
        }
        for dependency in required {
            let (state, away) = {
                let status = dependency.status();
                (status.state, status.away)
            };
            if state != PluginState::Started {
                if self.is_kept_from(away) && life.ask_start(dependency, self.registry.lives()) {
                    return Ok(Attempt::Asked(Arc::clone(dependency)));
                }
                let (plugin, dependency) = (life.id().clone(), dependency.id().clone());
                return Err(Error::DependencyNotStarted { plugin, dependency, state });
            }
        }
        let is_started = |provider: &&Arc<Entry>| provider.state() == PluginState::Started;
        let is_missing =
            |(_, providers): &&(_, ServiceProviders)| !providers.providing.iter().any(|it| is_started(&it));
        let problem = |(service, providers): &(ServiceType, ServiceProviders)| {
            let ServiceProviders { providing, declaring } = providers;
            let (declared_by, not_started): (Vec<_>, Vec<_>) = declaring.iter().partition(is_started);
            let ids =
                |lives: &mut dyn Iterator<Item = &Arc<Entry>>| lives.map(|life| life.id().clone()).collect();
            DependencyProblem::NoService {
                plugin: life.id().clone(),
                service: service.to_string().into(),
                providers: ids(&mut providing.iter().chain(not_started)),
                declared_by: ids(&mut declared_by.into_iter()),
            }
        };
        let problems: Vec<_> = services.iter().filter(is_missing).map(problem).collect();
        if !problems.is_empty() {
            return Err(Error::UnmetDependencies { problems });
        }
        life.set_in_time();
        let signal = life.renew_signal();
        let begun = self.registry.lives().next_begun();
        let failure = life.change(now, |status| {
            status.state = PluginState::Starting;
            status.begun = begun;
            status.failure.take()
        });
        *before = Some((signal, failure));
        Ok(Attempt::Mine(Claim::new(self, life, Phase::Init)))
    }

    /// Claims `life` to stop it, as far as `condition` allows that.
    pub(super) fn claim_stop(&self, life: &Arc<Entry>, condition: StopIf<'_>) -> Attempt {
        let mut users = Vec::new();
        let attempt = self.decide_stop(life, condition, &mut users);
        // A reference may be the last one, so dropped after the lock; and the claim must not be lost to a panic.
        self.registry.drop_quietly(users);
        self.tell_claimed(&attempt);
        attempt
    }

    /// Decides on a stop. The plugins that use the plugin go to `users`, if the stop waits for them.
    fn decide_stop(&self, life: &Arc<Entry>, condition: StopIf<'_>, users: &mut Vec<Arc<Entry>>) -> Attempt {
        let now = self.registry.clock.now_at_any_rate();
        let _deciding = self.registry.lives().decide();
        if let StopIf::StillAsked(of) = condition
            && !of.is_asked(Asked::Stop)
        {
            return Attempt::Done;
        }
        let (state, away) = {
            let status = life.status();
            (status.state, status.away)
        };
        if self.is_kept_from(away) {
            life.ask_stop();
        }
        match state {
            PluginState::Loaded | PluginState::Stopped => return Attempt::Done,
            PluginState::Starting | PluginState::Stopping => return Attempt::Wait(state),
            PluginState::Started | PluginState::Failed => {}
        }
        if !matches!(condition, StopIf::Always) {
            // Looked up here: a user that comes later finds that this one is stopping.
            *users = self.registry.users(life.id());
            let runs = |other: &&Arc<Entry>| {
                !Arc::ptr_eq(other, life)
                    && matches!(other.state(), PluginState::Starting | PluginState::Started)
            };
            let running: Vec<_> = users.iter().filter(runs).cloned().collect();
            if !running.is_empty() {
                return Attempt::After(running);
            }
        }
        life.change(now, |status| status.state = PluginState::Stopping);
        Attempt::Mine(Claim::new(self, life, Phase::Stop))
    }
}
