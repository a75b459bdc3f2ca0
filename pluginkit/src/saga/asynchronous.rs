//! [`AsyncSaga`]: a unit of calls that are awaited.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use futures_util::FutureExt;

use crate::base::boxed::BoxError;
use crate::base::drops::{Foreign, contain_quietly, drop_each, drop_each_foreign};
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::call::Settled;
use crate::plugin::bind_async::BoxFuture;
use crate::saga::{Before, Name, SagaError, Step, StepError, Undone, parted};

/// Calls that are done as a unit, and awaited: a [`Saga`](crate::Saga) whose steps are futures, and whose
/// compensations return futures.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::{AsyncSaga, SagaError};
///
/// #[extension_point]
/// trait Booking {
///     fn reserve(&self, trip: &str) -> Result<String, BoxError>;
///     fn release(&self, place: &str);
///     #[extension_point(firstresult)]
///     fn charge(&self, euros: u32) -> Result<Option<u32>, BoxError>;
/// }
///
/// async fn book(pm: &AsyncPluginManager, trip: &str, euros: u32) -> Result<(), SagaError> {
///     let (reserve, release) = (pm.caller(Booking::reserve), pm.caller(Booking::release));
///     let mut saga = AsyncSaga::new();
///     let undo = |plugin, place: String| {
///         let release = release.only([plugin]);
///         async move { release.try_call(&place).await }
///     };
///     saga.each("reserve", reserve.settle(trip), undo).await?;
///     saga.run("charge", pm.caller(Booking::charge).call(euros)).await?;
///     saga.commit();
///     Ok(())
/// }
/// # fn main() {}
/// ```
///
/// # If it is dropped
///
/// A saga that is neither committed nor has failed is rolled back when it is dropped, as when the future it is in
/// is cancelled. Nothing can be awaited then: the compensations that are no futures run, those of
/// [`on_rollback`](Self::on_rollback) and of remembered state, the last first; those that are futures do not,
/// unless [`on_drop`](Self::on_drop) hands what is left to somebody who can await it. So await
/// [`rollback`](Self::rollback) where you can, or spawn it there.
///
/// A step that is dropped under way has not been done, and nothing undoes what its plugins did of it. Where
/// that matters, make a step of each plugin, with [`only`](crate::AsyncCaller::only); or let the saga run in a
/// task of its own, which nobody cancels.
#[must_use = "a saga that is dropped without `commit` is rolled back, as far as that needs no awaiting"]
#[derive(Default)]
pub struct AsyncSaga<'s> {
    done: Vec<Done<'s>>,
    /// The step that failed, after which nothing is run.
    failed: Option<Name>,
    heir: Option<Foreign<Heir<'s>>>,
}

type Heir<'s> = Box<dyn FnOnce(AsyncSaga<'s>) + Send + 's>;

/// What was done, and how it is undone.
struct Done<'s> {
    step: Step,
    undo: Undo<'s>,
}

enum Undo<'s> {
    Now(Box<dyn FnOnce() -> Vec<BoxError> + Send + 's>),
    Awaited(Box<dyn FnOnce() -> BoxFuture<'s, Vec<BoxError>> + Send + 's>),
}

impl<'s> AsyncSaga<'s> {
    /// A saga of which nothing is done yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Awaits a step, and notes how it is undone: by the future of `undo`, given a clone of what `call`
    /// returned.
    ///
    /// # Errors
    ///
    /// What `call` returned, after all that was done before was undone. A step after that is not run.
    ///
    /// # Panics
    ///
    /// If `call` panics, after all that was done before was undone.
    pub async fn step<T, E, F>(
        &mut self,
        name: impl Into<Name>,
        call: impl Future<Output = Result<T, E>>,
        undo: impl FnOnce(T) -> F + Send + 's,
    ) -> Result<T, SagaError>
    where
        T: Clone + Send + 's,
        E: Into<BoxError>,
        F: Future<Output: Undone> + Send + 's,
    {
        let (step, undo) = (Step::new(name), Foreign::new(undo, None));
        let value = Foreign::new(self.attempt(&step, call).await?, None);
        let kept = Foreign::new(T::clone(&value), None);
        self.note_async(step, move || undo.into_inner()(kept.into_inner()));
        Ok(value.into_inner())
    }

