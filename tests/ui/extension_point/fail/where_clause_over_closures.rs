//~ ERROR: a point cannot be generic, because all extensions have one object type: take `&dyn Fn(…)`, or a `fn(…)` pointer

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn show<F>(&self, visit: F) -> String
    where
        F: Fn(u8);
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn show(&self, visit: &dyn Fn(u8)) -> String {
        visit(1);
        String::new()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let shown = pm.caller(Specs::show).call(&|_: u8| ());
    assert_eq!(shown.len(), 1);
    Ok(())
}
