//~ ERROR: its arguments are `type`, `topic`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline = "kind")]
    fn edit(&self, r#type: u8, _topic: u8) -> u8;
}
