//! [`Saga`]: a unit of calls that return.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use crate::base::boxed::BoxError;
use crate::base::drops::{Foreign, contain_quietly, drop_each, drop_each_foreign};
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::call::Settled;
use crate::saga::{Before, Name, SagaError, Step, StepError, Undone, parted};

/// Calls that are done as a unit: each step says how it is undone and, if a later one fails, what was done is
/// undone in the reverse order.
///
/// | method | a step that | is undone |
/// |---|---|---|
/// | [`step`](Self::step) | is one call | by a closure, given what the call returned |
/// | [`each`](Self::each) | is a `settle` | for each plugin that did its part, the last first, whoever failed |
/// | [`run`](Self::run) | is one call | not at all, or as [`on_rollback`](Self::on_rollback) says |
/// | [`remember`](Self::remember) | is what follows, by whoever writes it | by putting a value of a [`StateMap`] back |
///
/// Compensations are all tried, whether others fail or panic; [`SagaError`] has what went wrong. A saga that is
/// dropped without [`commit`](Self::commit), by a `?` or a panic, is rolled back too, but nobody hears of the
/// compensations that fail then.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::{Saga, SagaError};
///
/// #[extension_point]
/// trait Booking {
///     fn reserve(&self, trip: &str) -> Result<String, BoxError>;
///     fn release(&self, place: &str);
///     #[extension_point(firstresult)]
///     fn charge(&self, euros: u32) -> Result<Option<u32>, BoxError>;
/// }
///
/// /// Reserves with every plugin that has places, then pays; or leaves nothing reserved.
/// fn book(pm: &PluginManager, trip: &str, euros: u32) -> Result<Vec<(PluginId, String)>, SagaError> {
///     let (reserve, release) = (pm.caller(Booking::reserve), pm.caller(Booking::release));
///     let mut saga = Saga::new();
///     let places = saga.each(
///         "reserve",
///         || reserve.settle(trip),
///         |plugin, place| release.only([plugin]).try_call(&place),
///     )?;
///     saga.run("charge", || pm.caller(Booking::charge).call(euros))?;
///     saga.commit();
///     Ok(places)
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("trips");
/// pm.add_extension_points(Booking)?;
/// pm.register_fn("train", Booking::reserve, |args| Ok(format!("{} 12A", args.trip)))?;
/// pm.register_fn("bank", Booking::charge, |args| match args.euros {
///     0..100 => Ok(Some(args.euros)),
///     _ => Err("not so much".into()),
/// })?;
/// assert_eq!(book(&pm, "Porto", 60).unwrap()[0].1, "Porto 12A");
/// let error = book(&pm, "Porto", 600).unwrap_err();
/// assert_eq!(error.step(), "charge");
/// assert!(error.not_undone().is_empty());
/// # Ok(())
/// # }
/// ```
///
/// # What is not undone
///
/// What no compensation says: whatever a call did before it failed, if it is no [`each`](Self::each). A saga
/// isolates nothing: others see, and may use, what its steps did before it ends.
#[must_use = "a saga that is dropped without `commit` is rolled back"]
#[derive(Default)]
pub struct Saga<'s> {
    done: Vec<Done<'s>>,
    /// The step that failed, after which nothing is run.
    failed: Option<Name>,
}

/// What was done, and how it is undone.
struct Done<'s> {
    step: Step,
    undo: Box<dyn FnOnce() -> Vec<BoxError> + 's>,
}

impl<'s> Saga<'s> {
    /// A saga of which nothing is done yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a step, and notes how it is undone: by `undo`, given a clone of what `call` returned.
    ///
    /// # Errors
    ///
    /// What `call` returned, after all that was done before was undone. A step after that is not run.
    ///
    /// # Panics
    ///
    /// If `call` panics, after all that was done before was undone.
    pub fn step<T, E, U>(
        &mut self,
        name: impl Into<Name>,
        call: impl FnOnce() -> Result<T, E>,
        undo: impl FnOnce(T) -> U + 's,
    ) -> Result<T, SagaError>
    where
        T: Clone + 's,
        E: Into<BoxError>,
        U: Undone,
    {
        let (step, undo) = (Step::new(name), Foreign::new(undo, None));
        let value = Foreign::new(self.attempt(&step, call)?, None);
        let kept = Foreign::new(T::clone(&value), None);
        self.note(step, move || undo.into_inner()(kept.into_inner()));
        Ok(value.into_inner())
    }

