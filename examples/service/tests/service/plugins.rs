//! Plugins that tests add to the service.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use axum::response::{IntoResponse, Response};
use pluginkit::prelude::*;
use serde::Deserialize;
use tokio::sync::{Notify, Semaphore};

use crate::points::{Failure, Http, Request};

/// The state that a test and its plugins share.
#[derive(Default)]
pub(crate) struct Probe {
    /// The numbers of starts of `gate` that have begun, and that were dropped.
    pub(crate) began: AtomicUsize,
    pub(crate) dropped: AtomicUsize,
    /// The numbers of requests that have reached `hold`, and of stops of `hold`.
    pub(crate) held: AtomicUsize,
    pub(crate) stopped: AtomicUsize,
    /// The number of plugins `single` that are started.
    singles: AtomicUsize,
    /// Told when one of these numbers has changed.
    pub(crate) changed: Notify,
    /// Lets starts of `gate` end.
    pub(crate) open: Permits,
    /// Lets requests in `hold` end.
    pub(crate) release: Permits,
}

pub(crate) struct Permits(Semaphore);

impl Default for Permits {
    fn default() -> Self {
        Self(Semaphore::new(0))
    }
}

impl Permits {
    pub(crate) fn give(&self) {
        self.0.add_permits(1);
    }

    async fn take(&self) {
        self.0.acquire().await.expect("it is never closed").forget();
    }
}

impl Probe {
    fn of(cx: &PluginContext) -> Result<Arc<Self>, BoxError> {
        Ok(cx.shared_state().get().ok_or("the test has set no probe")?)
    }

    fn count(&self, number: &AtomicUsize) {
        number.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Waits until `is_so`.
    pub(crate) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        loop {
            let changed = self.changed.notified();
            if is_so(self) {
                return;
            }
            changed.await;
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Text {
    text: String,
}

/// A plugin. The test decides how long its start takes.
#[plugin(id = "gate", project = "service", config = Text)]
pub(crate) struct Gate(String);

impl From<Text> for Gate {
    fn from(settings: Text) -> Self {
        Self(settings.text)
    }
}

/// Tells that a start was dropped, if it has not ended.
struct Start(Arc<Probe>, bool);

impl Drop for Start {
    fn drop(&mut self) {
        if !self.1 {
            self.0.count(&self.0.dropped);
        }
    }
}

#[extension]
impl Lifecycle for Gate {
    async fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let mut start = Start(Probe::of(cx)?, false);
        start.0.count(&start.0.began);
        start.0.open.take().await;
        start.1 = true;
        Ok(())
    }
}

#[extension]
impl Http for Gate {
    fn handle(&self, request: &Request) -> Result<Option<Response>, Failure> {
        Ok((request.uri().path() == "/gate").then(|| self.0.clone().into_response()))
    }
}

/// A route. The test decides how long its answer takes.
#[plugin(id = "hold", project = "service", config = Text)]
pub(crate) struct Hold {
    text: String,
    probe: OnceLock<Arc<Probe>>,
}

impl From<Text> for Hold {
    fn from(settings: Text) -> Self {
        Self { text: settings.text, probe: OnceLock::new() }
    }
}

fn asks_hold(_: &Hold, request: &Request) -> bool {
    ["/hold", "/held"].contains(&request.uri().path())
}

#[extension]
impl Lifecycle for Hold {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let probe = Probe::of(cx)?;
        self.probe.get_or_init(|| probe);
        Ok(())
    }

    fn stop(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let probe = Probe::of(cx)?;
        probe.count(&probe.stopped);
        Ok(())
    }
}

#[extension]
impl Http for Hold {
    #[extension(when = asks_hold)]
    async fn handle(&self, request: &Request) -> Result<Option<Response>, Failure> {
        if request.uri().path() == "/hold" {
            let probe = self.probe.get().expect("it is started");
            probe.count(&probe.held);
            probe.release.take().await;
        }
        Ok(Some(self.text.clone().into_response()))
    }
}

/// A wrapper that checks that there is one of it at a time, and that calls reach it only while it is started.
#[plugin(id = "single", project = "service", config = Text, exclusive)]
pub(crate) struct Single {
    is_started: AtomicBool,
}

impl From<Text> for Single {
    fn from(_: Text) -> Self {
        Self { is_started: AtomicBool::new(false) }
    }
}

#[extension]
impl Lifecycle for Single {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        self.is_started.store(true, Ordering::SeqCst);
        if Probe::of(cx)?.singles.fetch_add(1, Ordering::SeqCst) > 0 {
            return Err("there is another one".into());
        }
        Ok(())
    }

    fn stop(&self, cx: &PluginContext) -> Result<(), BoxError> {
        self.is_started.store(false, Ordering::SeqCst);
        Probe::of(cx)?.singles.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
}

#[extension]
impl Http for Single {
    #[extension(wrapper)]
    async fn handle(&self, request: &Request, next: Next<'_>) -> Result<Option<Response>, Failure> {
        let is_started = || {
            let is_started = self.is_started.load(Ordering::SeqCst);
            is_started
                .then_some(())
                .ok_or_else(|| Failure::Store("`single` is called and not started".into()))
        };
        is_started()?;
        let answer = next.run(request).await;
        // The stop does not wait for the request that reloads, because that request waits for the stop.
        if request.uri().path() != "/admin/reload" {
            is_started()?;
        }
        answer
    }
}

/// A plugin that never starts.
#[plugin(id = "broken", project = "service")]
#[derive(Default)]
pub(crate) struct Broken;

#[extension]
impl Lifecycle for Broken {
    fn start(&self) -> Result<(), BoxError> {
        Err("out of order".into())
    }
}
