//! [`AsyncSaga`]: a unit of calls that are awaited.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use crate::base::boxed::BoxError;
use crate::base::drops::{Foreign, contain_quietly, drop_each_foreign};
use crate::base::futures::BoxFuture;
use crate::base::futures::caught;
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::call::Settled;
use crate::saga::step::{Name, Step};
use crate::saga::unit::{Compensation, Unit};
use crate::saga::{SagaError, StepError, Undone, state};

/// Several async calls that succeed or are undone together: a [`Saga`](crate::saga::Saga) of futures, with
/// compensations that return futures.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::saga::{AsyncSaga, SagaError};
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
/// # If the saga is dropped
///
/// A saga may be dropped without [`commit`](Self::commit), for example when the future around it is dropped. In this
/// case, the sync compensations run, last first: the closures of [`on_rollback`](Self::on_rollback), and remembered
/// state. Compensations that are futures do not run, because a drop cannot await. Await [`rollback`](Self::rollback)
/// where you can. Elsewhere, let [`on_drop`](Self::on_drop) spawn a task that awaits the rollback.
///
/// A step that is dropped while it runs does not count as done: the saga does not undo the work of the plugins in this
/// step. If this matters, make a step for each plugin, with [`only`](crate::calls::Handle::only). Alternatively, run
/// the saga in a task of its own that is never cancelled.
#[must_use = "a saga that is dropped without `commit` is rolled back, as far as that needs no awaiting"]
#[derive(Default)]
pub struct AsyncSaga<'s> {
    unit: Unit<Undo<'s>>,
    heir: Option<Foreign<Heir<'s>>>,
}

type Heir<'s> = Box<dyn FnOnce(AsyncSaga<'s>) + Send + 's>;

/// A compensation that returns, or that is awaited.
enum Undo<'s> {
    Now(Box<dyn FnOnce() -> Vec<BoxError> + Send + 's>),
    Awaited(Box<dyn FnOnce() -> BoxFuture<'s, Vec<BoxError>> + Send + 's>),
}

impl<'s> Undo<'s> {
    fn awaited<F>(undo: impl FnOnce() -> F + Send + 's) -> Self
    where
        F: Future<Output: Undone> + Send + 's,
    {
        Self::Awaited(Box::new(|| {
            let undoing = undo();
            Box::pin(async move { undoing.await.failures() })
        }))
    }
}

impl Compensation for Undo<'_> {
    async fn undo(self) -> Result<Vec<BoxError>, Box<dyn Any + Send>> {
        match self {
            Self::Now(undo) => catch_unwind(AssertUnwindSafe(undo)),
            Self::Awaited(undo) => caught(pin!(Some(async { undo().await }))).await,
        }
    }
}

impl<'s> AsyncSaga<'s> {
    /// Returns a saga without steps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Awaits `call` as a step. The compensation of the step is the future of `undo`, which gets a clone of the result
    /// of `call`.
    ///
    /// # Errors
    ///
    /// The error of `call`, after the steps before it were undone. The saga then runs no other step.
    ///
    /// # Panics
    ///
    /// Panics if `call` panics, after the steps before it were undone.
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
        let undo = Foreign::new(undo, None);
        let undo = |value: Foreign<T>| Undo::awaited(move || undo.into_inner()(value.into_inner()));
        self.unit.step(Step::new(name), pin!(Some(call)), undo).await
    }

    /// Awaits a step without a compensation. A compensation can be added afterwards with
    /// [`on_rollback`](Self::on_rollback) or [`on_rollback_async`](Self::on_rollback_async).
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
        self.unit.run(&Step::new(name), pin!(Some(call))).await
    }

    /// Awaits a step in which several plugins do a part each: `call` is `caller.settle(…)`.
    ///
    /// The step is undone for each plugin that succeeded, as in [`Saga::each`](crate::saga::Saga::each).
    ///
    /// # Errors
    ///
    /// The errors of all plugins that failed, after all steps were undone.
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
        let undo = Foreign::new(Arc::new(undo), None);
        let undo = |plugin, value: Foreign<T>| {
            let undo = Foreign::new(Arc::clone(&undo), None);
            Undo::awaited(move || undo(plugin, value.into_inner()))
        };
        self.unit.each(Step::new(name), pin!(Some(call)), undo).await
    }

    /// Adds a sync compensation for other work, or for the step of the preceding [`run`](Self::run).
    pub fn on_rollback<U: Undone>(&mut self, name: impl Into<Name>, undo: impl FnOnce() -> U + Send + 's) {
        self.unit.note(Step::new(name), Undo::Now(Box::new(|| undo().failures())));
    }

    /// Adds an async compensation for other work, or for the step of the preceding [`run`](Self::run).
    pub fn on_rollback_async<F>(&mut self, name: impl Into<Name>, undo: impl FnOnce() -> F + Send + 's)
    where
        F: Future<Output: Undone> + Send + 's,
    {
        self.unit.note(Step::new(name), Undo::awaited(undo));
    }

    /// Remembers the value of type `T` in `state`, as [`Saga::remember`](crate::saga::Saga::remember) does.
    pub fn remember<T: Send + Sync + 'static>(&mut self, state: &'s StateMap) {
        self.on_rollback(std::any::type_name::<T>(), state::put_back::<T>(state));
    }

    /// Remembers every value in `state`, as [`Saga::remember_all`](crate::saga::Saga::remember_all) does.
    pub fn remember_all(&mut self, state: &'s StateMap) {
        self.on_rollback("state", state::put_all_back(state));
    }

    /// Sets a function that receives the saga if it is dropped with steps left to undo.
    ///
    /// If `heir` drops the saga or panics, only the sync compensations run. If `heir` spawns the saga, the saga must
    /// borrow nothing: let its steps hold callers, or an `Arc` of the manager.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # fn spawned() {
    /// let mut saga = pluginkit::saga::AsyncSaga::new();
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

    /// Ends the saga. The steps are not undone.
    pub fn commit(mut self) {
        self.unit.commit();
    }

    /// Undoes the steps, last first, and returns the failures of compensations.
    pub async fn rollback(mut self) -> Vec<StepError> {
        self.unit.undo().await
    }
}

impl Drop for AsyncSaga<'_> {
    fn drop(&mut self) {
        if self.unit.is_empty() {
            return;
        }
        if let Some(heir) = self.heir.take() {
            // A panic on top of one that may pass would abort the process.
            let left = AsyncSaga { unit: std::mem::take(&mut self.unit), heir: None };
            let mut passed = Some((heir, left));
            contain_quietly(&mut || {
                if let Some((heir, left)) = passed.take() {
                    heir.into_inner()(left);
                }
            });
            return;
        }
        for done in self.unit.take().into_iter().rev() {
            let mut undo = Some(done.undo);
            contain_quietly(&mut || match undo.take() {
                Some(Undo::Now(undo)) => drop_each_foreign(undo()),
                // It cannot be awaited here.
                Some(Undo::Awaited(undo)) => drop(undo),
                None => {}
            });
        }
    }
}

impl fmt::Debug for AsyncSaga<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unit.debug(f, "AsyncSaga").finish_non_exhaustive()
    }
}
