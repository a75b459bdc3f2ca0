//~ ERROR: a historic point takes no wrappers

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

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[extension(wrapper)]
    fn configure(&self, settings: &str, next: Next<'_>) {
        next.run(settings);
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Option<String> = pm.caller(Specs::deliver).call("hello", true);
    Ok(())
}
