//~ ERROR: the id has a character other than ASCII letters, digits, `-`, `_` and `.`: expected an alias like `alias = "forecast"`
//~ ERROR: the plugin already has this name: remove the alias
//~ ERROR: the plugin already has this name: remove the alias
//~ ERROR: a plugin cannot require itself: remove this
use pluginkit::prelude::*;

#[plugin(id = "weather", alias = ["forecast", "no such id", "forecast", "weather"], requires = ["forecast"])]
struct Weather;

fn main() {}
