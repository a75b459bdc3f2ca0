//~ ERROR: is not an `Option`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(firstresult)]
    fn deliver(&self, message: &str) -> Result<String, u8>;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn deliver(&self, message: &str) -> Result<String, u8> {
        Ok(message.to_owned())
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Result<Option<String>, u8> = pm.caller(Specs::deliver).call("hello");
    Ok(())
}
