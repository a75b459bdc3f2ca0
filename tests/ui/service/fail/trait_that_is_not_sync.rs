//~ ERROR: `dyn Formatter` cannot be shared between threads safely

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send {
    fn format(&self, text: &str) -> String;
}

#[plugin(id = "j")]
pub struct Json;

impl Formatter for Json {
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
