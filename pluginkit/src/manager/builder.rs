//! Managers that are told more than their project.

use std::fmt;
#[cfg(feature = "tokio")]
use std::num::NonZeroUsize;
#[cfg(feature = "async")]
use std::sync::Arc;
use std::time::SystemTime;

use crate::base::clock::Clock;
#[cfg(feature = "tokio")]
use crate::call::permits::Places;
#[cfg(feature = "tokio")]
use crate::call::runtime::Waiting;
#[cfg(feature = "async")]
use crate::call::runtime::{BlockOn, Closing};
#[cfg(feature = "async")]
use crate::manager::AsyncPluginManager;
use crate::manager::PluginManager;
use crate::registry::{Host, Registry};

/// A [`PluginManager`] in the making.
#[must_use = "a manager is there after `build()`"]
pub struct ManagerBuilder {
    project: String,
    clock: Clock,
    lenient_services: bool,
    #[cfg(feature = "async")]
    runtime: Option<Arc<dyn BlockOn>>,
}

impl ManagerBuilder {
    pub(super) fn new(project: &str) -> Self {
        Self {
            project: project.to_owned(),
            clock: Clock::default(),
            lenient_services: false,
            #[cfg(feature = "async")]
            runtime: None,
        }
    }

    /// Lets plugins have `async fn` extensions, each of which is awaited on `runtime` while the caller
    /// waits. It is one runtime for the manager's life, so that what an extension opens in one call, like a
    /// client, works in the next.
    ///
    /// A call made from async code panics where it would have to wait, as that would stop the runtime.
    ///
    /// A `Handle` waits without driving its runtime: one of a current-thread runtime needs another thread
    /// that does, or an extension that waits for a timer or a socket waits forever. A `Runtime` drives itself.
    ///
    /// ```
    /// # #[cfg(feature = "tokio")]
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// struct Weather;
    ///
    /// #[extension]
    /// impl Specs for Weather {
    ///     async fn fetch(&self, topic: &str) -> String {
    ///         tokio::task::yield_now().await;
    ///         format!("weather[{topic}]")
    ///     }
    /// }
    ///
    /// let pm = PluginManager::builder("feed").block_on(tokio::runtime::Runtime::new()?).build();
    /// pm.add_extension_points(Specs)?;
    /// pm.register(Weather)?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["weather[harbor]"]);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "tokio"))]
    /// # fn main() {}
    /// ```
    #[cfg(feature = "async")]
    pub fn block_on(mut self, runtime: impl BlockOn) -> Self {
        self.runtime = Some(Arc::new(Closing::new(runtime)));
        self
    }

    /// What tells the time in [descriptors](crate::PluginDescriptor), if not the system's clock.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    /// Lets plugins and the host provide services that were never declared.
    pub fn lenient_services(mut self, lenient: bool) -> Self {
        self.lenient_services = lenient;
        self
    }

    /// The manager.
    pub fn build(self) -> PluginManager {
        let host = Host::Sync {
            #[cfg(feature = "async")]
            runtime: self.runtime,
        };
        let registry = Registry::new(&self.project, host, self.clock);
        crate::INSTALL.iter().for_each(|install| install(&registry));
        if self.lenient_services {
            registry.let_provide_undeclared();
        }
        PluginManager::with(registry)
    }
}

impl fmt::Debug for ManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagerBuilder").field("project", &self.project).finish_non_exhaustive()
    }
}

/// An [`AsyncPluginManager`] in the making.
#[cfg(feature = "async")]
#[must_use = "a manager is there after `build()`"]
pub struct AsyncManagerBuilder {
    project: String,
    clock: Clock,
    lenient_services: bool,
    #[cfg(feature = "tokio")]
    offload_sync: bool,
    #[cfg(feature = "tokio")]
    max_blocking: Option<NonZeroUsize>,
    #[cfg(feature = "tokio")]
    runtime: Waiting,
}

#[cfg(feature = "async")]
impl AsyncManagerBuilder {
    pub(super) fn new(project: &str) -> Self {
        Self {
            project: project.to_owned(),
            clock: Clock::default(),
            lenient_services: false,
            #[cfg(feature = "tokio")]
            offload_sync: false,
            #[cfg(feature = "tokio")]
            max_blocking: None,
            #[cfg(feature = "tokio")]
            runtime: Waiting::default(),
        }
    }

    /// Runs every `fn` extension on the blocking pool, as if it were `blocking`, and not in place.
    ///
    /// Extensions of points with an argument that has no owned form, like a `&mut`, or with a result that is
    /// not `Send + 'static`, still run in place; so does everything outside of a tokio runtime.
    #[cfg(feature = "tokio")]
    pub fn offload_sync(mut self, offload: bool) -> Self {
        self.offload_sync = offload;
        self
    }

    /// Lets at most `limit` extensions of this manager run on the blocking pool at once, which others use, too, and
    /// whose threads are many; the next wait for their turn, first come, first served.
    ///
    /// A body that was left behind by a timeout, or by a call that was dropped, counts until it has ended. Waiting
    /// counts as time that the extension took. What a body calls itself, and waits for, does not wait for that body:
    /// it runs in its stead, one at a time. That is known of what it calls on its own thread, not of other threads or
    /// tasks that it starts and waits for. The phases of the plugins' lives are not counted.
    ///
    /// A future or a stream of a call that is forgotten (`mem::forget`) keeps its permit: drop it instead.
    ///
    /// # Panics
    ///
    /// If `limit` is 0.
    #[cfg(feature = "tokio")]
    #[track_caller]
    pub fn max_blocking(mut self, limit: usize) -> Self {
        assert!(limit > 0, "a limit of 0 would let nothing run on the blocking pool: at least 1 is needed");
        self.max_blocking = NonZeroUsize::new(limit);
        self
    }

    /// Sets the runtime that `call_blocking` waits on. Without it, `call_blocking` waits on the runtime of the current
    /// thread, which it runs in or has entered (`Runtime::enter`), else on one that the manager makes for itself.
    ///
    /// `call_blocking` does not drive the runtime. If it is a current-thread runtime and no other thread drives it,
    /// an extension that waits for a timer, a socket or a task waits for ever. A multi-thread runtime drives itself.
    #[cfg(feature = "tokio")]
    pub fn runtime(mut self, handle: tokio::runtime::Handle) -> Self {
        self.runtime = Waiting::on(handle);
        self
    }

    /// What tells the time in [descriptors](crate::PluginDescriptor), if not the system's clock.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    /// Lets plugins and the host provide services that were never declared.
    pub fn lenient_services(mut self, lenient: bool) -> Self {
        self.lenient_services = lenient;
        self
    }

    /// The manager.
    pub fn build(self) -> AsyncPluginManager {
        let host = Host::Async {
            #[cfg(feature = "tokio")]
            offload_sync: self.offload_sync,
            #[cfg(not(feature = "tokio"))]
            offload_sync: false,
            #[cfg(feature = "tokio")]
            runtime: self.runtime,
            #[cfg(feature = "tokio")]
            pool: self.max_blocking.map(Places::new),
        };
        let registry = Registry::new(&self.project, host, self.clock);
        crate::INSTALL.iter().for_each(|install| install(&registry));
        if self.lenient_services {
            registry.let_provide_undeclared();
        }
        AsyncPluginManager::with(registry)
    }
}

#[cfg(feature = "async")]
impl fmt::Debug for AsyncManagerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncManagerBuilder").field("project", &self.project).finish_non_exhaustive()
    }
}
