//~ ERROR: a historic argument is remembered and cannot be `&mut`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(historic)]
    fn configure(&self, settings: &mut String);
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn configure(&self, settings: &mut String) {
        settings.clear();
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let mut settings = String::new();
    pm.caller(Specs::configure).call_historic(&mut settings);
    Ok(())
}
