//~ ERROR: a pipeline point returns the type of the argument it threads

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> Result<usize, u8>;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn transform(&self, text: String) -> Result<usize, u8> {
        Ok(text.len())
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Result<usize, u8> = pm.caller(Specs::transform).call("hello".to_owned());
    Ok(())
}
