//! [`Host`]: what kind of manager a registry serves, and what it makes of contributions.

#[cfg(feature = "async")]
use std::sync::Arc;

use crate::base::kind::Kind;
use crate::base::name::PluginId;
#[cfg(feature = "async")]
use crate::base::runtime::BlockOn;
use crate::error::Error;
#[cfg(feature = "async")]
use crate::plugin::implementation::Run;
use crate::plugin::implementation::{Contribution, Role};

/// The kind of a manager.
pub(crate) enum Host {
    /// A [`PluginManager`](crate::PluginManager), with a runtime to await on if it was given one.
    Sync {
        #[cfg(feature = "async")]
        runtime: Option<Arc<dyn BlockOn>>,
    },
    /// An [`AsyncPluginManager`](crate::AsyncPluginManager).
    #[cfg(feature = "async")]
    Async {
        /// Whether every `fn` extension runs on the blocking pool, where its arguments can go there.
        offload_sync: bool,
        #[cfg(feature = "tokio")]
        runtime: crate::base::runtime::Waiting,
        /// The places of its plugins on the blocking pool, if they are counted.
        #[cfg(feature = "tokio")]
        pool: Option<Arc<crate::base::permits::Permits>>,
    },
}

impl Host {
    /// The host of a manager of kind `K` without settings.
    pub(crate) fn of<K: Kind>() -> Self {
        #[cfg(feature = "async")]
        if K::IS_ASYNC {
            return Self::Async {
                offload_sync: false,
                #[cfg(feature = "tokio")]
                runtime: crate::base::runtime::Waiting::default(),
                #[cfg(feature = "tokio")]
                pool: None,
            };
        }
        Self::Sync {
            #[cfg(feature = "async")]
            runtime: None,
        }
    }

    /// A contribution as the manager runs it.
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

    /// Whether the manager can run a contribution of this plugin to a point whose arguments can go to the
    /// blocking pool if `offloads`.
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
                if asks && !offloads { Err(Error::CannotOffload { plugin, point }) } else { Ok(()) }
            }
        }
    }

    /// Whether replays are awaited, so that `register` cannot do them.
    pub(crate) fn awaits_replays(&self) -> bool {
        match self {
            Self::Sync { .. } => false,
            #[cfg(feature = "async")]
            Self::Async { .. } => true,
        }
    }
}
