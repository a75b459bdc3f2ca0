//~ ERROR: a method of a service is not an extension: remove `#[extension]` here, or `service` from the block

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    fn format(&self, text: &str) -> String;
}

pub struct Json;

#[extension(service)]
impl Formatter for Json {
    #[extension(tryfirst)]
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
