//~ ERROR: an argument of a point cannot be `impl Trait`, because all extensions have one object type: take `&mut dyn FnMut(…)`, as a point calls more than one extension

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn show(&self, visit: impl FnOnce(u8)) -> String;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn show(&self, visit: &mut dyn FnMut(u8)) -> String {
        visit(1);
        String::new()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let shown = pm.caller(Specs::show).call(&mut |_| ());
    assert_eq!(shown.len(), 1);
    Ok(())
}
