//~ ERROR: expected a path, like `build = Weather::new`
use pluginkit::prelude::*;

#[plugin(id = "weather", build = "Weather::new")]
struct Weather;

fn main() {}
