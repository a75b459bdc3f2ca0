//~ ERROR: `local` is an option of the impl block: move it there

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    #[extension(local)]
    fn check(&self, word: &str) -> Option<String> {
        Some(word.to_owned())
    }
}
