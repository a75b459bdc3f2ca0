//! Plugins that are made, where nothing is in scope.
#![deny(warnings)]
#![no_implicit_prelude]

use ::pluginkit::prelude::{extension_point, plugin};

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str, count: u8) -> ::std::string::String;
}

type Settings = u8;

#[plugin(id = "default", config = Settings)]
#[derive(::std::default::Default)]
pub struct ByDefault;

#[plugin(id = "from", config = self::Settings)]
pub struct From;

impl ::std::convert::From<Settings> for From {
    fn from(_: Settings) -> Self {
        Self
    }
}

#[plugin(id = "built", config = Settings, build = Built::new)]
pub struct Built;

impl Built {
    fn new(_: Settings) -> ::std::result::Result<Self, &'static str> {
        ::std::result::Result::Ok(Self)
    }
}

#[plugin(id = "words", extends = Specs::fetch)]
fn words(topic: &str) -> ::std::string::String {
    ::std::convert::Into::into(topic)
}

#[plugin(id = "later", extends = Specs::fetch)]
async fn later(count: u8, topic: &str) -> ::std::string::String {
    ::std::format!("{topic}{count}")
}

/// They stay functions.
pub fn uses() {
    let _: fn(&'static str) -> ::std::string::String = words;
    let _later = later(1, "x");
}
