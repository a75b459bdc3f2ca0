//~ ERROR: is not an extension point that a local manager can call

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub fn uses(pm: &LocalPluginManager<'_>) {
    let _ = pm.caller(Specs::configure);
}
