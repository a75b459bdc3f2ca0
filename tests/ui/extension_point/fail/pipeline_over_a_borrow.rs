//~ ERROR: take `text: String`
//~ ERROR: take `text: Vec<u8>`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[extension_point(pipeline)]
    fn transform(&self, text: &str) -> String;

    #[extension_point(pipeline = "text")]
    fn encode(&self, key: u8, text: &[u8]) -> Result<Option<Vec<u8>>, String>;

    fn fetch(&self, topic: &str) -> String;
}

pub fn uses(pm: &PluginManager) {
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
}
