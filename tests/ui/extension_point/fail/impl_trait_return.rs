//~ ERROR: a point cannot return `impl Trait`: name a type, like `Box<dyn Trait>`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn names(&self) -> impl Iterator<Item = String>;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn names(&self) -> impl Iterator<Item = String> {
        std::iter::empty()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    for names in pm.caller(Specs::names).call() {
        assert_eq!(names.count(), 0);
    }
    Ok(())
}
