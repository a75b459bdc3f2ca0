//~ ERROR: a local manager has no async calls: write a `fn`, let the point return a future that the host awaits

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
    async fn check(&self, word: &str) -> Option<String> {
        Some(word.to_owned())
    }
}
