//~ ERROR: a point cannot be generic

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn sum<const N: usize>(&self, values: [u8; N]) -> u8;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn sum(&self, values: [u8; 2]) -> u8 {
        values.iter().sum()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Vec<u8> = pm.caller(Specs::sum).call([1, 2]);
    Ok(())
}
