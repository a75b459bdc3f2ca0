//~ ERROR: two methods are called `fetch`: rename one, and add `#[extension(target = "fetch")]` if both extend this point

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn fetch(&self) -> String {
        String::new()
    }
}
