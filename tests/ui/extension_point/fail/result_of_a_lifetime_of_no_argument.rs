//~ ERROR: no argument has this lifetime

use pluginkit::prelude::*;

#[extension_point]
pub trait Visit<'ast> {
    fn visit(&self, item: &'ast str) -> &'ast str;

    fn root(&self) -> &'ast str;
}

pub struct Lint;

#[extension]
impl<'ast> Visit<'ast> for Lint {
    fn visit(&self, item: &'ast str) -> &'ast str {
        item
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Visit)?;
    pm.register(Lint)?;
    let _: Vec<&str> = pm.caller(Visit::visit).call("item");
    Ok(())
}
