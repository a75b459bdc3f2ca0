//~ ERROR: `Weather` does not extend these specs under a local manager

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
    fn check(&self, word: &str) -> Option<String> {
        Some(word.to_owned())
    }
}

pub fn uses(pm: &LocalPluginManager<'_>) -> Result<(), pluginkit::Error> {
    pm.plugin(Weather).extends(Specs).register()?;
    Ok(())
}
