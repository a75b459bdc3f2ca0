//~ ERROR: an argument of a point needs a name, because extensions refer to it by name

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn place(&self, (x, y): (u32, u32)) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn place(&self) -> String {
        String::new()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Vec<String> = pm.caller(Specs::place).call((1, 2));
    Ok(())
}
