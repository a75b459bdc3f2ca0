//~ ERROR: a generic plugin cannot be created for all its types: remove this and register the plugin, or give the manager a `PluginFactory`
use pluginkit::prelude::*;

struct Settings;

#[plugin(id = "cached", config = Settings)]
struct Cached<T>(T);

fn main() {}
