//~ ERROR: a service is shared between threads: write `trait Formatter: Send + Sync`

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter {
    fn format(&self, text: &str) -> String;
}

#[plugin(id = "j")]
pub struct Json;

impl Formatter for Json {
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

#[plugin(id = "json")]
pub struct Other;

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
