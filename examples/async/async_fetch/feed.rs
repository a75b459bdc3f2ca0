//! What the feed host lets plugins extend.

use std::net::SocketAddr;
use std::{fmt, io};

use pluginkit::prelude::*;

#[extension_point(project = "feed")]
pub(crate) trait Feed {
    /// One headline on a topic.
    fn fetch(&self, topic: &str) -> Result<String, FetchError>;

    /// How the host is set up; told to later plugins too.
    #[extension_point(historic)]
    fn configure(&self, settings: &Settings);
}

#[derive(Clone)]
pub(crate) struct Settings {
    /// The server that the headlines come from.
    pub(crate) server: SocketAddr,
}

/// Why there is no headline.
#[derive(Debug)]
pub(crate) struct FetchError(pub(crate) String);

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FetchError {}

impl From<io::Error> for FetchError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}
