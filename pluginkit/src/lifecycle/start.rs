//! Starting: dependencies first, each plugin once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::lifecycle::claim::{Attempt, Claim};
use crate::lifecycle::conductor::unresolved;
use crate::lifecycle::driver::Driver;
use crate::lifecycle::{Conductor, Lives, StartPolicy};
use crate::plugin::{Cause, Phase, PluginState};
use crate::registry::{Entry, Registry};

/// A plugin to start.
pub(super) struct Planned {
    pub(super) life: Arc<Entry>,
    /// The plugins that it requires.
    pub(super) required: Vec<Arc<Entry>>,
    /// Whether it is to be started, or one that is cannot do without it.
    pub(super) is_needed: bool,
}

/// A failed start of one plugin.
pub(super) struct Failed {
    pub(super) error: Error,
    /// Whether this operation ran the phases.
    pub(super) is_own: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, is_own: false }
    }
}

/// What has become of a start.
pub(super) enum Begun {
    Now,
    /// It was started before.
    Before,
    /// A change that is under way starts it in the end: the one that takes this plugin away.
    Later(Arc<Entry>),
}

/// The plugins that changes are to start, each with its name and the plugin that the change takes away.
type Later = HashMap<u64, (PluginId, Arc<Entry>)>;

/// The plugins to start, dependencies first, and the reasons why others cannot start.
#[derive(Default)]
struct StartPlan {
    steps: Vec<Planned>,
    errors: Vec<Error>,
}

/// Lets loads start what they add from now on. Dropping it takes that back.
struct Runs<'l> {
    lives: &'l Lives,
    before: bool,
}

impl<'l> Runs<'l> {
    fn begin(lives: &'l Lives) -> Self {
        Self { lives, before: lives.set_runs(true) }
    }

    fn stay(mut self) {
        self.before = true;
    }
}

impl Drop for Runs<'_> {
    fn drop(&mut self) {
        if !self.before {
            self.lives.set_runs(false);
        }
    }
}

impl Conductor<'_> {
    /// Starts all plugins that are not started.
    pub(crate) async fn start_all(&self, policy: StartPolicy) -> Result<(), Error> {
        self.registry.note_start();
        let runs = Runs::begin(self.registry.lives());
        let outcome = loop {
            let lives = self.registry.entries();
            let plan = plan(self.registry, &lives, &(0..lives.len()).collect::<Vec<_>>(), policy)?;
            let outcome = self.carry_out(plan, policy).await;
            let is_stale = self.is_stale(lives);
            match outcome {
                Some(outcome) if !is_stale => break outcome,
                outdated => self.registry.drop_quietly(outdated),
            }
        };
        if outcome.is_ok() || policy != StartPolicy::Rollback {
            runs.stay();
        }
        outcome
    }

    /// Starts the plugins with these names, and what they use.
    pub(crate) async fn start(&self, names: &[PluginId], policy: StartPolicy) -> Result<(), Error> {
        self.registry.note_start();
        loop {
            let lives = self.registry.needed_by(names);
            let plan = plan(self.registry, &lives, &self.find(&lives, names)?, policy)?;
            let outcome = self.carry_out(plan, policy).await;
            let is_stale = self.is_stale(lives);
            match outcome {
                Some(outcome) if !is_stale => return outcome,
                outdated => self.registry.drop_quietly(outdated),
            }
        }
    }

    /// Returns whether one of `lives` was replaced since it was looked up, so that its replacement is to be started.
    fn is_stale(&self, lives: Vec<Arc<Entry>>) -> bool {
        let is_replaced = |life: &Arc<Entry>| !life.is_registered() && self.registry.is_registered(life.id());
        let is_stale = lives.iter().any(is_replaced);
        self.registry.drop_quietly(lives);
        is_stale
    }

    /// Carries out a plan. Returns `None` if the plan is outdated: a change was to start a plugin of it, and has ended without
    /// that.
    async fn carry_out(&self, plan: StartPlan, policy: StartPolicy) -> Option<Result<(), Error>> {
        let mut later = Later::new();
        let outcome = self.carry_out_now(plan, policy, &mut later).await;
        let is_later = |id: &PluginId| later.values().any(|(other, _)| other == id);
        let is_left = |error: &Error| {
            error.errors().iter().any(
                |each| matches!(each, Error::DependencyNotStarted { dependency, .. } if is_later(dependency)),
            )
        };
        let is_left = outcome.as_ref().is_err_and(is_left);
        let (outcome, outdated) = if is_left { (None, Some(outcome)) } else { (Some(outcome), None) };
        self.registry.drop_quietly((later, outdated));
        outcome
    }

    /// Carries out a plan. The plugins that changes are to start go to `later`.
    async fn carry_out_now(
        &self,
        plan: StartPlan,
        policy: StartPolicy,
        later: &mut Later,
    ) -> Result<(), Error> {
        let StartPlan { steps, mut errors } = plan;
        let mut started = Vec::new();
        let mut failed: HashSet<u64> = HashSet::new();
        // The failures of plugins that the others may do without.
        let mut spared = Vec::new();
        for Planned { life, required, is_needed } in steps {
            if required.iter().any(|required| failed.contains(&required.number)) {
                failed.insert(life.number);
                continue;
            }
            if let Some(taken) = self.ask_with(&life, &required, later) {
                later.insert(life.number, (life.id().clone(), taken));
                continue;
            }
            match self.start_one(&life, &required).await {
                Ok(Begun::Now) => started.push(life),
                Ok(Begun::Before) => {}
                Ok(Begun::Later(taken)) => {
                    later.insert(life.number, (life.id().clone(), taken));
                }
                Err(Failed { error, is_own }) => match policy {
                    StartPolicy::Rollback | StartPolicy::Keep if !is_needed => {
                        spared.push(error);
                        if is_own && policy == StartPolicy::Rollback {
                            spared.extend(self.undo(&life).await);
                        }
                        failed.insert(life.number);
                    }
                    StartPolicy::Rollback => {
                        let error = self.roll_back(&started, is_own.then_some(&life), error).await;
                        return Err(error.with_spared(spared));
                    }
                    StartPolicy::Keep => return Err(error.with_spared(spared)),
                    StartPolicy::Continue => {
                        errors.push(error);
                        failed.insert(life.number);
                    }
                },
            }
        }
        Error::all(errors)
    }

    /// Leaves a plugin to a change that is to start one which it requires. Returns the plugin that the change takes away; `None`
    /// if there is no such change any more.
    fn ask_with(&self, life: &Arc<Entry>, required: &[Arc<Entry>], later: &Later) -> Option<Arc<Entry>> {
        let waits = |other: &&Arc<Entry>| other.state() != PluginState::Started;
        let (_, taken) = required.iter().filter(waits).find_map(|other| later.get(&other.number))?;
        let rests = matches!(life.state(), PluginState::Loaded | PluginState::Stopped | PluginState::Failed);
        (rests && life.ask_start(taken, self.registry.lives())).then(|| Arc::clone(taken))
    }

    /// Undoes what one start has done before `error`.
    async fn roll_back(&self, started: &[Arc<Entry>], failed: Option<&Arc<Entry>>, error: Error) -> Error {
        let mut errors = Vec::new();
        if let Some(failed) = failed {
            errors.extend(self.undo(failed).await);
        }
        for life in started.iter().rev() {
            // A plugin that was started meanwhile and uses it keeps it running.
            errors.extend(self.stop_unused(life).await);
        }
        error.with_rollback(errors)
    }

    /// Starts one plugin after its dependencies.
    pub(super) async fn start_one(
        &self,
        life: &Arc<Entry>,
        required: &[Arc<Entry>],
    ) -> Result<Begun, Failed> {
        let claim = loop {
            match self.claim_start(life, required)? {
                Attempt::Mine(claim) => break claim,
                Attempt::Wait(state) => {
                    self.settle(life).await?;
                    // The outcome of the other start counts for both.
                    if state == PluginState::Starting
                        && let Some(error) = failure(life)
                    {
                        return Err(error.into());
                    }
                }
                Attempt::Asked(taken) => return Ok(Begun::Later(taken)),
                Attempt::Done | Attempt::After(_) => return Ok(Begun::Before),
            }
        };
        let (registry, own) = (Arc::clone(self.registry), Arc::clone(life));
        let outcome = self.run_all(life, start_phases(registry, self.driver, own, claim)).await;
        outcome.unwrap_or_else(|| Err(failure(life).unwrap_or_else(|| self.unknown(life.id())).into()))
    }
}

