//~ ERROR: expected the name of an extension point, like `target = "fetch"`
//~ ERROR: expected the name of an extension point, like `target = "fetch"`
//~ ERROR: expected the name of an extension point, like `target = "fetch"`
//~ ERROR: expected the name of an extension point, like `target = "fetch"`
//~ ERROR: expected the name of an extension point, like `target = "fetch"`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    #[extension(target = "self")]
    fn one(&self) -> String {
        String::new()
    }

    #[extension(target = " fetch")]
    fn two(&self) -> String {
        String::new()
    }

    #[extension(target = "fetch // all")]
    fn three(&self) -> String {
        String::new()
    }

    #[extension(target = "1\"")]
    fn four(&self) -> String {
        String::new()
    }

    #[extension(target = "·x")]
    fn five(&self) -> String {
        String::new()
    }
}
