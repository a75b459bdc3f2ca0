//! Stand-ins for requests, and for what a client keeps.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::SystemTime;

use pluginkit::BoxError;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Error(pub(crate) &'static str);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Error {}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// A request with its body. It cannot be cloned.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) url: String,
    pub(crate) headers: Vec<String>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// Values that belong to one request.
#[derive(Debug, Default)]
pub(crate) struct Extensions(pub(crate) BTreeMap<&'static str, usize>);

/// A request that is not complete. It cannot be cloned.
#[derive(Debug, Default)]
pub(crate) struct RequestBuilder(pub(crate) Vec<&'static str>);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Retryable {
    Transient,
    Fatal,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RetryDecision {
    Retry { execute_after: SystemTime },
    DoNotRetry,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Span(pub(crate) String);

/// A name of a host. It cannot be cloned.
#[derive(Debug, PartialEq)]
pub(crate) struct Name(pub(crate) String);

pub(crate) type Addrs = Box<dyn Iterator<Item = SocketAddr> + Send>;
pub(crate) type Resolving = Pin<Box<dyn Future<Output = Result<Addrs, BoxError>> + Send>>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeaderValue(pub(crate) String);

#[derive(Debug)]
pub(crate) struct Url(pub(crate) &'static str);
