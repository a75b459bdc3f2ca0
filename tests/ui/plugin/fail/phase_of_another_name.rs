//~ ERROR: `pluginkit::lifecycle::Lifecycle` has no extension point of this name

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
}

#[extension]
impl Lifecycle for Weather {
    fn strat(&self) -> Result<(), BoxError> {
        Ok(())
    }
}
