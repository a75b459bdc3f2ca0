//! A manager's whole life: everything is started, the host does its work, and everything is stopped.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::base::drops::contain_quietly;
#[cfg(feature = "async")]
use crate::base::drops::dispose;
use crate::error::Error;
#[cfg(feature = "async")]
use crate::manager::AsyncPluginManager;
use crate::manager::PluginManager;

/// Stops all plugins after work that has panicked or not: its panic goes on, and not one of the stop.
fn after<T>(panicked: bool, stop: impl FnOnce() -> Result<(), T>) -> Result<(), T> {
    let mut stopped = Ok(());
    if panicked {
        contain_quietly(|| stopped = stop());
    } else {
        stopped = stop();
    }
    stopped
}

impl PluginManager {
    /// Starts all plugins, does `work`, and stops all plugins, also if the work panics.
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
    /// As [`start_all`](Self::start_all), and the work is not done then; and as [`stop_all`](Self::stop_all).
    ///
    /// # Panics
    ///
    /// If the work panics, after all plugins were stopped.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Error> {
        self.start_all()?;
        let outcome = catch_unwind(AssertUnwindSafe(work));
        let stopped = after(outcome.is_err(), || self.stop_all());
        match outcome {
            Ok(value) => stopped.map(|()| value),
            Err(panic) => resume_unwind(panic),
        }
    }
}

#[cfg(feature = "async")]
impl AsyncPluginManager {
    /// Starts all plugins, awaits `work`, such as a signal that the program is to end, and stops all plugins,
    /// also if the work panics. If this future is dropped meanwhile, plugins are left as they are.
    ///
    /// # Errors
    ///
    /// As [`start_all`](Self::start_all), and the work is not polled then; and as
    /// [`stop_all`](Self::stop_all).
    ///
    /// # Panics
    ///
    /// If the work panics, after all plugins were stopped.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        use futures_util::FutureExt;

        self.start_all().await?;
        let outcome = AssertUnwindSafe(work).catch_unwind().await;
        let stopped = AssertUnwindSafe(self.stop_all()).catch_unwind().await;
        let stopped = match (stopped, &outcome) {
            (Ok(stopped), _) => stopped,
            (Err(panic), Ok(_)) => resume_unwind(panic),
            (Err(panic), Err(_)) => {
                dispose(panic);
                Ok(())
            }
        };
        match outcome {
            Ok(value) => stopped.map(|()| value),
            Err(panic) => resume_unwind(panic),
        }
    }
}
