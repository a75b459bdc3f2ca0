//~ ERROR: a local manager has no time limits: remove `timeout`

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
    #[extension(timeout = "1s")]
    fn check(&self, word: &str) -> Option<String> {
        Some(word.to_owned())
    }
}
