#![deny(warnings)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn pick<'a, 'b>(&self, from: &'a str, or: &'b str) -> &'a str where 'b: 'a;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn pick<'a, 'b>(&self, from: &'a str, or: &'b str) -> &'a str where 'b: 'a {
        if from.is_empty() { or } else { from }
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Vec<&str> = pm.caller(Specs::pick).call("hello", "you");
    Ok(())
}
