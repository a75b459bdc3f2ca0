//! [`Unit`]: the steps that are done, and how they are undone. Both kinds of sagas are one.

use std::any::Any;
use std::fmt;
use std::panic::resume_unwind;
use std::pin::Pin;

use crate::base::boxed::BoxError;
use crate::base::drops::{Foreign, contain_quietly, drop_each, drop_each_foreign};
use crate::base::futures::caught;
use crate::base::name::PluginId;
use crate::call::Settled;
use crate::saga::step::{Name, Step, parted};
use crate::saga::{SagaError, StepError};

/// How one step is undone: by a closure or, in an async saga, by a future.
///
/// A sync saga drives the futures of its [`Unit`] with [`now`](crate::base::futures::now). They are ready at once, as its
/// calls and compensations are.
pub(super) trait Compensation {
    /// Undoes the step, and returns the failures of that, or the panic.
    fn undo(self) -> impl Future<Output = Result<Vec<BoxError>, Box<dyn Any + Send>>>;
}

/// The call of a step. It is pinned where the step begins, so that it is not moved through the futures of the unit.
type Call<'c, F> = Pin<&'c mut Option<F>>;

/// A step that is done.
pub(super) struct Done<C> {
    step: Step,
    pub(super) undo: C,
}

/// The steps that are done, undone in the reverse order if a later one fails.
pub(super) struct Unit<C> {
    done: Vec<Done<C>>,
    /// The step that failed. No step is run after it.
    failed: Option<Name>,
}

impl<C> Default for Unit<C> {
    fn default() -> Self {
        Self { done: Vec::new(), failed: None }
    }
}

impl<C> Unit<C> {
    /// Notes a step that is done.
    pub(super) fn note(&mut self, step: Step, undo: C) {
        self.done.push(Done { step, undo });
    }

    #[cfg(feature = "async")]
    pub(super) fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// Takes the steps that are done out, in their order.
    pub(super) fn take(&mut self) -> Vec<Done<C>> {
        std::mem::take(&mut self.done)
    }

    /// Ends the unit: the steps stay done.
    pub(super) fn commit(&mut self) {
        drop_each_foreign(self.take());
    }

    pub(super) fn debug<'f, 'w>(
        &self,
        f: &'f mut fmt::Formatter<'w>,
        name: &str,
    ) -> fmt::DebugStruct<'f, 'w> {
        let steps: Vec<_> = self.done.iter().map(|done| &done.step.name).collect();
        let mut debug = f.debug_struct(name);
        debug.field("done", &steps).field("failed", &self.failed);
        debug
    }
}

impl<C: Compensation> Unit<C> {
    /// Runs a step. `undo` makes a compensation of its result.
    pub(super) async fn step<T: Clone, E: Into<BoxError>>(
        &mut self,
        step: Step,
        call: Call<'_, impl Future<Output = Result<T, E>>>,
        undo: impl FnOnce(Foreign<T>) -> C,
    ) -> Result<T, SagaError> {
        let value = Foreign::new(self.run(&step, call).await?, None);
        let kept = Foreign::new(T::clone(&value), None);
        self.note(step, undo(kept));
        Ok(value.into_inner())
    }

    /// Runs a step that several plugins have a part in. `undo` makes a compensation of each part.
    pub(super) async fn each<T: Clone, E: Into<BoxError>>(
        &mut self,
        step: Step,
        call: Call<'_, impl Future<Output = Vec<Settled<T, E>>>>,
        undo: impl Fn(PluginId, Foreign<T>) -> C,
    ) -> Result<Vec<(PluginId, T)>, SagaError> {
        self.check(&step)?;
        let settled = caught(call).await.map(Ok::<_, BoxError>);
        let settled = self.ended(&step, settled).await?;
        let (done, failed) = parted(&step, settled);
        for (plugin, value) in &done.0 {
            let value = Foreign::new(value.clone(), None);
            self.note(step.of(plugin), undo(plugin.clone(), value));
        }
        if failed.is_empty() { Ok(done.into_vec()) } else { Err(self.fail(failed).await) }
    }

    /// Runs a step. If it fails or panics, the steps before it are undone.
    pub(super) async fn run<T, E: Into<BoxError>>(
        &mut self,
        step: &Step,
        call: Call<'_, impl Future<Output = Result<T, E>>>,
    ) -> Result<T, SagaError> {
        self.check(step)?;
        let outcome = caught(call).await;
        self.ended(step, outcome).await
    }

    /// Refuses a step after one that failed.
    fn check(&self, step: &Step) -> Result<(), SagaError> {
        match &self.failed {
            Some(failed) => Err(step.clone().refused(failed)),
            None => Ok(()),
        }
    }

    /// Returns the value of a step that ran, or undoes the steps before it.
    async fn ended<T, E: Into<BoxError>>(
        &mut self,
        step: &Step,
        outcome: Result<Result<T, E>, Box<dyn Any + Send>>,
    ) -> Result<T, SagaError> {
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let failed = step.clone().failed(error.into());
                Err(self.fail(vec![failed]).await)
            }
            Err(panic) => {
                self.failed = Some(step.name.clone());
                // The panic of the step goes on, whatever the errors of compensations do.
                let panic = Foreign::new(panic, None);
                let failures = self.undo().await;
                let mut failures = Some(failures);
                contain_quietly(&mut || failures.take().into_iter().for_each(drop_each));
                resume_unwind(panic.into_inner());
            }
        }
    }

    /// Undoes the steps, last first, and returns the failures of that.
    pub(super) async fn undo(&mut self) -> Vec<StepError> {
        let mut failures = Vec::new();
        while let Some(Done { step, undo }) = self.done.pop() {
            step.undone(undo.undo().await, &mut failures);
        }
        failures
    }

    async fn fail(&mut self, failed: Vec<StepError>) -> SagaError {
        self.failed = failed.first().map(|error| error.step.clone());
        SagaError::new(failed, self.undo().await)
    }
}
