//! What the server lets plugins extend.

use std::net::IpAddr;
use std::time::Duration;

use pluginkit::prelude::*;

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    pub(crate) api_key: Option<String>,
}

/// Headers that an answer gets.
pub(crate) type Headers = Vec<(&'static str, String)>;

/// Why a request is not served.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: String,
}

#[extension_point(project = "rate-limited")]
pub(crate) trait Http {
    /// Lets a request in, with headers for its answer, or refuses it.
    fn admit(&self, client: &Client) -> Result<Headers, Refusal>;

    /// What a client has left, without counting.
    #[extension_point(firstresult)]
    fn quota(&self, client: &Client) -> Option<Quota>;
}

/// What a client has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// When it is full again, in seconds since 1970.
    pub(crate) reset: u64,
}

/// What time it is: the host provides it.
#[extension_point(service)]
pub(crate) trait Clock: Send + Sync {
    /// Since some moment; it never goes back, whatever is done to the clock on the wall.
    fn elapsed(&self) -> Duration;

    /// The clock on the wall, in seconds since 1970.
    fn unix(&self) -> u64;
}
