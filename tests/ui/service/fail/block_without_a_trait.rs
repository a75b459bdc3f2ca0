//~ ERROR: a service is an implementation of a trait: write `impl Trait for Plugin`

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    fn format(&self, text: &str) -> String;
}

#[plugin(id = "j")]
pub struct Json;

#[extension(service)]
impl Json {
    pub fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
