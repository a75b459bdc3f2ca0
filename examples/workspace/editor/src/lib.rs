//! Plugins of the feed: a newsroom, and an editor that shortens headlines.

use feed_points::Feed;
use pluginkit::prelude::*;
use serde::Deserialize;

/// A plugin can be a function.
#[plugin(id = "newsroom", project = "feed", extends = Feed::fetch)]
fn newsroom(topic: &str) -> Result<Option<String>, BoxError> {
    Ok(Some(format!("nothing new from the {topic}, says everybody who was there")))
}

#[derive(Deserialize)]
#[serde(default)]
struct Settings {
    longest: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { longest: 40 }
    }
}

/// Shortens headlines. Nothing in this crate is public: the host names the crate, and finds its plugins.
#[plugin(id = "editor", version = "0.1.0", project = "feed", config = Settings)]
struct Editor(Settings);

impl From<Settings> for Editor {
    fn from(settings: Settings) -> Self {
        Self(settings)
    }
}

#[extension]
impl Feed for Editor {
    fn edit(&self, headline: String) -> String {
        if headline.chars().count() <= self.0.longest {
            return headline;
        }
        let start: String = headline.chars().take(self.0.longest).collect();
        format!("{} …", start.trim_end())
    }
}
