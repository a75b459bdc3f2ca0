//~ ERROR: no method named `observe` found

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub fn uses(pm: &LocalPluginManager<'_>) {
    let _guard = pm.observe(|_: &pluginkit::observe::Event<'_>| ());
}
