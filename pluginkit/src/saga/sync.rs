//! [`Saga`]: a unit of calls that return.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;

use crate::base::boxed::BoxError;
use crate::base::drops::{Foreign, drop_each};
use crate::base::futures::now;
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::call::Settled;
use crate::saga::step::{Name, Step};
use crate::saga::unit::{Compensation, Unit};
use crate::saga::{SagaError, StepError, Undone, state};

/// Several calls that succeed or are undone together. Each call is a *step*, with a *compensation* that undoes it. If a
/// step fails, the steps before it are undone, last first.
///
/// | method | a step that | is undone |
/// |---|---|---|
/// | [`step`](Self::step) | is one call | by a closure, given the call's result |
/// | [`each`](Self::each) | is a `settle` | for each plugin that succeeded, last first |
/// | [`run`](Self::run) | is one call | not at all, or by a closure that is added with [`on_rollback`](Self::on_rollback) |
/// | [`remember`](Self::remember) | changes a value of a [`StateMap`] after the call of `remember` | by putting the old value back |
///
/// Every compensation runs, even if other compensations fail or panic. [`SagaError`] has all failures. A saga that is
/// dropped without [`commit`](Self::commit), by a `?` or a panic, is rolled back, too; failures of its compensations
/// are lost.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::saga::{Saga, SagaError};
///
/// #[extension_point]
/// trait Booking {
///     fn reserve(&self, trip: &str) -> Result<String, BoxError>;
///     fn release(&self, place: &str);
///     #[extension_point(firstresult)]
///     fn charge(&self, euros: u32) -> Result<Option<u32>, BoxError>;
/// }
///
/// /// Reserves with every plugin, then pays; or leaves nothing reserved.
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
/// A saga does not undo what a failed call has done. Only [`each`](Self::each) undoes the parts of the plugins that
/// succeeded. A saga isolates nothing: other code sees the effects of the steps before the saga ends.
#[must_use = "a saga that is dropped without `commit` is rolled back"]
#[derive(Default)]
pub struct Saga<'s> {
    unit: Unit<Undo<'s>>,
}

/// A compensation that returns.
struct Undo<'s>(Box<dyn FnOnce() -> Vec<BoxError> + 's>);

impl<'s> Undo<'s> {
    fn new<U: Undone>(undo: impl FnOnce() -> U + 's) -> Self {
        Self(Box::new(|| undo().failures()))
    }
}

impl Compensation for Undo<'_> {
    async fn undo(self) -> Result<Vec<BoxError>, Box<dyn Any + Send>> {
        catch_unwind(AssertUnwindSafe(self.0))
    }
}

impl<'s> Saga<'s> {
    /// Returns a saga without steps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `call` as a step. The compensation of the step is `undo`, which gets a clone of the result of `call`.
    ///
    /// # Errors
    ///
    /// The error of `call`, after the steps before it were undone. The saga then runs no other step.
    ///
    /// # Panics
    ///
    /// Panics if `call` panics, after the steps before it were undone.
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
        let undo = Foreign::new(undo, None);
        let undo = |value: Foreign<T>| Undo::new(move || undo.into_inner()(value.into_inner()));
        now(self.unit.step(Step::new(name), pin!(Some(async { call() })), undo))
    }

    /// Runs a step without a compensation. A compensation can be added afterwards with
    /// [`on_rollback`](Self::on_rollback).
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
        now(self.unit.run(&Step::new(name), pin!(Some(async { call() }))))
    }

    /// Runs a step in which several plugins do a part each: `call` is `|| caller.settle(…)`.
    ///
    /// To undo the step, the saga calls `undo` for each plugin that succeeded, in the reverse of the call order. `undo`
    /// gets the plugin and a clone of its result. If a plugin fails, the saga first undoes the parts of the plugins
    /// that succeeded, and then the earlier steps.
    ///
    /// A compensation can call a point for one plugin with [`only`](crate::calls::Handle::only): `|plugin, place|
    /// release.only([plugin]).try_call(&place)`.
    ///
    /// # Errors
    ///
    /// The errors of all plugins that failed, after all steps were undone.
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
        let undo = Foreign::new(Rc::new(undo), None);
        let undo = |plugin, value: Foreign<T>| {
            let undo = Foreign::new(Rc::clone(&undo), None);
            Undo::new(move || undo(plugin, value.into_inner()))
        };
        now(self.unit.each(Step::new(name), pin!(Some(async { call() })), undo))
    }

    /// Adds a compensation for other work, or for the step of the preceding [`run`](Self::run).
    pub fn on_rollback<U: Undone>(&mut self, name: impl Into<Name>, undo: impl FnOnce() -> U + 's) {
        self.unit.note(Step::new(name), Undo::new(undo));
    }

    /// Remembers the value of type `T` in `state`, or that there is none.
    ///
    /// A rollback puts the value back after it has undone the later steps, even if other code has written another value
    /// since. The saga keeps the `Arc` of the value. So a rollback undoes [`insert`](StateMap::insert) and
    /// [`update`](StateMap::update), but not a change inside the value, such as a write to a `Mutex` or an atomic.
    pub fn remember<T: Send + Sync + 'static>(&mut self, state: &'s StateMap) {
        self.on_rollback(std::any::type_name::<T>(), state::put_back::<T>(state));
    }

    /// Remembers every value in `state`, as [`remember`](Self::remember) does for one type.
    ///
    /// A rollback also removes values that other code has added since. If other code uses the same state,
    /// [remember](Self::remember) single types instead.
    pub fn remember_all(&mut self, state: &'s StateMap) {
        self.on_rollback("state", state::put_all_back(state));
    }

    /// Ends the saga. The steps are not undone.
    pub fn commit(mut self) {
        self.unit.commit();
    }

    /// Undoes the steps, last first, and returns the failures of compensations.
    #[must_use = "the failures of compensations are lost otherwise"]
    pub fn rollback(mut self) -> Vec<StepError> {
        now(self.unit.undo())
    }
}

impl Drop for Saga<'_> {
    fn drop(&mut self) {
        drop_each(now(self.unit.undo()));
    }
}

impl fmt::Debug for Saga<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.unit.debug(f, "Saga").finish()
    }
}
