//~ ERROR: take `&self`, `&mut self` or no receiver

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
    fn check(self: std::sync::Arc<Self>, word: &str) -> Option<String> {
        Some(word.to_owned())
    }
}
