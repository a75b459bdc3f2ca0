//! [`Step`]: the name of a step, and the results of one.

use std::any::Any;
use std::borrow::Cow;

use crate::base::boxed::BoxError;
use crate::base::drops::{self, Foreign, Gathered};
use crate::base::name::PluginId;
use crate::call::Settled;
use crate::saga::{SagaError, StepError, undone};

/// The name of a step.
pub(super) type Name = Cow<'static, str>;

/// One step, or the part of one plugin in it.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) name: Name,
    plugin: Option<PluginId>,
}

impl Step {
    pub(super) fn new(name: impl Into<Name>) -> Self {
        Self { name: name.into(), plugin: None }
    }

    /// The part of one plugin in the step.
    pub(super) fn of(&self, plugin: &PluginId) -> Self {
        Self { name: self.name.clone(), plugin: Some(plugin.clone()) }
    }

    pub(super) fn failed(self, source: BoxError) -> StepError {
        let source = Foreign::new(source, self.plugin.as_ref());
        StepError { step: self.name, plugin: self.plugin, source }
    }

    /// Adds the failures of the step's compensation to `failures`.
    pub(super) fn undone(
        &self,
        ended: Result<Vec<BoxError>, Box<dyn Any + Send>>,
        failures: &mut Vec<StepError>,
    ) {
        let errors = ended.unwrap_or_else(|panic| {
            vec![format!("its compensation panicked: {}", drops::message(panic)).into()]
        });
        failures.extend(errors.into_iter().map(|error| self.clone().failed(error)));
    }

    /// The error that the step was not run, as step `failed` failed.
    pub(super) fn refused(self, failed: &str) -> SagaError {
        let reason = format!("it was not run, as the saga was rolled back when step `{failed}` failed");
        SagaError::new(vec![self.failed(reason.into())], Vec::new())
    }
}

/// The results of the plugins that succeeded, in call order, and the errors of the others.
pub(super) fn parted<T, E: Into<BoxError>>(
    step: &Step,
    settled: Vec<Settled<T, E>>,
) -> (Gathered<(PluginId, T)>, Vec<StepError>) {
    let (mut done, mut failed) = (Gathered(Vec::with_capacity(settled.len())), Vec::new());
    for Settled { plugin, result, .. } in Gathered(settled) {
        match result {
            Ok(value) => done.0.push((plugin, value)),
            Err(error) => failed.push(step.of(&plugin).failed(undone::cause(error))),
        }
    }
    (done, failed)
}
