//! A plugin that cannot be started.

use pluginkit::prelude::*;

/// Would copy notes to elsewhere.
#[plugin(id = "mirror", requires = ["store"])]
pub(crate) struct Mirror;

#[extension]
impl Lifecycle for Mirror {
    fn start(&self) -> Result<(), BoxError> {
        Err("there is nowhere to mirror to".into())
    }
}
