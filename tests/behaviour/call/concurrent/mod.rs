//! Extensions that are under way at once, or on demand.

mod calls;
mod modes;
mod panics;
mod random;
mod streams;
mod tries;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::FutureExt;
use pluginkit::prelude::*;
use pluginkit::reduce::Reduce;
use pluginkit_tests::Log;
use tokio::sync::Notify;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, owned: String) -> String;
    fn parse(&self, text: &str) -> Result<Option<u32>, String>;
    fn unit(&self, n: u32);
    #[extension_point(reduce = Words)]
    fn join(&self, word: &str) -> Result<Option<String>, String>;
    fn fall(&self, text: &str) -> Option<String> {
        Some(format!("default[{text}]"))
    }
    fn lend<'a>(&self, from: &'a [String]) -> Option<&'a str>;
}

/// Joins words in call order, until one is `stop`.
struct Words(Vec<String>);

impl Reduce for Words {
    type Item = String;
    type Output = String;

    fn start() -> Self {
        Self(Vec::new())
    }

    fn take(&mut self, item: String) -> ControlFlow<()> {
        assert!(item != "boom", "the reducer");
        let is_over = item == "stop";
        self.0.push(item);
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn finish(self) -> String {
        self.0.join(" ")
    }
}

fn manager() -> (AsyncPluginManager, Log) {
    let pm = AsyncPluginManager::new("concurrent");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::new())
}

/// Waits for its gate to be opened, then returns what it was told to.
struct Gated {
    name: &'static str,
    gate: Arc<Notify>,
    parsed: Result<Option<u32>, String>,
    log: Log,
}

/// Says when it goes.
struct Guard<'p>(&'p Gated);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.log.push(format!("-{}", self.0.name));
    }
}

#[extension]
impl Specs for Gated {
    async fn fetch(&self, topic: &str, owned: String) -> String {
        self.log.push(format!("+{}", self.name));
        let _guard = Guard(self);
        self.gate.notified().await;
        format!("{}:{topic}:{owned}", self.name)
    }
    async fn parse(&self) -> Result<Option<u32>, String> {
        self.log.push(format!("+{}", self.name));
        let _guard = Guard(self);
        self.gate.notified().await;
        self.parsed.clone()
    }
}

fn gate(
    pm: &AsyncPluginManager,
    log: &Log,
    name: &'static str,
    parsed: Result<Option<u32>, String>,
) -> Arc<Notify> {
    let gate = Arc::new(Notify::new());
    pm.register_as(name, Gated { name, gate: Arc::clone(&gate), parsed, log: log.clone() }).unwrap();
    gate
}

/// What one poll of `future` gives.
fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    future.poll_unpin(&mut Context::from_waker(Waker::noop()))
}
