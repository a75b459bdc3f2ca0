//~ ERROR: unused implementer of `Future` that must be used
//~ ERROR: unused implementer of `Future` that must be used
#![deny(unused_must_use)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub async fn uses(pm: &AsyncPluginManager) {
    pm.caller(Specs::fetch).call("harbor");
    pm.caller(Specs::configure).call_historic("loud");
}