/// Runs the phases of a start, and ends the claim.
async fn start_phases(
    registry: Arc<Registry>,
    driver: &'static dyn Driver,
    life: Arc<Entry>,
    mut claim: Claim,
) -> Result<Begun, Failed> {
    let conductor = Conductor::new(&registry, driver);
    let life = &life;
    // Left over from a start or a stop that was dropped.
    conductor.release_quietly(life);
    let cx = conductor.context(life);
    for phase in [Phase::Init, Phase::Start] {
        claim.phase = phase;
        if let Err(cause) = conductor.run(life, phase, &cx).await {
            conductor.release_quietly(life);
            claim.end(PluginState::Failed, Some((phase, cause.clone())));
            return Err(Failed { error: start_error(life, phase, cause), is_own: true });
        }
        life.status().note(phase);
    }
    if !life.is_registered() {
        let cause = Cause::new("unregistered");
        claim.end(PluginState::Failed, Some((Phase::Start, cause)));
        return Err(conductor.unknown(life.id()).into());
    }
    claim.end(PluginState::Started, None);
    Ok(Begun::Now)
}

/// Returns the plan for starting `wanted` and all that they use.
fn plan(
    registry: &Registry,
    lives: &[Arc<Entry>],
    wanted: &[usize],
    policy: StartPolicy,
) -> Result<StartPlan, Error> {
    let graph = registry.requirements(lives, &HashSet::new(), &[]);
    let mut plan = StartPlan::default();
    let order = match graph.order(wanted.iter().copied()) {
        Ok(order) => order,
        Err(error) if policy != StartPolicy::Continue => return Err(unresolved(error)),
        Err(error) => {
            plan.errors.push(unresolved(error));
            graph.possible(wanted)
        }
    };
    let needed = graph.needed(wanted.iter().copied());
    plan.steps.extend(order.into_iter().map(|number| Planned {
        life: Arc::clone(&lives[number]),
        required: graph.required(number).into_iter().map(|number| Arc::clone(&lives[number])).collect(),
        is_needed: needed.contains(&number),
    }));
    Ok(plan)
}

fn start_error(life: &Entry, phase: Phase, source: Cause) -> Error {
    Error::Start { plugin: life.id().clone(), phase, source, rollback: Vec::new() }
}

/// Returns the error of a failed start, if the plugin has failed.
fn failure(life: &Entry) -> Option<Error> {
    let (phase, cause) = {
        let status = life.status();
        if status.state != PluginState::Failed {
            return None;
        }
        status.failure.clone()?
    };
    Some(start_error(life, phase, cause))
}
