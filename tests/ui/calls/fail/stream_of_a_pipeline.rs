//~ ERROR: only a collecting point returns its results one by one

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn visit(&self, lines: &mut Vec<String>);

    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    async fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

pub async fn uses(pm: &AsyncPluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call_concurrent("harbor").await;
    let _ = pm.caller(Specs::transform).stream(String::new());
    Ok(())
}
