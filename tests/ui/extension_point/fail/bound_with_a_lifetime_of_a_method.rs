//~ ERROR: a bound on a parameter of the specs holds for all their points, which do not have this lifetime: write `for<'x>`, or remove this bound

use pluginkit::prelude::*;

#[extension_point]
pub trait Pipe<T: Send + Sync> {
    fn render<'a>(&self, value: &'a str, of: &T) -> String
    where
        T: From<&'a str>;
}