    /// Awaits a step that needs no undoing, or that of which only [`on_rollback`](Self::on_rollback) or
    /// [`on_rollback_async`](Self::on_rollback_async) says how.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step).
    pub async fn run<T, E: Into<BoxError>>(
        &mut self,
        name: impl Into<Name>,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, SagaError> {
        self.attempt(&Step::new(name), call).await
    }

    /// Awaits a step that several plugins have a part in, `caller.settle(…)`, and notes for each that did its
    /// part how that is undone, as [`Saga::each`](crate::Saga::each) does.
    ///
    /// # Errors
    ///
    /// What each plugin that failed said, after all that was done was undone.
    ///
    /// # Panics
    ///
    /// As [`step`](Self::step).
    pub async fn each<T, E, F>(
        &mut self,
        name: impl Into<Name>,
        call: impl Future<Output = Vec<Settled<T, E>>>,
        undo: impl Fn(PluginId, T) -> F + Send + Sync + 's,
    ) -> Result<Vec<(PluginId, T)>, SagaError>
    where
        T: Clone + Send + 's,
        E: Into<BoxError>,
        F: Future<Output: Undone> + Send + 's,
    {
        let (step, undo) = (Step::new(name), Foreign::new(Arc::new(undo), None));
        let settled = self.attempt(&step, call.map(Ok::<_, BoxError>)).await?;
        let (done, failed) = parted(&step, settled);
        for (plugin, value) in &done.0 {
            let (undo, value) = (Foreign::new(Arc::clone(&undo), None), Foreign::new(value.clone(), None));
            let plugin = plugin.clone();
            self.note_async(step.of(&plugin), move || undo(plugin, value.into_inner()));
        }
        if failed.is_empty() { Ok(done.into_vec()) } else { Err(self.fail(failed).await) }
    }

    /// Notes how something is undone, without awaiting, that was done beside the steps, or by the one that was
    /// [run](Self::run) last.
    pub fn on_rollback<U: Undone>(&mut self, name: impl Into<Name>, undo: impl FnOnce() -> U + Send + 's) {
        let undo = Undo::Now(Box::new(|| undo().failures()));
        self.done.push(Done { step: Step::new(name), undo });
    }

    /// Notes how something is undone, as [`on_rollback`](Self::on_rollback) does, by a future.
    pub fn on_rollback_async<F>(&mut self, name: impl Into<Name>, undo: impl FnOnce() -> F + Send + 's)
    where
        F: Future<Output: Undone> + Send + 's,
    {
        self.note_async(Step::new(name), undo);
    }

    /// Remembers the value of type `T` that `state` has now, as [`Saga::remember`](crate::Saga::remember) does.
    pub fn remember<T: Send + Sync + 'static>(&mut self, state: &'s StateMap) {
        let before = state.get::<T>();
        self.on_rollback(std::any::type_name::<T>(), move || state.put_back(before));
    }

    /// Remembers every value that `state` has now, as [`Saga::remember_all`](crate::Saga::remember_all) does.
    pub fn remember_all(&mut self, state: &'s StateMap) {
        let before = Before::of(state);
        self.on_rollback("state", move || state.put_all_back(before.into_values()));
    }

    /// Hands what is left to undo to `heir`, if the saga is dropped with something left. What the heir does not undo is dropped
    /// with what it was given, as it is if the heir panics: then what needs no awaiting is undone. To be spawned, a saga
    /// must borrow nothing: let its steps hold an `Arc` of the manager, or callers, which are owned.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # fn spawned() {
    /// let mut saga = pluginkit::AsyncSaga::new();
    /// saga.on_drop(|left| {
    ///     tokio::spawn(async move {
    ///         for error in left.rollback().await {
    ///             eprintln!("could not be undone: {error:?}");
    ///         }
    ///     });
    /// });
    /// # }
    /// ```
    pub fn on_drop(&mut self, heir: impl FnOnce(AsyncSaga<'s>) + Send + 's) {
        self.heir = Some(Foreign::new(Box::new(heir), None));
    }

    /// Ends the saga: what was done stays.
    pub fn commit(mut self) {
        drop_each_foreign(std::mem::take(&mut self.done));
    }

    /// Undoes what was done, and returns what could not be undone.
    pub async fn rollback(mut self) -> Vec<StepError> {
        self.undo().await
    }

    /// Awaits what may fail.
    async fn attempt<T, E: Into<BoxError>>(
        &mut self,
        step: &Step,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, SagaError> {
        if let Some(failed) = &self.failed {
            return Err(step.clone().refused(failed));
        }
        match AssertUnwindSafe(call).catch_unwind().await {
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
                contain_quietly(|| drop_each(failures));
                resume_unwind(panic.into_inner());
            }
        }
    }

    fn note_async<F>(&mut self, step: Step, undo: impl FnOnce() -> F + Send + 's)
    where
        F: Future<Output: Undone> + Send + 's,
    {
        let undo = Undo::Awaited(Box::new(|| {
            let undoing = undo();
            Box::pin(async move { undoing.await.failures() })
        }));
        self.done.push(Done { step, undo });
    }

    async fn fail(&mut self, failed: Vec<StepError>) -> SagaError {
        self.failed = failed.first().map(|error| error.step.clone());
        SagaError::new(failed, self.undo().await)
    }

    async fn undo(&mut self) -> Vec<StepError> {
        let mut failures = Vec::new();
        while let Some(Done { step, undo }) = self.done.pop() {
            let ended = match undo {
                Undo::Now(undo) => catch_unwind(AssertUnwindSafe(undo)),
                Undo::Awaited(undo) => AssertUnwindSafe(async { undo().await }).catch_unwind().await,
            };
            step.undone(ended, &mut failures);
        }
        failures
    }
}

impl Drop for AsyncSaga<'_> {
    fn drop(&mut self) {
        if self.done.is_empty() {
            return;
        }
        let (done, failed) = (std::mem::take(&mut self.done), self.failed.take());
        if let Some(heir) = self.heir.take() {
            // A panic on top of one that may pass would abort the process.
            let left = AsyncSaga { done, failed, heir: None };
            contain_quietly(|| heir.into_inner()(left));
            return;
        }
        for Done { undo, .. } in done.into_iter().rev() {
            contain_quietly(|| match undo {
                Undo::Now(undo) => drop_each_foreign(undo()),
                // It cannot be awaited here.
                Undo::Awaited(undo) => drop(undo),
            });
        }
    }
}

impl fmt::Debug for AsyncSaga<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<_> = self.done.iter().map(|done| &done.step.name).collect();
        f.debug_struct("AsyncSaga")
            .field("done", &steps)
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}
