//~ ERROR: a local manager has one thread and no blocking pool: remove `blocking`
//~ ERROR: a local manager has no time limits: remove `timeout`
//~ ERROR: a local manager has one thread and no blocking pool: remove `blocking`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    fn count(&self) -> u8;
}

pub struct Weather;

#[extension(local, blocking, timeout = "1s")]
impl Specs for Weather {
    fn check(&self, word: &str) -> Option<String> {
        Some(word.to_owned())
    }

    #[extension(wrapper, blocking)]
    fn count(&self, next: Next<'_>) -> Vec<u8> {
        next.run()
    }
}
