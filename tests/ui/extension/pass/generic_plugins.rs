#![deny(warnings)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub struct Cached<T>(pub T);

#[extension]
impl<T> Specs for Cached<T> {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

pub struct Borrowed<'a, T: ?Sized>(pub &'a T);

#[extension]
impl<T: ToString + ?Sized> Specs for Borrowed<'_, T> {
    #[extension(wrapper)]
    fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        let mut all = next.run(topic);
        all.push(self.0.to_string());
        all
    }
}

impl Borrowed<'_, u8> {
    pub const ZERO: Self = Borrowed(&0);
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    PluginBuilder::new(Cached(1)).named("cached").extends(Specs).register(pm)?;
    PluginBuilder::new(Borrowed::ZERO).named("zero").extends(Specs).register(pm)?;
    Ok(())
}
