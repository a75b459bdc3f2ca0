//~ ERROR: unknown option `tryfirst` of a service; the options are `service`, `priority`, `crate`

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    fn format(&self, text: &str) -> String;
}

pub struct Json;

#[extension(service, tryfirst)]
impl Formatter for Json {
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
