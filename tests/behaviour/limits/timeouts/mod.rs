//! Timeouts of async extensions.
//!
//! Time is tokio's, paused: it passes when every task waits for it, or when a test advances it.

mod calls;
mod clocks;
mod overruns;
mod runs;
mod wrappers;

use std::time::Duration;

use pluginkit::prelude::*;
use pluginkit_tests::{Log, pending};
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

const LIMIT: Duration = Duration::from_millis(250);
const LONG: Duration = Duration::from_secs(3600);

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn parse(&self, text: String) -> Result<usize, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<usize>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
}

/// Says when it goes.
struct Guard(&'static str, Log);

impl Drop for Guard {
    fn drop(&mut self) {
        self.1.push(format!("-{}", self.0));
    }
}

/// Takes an hour.
struct Slow(Log);

#[extension(timeout = "250ms")]
impl Specs for Slow {
    async fn fetch(&self, topic: &str) -> String {
        let _guard = Guard("slow", self.0.clone());
        sleep(LONG).await;
        self.0.push("slow");
        topic.to_owned()
    }
    async fn parse(&self, text: String) -> Result<usize, String> {
        let _guard = Guard("slow", self.0.clone());
        sleep(LONG).await;
        Ok(text.len())
    }
    async fn find(&self, key: &str) -> Option<usize> {
        let _guard = Guard("slow", self.0.clone());
        sleep(LONG).await;
        Some(key.len())
    }
    async fn transform(&self, text: String) -> String {
        let _guard = Guard("slow", self.0.clone());
        sleep(LONG).await;
        text
    }
    async fn edit(&self, text: &mut String) {
        let _guard = Guard("slow", self.0.clone());
        text.push('!');
        sleep(LONG).await;
        text.push('?');
    }
}

/// Wraps, without a limit of its own.
struct Around(&'static str, Log);

#[extension(wrapper)]
impl Specs for Around {
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        let _guard = Guard(self.0, self.1.clone());
        pending(1).await;
        let outcome = next.run(topic).await;
        self.1.push(format!("after-{}", self.0));
        outcome
    }
}

fn manager() -> (AsyncPluginManager, Log) {
    let pm = AsyncPluginManager::new("timeouts");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::new())
}

/// A runtime whose clock goes on only when nothing else does.
fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}
