//~ ERROR: the point returns `Result<(), Box<dyn std::error::Error + Send + Sync>>`, not `()`

use pluginkit::lifecycle::Lifecycle;
use pluginkit::prelude::*;

#[plugin(id = "weather")]
pub struct Weather;

#[extension]
impl Lifecycle for Weather {
    fn start(&self) {}
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Weather)?;
    pm.start_all()
}
