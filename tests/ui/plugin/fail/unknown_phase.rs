//~ ERROR: `Lifecycle` has no extension point of this name

use pluginkit::prelude::*;
use pluginkit::lifecycle::Lifecycle;
use pluginkit::BoxError;

#[plugin(id = "weather")]
pub struct Weather;

#[extension]
impl Lifecycle for Weather {
    fn shutdown(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Weather)?;
    pm.start_all()
}
