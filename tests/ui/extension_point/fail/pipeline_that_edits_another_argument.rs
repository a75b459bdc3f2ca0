//~ ERROR: take `count: &mut std::sync::Arc<u8>`, or name the argument that it edits: `pipeline = "type"`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn edit(&self, count: &std::sync::Arc<u8>, _type: &mut String);
}
