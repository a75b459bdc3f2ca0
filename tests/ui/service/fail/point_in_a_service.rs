//~ ERROR: a method of a service is not an extension point: remove `#[extension_point]` here, or `service` from the trait

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    #[extension_point(firstresult)]
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
