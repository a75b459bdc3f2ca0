//~ ERROR: a point cannot be generic, because all extensions have one object type: use a concrete type or `&dyn Trait`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn show<T: ToString>(&self, value: T) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn show(&self, value: u8) -> String {
        value.to_string()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let shown = pm.caller(Specs::show).call(3);
    assert_eq!(shown.len(), 1);
    Ok(())
}
