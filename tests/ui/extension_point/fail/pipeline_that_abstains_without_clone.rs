//~ ERROR: must be `Clone`

use pluginkit::prelude::*;

pub struct Text;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn transform(&self, text: Text) -> Option<Text>;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn transform(&self, text: Text) -> Option<Text> {
        Some(text)
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Text = pm.caller(Specs::transform).call(Text);
    Ok(())
}
