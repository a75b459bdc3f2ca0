//~ ERROR: no function or associated item named `fetsh` found for struct `Specs` in the current scope

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

#[plugin(id = "w", extends = Specs::fetsh)]
fn weather(topic: &str) -> String {
    topic.to_owned()
}
