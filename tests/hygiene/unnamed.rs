//! Methods with parameters called `_` keep their attributes.
#![deny(single_use_lifetimes, unused_lifetimes)]

use std::panic::Location;

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn many(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8) -> u8;
    fn place(&self, topic: &str, count: u8) -> u32;
    fn pick<'a>(&self, from: &'a str, or: &'a str) -> &'a str;
    fn length(&self, text: String, count: u8) -> Option<u8>;
}

struct Weather;

#[extension]
impl Specs for Weather {
    #[must_use]
    fn many(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, _: u8) -> u8 {
        a + b + c + d + e + f + g
    }

    #[track_caller]
    fn place(&self, _: &str, #[allow(unused_variables, reason = "it is not used")] count: u8) -> u32 {
        Location::caller().line()
    }

    fn pick<'a>(&self, from: &'a str, _: &'a str) -> &'a str {
        from
    }

    #[cfg_attr(all(), allow(clippy::cast_possible_truncation, reason = "texts are short"))]
    fn length(&self, #[expect(unused_mut)] mut text: String, _: u8) -> Option<u8> {
        Some(text.len() as u8)
    }
}

#[test]
fn a_method_with_unnamed_parameters_keeps_its_attributes() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    assert_eq!(pm.caller(Specs::many).call(1, 1, 1, 1, 1, 1, 1, 1), [7]);
    assert_eq!(pm.caller(Specs::pick).call("a", "b"), ["a"]);
    assert_eq!(pm.caller(Specs::length).call("abc".to_owned(), 1), [3]);
    assert_eq!(Weather.place("harbor", 1), line!());
}