    /// Runs a step that needs no undoing, or that of which only [`on_rollback`](Self::on_rollback) says how.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step).
    pub fn run<T, E: Into<BoxError>>(
        &mut self,
        name: impl Into<Name>,
        call: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, SagaError> {
        self.attempt(&Step::new(name), call)
    }

    /// Runs a step that several plugins have a part in, `|| caller.settle(…)`, and notes for each that did
    /// its part how that is undone: by `undo`, given the plugin and a clone of what it returned. If one fails,
    /// those that did not are undone first, in the reverse of the call order.
    ///
    /// The counterpart of a point is called for one plugin by [`only`](crate::Caller::only):
    /// `|plugin, place| release.only([plugin]).try_call(&place)`.
    ///
    /// # Errors
    ///
    /// What each plugin that failed said, after all that was done was undone.
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step).
    pub fn each<T, E, U>(
        &mut self,
        name: impl Into<Name>,
        call: impl FnOnce() -> Vec<Settled<T, E>>,
        undo: impl Fn(PluginId, T) -> U + 's,
    ) -> Result<Vec<(PluginId, T)>, SagaError>
    where
        T: Clone + 's,
        E: Into<BoxError>,
        U: Undone,
    {
        let (step, undo) = (Step::new(name), Foreign::new(Rc::new(undo), None));
        let settled = self.attempt(&step, || Ok::<_, BoxError>(call()))?;
        let (done, failed) = parted(&step, settled);
        for (plugin, value) in &done.0 {
            let (undo, value) = (Foreign::new(Rc::clone(&undo), None), Foreign::new(value.clone(), None));
            let plugin = plugin.clone();
            self.note(step.of(&plugin), move || undo(plugin, value.into_inner()));
        }
        if failed.is_empty() { Ok(done.into_vec()) } else { Err(self.fail(failed)) }
    }

    /// Notes how something is undone that was done beside the steps, or by the one that was [run](Self::run)
    /// last.
    pub fn on_rollback<U: Undone>(&mut self, name: impl Into<Name>, undo: impl FnOnce() -> U + 's) {
        self.note(Step::new(name), undo);
    }

    /// Remembers the value of type `T` that `state` has now, or that it has none. When what follows has been
    /// undone, that value is put back, whoever has written another since.
    ///
    /// Values are kept as they are, in their `Arc`s: what [`insert`](StateMap::insert) or
    /// [`update`](StateMap::update) replaces is put back; what was changed within a value, by a `Mutex` or an
    /// atomic, is not.
    pub fn remember<T: Send + Sync + 'static>(&mut self, state: &'s StateMap) {
        let before = state.get::<T>();
        self.note(Step::new(std::any::type_name::<T>()), move || state.put_back(before));
    }

    /// Remembers every value that `state` has now, as [`remember`](Self::remember) does. What others add
    /// meanwhile is taken out, too: of a state that is not the saga's alone, rather remember single types.
    pub fn remember_all(&mut self, state: &'s StateMap) {
        let before = Before::of(state);
        self.note(Step::new("state"), move || state.put_all_back(before.into_values()));
    }

    /// Ends the saga: what was done stays.
    pub fn commit(mut self) {
        drop_each_foreign(std::mem::take(&mut self.done));
    }

    /// Undoes what was done, and returns what could not be undone.
    #[must_use = "what could not be undone is told to nobody else"]
    pub fn rollback(mut self) -> Vec<StepError> {
        self.undo()
    }

    /// Runs what may fail.
    fn attempt<T, E: Into<BoxError>>(
        &mut self,
        step: &Step,
        call: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, SagaError> {
        if let Some(failed) = &self.failed {
            return Err(step.clone().refused(failed));
        }
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.fail(vec![step.clone().failed(error.into())])),
            Err(panic) => {
                self.failed = Some(step.name.clone());
                // The panic of the step goes on, whatever the errors of compensations do.
                let panic = Foreign::new(panic, None);
                contain_quietly(|| drop_each(self.undo()));
                resume_unwind(panic.into_inner());
            }
        }
    }

    fn note<U: Undone>(&mut self, step: Step, undo: impl FnOnce() -> U + 's) {
        self.done.push(Done { step, undo: Box::new(|| undo().failures()) });
    }

    fn fail(&mut self, failed: Vec<StepError>) -> SagaError {
        self.failed = failed.first().map(|error| error.step.clone());
        SagaError::new(failed, self.undo())
    }

    fn undo(&mut self) -> Vec<StepError> {
        let mut failures = Vec::new();
        while let Some(Done { step, undo }) = self.done.pop() {
            step.undone(catch_unwind(AssertUnwindSafe(undo)), &mut failures);
        }
        failures
    }
}

impl Drop for Saga<'_> {
    fn drop(&mut self) {
        drop_each(self.undo());
    }
}

impl fmt::Debug for Saga<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<_> = self.done.iter().map(|done| &done.step.name).collect();
        f.debug_struct("Saga").field("done", &steps).field("failed", &self.failed).finish()
    }
}
