//! A wrapper that runs the rest of a call again when it fails.
//!
//! ```text
//! cargo run --example retrying
//! ```

use std::sync::atomic::{AtomicU32, Ordering};

use pluginkit::prelude::*;

#[extension_point]
trait Sender {
    /// Sends a message. The first error ends the call.
    fn send(&self, text: &str) -> Result<String, String>;
}

/// A line that works every third time.
struct Line {
    name: &'static str,
    tries: AtomicU32,
}

#[extension]
impl Sender for Line {
    fn send(&self, text: &str) -> Result<String, String> {
        let tries = self.tries.fetch_add(1, Ordering::Relaxed) + 1;
        if tries.is_multiple_of(3) {
            Ok(format!("{} sent {text:?}", self.name))
        } else {
            Err(format!("{} is busy", self.name))
        }
    }
}

/// Tries a call up to `times` times, and returns its last error.
struct Retry {
    times: u32,
}

#[extension]
impl Sender for Retry {
    #[extension(wrapper)]
    fn send(&self, text: &str, next: Next<'_>) -> Result<Vec<String>, String> {
        for attempt in 1..self.times {
            // `run` consumes `next`, so each attempt but the last runs a clone.
            match next.clone().run(text) {
                Ok(sent) => return Ok(sent),
                Err(error) => println!("  attempt {attempt}: {error}"),
            }
        }
        next.run(text)
    }
}

fn main() -> Result<(), pluginkit::Error> {
    for times in [3, 2] {
        let pm = PluginManager::new("sender");
        pm.add_extension_points(Sender)?;
        pm.register(Line { name: "radio", tries: AtomicU32::new(0) })?;
        pm.register(Retry { times })?;
        println!("up to {times} times");
        println!("  {:?}", pm.caller(Sender::send).call("all is well"));
    }

    // Without the wrapper, the first error is the outcome.
    let pm = PluginManager::new("sender");
    pm.add_extension_points(Sender)?;
    pm.register(Line { name: "radio", tries: AtomicU32::new(0) })?;
    println!("once\n  {:?}", pm.caller(Sender::send).call("all is well"));
    Ok(())
}
