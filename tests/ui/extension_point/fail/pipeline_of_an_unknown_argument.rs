//~ ERROR: the point has no argument of this name: its arguments are `text`, `urgent`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline = "txt")]
    fn transform(&self, text: String, urgent: bool) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn transform(&self, text: String) -> String {
        text
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: String = pm.caller(Specs::transform).call("hello".to_owned(), true);
    Ok(())
}
