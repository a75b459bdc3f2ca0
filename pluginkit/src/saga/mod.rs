//! [`Saga`]: calls that are done as a unit, or undone.
//!
//! | file | what it holds |
//! |---|---|
//! | `sync`, `asynchronous` | the unit, for calls that return and for calls that are awaited |
//! | `undone` | what compensations return |
//! | `error` | which step failed, and what could not be undone |
//!
//! It is glue over calls and knows nothing of managers.
#![forbid(unsafe_code)]

#[cfg(feature = "async")]
mod asynchronous;
mod error;
mod sync;
mod undone;

#[cfg(feature = "async")]
pub use asynchronous::AsyncSaga;
pub use error::{SagaError, StepError};
pub use sync::Saga;
pub use undone::Undone;

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::base::boxed::BoxError;
use crate::base::drops::{self, Foreign, Gathered};
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::call::Settled;
use crate::plugin::AnyPlugin;

/// What the steps of a saga are called.
type Name = Cow<'static, str>;

/// One step, or what one plugin did of it.
#[derive(Clone)]
struct Step {
    name: Name,
    plugin: Option<PluginId>,
}

impl Step {
    fn new(name: impl Into<Name>) -> Self {
        Self { name: name.into(), plugin: None }
    }

    /// What one plugin did of it.
    fn of(&self, plugin: &PluginId) -> Self {
        Self { name: self.name.clone(), plugin: Some(plugin.clone()) }
    }

    fn failed(self, source: BoxError) -> StepError {
        let source = Foreign::new(source, self.plugin.as_ref());
        StepError { step: self.name, plugin: self.plugin, source }
    }

    /// What became of its compensation.
    fn undone(&self, ended: Result<Vec<BoxError>, Box<dyn Any + Send>>, failures: &mut Vec<StepError>) {
        let errors = ended.unwrap_or_else(|panic| {
            vec![format!("its compensation panicked: {}", drops::message(panic)).into()]
        });
        failures.extend(errors.into_iter().map(|error| self.clone().failed(error)));
    }

    /// That it was not run, as an earlier one failed.
    fn refused(self, failed: &str) -> SagaError {
        let reason = format!("it was not run, as the saga was rolled back when step `{failed}` failed");
        SagaError::new(vec![self.failed(reason.into())], Vec::new())
    }
}

/// The values that a state had, dropped one by one unless they are put back.
struct Before(BTreeMap<TypeId, AnyPlugin>);

impl Before {
    fn of(state: &StateMap) -> Self {
        Self(state.values())
    }

    fn into_values(mut self) -> BTreeMap<TypeId, AnyPlugin> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        drops::drop_each_foreign(std::mem::take(&mut self.0).into_values());
    }
}

/// What plugins did, in call order, and what those said that failed.
fn parted<T, E: Into<BoxError>>(
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
