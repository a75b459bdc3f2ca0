//! Batches of plugins with calls to replay.

use pluginkit::Error;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on};

#[extension_point]
trait Specs {
    #[extension_point(historic)]
    fn checked(&self, level: u32) -> Result<u32, String>;
}

struct Checked(bool, Log);

#[extension]
impl Specs for Checked {
    fn checked(&self) -> Result<u32, String> {
        self.1.push("replayed");
        if self.0 { Ok(1) } else { Err("no".into()) }
    }
}

#[test]
fn a_failing_replay_in_a_batch_takes_the_whole_batch_back() {
    let (pm, log) = (PluginManager::new("batches"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    pm.caller(Specs::checked).call_historic(1).unwrap();
    let batch = [("a", true), ("b", false), ("c", true)];
    let refused = pm.register_all(batch.map(|(name, ok)| (name, Checked(ok, log.clone())))).unwrap_err();
    assert_eq!(refused.plugin().unwrap(), "b");
    assert!(pm.plugin_names().is_empty());
    assert_eq!(log.line(), "replayed replayed");
}

#[test]
fn an_async_manager_refuses_a_batch_with_calls_to_replay_as_a_whole() {
    let (pm, log) = (AsyncPluginManager::new("batches"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    block_on(pm.caller(Specs::checked).call_historic(1)).unwrap();
    let batch = ["a", "b"].map(|name| (name, Checked(true, log.clone())));
    let refused = pm.register_all(batch).unwrap_err();
    assert!(matches!(refused, Error::NeedsReplay { .. }));
    assert!(pm.plugin_names().is_empty() && log.take().is_empty());
}
