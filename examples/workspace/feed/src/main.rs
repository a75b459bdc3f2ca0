//! A program whose headlines come from plugins. The file `feed.toml` lists the plugins.
//!
//! ```text
//! cargo run                     about the harbor and the hill
//! cargo run -- harbor moon      about other topics
//! ```

use feed_points::Feed;
use pluginkit::config::PluginConfig;
use pluginkit::prelude::*;

// A crate of plugins takes part only if code names it: the linker leaves out what nothing names.
use feed_editor as _;
use feed_weather as _;

fn main() -> Result<(), BoxError> {
    // The file, and over it variables such as `FEED_PLUGIN__EDITOR__LONGEST=20`.
    let config = PluginConfig::from_path("feed.toml")?.with_env("FEED")?;
    let pm = PluginManager::from_config("feed", Feed, &config)?;
    println!("plugins: {}", pm.plugin_names().join(", "));

    let mut topics: Vec<String> = std::env::args().skip(1).collect();
    if topics.is_empty() {
        topics = ["harbor", "hill"].map(str::to_owned).to_vec();
    }
    // Starts the plugins, runs the closure, and stops the plugins.
    pm.run(|| topics.iter().try_for_each(|topic| show(&pm, topic)))?
}

/// Prints the headlines about a topic.
fn show(pm: &PluginManager, topic: &str) -> Result<(), BoxError> {
    println!("{topic}");
    for headline in pm.caller(Feed::fetch).call(topic)? {
        println!("  {}", pm.caller(Feed::edit).call(headline));
    }
    Ok(())
}
