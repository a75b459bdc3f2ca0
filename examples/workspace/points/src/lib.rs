//! What plugins of the feed extend. The host and all plugins depend on this crate.

use pluginkit::prelude::*;

/// The extension points of the feed.
#[extension_point(project = "feed")]
pub trait Feed {
    /// Returns a headline about a topic, or `None` if there is no news.
    fn fetch(&self, topic: &str) -> Result<Option<String>, BoxError>;

    /// Edits a headline before it is shown.
    #[extension_point(pipeline)]
    fn edit(&self, headline: String) -> String;
}
