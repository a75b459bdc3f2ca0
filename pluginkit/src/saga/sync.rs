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

/// A unit of calls. Each step says how it is undone; if a step fails, the steps before it are undone, last first.
///
/// | method | a step that | is undone |
/// |---|---|---|
/// | [`step`](Self::step) | is one call | by a closure, given the call's result |
/// | [`each`](Self::each) | is a `settle` | for each plugin that succeeded, last first |
/// | [`run`](Self::run) | is one call | not at all, or as [`on_rollback`](Self::on_rollback) says |
/// | [`remember`](Self::remember) | changes a value of a [`StateMap`] later | by putting the value back |
///
/// Every compensation is tried, even if others fail or panic. [`SagaError`] has all failures. A saga that is dropped
/// without [`commit`](Self::commit), by a `?` or a panic, is rolled back too; failures of compensations are lost then.
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
/// Nothing undoes the work that a call did before it failed, except in [`each`](Self::each). A saga isolates nothing:
/// others see, and may use, the effects of its steps before it ends.
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
    /// Returns a saga with no step done.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a step. A rollback undoes it by `undo`, given a clone of the result of `call`.
    ///
    /// # Errors
    ///
    /// The error of `call`, after the steps before it were undone. No step runs after that.
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

    /// Runs a step that needs no compensation, or one given by [`on_rollback`](Self::on_rollback).
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

    /// Runs a step that several plugins have a part in: `call` is `|| caller.settle(…)`.
    ///
    /// A rollback calls `undo` for each plugin that succeeded, with the plugin and a clone of its result, in the
    /// reverse of the call order. If a plugin fails, the parts of the others are undone first, then the steps
    /// before.
    ///
    /// A compensation calls a point for one plugin by [`only`](crate::calls::Handle::only):
    /// `|plugin, place| release.only([plugin]).try_call(&place)`.
    ///
    /// # Errors
    ///
    /// The error of each plugin that failed, after everything was undone.
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

    /// Adds a compensation for work done beside the steps, or by the last step that was [run](Self::run).
    pub fn on_rollback<U: Undone>(&mut self, name: impl Into<Name>, undo: impl FnOnce() -> U + 's) {
        self.unit.note(Step::new(name), Undo::new(undo));
    }

    /// Remembers the value of type `T` that `state` has now, or that it has none.
    ///
    /// A rollback puts the value back after it has undone the later steps, even if other code has written another
    /// since. Values are kept in their `Arc`s: a value that [`insert`](StateMap::insert) or
    /// [`update`](StateMap::update) replaced is put back; a change inside a value, by a `Mutex` or an atomic, is not
    /// undone.
    pub fn remember<T: Send + Sync + 'static>(&mut self, state: &'s StateMap) {
        self.on_rollback(std::any::type_name::<T>(), state::put_back::<T>(state));
    }

    /// Remembers every value that `state` has now, as [`remember`](Self::remember) does.
    ///
    /// A rollback also takes out values that other code has added since. If other code uses the same state,
    /// [remember](Self::remember) single types instead.
    pub fn remember_all(&mut self, state: &'s StateMap) {
        self.on_rollback("state", state::put_all_back(state));
    }

    /// Ends the saga. Its steps stay done.
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
