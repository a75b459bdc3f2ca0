//~ ERROR: a service trait cannot be generic, because its objects are found by one type: remove the parameters

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter<T>: Send + Sync {
    fn format(&self, text: T) -> String;
}

#[plugin(id = "j")]
pub struct Json;

impl Formatter<u8> for Json {
    fn format(&self, _: u8) -> String {
        String::new()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
