//~ ERROR: the id is empty: expected one like `id = "weather"`
//~ ERROR: this is not a semantic version
//~ ERROR: the id does not start with an ASCII letter or digit; expected the id of a plugin
//~ ERROR: unknown option `colour` of a plugin

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "", version = "1", requires = ["-"], colour = "blue")]
pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    Ok(())
}
