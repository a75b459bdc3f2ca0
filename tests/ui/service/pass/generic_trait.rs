#![deny(warnings)]

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter<T>: Send + Sync {
    fn format(&self, text: T) -> String;
}

#[plugin(id = "j")]
pub struct Json;

#[extension(service)]
impl Formatter<u8> for Json {
    fn format(&self, _: u8) -> String {
        String::new()
    }
}

pub struct Any<T>(pub T);

#[extension(service)]
impl<T: Send + Sync> Formatter<T> for Any<T> {
    fn format(&self, _: T) -> String {
        String::new()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Json)?;
    PluginBuilder::new(Any(1_u16)).provides::<dyn Formatter<u16>>(1).register(pm)?;
    assert_eq!(pm.services::<dyn Formatter<u8>>().len(), 1);
    Ok(())
}
