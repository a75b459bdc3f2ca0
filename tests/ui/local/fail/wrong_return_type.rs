//~ ERROR: an extension has another return type than its point

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
    fn check(&mut self, word: &str) -> Option<usize> {
        Some(word.len())
    }
}
