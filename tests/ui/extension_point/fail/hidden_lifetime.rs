//~ ERROR: indicate the anonymous lifetime
//~ ERROR: missing lifetime specifier

use pluginkit::prelude::*;

pub struct Doc<'a>(pub &'a str);

#[extension_point]
pub trait Specs {
    fn check(&self, doc: &Doc) -> String;

    fn fetch(&self, topic: &str) -> String;
}

pub fn uses(pm: &PluginManager) {
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
}
