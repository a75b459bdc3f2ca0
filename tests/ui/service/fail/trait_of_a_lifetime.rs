//~ ERROR: a service trait cannot have lifetimes, because its objects are found by their type

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter<'a>: Send + Sync {
    fn format(&self, text: &'a str) -> &'a str;
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    assert!(pm.service_points().is_empty());
    Ok(())
}
