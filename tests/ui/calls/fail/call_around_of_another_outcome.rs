//~ ERROR: mismatched types

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[extension_point(firstresult)]
    fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str>;
}

pub fn uses(pm: &PluginManager, names: &[String]) -> Option<String> {
    let find = pm.caller(Specs::find);
    let _: Option<&str> = find.call_around(names, "harbor", |args| args.from.first().map(String::as_str));
    find.call_around(names, "harbor", |args| args.from.first().cloned());
    None
}
