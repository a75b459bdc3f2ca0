//! Plugins of one crate for the specs of another, which has plugins of its own.

use pluginkit::prelude::*;
use pluginkit_tests_edition_2021::{Specs as Feed, Weather};

struct Local;

// Begins with the same method as a block in the other crate.
#[extension]
impl Feed for Local {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

#[test]
fn plugins_of_several_crates_extend_the_same_specs() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Feed).unwrap();
    pm.register(Weather).unwrap();
    pm.register(Local).unwrap();
    // The other crate's plugin also wraps the point, and doubles the outcome.
    assert_eq!(pm.caller(Feed::fetch).call("x"), ["X", "x", "X", "x"]);
}
