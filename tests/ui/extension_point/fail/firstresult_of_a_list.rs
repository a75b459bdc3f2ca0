//~ ERROR: return `Option<Vec<u8>>` or `Result<Option<Vec<u8>>, E>`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(firstresult)]
    fn first(&self) -> Vec<u8>;
}
