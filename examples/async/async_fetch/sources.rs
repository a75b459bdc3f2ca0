//! The plugins: sources of headlines, and a wrapper that times them.

use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use pluginkit::prelude::*;

use crate::feed::{Feed, FetchError, Settings};
use crate::http;

/// The server that a source was told about.
#[derive(Default)]
struct Configured(OnceLock<SocketAddr>);

impl Configured {
    fn set(&self, settings: &Settings) {
        self.0.get_or_init(|| settings.server);
    }

    fn server(&self) -> Result<SocketAddr, FetchError> {
        self.0.get().copied().ok_or_else(|| FetchError("no server is configured".into()))
    }
}

/// Awaits what the server has on a subject.
pub(crate) struct Online {
    subject: &'static str,
    configured: Configured,
}

impl Online {
    pub(crate) fn new(subject: &'static str) -> Self {
        Self { subject, configured: Configured::default() }
    }
}

#[extension]
impl Feed for Online {
    async fn fetch(&self, topic: &str) -> Result<String, FetchError> {
        http::get(self.configured.server()?, &format!("/{}/{topic}", self.subject)).await
    }

    fn configure(&self, settings: &Settings) {
        self.configured.set(settings);
    }
}

/// The same, but it is dropped when the server takes too long.
pub(crate) struct Impatient(pub(crate) Online);

#[extension]
impl Feed for Impatient {
    #[extension(timeout = "50ms")]
    async fn fetch(&self, topic: &str) -> Result<String, FetchError> {
        self.0.fetch(topic).await
    }

    fn configure(&self, settings: &Settings) {
        self.0.configure(settings);
    }
}

/// Has a client that blocks its thread, so it runs on one where that is no harm.
#[derive(Default)]
pub(crate) struct Archive {
    configured: Configured,
}

#[extension]
impl Feed for Archive {
    #[extension(blocking)]
    fn fetch(&self, topic: &str) -> Result<String, FetchError> {
        http::get_blocking(self.configured.server()?, &format!("/archive/{topic}"))
    }

    fn configure(&self, settings: &Settings) {
        self.configured.set(settings);
    }
}

/// Knows its headlines by heart, so there is nothing to await.
pub(crate) struct Notes;

#[extension]
impl Feed for Notes {
    fn fetch(&self, topic: &str) -> Result<String, FetchError> {
        Ok(format!("a note on the {topic}"))
    }
}

/// Times every call, whatever becomes of it.
#[derive(Default)]
pub(crate) struct Stopwatch {
    laps: Mutex<Vec<String>>,
}

impl Stopwatch {
    const LIMIT: Duration = Duration::from_secs(30);

    pub(crate) fn laps(&self) -> Vec<String> {
        self.laps.lock().unwrap().clone()
    }
}

#[extension]
impl Feed for Stopwatch {
    #[extension(wrapper)]
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Result<Vec<String>, FetchError> {
        let mut lap = Lap { stopwatch: self, topic, started: Instant::now(), end: "was dropped" };
        let headlines = next.run(topic).await;
        lap.end = if headlines.is_ok() { "returned" } else { "failed" };
        headlines
    }
}

/// Recorded when it is dropped, which is also what happens to it when the call is.
struct Lap<'s> {
    stopwatch: &'s Stopwatch,
    topic: &'s str,
    started: Instant,
    end: &'static str,
}

impl Drop for Lap<'_> {
    fn drop(&mut self) {
        let in_time = if self.started.elapsed() < Stopwatch::LIMIT { "in time" } else { "too late" };
        self.stopwatch.laps.lock().unwrap().push(format!("{}: {} {in_time}", self.topic, self.end));
    }
}
