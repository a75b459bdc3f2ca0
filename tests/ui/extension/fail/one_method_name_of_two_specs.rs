//~ ERROR: duplicate definitions with name `fetch`
//~ ERROR: multiple applicable items in scope
//~ ERROR: multiple applicable items in scope

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

#[extension_point]
pub trait Other {
    fn fetch(&self, topic: &str) -> String;
}

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

#[extension]
impl Other for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}
