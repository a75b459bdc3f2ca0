//~ ERROR: a call passes each parameter of an extension, so that none is conditional: write the method twice, each with a `#[cfg]`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str, count: u8) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str, #[cfg(debug_assertions)] count: u8) -> String {
        topic.repeat(count.into())
    }
}

pub struct Tides;

#[extension]
impl Specs for Tides {
    #[cfg(debug_assertions)]
    fn fetch(&self, topic: &str, count: u8) -> String {
        topic.repeat(count.into())
    }

    #[cfg(not(debug_assertions))]
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}
