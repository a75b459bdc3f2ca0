//~ ERROR: `Weather` does not say which plugin it is

use pluginkit::Plugin;

pub struct Weather;

pub fn id<P: Plugin>() -> String {
    P::metadata().id.to_string()
}

pub fn uses() -> String {
    id::<Weather>()
}
