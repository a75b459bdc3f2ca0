//~ ERROR: a point cannot return `impl Trait`: name a type, like `Box<dyn Trait>`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn names(&self) -> Option<impl ToString>;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn names(&self) -> Option<String> {
        None
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _ = pm.caller(Specs::names).call();
    Ok(())
}
