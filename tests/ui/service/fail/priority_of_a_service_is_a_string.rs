//~ ERROR: expected a whole number in the range of an `i32`, like `priority = 10`

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    fn format(&self, text: &str) -> String;
}

pub struct Json;

#[extension(service, priority = "high")]
impl Formatter for Json {
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
