//~ ERROR: a historic argument is remembered and cannot contain a borrow

use pluginkit::prelude::*;

#[derive(Clone)]
pub struct Settings<'a>(&'a str);

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(historic)]
    fn configure(&self, settings: Settings<'_>);
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn configure(&self, settings: Settings<'_>) {
        assert!(settings.0.is_empty());
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    pm.caller(Specs::configure).call_historic(Settings(""));
    Ok(())
}
