//! The middleware: wrappers around the routes, in the order of the configuration.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use pluginkit::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use crate::points::{Access, Failure, Http, Request, User, response, user};

/// Numbers requests, and logs each answer. Log lines of a request are in a span with its number.
#[plugin(id = "request-log", project = "service")]
#[derive(Default)]
pub(crate) struct RequestLog;

/// The numbers outlive the plugin: after a reload, they go on.
static REQUESTS: AtomicU64 = AtomicU64::new(1);

#[extension]
impl Http for RequestLog {
    #[extension(wrapper)]
    async fn handle(&self, request: &Request, next: Next<'_>) -> Result<Option<Response>, Failure> {
        let id = REQUESTS.fetch_add(1, Ordering::Relaxed);
        let span =
            tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
        let started = Instant::now();
        // A failure becomes a response here, so that it gets a number, too. It still counts for the plugin that failed.
        let mut response = response(next.run(request).instrument(span.clone()).await);
        let elapsed_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let status = response.status().as_u16();
        span.in_scope(|| tracing::info!(status, elapsed_us, "answered"));
        response.headers_mut().insert("x-request-id", HeaderValue::from(id));
        Ok(Some(response))
    }
}

#[derive(Deserialize)]
pub(crate) struct AuthSettings {
    users: Vec<Account>,
    /// Paths that are open to everybody.
    #[serde(default)]
    public: Vec<String>,
}

#[derive(Deserialize)]
struct Account {
    name: String,
    /// The SHA-256 of the key, so that the file has no secrets.
    key_sha256: String,
    #[serde(default)]
    admin: bool,
}

/// Lets in users that have a key. Circuit breakers never take a wrapper out.
#[plugin(id = "auth", project = "service", config = AuthSettings, build = Auth::new)]
pub(crate) struct Auth {
    users: HashMap<String, User>,
    public: Vec<String>,
}

impl Auth {
    fn new(settings: AuthSettings) -> Result<Self, String> {
        let users = settings.users.into_iter().map(|Account { name, key_sha256, admin }| {
            let is_digest = key_sha256.len() == 64 && key_sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_digest {
                return Err(format!("`key_sha256` of {name} is not 64 hexadecimal digits"));
            }
            Ok((key_sha256.to_lowercase(), User { name, is_admin: admin }))
        });
        Ok(Self { users: users.collect::<Result<_, _>>()?, public: settings.public })
    }

    /// Returns the user that the key of the request belongs to. The key is a bearer token, or the password that a browser
    /// asks for.
    fn user(&self, request: &Request) -> Option<&User> {
        let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let key = match value.split_once(' ')? {
            ("Bearer", key) => key.to_owned(),
            ("Basic", pair) => {
                let pair = String::from_utf8(BASE64_STANDARD.decode(pair).ok()?).ok()?;
                pair.split_once(':')?.1.to_owned()
            }
            _ => return None,
        };
        let digest = format!("{:x}", Sha256::digest(key));
        self.users.get(&digest)
    }
}

fn asks_who(_: &Auth, request: &Request) -> bool {
    request.uri().path() == "/whoami"
}

#[extension]
impl Http for Auth {
    #[extension(wrapper)]
    async fn handle(&self, request: &Request, next: Next<'_>) -> Result<Option<Response>, Failure> {
        let access = match self.user(request) {
            Some(user) => Access::User(user.clone()),
            None if self.public.iter().any(|path| path == request.uri().path()) => Access::Public,
            None => return Err(Failure::Stranger),
        };
        let mut request = request.clone();
        request.extensions_mut().insert(access);
        next.run(&request).await
    }

    #[extension(target = "handle", when = asks_who)]
    fn whoami(&self, request: &Request) -> Result<Option<Response>, Failure> {
        Ok(user(request).map(|user| format!("{}\n", user.name).into_response()))
    }
}

#[derive(Clone, Copy, Deserialize)]
pub(crate) struct RateSettings {
    requests: u32,
    seconds: u64,
}

/// Limits how often each user may ask.
#[plugin(id = "rate-limit", project = "service", config = RateSettings)]
pub(crate) struct RateLimit {
    settings: RateSettings,
    windows: OnceLock<Arc<Windows>>,
}

/// The start and the number of requests of the window of each user.
#[derive(Default)]
struct Windows(Mutex<HashMap<String, (Instant, u32)>>);

impl From<RateSettings> for RateLimit {
    fn from(settings: RateSettings) -> Self {
        Self { settings, windows: OnceLock::new() }
    }
}

impl RateLimit {
    fn admit(&self, user: &User) -> Result<(), Failure> {
        let (Some(windows), now) = (self.windows.get(), Instant::now()) else { return Ok(()) };
        let length = Duration::from_secs(self.settings.seconds);
        let mut windows = windows.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, count) = windows.entry(user.name.clone()).or_insert((now, 0));
        if now.duration_since(*start) >= length {
            (*start, *count) = (now, 0);
        }
        if *count >= self.settings.requests {
            let left = length.saturating_sub(now.duration_since(*start));
            return Err(Failure::TooMany(left.as_secs().max(1)));
        }
        *count += 1;
        Ok(())
    }
}

#[extension]
impl Http for RateLimit {
    #[extension(wrapper)]
    async fn handle(&self, request: &Request, next: Next<'_>) -> Result<Option<Response>, Failure> {
        if let Some(user) = user(request) {
            self.admit(user)?;
        }
        next.run(request).await
    }
}

#[extension]
impl Lifecycle for RateLimit {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        // The manager keeps the windows, so a reload with other settings begins no new ones.
        let windows = cx.shared_state().get_or_insert_with(Windows::default);
        self.windows.get_or_init(|| windows);
        Ok(())
    }
}
