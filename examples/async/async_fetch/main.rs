//! A feed host: headlines from sources that are awaited, that block, and that have them at hand.
//!
//! ```text
//! cargo run -p example-async --bin async_fetch
//! ```

mod feed;
mod http;
mod server;
mod sources;

use std::error::Error;
use std::pin::pin;
use std::sync::Arc;

use futures_util::StreamExt;
use pluginkit::prelude::*;

use feed::{Feed, FetchError, Settings};
use server::Server;
use sources::{Archive, Impatient, Notes, Online, Stopwatch};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start()?;
    let stopwatch = Arc::new(Stopwatch::default());

    let pm = AsyncPluginManager::new("feed");
    pm.add_extension_points(Feed)?;
    pm.register(Arc::clone(&stopwatch))?;
    pm.register_as("weather", Online::new("weather"))?;
    pm.register_as("archive", Archive::default())?;
    pm.register_as("notes", Notes)?;
    pm.caller(Feed::configure).call_historic(&Settings { server: server.address }).await;

    let fetch = pm.caller(Feed::fetch);

    println!("== call: one after the other");
    show(&fetch.call("harbor").await?);
    println!("asked: {}", server.asked().join(", "));

    println!("== call_concurrent: two at once, in the same order");
    show(&fetch.concurrency(2).call_concurrent("regatta").await?);
    println!("asked: {} paths", server.asked().len());

    println!("== stream: no further than somebody asks");
    let mut headlines = pin!(fetch.stream("harbor"));
    if let Some(headline) = headlines.next().await {
        println!("  {}", headline?);
    }
    println!("asked: {}", server.asked().join(", "));

    println!("== register_and_replay: sources that come later");
    if let Err(error) = pm.register_as("tides", Online::new("tides")) {
        println!("  {error}");
    }
    pm.register_and_replay_as("tides", Online::new("tides")).await?;
    pm.register_and_replay_as("ferries", Impatient(Online::new("ferries"))).await?;
    println!("registered: {}", pm.plugin_names().join(", "));

    println!("== try_call: who is to blame");
    for left_out in ["ferries", "tides"] {
        match fetch.without([left_out]).try_call("harbor").await {
            Ok(headlines) => show(&headlines),
            Err(error) => println!("  without `{left_out}`: {}", describe(&error)),
        }
    }

    println!("== settle: what became of each");
    for Settled { plugin, result, .. } in fetch.settle("harbor").await {
        println!("  {plugin}: {}", result.unwrap_or_else(|error| describe(&error)));
    }

    println!("== the stopwatch, which `stream` and `settle` go past");
    show(&stopwatch.laps());
    Ok(())
}

fn show(lines: &[String]) {
    for line in lines {
        println!("  {line}");
    }
}

/// The error without the time it took, which differs from run to run.
fn describe(error: &CallError<FetchError>) -> String {
    match error {
        CallError::TimedOut { plugin: Some(plugin), limit, .. } => {
            format!("plugin `{plugin}` took longer than {limit:?}")
        }
        other => other.to_string(),
    }
}
