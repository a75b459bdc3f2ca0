//! What plugins extend in reqwest, an HTTP client, and in its packages for middleware, retries and spans.
//!
//! A client has one resolver and one store for cookies, and one strategy for retries. The host asks the plugin that it has.

mod calls;
mod plugins;
mod types;

use std::ops::ControlFlow;
use std::time::SystemTime;

use pluginkit::prelude::*;

use types::{
    Error, Extensions, HeaderValue, Name, Request, RequestBuilder, Resolving, Response, Result,
    RetryDecision, Retryable, Span, Url,
};

#[extension_point(project = "reqwest")]
pub(crate) trait Middleware {
    /// A request cannot be cloned. Its plugins are wrappers, and return the `Response` as a `Break`.
    #[extension_point(firstresult)]
    fn handle(&self, req: Request, extensions: &mut Extensions) -> Result<ControlFlow<Response, Request>>;
}

#[extension_point(project = "reqwest")]
pub(crate) trait RequestInitialiser {
    #[extension_point(pipeline)]
    fn init(&self, req: RequestBuilder) -> RequestBuilder;
}

#[extension_point(project = "reqwest")]
pub(crate) trait RetryableStrategy {
    #[extension_point(firstresult)]
    fn handle(&self, res: &Result<Response, Error>) -> Option<Retryable>;
}

#[extension_point(project = "reqwest")]
pub(crate) trait RetryPolicy {
    fn should_retry(&self, request_start_time: SystemTime, n_past_retries: u32) -> RetryDecision;
}

/// Its functions have no receiver, and those of plugins have none either.
#[extension_point(project = "reqwest")]
pub(crate) trait ReqwestOtelSpanBackend {
    fn on_request_start(&self, req: &Request, extension: &mut Extensions) -> Span;

    fn on_request_end(&self, span: &Span, outcome: &Result<Response>, extension: &mut Extensions);
}

#[extension_point(project = "reqwest")]
pub(crate) trait Resolve {
    /// A name cannot be cloned: a resolver that does not know it hands it on.
    #[extension_point(firstresult)]
    fn resolve(&self, name: Name) -> ControlFlow<Resolving, Name>;
}

#[extension_point(project = "reqwest")]
pub(crate) trait CookieStore {
    fn set_cookies(&self, cookie_headers: &mut dyn Iterator<Item = &HeaderValue>, url: &Url);

    #[extension_point(firstresult)]
    fn cookies(&self, url: &Url) -> Option<HeaderValue>;
}
