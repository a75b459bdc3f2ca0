//~ ERROR: a function that makes a `Weather` cannot return `u8`
use pluginkit::prelude::*;

#[plugin(id = "weather", build = Weather::new)]
struct Weather;

impl Weather {
    fn new() -> u8 {
        7
    }
}

fn main() {}
