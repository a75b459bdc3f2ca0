//~ ERROR: cannot be sent between threads safely

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub fn uses(pm: LocalPluginManager<'static>) {
    std::thread::spawn(move || drop(pm.caller(Specs::check)));
}
