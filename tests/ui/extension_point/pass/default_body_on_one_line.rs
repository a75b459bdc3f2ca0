//! The braces of a default body are not reported, nor what it leaves unused.
#![deny(warnings, unused)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn count(&self, _: u8, text: &str) -> usize { text.len() }
    fn nothing(&self, text: &str) {}
    #[extension_point(firstresult)]
    fn first(&self, text: &str) -> Option<u8> { None }
    #[extension_point(pipeline)]
    fn transform(&self, mut text: String) -> String { text.push('!'); text }
}

pub fn uses(pm: &PluginManager) {
    let _: Vec<usize> = pm.caller(Specs::count).call(1, "a");
    pm.caller(Specs::nothing).call("a");
}
