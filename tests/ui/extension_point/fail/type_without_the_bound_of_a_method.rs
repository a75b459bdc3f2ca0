//~ ERROR: the trait bound `Raw: Clone` is not satisfied
//~ ERROR: but its trait bounds were not satisfied

use pluginkit::prelude::*;

#[extension_point]
pub trait Pipe<T: Send + Sync> {
    #[extension_point(pipeline)]
    fn render(&self, value: T) -> T
    where
        T: Clone;
}

pub struct Raw;

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Pipe::<String>::SPECS)?;
    pm.add_extension_points(Pipe::<Raw>::SPECS)
}
