//~ ERROR: `#[extension_point]` belongs on the trait that declares the points

use pluginkit::prelude::*;

#[extension_point]
pub struct Specs {
    pub topic: String,
}

pub fn uses() -> Specs {
    Specs { topic: "harbor".to_owned() }
}
