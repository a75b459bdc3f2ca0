//~ ERROR: no field `topic` on type

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub struct Weather;

#[extension(local)]
impl Specs for Weather {
    fn check(&mut self, topic: &str) -> Option<String> {
        Some(topic.to_owned())
    }
}
