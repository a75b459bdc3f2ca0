//~ ERROR: mismatched types

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub fn uses(pm: &LocalPluginManager<'_>) -> Result<(), pluginkit::Error> {
    pm.register_fn("closure", Specs::check, |args| args.word.len())?;
    Ok(())
}
