//! [`Host`]: the kind of manager that a registry serves, with its settings.

#[cfg(feature = "async")]
use std::sync::Arc;

use crate::base::name::PluginId;
#[cfg(feature = "async")]
use crate::base::runtime::BlockOn;
use crate::error::Error;
#[cfg(feature = "async")]
use crate::plugin::implementation::Run;
use crate::plugin::implementation::{Contribution, Role};

/// The kind of a manager, with its settings.
pub(crate) enum Host {
    /// A [`PluginManager`](crate::PluginManager), perhaps with a runtime for async extensions.
    Sync {
        #[cfg(feature = "async")]
        runtime: Option<Arc<dyn BlockOn>>,
    },
    /// An [`AsyncPluginManager`](crate::AsyncPluginManager).
    #[cfg(feature = "async")]
    Async {
        /// Whether every `fn` extension runs on the blocking pool if its arguments can move there.
        offload_sync: bool,
        #[cfg(feature = "tokio")]
        runtime: crate::base::runtime::Waiting,
        /// The permits of its plugins on the blocking pool, if they are limited.
        #[cfg(feature = "tokio")]
        pool: Option<Arc<crate::base::permits::Permits>>,
    },
}

impl Host {
    /// Returns the host of a manager without settings.
    pub(crate) fn new(is_async: bool) -> Self {
        #[cfg(feature = "async")]
        if is_async {
            return Self::Async {
                offload_sync: false,
                #[cfg(feature = "tokio")]
                runtime: crate::base::runtime::Waiting::default(),
                #[cfg(feature = "tokio")]
                pool: None,
            };
        }
        let _ = is_async;
        Self::Sync {
            #[cfg(feature = "async")]
            runtime: None,
        }
    }

    /// Returns a contribution as the manager runs it.
    pub(crate) fn adapt(&self, contribution: Contribution) -> Contribution {
        match self {
            #[cfg(feature = "async")]
            Self::Sync { runtime: Some(runtime) } => contribution.awaited_on(runtime),
            Self::Sync { .. } => contribution,
            #[cfg(feature = "async")]
            Self::Async {
                offload_sync,
                #[cfg(feature = "tokio")]
                pool,
                ..
            } => {
                let contribution = contribution.offloaded(*offload_sync);
                #[cfg(feature = "tokio")]
                let contribution = contribution.counted(pool.as_ref());
                contribution
            }
        }
    }

    /// Refuses a contribution that the manager cannot run. `offloads` tells whether the arguments of its point can
    /// move to the blocking pool.
    pub(crate) fn check(
        &self,
        plugin: &PluginId,
        contribution: &Contribution,
        offloads: bool,
    ) -> Result<(), Error> {
        let _ = offloads;
        let (plugin, point) = (plugin.clone(), contribution.info);
        let is_wrapper = contribution.role == Role::Wrapper;
        match self {
            Self::Sync { .. } if is_wrapper && contribution.is_async => {
                Err(Error::WrapperKind { plugin, point, is_async: true })
            }
            #[cfg(feature = "async")]
            Self::Sync { .. } if contribution.run == Run::Awaited => {
                Err(Error::AsyncExtension { plugin, point })
            }
            Self::Sync { .. } => Ok(()),
            #[cfg(feature = "async")]
            Self::Async { .. } if is_wrapper && !contribution.is_async => {
                Err(Error::WrapperKind { plugin, point, is_async: false })
            }
            #[cfg(feature = "async")]
            Self::Async { .. } => {
                let asks = contribution.options.blocking && contribution.run == Run::OnPool;
                if asks && !offloads {
                    Err(Error::CannotOffload { plugin, point, is_never_blocking: false })
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Returns whether it serves an async manager.
    pub(crate) fn is_async(&self) -> bool {
        match self {
            Self::Sync { .. } => false,
            #[cfg(feature = "async")]
            Self::Async { .. } => true,
        }
    }
}
