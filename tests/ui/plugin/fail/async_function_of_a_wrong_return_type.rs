//~ ERROR: an extension has another return type than its point

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

#[plugin(id = "w", extends = Specs::fetch)]
async fn weather(topic: &str) -> usize {
    topic.len()
}
