//~ ERROR: `other::Option` is not the return type that its name suggests

use pluginkit::prelude::*;

pub mod other {
    pub struct Option(pub usize);
}

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn deliver(&self, message: &str) -> other::Option;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn deliver(&self, message: &str) -> other::Option {
        other::Option(message.len())
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _ = pm.caller(Specs::deliver).call("");
    Ok(())
}
