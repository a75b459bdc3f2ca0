//~ ERROR: `Json` does not provide `dyn Formatter`

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    fn format(&self, text: &str) -> String;
}

pub struct Json;

pub fn uses(pm: &PluginManager) -> Result<PluginId, pluginkit::Error> {
    PluginBuilder::new(Json).provides::<dyn Formatter>(0).register(pm)
}
