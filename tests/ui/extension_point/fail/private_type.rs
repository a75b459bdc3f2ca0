//~ ERROR: private type `Settings` in public interface
//~ ERROR: private type `Report` in public interface

use pluginkit::prelude::*;

struct Settings;

#[derive(Clone)]
struct Report;

#[extension_point]
pub trait Specs {
    fn configure(&self, level: u8, settings: &Settings);

    fn report(&self, topic: &str) -> Report;

    fn fetch(&self, topic: &str) -> String;
}

pub fn uses(pm: &PluginManager) {
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
}
