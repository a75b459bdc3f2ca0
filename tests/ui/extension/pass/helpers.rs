#![deny(warnings)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

pub struct Weather(Vec<String>);

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        Self::shown(&format!("{topic}{}", self.0.len()))
    }

    #[extension(helper)]
    pub fn new<T: Into<String>>(words: impl IntoIterator<Item = T>) -> Self {
        Self(words.into_iter().map(Into::into).collect())
    }

    #[extension(helper)]
    pub fn clear(&mut self) {
        self.0.clear();
    }

    #[extension(helper)]
    fn shown<T: ?Sized + ToString>(value: &T) -> String {
        value.to_string()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    let mut weather = Weather::new(["sun"]);
    weather.clear();
    pm.register(weather)?;
    Ok(())
}
