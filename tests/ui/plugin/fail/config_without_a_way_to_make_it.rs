//~ ERROR: nothing says how a `Weather` is made of its `u8`
use pluginkit::prelude::*;

#[plugin(id = "weather", config = u8)]
struct Weather(u8);

fn main() {}
