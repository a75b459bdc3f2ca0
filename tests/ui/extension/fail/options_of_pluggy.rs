//~ ERROR: `hookwrapper` of pluggy is `wrapper` here
//~ ERROR: `optionalhook` of pluggy is `optional` here
//~ ERROR: `specname` of pluggy is `target` here, like `target = "fetch"`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn pick(&self) -> u8;
}

pub struct News;

#[extension]
impl Specs for News {
    #[extension(hookwrapper)]
    fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(topic)
    }

    #[extension(optionalhook)]
    fn pick(&self) -> u8 {
        1
    }
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    #[extension(specname = "fetch")]
    fn sky(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

fn main() {}
