//! A manager's whole life: its plugins are started, the host does its work, and the plugins are stopped.

use std::panic::resume_unwind;
use std::pin::{Pin, pin};

use crate::base::drops::dispose;
use crate::base::futures::{caught, now};
#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::Synchronous;
use crate::error::Error;
use crate::lifecycle::{Conductor, StartPolicy};
use crate::manager::generic::Manager;

impl Conductor<'_> {
    /// Starts all plugins, does `work`, and stops all plugins. A panic of the work goes on then, before one of the stop.
    async fn run_all_around<T>(&self, work: Pin<&mut Option<impl Future<Output = T>>>) -> Result<T, Error> {
        self.start_all(StartPolicy::Rollback).await?;
        let outcome = caught(work).await;
        match (caught(pin!(Some(self.stop_all()))).await, outcome) {
            (Ok(stopped), Ok(value)) => stopped.map(|()| value),
            (Err(panic), Ok(_)) => resume_unwind(panic),
            (stopped, Err(panic)) => {
                // Dropped while the panic unwinds, which contains the destructors of errors.
                let _stopped = stopped.map_err(dispose);
                resume_unwind(panic)
            }
        }
    }
}

impl Manager<Synchronous> {
    /// Starts all plugins, runs `work`, and stops all plugins, even if `work` panics.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("feed");
    /// let served = pm.run(|| 7)?; // in a host: until it is told to end
    /// assert_eq!(served, 7);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`start_all`](Self::start_all), in which case `work` does not run, and the errors of
    /// [`stop_all`](Self::stop_all).
    ///
    /// # Panics
    ///
    /// Panics if `work` panics, after all plugins were stopped.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Error> {
        now(self.conductor().run_all_around(pin!(Some(async { work() }))))
    }
}

#[cfg(feature = "async")]
impl Manager<Asynchronous> {
    /// Starts all plugins, awaits `work`, and stops all plugins. For example, `work` waits for the signal that ends the
    /// program.
    ///
    /// Plugins are also stopped if `work` panics. If this future is dropped, no plugin is stopped.
    ///
    /// # Errors
    ///
    /// The errors of [`start_all`](Self::start_all), in which case `work` is not polled, and the errors of
    /// [`stop_all`](Self::stop_all).
    ///
    /// # Panics
    ///
    /// Panics if `work` panics, after all plugins were stopped.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        self.conductor().run_all_around(pin!(Some(work))).await
    }
}
