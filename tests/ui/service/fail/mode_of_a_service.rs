//~ ERROR: a service has no mode, because it is not called as a point: remove `firstresult`, or remove `service`

use pluginkit::prelude::*;

#[extension_point(service, firstresult)]
pub trait Formatter: Send + Sync {
    fn format(&self, text: &str) -> String;
}

pub struct Json;

#[extension(service, priority = 10)]
impl Formatter for Json {
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
