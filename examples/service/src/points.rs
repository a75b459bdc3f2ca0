//! The points that plugins of the service extend, and the values that they share.

use std::fmt;

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pluginkit::prelude::*;

/// A request with its body. `blocking` extensions get a clone, and a wrapper passes a changed clone on.
pub(crate) type Request = axum::http::Request<Bytes>;

/// The middleware and the routes.
#[extension_point(project = "service")]
pub(crate) trait Http {
    /// Answers a request, or leaves it to the next route. Wrappers are the middleware.
    ///
    /// Middleware and routes share one point, so that a request has one snapshot of both: no reload comes in between.
    #[extension_point(firstresult)]
    fn handle(&self, request: &Request) -> Result<Option<Response>, Failure>;
}

/// Parts of answers that may be missing.
#[extension_point(project = "service")]
pub(crate) trait Extras {
    /// Returns the forecast, from the first source that has one.
    ///
    /// A source that fails is skipped, and its circuit breaker counts the failure. A route that fails is not skipped:
    /// the client must know that a note was not kept.
    #[extension_point(firstresult, on_failure = "skip")]
    fn forecast(&self) -> Result<Option<String>, BoxError>;
}

/// The reason that a request fails.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The request has no known key.
    Stranger,
    /// The user is no administrator.
    Forbidden,
    /// The user has asked too often, and may ask again after this number of seconds.
    TooMany(u64),
    Invalid(&'static str),
    Store(BoxError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger => f.write_str("who are you?"),
            Self::Forbidden => f.write_str("this is for administrators"),
            Self::TooMany(seconds) => write!(f, "too many requests; try again in {seconds} s"),
            Self::Invalid(text) => f.write_str(text),
            Self::Store(error) => write!(f, "the store failed: {error}"),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let text = format!("{self}\n");
        match self {
            // With this header, a browser asks for name and password.
            Self::Stranger => {
                let ask = [(header::WWW_AUTHENTICATE, r#"Basic realm="service""#)];
                (StatusCode::UNAUTHORIZED, ask, text).into_response()
            }
            Self::Forbidden => (StatusCode::FORBIDDEN, text).into_response(),
            Self::TooMany(seconds) => {
                let when = [(header::RETRY_AFTER, seconds.to_string())];
                (StatusCode::TOO_MANY_REQUESTS, when, text).into_response()
            }
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, text).into_response(),
            Self::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, text).into_response(),
        }
    }
}

/// Returns the response to send for an outcome of [`Http::handle`].
pub(crate) fn response(outcome: Result<Option<Response>, Failure>) -> Response {
    match outcome {
        Ok(Some(response)) => response,
        Ok(None) => (StatusCode::NOT_FOUND, "there is nothing here\n").into_response(),
        Err(failure) => failure.into_response(),
    }
}

/// The reason that a request is let in. The authentication adds it to the extensions of the request.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// The path is open to everybody.
    Public,
    User(User),
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) is_admin: bool,
}

/// Returns the user of a request.
pub(crate) fn user(request: &Request) -> Option<&User> {
    match request.extensions().get()? {
        Access::User(user) => Some(user),
        Access::Public => None,
    }
}
