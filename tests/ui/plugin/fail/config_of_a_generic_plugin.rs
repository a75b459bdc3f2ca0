//~ ERROR: nothing can be made for all types of a generic plugin; remove this, and register it, or tell the manager of a `PluginFactory`
use pluginkit::prelude::*;

struct Settings;

#[plugin(id = "cached", config = Settings)]
struct Cached<T>(T);

fn main() {}
