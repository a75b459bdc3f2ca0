//! [`ManagerBuilder`]: a manager that is being configured.

use std::fmt;
use std::marker::PhantomData;
#[cfg(feature = "tokio")]
use std::num::NonZeroUsize;
#[cfg(feature = "async")]
use std::sync::Arc;
use std::time::SystemTime;

use crate::base::clock::Clock;
use crate::base::kind::Kind;
#[cfg(feature = "async")]
use crate::base::kind::Synchronous;
#[cfg(feature = "tokio")]
use crate::base::permits::Permits;
#[cfg(feature = "tokio")]
use crate::base::runtime::Waiting;
#[cfg(feature = "async")]
use crate::base::runtime::{BlockOn, Closing};
use crate::manager::Manager;
use crate::registry::{Host, Registry};

/// A setting of a feature.
type Setting = dyn FnOnce(&Registry) + Send + Sync;

/// Builds a [`Manager`] with more settings than its project: see [`Manager::builder`].
#[must_use = "a manager exists after `build()`"]
pub struct ManagerBuilder<K: Kind> {
    project: String,
    host: Host,
    clock: Clock,
    settings: Vec<Box<Setting>>,
    kind: PhantomData<K>,
}

impl<K: Kind> ManagerBuilder<K> {
    pub(super) fn new(project: &str) -> Self {
        let project = project.to_owned();
        Self {
            project,
            host: Host::new(K::IS_ASYNC),
            clock: Clock::default(),
            settings: Vec::new(),
            kind: PhantomData,
        }
    }

    /// Sets the clock of the manager, for timestamps, circuit breakers, time limits, drain limits and the times that
    /// observers get. The default is the system clock.
    ///
    /// Time limits and drains look at the clock every two milliseconds while they wait. Without this setting they use
    /// monotonic time, and async time limits the time of tokio.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use pluginkit::PluginManager;
    ///
    /// let pm = PluginManager::builder("feed").clock(|| SystemTime::UNIX_EPOCH).build();
    /// ```
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::new(now);
        self
    }

    /// Adds a setting of a feature.
    #[doc(hidden)]
    pub fn setting(mut self, setting: impl FnOnce(&Registry) + Send + Sync + 'static) -> Self {
        self.settings.push(Box::new(setting));
        self
    }

    /// Returns the manager.
    pub fn build(self) -> Manager<K> {
        let registry = Registry::new(&self.project, self.host, self.clock);
        for install in crate::INSTALL {
            install(&registry);
        }
        for setting in self.settings {
            setting(&registry);
        }
        Manager::with(registry)
    }
}

#[cfg(feature = "async")]
impl ManagerBuilder<Synchronous> {
    /// Accepts plugins with `async fn` extensions. A call waits on `runtime` for these extensions.
    ///
    /// The manager keeps `runtime` for its life. So a resource that is opened in one call, such as a client, still
    /// works in the next call.
    ///
    /// A `call` that would have to wait panics in async code, because the wait would block the runtime. A `try_call`
    /// returns an error there.
    ///
    /// A tokio `Runtime` drives itself. A tokio `Handle` waits, but does not drive its runtime. If that is a
    /// current-thread runtime, another thread must drive it. Otherwise an extension that waits for a timer or a socket
    /// waits forever.
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
    pub fn block_on(mut self, runtime: impl BlockOn) -> Self {
        self.host = Host::Sync { runtime: Some(Arc::new(Closing::new(runtime))) };
        self
    }
}

#[cfg(feature = "tokio")]
impl ManagerBuilder<crate::base::kind::Asynchronous> {
    /// Runs every `fn` extension on the blocking pool, as if it were `blocking`.
    ///
    /// An extension still runs in place outside of a tokio runtime. The same holds if an argument of the point has no
    /// owned form, such as a `&mut`, or if the result is not `Send + 'static`.
    pub fn offload_sync(mut self, offload: bool) -> Self {
        if let Host::Async { offload_sync, .. } = &mut self.host {
            *offload_sync = offload;
        }
        self
    }

    /// Sets how many extensions of this manager may run on the blocking pool at once.
    ///
    /// The blocking pool of tokio has many threads, and other code uses it, too. Further extensions wait for a permit,
    /// first come, first served. The wait counts towards the timeout of the extension.
    ///
    /// After a timeout, or if the call is dropped, an extension on the pool keeps its permit until the extension ends.
    /// An extension on the pool may wait for a call that runs extensions on the pool. These inner extensions use the
    /// permit of the outer extension, one inner extension at a time. The manager recognises these inner extensions on
    /// the thread of the outer extension, but not on threads or tasks that the extension starts. Lifecycle phases are
    /// not counted.
    ///
    /// Do not forget (`mem::forget`) the future or the stream of a call: a forgotten call keeps its permits forever.
    /// Drop the future or the stream instead.
    ///
    /// # Panics
    ///
    /// Panics if `limit` is 0.
    #[track_caller]
    pub fn max_blocking(mut self, limit: usize) -> Self {
        let limit = NonZeroUsize::new(limit)
            .expect("a limit of 0 would let nothing run on the blocking pool: at least 1 is needed");
        if let Host::Async { pool, .. } = &mut self.host {
            *pool = Some(Permits::new(limit));
        }
        self
    }

    /// Sets the runtime that `call_blocking` waits on.
    ///
    /// Without this setting, `call_blocking` waits on the runtime of the current thread: the runtime that the thread
    /// runs in or has entered (`Runtime::enter`). If there is none, `call_blocking` waits on a runtime that the manager
    /// creates and keeps.
    ///
    /// `call_blocking` does not drive the runtime. A multi-thread runtime drives itself. A current-thread runtime must
    /// be driven by another thread. Otherwise an extension that waits for a timer, a socket or a task waits forever.
    pub fn runtime(mut self, handle: tokio::runtime::Handle) -> Self {
        if let Host::Async { runtime, .. } = &mut self.host {
            *runtime = Waiting::on(handle);
        }
        self
    }
}

impl<K: Kind> fmt::Debug for ManagerBuilder<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagerBuilder").field("project", &self.project).finish_non_exhaustive()
    }
}
