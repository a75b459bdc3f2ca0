//~ ERROR: a bound on a parameter of the specs holds for all their points, and this point is not always there: write the bound at the trait

use pluginkit::prelude::*;

#[extension_point]
pub trait Pipe<T: Send + Sync> {
    #[cfg(unix)]
    #[extension_point(pipeline)]
    fn render(&self, value: T) -> T
    where
        T: Clone;
}
