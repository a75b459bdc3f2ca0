#![deny(warnings)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs<'a> {
    fn fetch(&self, topic: &str) -> String;

    fn deliver(&self, message: &'a str) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn deliver(&self, message: &str) -> String {
        message.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Vec<String> = pm.caller(Specs::deliver).call("hello");
    Ok(())
}
