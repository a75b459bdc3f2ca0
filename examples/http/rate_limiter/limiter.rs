//! The plugin: so many requests in so many seconds for each client.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use pluginkit::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::points::{Client, Clock, Headers, Http, Quota, Refusal};

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    pub(crate) max_requests: u32,
    pub(crate) window_seconds: u64,
    /// How many clients are remembered at once.
    pub(crate) max_clients: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_requests: 100, window_seconds: 3600, max_clients: 100_000 }
    }
}

#[plugin(
    id = "rate-limiter",
    version = "1.0.0",
    project = "rate-limited",
    config = Settings,
    build = RateLimiter::new
)]
pub(crate) struct RateLimiter {
    settings: Settings,
    clock: OnceLock<Arc<dyn Clock>>,
    windows: Mutex<Windows>,
}

/// The digest of who a client is: keys are not kept.
type Key = [u8; 32];

#[derive(Clone, Copy)]
struct Window {
    start: Duration,
    count: u32,
}

/// The windows that are open, and their clients in the order they were opened.
#[derive(Default)]
struct Windows {
    open: HashMap<Key, Window>,
    order: VecDeque<Key>,
}

impl Windows {
    /// Forgets the windows that have ended, so that there are never more than clients who asked lately.
    fn close(&mut self, now: Duration, length: Duration) {
        while let Some(first) = self.order.front() {
            let is_open =
                self.open.get(first).is_some_and(|window| now.saturating_sub(window.start) < length);
            if is_open {
                break;
            }
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some(first) = self.order.pop_front() {
            self.open.remove(&first);
        }
    }
}

impl RateLimiter {
    fn new(settings: Settings) -> Result<Self, String> {
        if settings.max_requests == 0 || settings.window_seconds == 0 || settings.max_clients == 0 {
            return Err("`max_requests`, `window_seconds` and `max_clients` must be at least 1".to_owned());
        }
        Ok(Self { settings, clock: OnceLock::new(), windows: Mutex::default() })
    }

    fn length(&self) -> Duration {
        Duration::from_secs(self.settings.window_seconds)
    }

    /// How many clients it remembers.
    pub(crate) fn clients(&self) -> usize {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner).open.len()
    }

    /// What a client has left, and whether this request is let in if it is `counted`.
    fn look(&self, client: &Client, counted: bool) -> (Quota, bool) {
        let Settings { max_requests, max_clients, .. } = self.settings;
        let Some(clock) = self.clock.get() else {
            // Not started: nobody is limited yet.
            let reset = self.settings.window_seconds;
            return (Quota { limit: max_requests, remaining: max_requests, reset }, true);
        };
        let now = clock.elapsed();
        let key = key(client);
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        // A window has ended at the moment that the header names.
        windows.close(now, self.length());
        let mut window = windows.open.get(&key).copied().unwrap_or(Window { start: now, count: 0 });
        let is_let_in = window.count < max_requests;
        if counted && is_let_in {
            window.count += 1;
            if windows.open.insert(key, window).is_none() {
                if windows.order.len() == max_clients {
                    windows.forget_first();
                }
                windows.order.push_back(key);
            }
        }
        drop(windows);
        let left = (window.start + self.length()).saturating_sub(now);
        let reset = clock.unix() + left.as_secs();
        let remaining = max_requests.saturating_sub(window.count);
        (Quota { limit: max_requests, remaining, reset }, is_let_in)
    }
}

fn key(client: &Client) -> Key {
    let mut digest = Sha256::new();
    match &client.api_key {
        Some(api_key) => digest.update(format!("key {api_key}")),
        None => digest.update(format!("address {}", client.address)),
    }
    digest.finalize().into()
}

fn headers(quota: Quota) -> Headers {
    vec![
        ("x-ratelimit-limit", quota.limit.to_string()),
        ("x-ratelimit-remaining", quota.remaining.to_string()),
        ("x-ratelimit-reset", quota.reset.to_string()),
    ]
}

#[extension]
impl Http for RateLimiter {
    pub(crate) fn admit(&self, client: &Client) -> Result<Headers, Refusal> {
        let (quota, is_let_in) = self.look(client, true);
        let mut headers = headers(quota);
        if is_let_in {
            return Ok(headers);
        }
        let wait = self.clock.get().map_or(0, |clock| quota.reset.saturating_sub(clock.unix()));
        headers.push(("retry-after", wait.max(1).to_string()));
        let body =
            format!(r#"{{"error":"Rate limit exceeded","limit":{},"reset":{}}}"#, quota.limit, quota.reset);
        Err(Refusal { status: 429, headers, body })
    }

    fn quota(&self, client: &Client) -> Option<Quota> {
        Some(self.look(client, false).0)
    }
}

#[extension]
impl Lifecycle for RateLimiter {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let clock = cx.service::<dyn Clock>()?;
        self.clock.get_or_init(|| clock);
        Ok(())
    }
}

/// Every answer says who gave it: a plugin that is a function.
#[plugin(id = "server-name", project = "rate-limited", extends = Http::admit)]
pub(crate) fn server_name() -> Result<Headers, Refusal> {
    Ok(vec![("server", "rate-limited".to_owned())])
}
