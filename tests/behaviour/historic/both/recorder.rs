//! Historic points, and a plugin that records their calls.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, enter, implement, wait};

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) level: u32,
}

#[extension_point]
pub(super) trait Specs {
    #[extension_point(historic)]
    fn configure(&self, settings: &Settings);
    #[extension_point(historic)]
    fn named(&self, name: &str, list: &[u32], extra: Option<&str>, owned: String) -> Option<String>;
    #[extension_point(historic)]
    fn checked(&self, level: u32) -> Result<u32, String>;
    #[extension_point(historic)]
    fn other(&self, event: u32);
    fn plain(&self) -> u32;
}

pub(super) struct Recorder {
    pub(super) name: &'static str,
    pub(super) log: Log,
}

implement! {
    #[extension]
    impl Specs for Recorder {
        fn configure(&self, settings: &Settings) {
            self.log.push(format!("{}:configure{}", self.name, settings.level));
        }
        fn named(&self, name: &str, list: &[u32], extra: Option<&str>, owned: String) -> Option<String> {
            let text = format!("{}:{name}{list:?}{extra:?}{owned}", self.name);
            self.log.push(&text);
            (name != "skip").then_some(text)
        }
        fn other(&self, event: u32) {
            self.log.push(format!("{}:other{event}", self.name));
        }
        fn plain(&self) -> u32 {
            1
        }
    }
}

pub(super) fn manager() -> (Manager, Log) {
    let pm = Manager::new("historic");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::new())
}

pub(super) fn register(pm: &Manager, log: &Log, name: &'static str) {
    wait!(enter(pm, PluginBuilder::new(Recorder { name, log: log.clone() }).named(name))).unwrap();
}
