//~ ERROR: the trait `Formatter` is not dyn compatible
//~ ERROR: the trait `Formatter` is not dyn compatible

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    fn format<T>(&self, text: T) -> String;
}

#[plugin(id = "j")]
pub struct Json;

impl Formatter for Json {
    fn format<T>(&self, _: T) -> String {
        String::new()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
