//~ ERROR: `warn_on_impl` of pluggy is `#[deprecated = "…"]` on the method here

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[extension_point(warn_on_impl = "use `fetch_all`")]
    fn fetch(&self, topic: &str) -> String;
}

fn main() {}
