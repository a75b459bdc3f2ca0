//~ ERROR: specs have bounds on their parameters only, because they become a struct: remove this bound

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs where Self: Send {
    fn fetch(&self, topic: &str) -> String;
}

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
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    Ok(())
}
