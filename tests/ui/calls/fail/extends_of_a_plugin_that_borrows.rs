//~ ERROR: borrowed data escapes

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(firstresult)]
    fn deliver(&self, message: &str, urgent: bool) -> Option<String>;

    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

#[extension_point]
pub trait Other {
    fn list(&self) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

pub struct Cached<'a>(pub &'a str);

#[extension]
impl<'a> Specs for Cached<'a> {
    fn fetch(&self, topic: &str) -> String {
        format!("{}{topic}", self.0)
    }
}

pub fn uses(pm: &PluginManager, name: &str) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    PluginBuilder::new(Cached(name)).extends(Specs).register(pm)?;
    Ok(())
}
