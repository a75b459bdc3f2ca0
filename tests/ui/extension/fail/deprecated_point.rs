//~ ERROR: ::fetch`: use `fetch_all`

#![deny(deprecated)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[deprecated = "use `fetch_all`"]
    fn fetch(&self, topic: &str) -> String;

    fn fetch_all(&self, topic: &str) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn fetch_all(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch_all).call("harbor");
    Ok(())
}
