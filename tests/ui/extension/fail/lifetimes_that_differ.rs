//~ ERROR: lifetime may not live long enough

use pluginkit::prelude::*;

pub struct Ctx<'x> {
    pub seen: Vec<&'x str>,
}

#[extension_point]
pub trait Specs {
    fn see(&self, word: &str, cx: &mut Ctx<'_>);

    fn keep<'x>(&self, word: &'x str, cx: &mut Ctx<'x>);
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn see<'x>(&self, word: &'x str, cx: &mut Ctx<'x>) {
        cx.seen.push(word);
    }

    fn keep<'x>(&self, word: &'x str, cx: &mut Ctx<'x>) {
        cx.seen.push(word);
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let mut cx = Ctx { seen: Vec::new() };
    pm.caller(Specs::keep).call("harbor", &mut cx);
    Ok(())
}
