//~ ERROR: `Message` is passed by value to every extension, so it must be `Clone`

use pluginkit::prelude::*;

pub struct Message(String);

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn deliver(&self, message: Message) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn deliver(&self, message: Message) -> String {
        message.0
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Vec<String> = pm.caller(Specs::deliver).call(Message(String::new()));
    Ok(())
}
