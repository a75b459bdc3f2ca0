//~ ERROR: a service is shared between threads: write `trait Formatter: Send + Sync`

use pluginkit::prelude::*;

#[extension_point(service)]
pub trait Formatter {
    fn format(&self, text: &str) -> String;
}

pub struct Json;

#[extension(service)]
impl Formatter for Json {
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}
