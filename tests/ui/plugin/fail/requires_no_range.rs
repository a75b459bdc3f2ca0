//~ ERROR: `>= one` is not a range of versions: unexpected character 'o' while parsing major version number; expected the id of a plugin and an optional range, like `"core >= 1.2"`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(id = "weather", requires = ["core >= 1.2", "text >= one"])]
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
