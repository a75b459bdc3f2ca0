//! What plugins of the service extend, and the values that they share.

use std::fmt;

use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use pluginkit::prelude::*;

/// A request with its body. It can be cloned: the `blocking` extensions get a copy, and a wrapper may change one.
pub(crate) type Request = axum::http::Request<Bytes>;

/// The middleware and the routes.
#[extension_point(project = "service")]
pub(crate) trait Http {
    /// Answers a request, or leaves it to the next route. Wrappers are the middleware.
    ///
    /// It is one point and not two, so that a request has one snapshot: no reload comes between middleware and routes.
    #[extension_point(firstresult)]
    fn handle(&self, request: &Request) -> Result<Option<Response>, Failure>;
}

/// What is nice to have in an answer.
#[extension_point(project = "service")]
pub(crate) trait Extras {
    /// Returns the forecast, from the first source that has one.
    ///
    /// A source that fails is skipped: it spoils nothing, and its circuit breaker counts it all the same. The routes are
    /// not skipped, as somebody has to tell the client that a note was lost.
    #[extension_point(firstresult, on_failure = "skip")]
    fn forecast(&self) -> Result<Option<String>, BoxError>;
}

/// A request was not served as asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody known asks.
    Stranger,
    /// Somebody known may not ask this.
    Forbidden,
    /// Somebody has asked too often, and may ask again after so many seconds.
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
            // A browser asks for name and password then.
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

/// Why a request is let in. The authentication puts it into the extensions of the request.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// Everybody may ask this.
    Public,
    User(User),
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) is_admin: bool,
}

/// Returns the user who asks.
pub(crate) fn user(request: &Request) -> Option<&User> {
    match request.extensions().get()? {
        Access::User(user) => Some(user),
        Access::Public => None,
    }
}
