//! How many extensions of a plugin may run at once, by a configuration.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::poll_immediate;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on};
use tokio::sync::Semaphore;

use crate::toml;

#[extension_point]
trait Specs {
    fn hold(&self, who: &str) -> String;
}

/// Runs until it may go on.
struct Holds(Log, Arc<Semaphore>);

#[extension]
impl Specs for Holds {
    async fn hold(&self, who: &str) -> String {
        self.0.push(who);
        self.1.acquire().await.unwrap().forget();
        who.to_owned()
    }
}

struct Stage {
    pm: AsyncPluginManager,
    log: Log,
    go: Arc<Semaphore>,
}

type Call<'s> = Pin<Box<dyn Future<Output = Vec<String>> + Send + 's>>;

impl Stage {
    fn new() -> Self {
        let (pm, log, go) = (AsyncPluginManager::new("holds"), Log::new(), Arc::new(Semaphore::new(0)));
        pm.add_extension_points(Specs).unwrap();
        let stage = Self { pm, log, go };
        stage.register();
        stage
    }

    fn register(&self) {
        self.pm.register_as("host", Holds(self.log.clone(), Arc::clone(&self.go))).unwrap();
    }

    fn load(&self, limits: &str) {
        let _ = block_on(self.pm.load_config(&toml(limits))).unwrap();
    }

    /// Begins a call.
    fn call(&self, who: &'static str) -> Call<'_> {
        let caller = self.pm.caller(Specs::hold);
        let mut call: Call<'_> = Box::pin(async move { caller.call(who).await });
        assert!(block_on(poll_immediate(&mut call)).is_none());
        call
    }
}

const ONE: &str = "[limits.host]\nmax_concurrent = 1";
const TWO: &str = "[limits.host]\nmax_concurrent = 2";

#[test]
fn a_reload_changes_how_many_extensions_run_at_once() {
    let stage = Stage::new();
    stage.load(ONE);
    let _calls = [stage.call("a"), stage.call("b")];
    assert_eq!(stage.log.line(), "a");
    // Those under way keep the permits that they have.
    stage.load(TWO);
    let _more = [stage.call("c"), stage.call("d"), stage.call("e")];
    assert_eq!(stage.log.line(), "c d");
    stage.load("");
    let _last = stage.call("f");
    assert_eq!(stage.log.line(), "f");
}

#[test]
fn a_reload_that_changes_nothing_keeps_the_permits_in_use() {
    let stage = Stage::new();
    stage.load(ONE);
    let _first = stage.call("a");
    stage.load(ONE);
    let _second = stage.call("b");
    assert_eq!(stage.log.line(), "a");
}

#[test]
fn a_reload_limits_a_plugin_that_was_registered_anew() {
    let stage = Stage::new();
    stage.load(ONE);
    stage.pm.unregister("host").unwrap();
    stage.register();
    stage.load(ONE);
    let _calls = [stage.call("a"), stage.call("b")];
    assert_eq!(stage.log.line(), "a");
    // The host has taken the limit away.
    stage.pm.set_plugin_concurrency("host", None).unwrap();
    stage.load(ONE);
    let _more = [stage.call("c"), stage.call("d")];
    assert_eq!(stage.log.line(), "c");
}
