//~ ERROR: a local manager has one thread and no blocking pool: remove `blocking`

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
    #[extension(blocking)]
    fn check(&self, word: &str) -> Option<String> {
        Some(word.to_owned())
    }
}
