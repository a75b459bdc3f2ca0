//~ ERROR: a pipeline over a `&mut` argument returns `()` or `Result<(), E>`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn transform(&self, text: &mut String) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn transform(&self, text: &mut String) -> String {
        text.clone()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let mut text = "hello".to_owned();
    let _ = pm.caller(Specs::transform).call(&mut text);
    Ok(())
}
