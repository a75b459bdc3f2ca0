//! Middleware, strategies, resolvers and stores in the manner of those of clients.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use pluginkit::prelude::*;
use pluginkit_tests::pending;

use super::types::{
    Addrs, Error, Extensions, HeaderValue, Name, Request, RequestBuilder, Resolving, Response, Result,
    RetryDecision, Retryable, Span, Url,
};
use super::{
    CookieStore, Middleware, RequestInitialiser, ReqwestOtelSpanBackend, Resolve, RetryPolicy,
    RetryableStrategy,
};

/// Adds a header to the request, and counts what comes back.
pub(crate) struct Auth(pub(crate) &'static str);

#[extension]
impl Middleware for Auth {
    #[extension(wrapper)]
    async fn handle(
        &self,
        mut req: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<ControlFlow<Response, Request>> {
        pending(1).await;
        req.headers.push(format!("Authorization: {}", self.0));
        let response = next.run(req, extensions).await?;
        *extensions.0.entry("authorized").or_default() += 1;
        Ok(response)
    }
}

#[extension]
impl RequestInitialiser for Auth {
    fn init(&self, mut req: RequestBuilder) -> RequestBuilder {
        req.0.push(self.0);
        req
    }
}

/// Answers from an earlier response.
#[derive(Default)]
pub(crate) struct Cache(Mutex<HashMap<String, String>>);

#[extension]
impl Middleware for Cache {
    #[extension(wrapper)]
    async fn handle(
        &self,
        req: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<ControlFlow<Response, Request>> {
        let known = self.0.lock().unwrap().get(&req.url).cloned();
        if let Some(body) = known {
            return Ok(Break(Response { status: 304, body }));
        }
        let url = req.url.clone();
        let response = next.run(req, extensions).await?;
        if let Break(response) = &response {
            self.0.lock().unwrap().insert(url, response.body.clone());
        }
        Ok(response)
    }
}

/// Knows the answers of servers.
pub(crate) struct ByStatus;

#[extension]
impl RetryableStrategy for ByStatus {
    fn handle(&self, res: &Result<Response, Error>) -> Option<Retryable> {
        match res {
            Ok(Response { status: 500.., .. }) => Some(Retryable::Transient),
            Ok(Response { status: 400.., .. }) => Some(Retryable::Fatal),
            _ => None,
        }
    }
}

/// Knows errors.
pub(crate) struct ByError;

#[extension]
impl RetryableStrategy for ByError {
    fn handle(&self, res: &Result<Response, Error>) -> Option<Retryable> {
        res.as_ref().err().map(|error| match error.0 {
            "reset" => Retryable::Transient,
            _ => Retryable::Fatal,
        })
    }
}

/// Waits longer each time.
pub(crate) struct Backoff;

#[extension]
impl RetryPolicy for Backoff {
    fn should_retry(&self, request_start_time: SystemTime, n_past_retries: u32) -> RetryDecision {
        if n_past_retries > 2 {
            return RetryDecision::DoNotRetry;
        }
        let wait = Duration::from_secs(1 << n_past_retries);
        RetryDecision::Retry { execute_after: request_start_time + wait }
    }
}

pub(crate) struct Spans;

#[extension]
impl ReqwestOtelSpanBackend for Spans {
    fn on_request_start(req: &Request, extension: &mut Extensions) -> Span {
        extension.0.insert("headers", req.headers.len());
        Span(req.url.clone())
    }

    fn on_request_end(span: &Span, outcome: &Result<Response>, extension: &mut Extensions) {
        let bytes = outcome.as_ref().map_or(0, |response| response.body.len());
        extension.0.insert("bytes", span.0.len() + bytes);
    }
}

/// Knows a few names.
pub(crate) struct Hosts(pub(crate) &'static str);

#[extension]
impl Resolve for Hosts {
    fn resolve(&self, name: Name) -> ControlFlow<Resolving, Name> {
        if name.0 != self.0 {
            return Continue(name);
        }
        Break(Box::pin(async move {
            pending(1).await;
            let addresses: Addrs = Box::new([SocketAddr::from(([127, 0, 0, 1], 80))].into_iter());
            if name.0.is_empty() { Err("no name".into()) } else { Ok(addresses) }
        }))
    }
}

/// Keeps cookies in memory.
#[derive(Default)]
pub(crate) struct Jar(Mutex<Vec<(String, HeaderValue)>>);

#[extension]
impl CookieStore for Jar {
    fn set_cookies(&self, cookie_headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        let cookies = cookie_headers.map(|cookie| (url.0.to_owned(), cookie.clone()));
        self.0.lock().unwrap().extend(cookies);
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        let all = self.0.lock().unwrap();
        let own: Vec<_> =
            all.iter().filter(|(of, _)| of == url.0).map(|(_, cookie)| cookie.0.as_str()).collect();
        (!own.is_empty()).then(|| HeaderValue(own.join("; ")))
    }
}
