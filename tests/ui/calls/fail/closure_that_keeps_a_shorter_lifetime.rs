//~ ERROR: lifetime may not live long enough

use pluginkit::prelude::*;

pub struct Ctx<'x> {
    pub seen: Vec<&'x str>,
}

#[extension_point]
pub trait Specs {
    fn see(&self, word: &str, cx: &mut Ctx<'_>);
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register_fn("weather", Specs::see, |args| args.cx.seen.push(args.word))?;
    pm.caller(Specs::see).call("harbor", &mut Ctx { seen: Vec::new() });
    Ok(())
}
