//~ ERROR: a historic point has no `call`: write `call_historic`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub fn uses(pm: &LocalPluginManager<'_>) {
    pm.caller(Specs::configure).call_historic("calm");
    pm.caller(Specs::configure).call("calm");
}
