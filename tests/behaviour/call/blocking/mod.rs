//! Async managers and threads that may wait.

mod call_blocking;
mod extensions;
mod offload;

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};

use pluginkit::prelude::*;
use tokio::runtime::{Builder, Runtime};

/// Counts its clones.
#[derive(Default)]
struct Settings(Arc<AtomicUsize>);

impl Clone for Settings {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(&self.0))
    }
}

/// Deliberately not `Clone`.
struct Session;

#[extension_point]
trait Specs {
    fn where_is(&self, topic: &str, list: &[u32], extra: Option<&str>, owned: String) -> Ran;
    fn settle_on(&self, settings: &Settings, session: &Session, topic: &str) -> Ran;
    fn parse(&self, text: &str) -> Result<u32, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<Ran>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    #[extension_point(historic)]
    fn configure(&self, level: u32) -> Ran;
    fn shared(&self, n: u32) -> Rc<Ran>;
    fn lend<'a>(&self, from: &'a str) -> &'a str;
}

/// Where an extension ran, and what it saw.
#[derive(Debug, PartialEq)]
struct Ran(ThreadId, String);

fn ran(seen: impl fmt::Display) -> Ran {
    Ran(thread::current().id(), seen.to_string())
}

struct Pool;

#[extension(blocking)]
impl Specs for Pool {
    fn where_is(&self, topic: &str, list: &[u32], extra: Option<&str>, owned: String) -> Ran {
        ran(format!("{topic}{list:?}{extra:?}{owned}"))
    }
    fn parse(&self, text: &str) -> Result<u32, String> {
        assert!(text != "boom", "boom");
        text.parse().map_err(|_| format!("not({text})"))
    }
    fn find(&self, key: &str) -> Option<Ran> {
        Some(ran(key))
    }
    fn transform(&self, text: String) -> String {
        format!("{text}{:?}", thread::current().id())
    }
    fn configure(&self, level: u32) -> Ran {
        ran(level)
    }
}

fn with(pm: AsyncPluginManager) -> AsyncPluginManager {
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn manager() -> AsyncPluginManager {
    with(AsyncPluginManager::new("blocking"))
}

fn offloading() -> AsyncPluginManager {
    with(AsyncPluginManager::builder("blocking").offload_sync(true).build())
}

/// A runtime without workers: whatever does not run on the current thread runs on the pool.
fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

fn here() -> ThreadId {
    thread::current().id()
}
