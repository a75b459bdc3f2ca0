//~ ERROR: `#[extension]` belongs on an impl block: `#[extension] impl Specs for Plugin { … }`

use pluginkit::prelude::*;

#[extension]
pub struct Weather {
    pub topic: String,
}
