//~ ERROR: type mismatch in function arguments
//~ ERROR: function is expected to take 1 argument, but it takes 2 arguments

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn list(&self, topic: &str, limit: usize) -> String;
}

fn fetch(topic: &str) -> String {
    topic.to_owned()
}

fn list(topic: &str, limit: usize) -> String {
    format!("{topic}, {limit}")
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register_fn("one", Specs::fetch, fetch)?;
    pm.register_fn("two", Specs::list, list)?;
    Ok(())
}
