//~ ERROR: a service trait cannot have associated types, because its objects are found by one type: use a concrete type

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    type Text;
    fn format(&self, text: Self::Text) -> String;
}

#[plugin(id = "j")]
pub struct Json;

impl Formatter for Json {
    type Text = u8;
    fn format(&self, _: u8) -> String {
        String::new()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    Ok(())
}
