//~ ERROR: an outcome cannot borrow from the `&mut` argument `from`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn pick<'a>(&self, from: &'a mut String) -> &'a str;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn pick<'a>(&self, from: &'a mut String) -> &'a str {
        from
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let mut from = String::new();
    let _ = pm.caller(Specs::pick).call(&mut from);
    Ok(())
}
