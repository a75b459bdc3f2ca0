//~ ERROR: mismatched types

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn deliver(&self, message: &str) -> String {
        message
    }
}

pub fn uses(pm: &PluginManager) {
    let _: Vec<String> = pm.caller(Specs::deliver).call("hello");
}
