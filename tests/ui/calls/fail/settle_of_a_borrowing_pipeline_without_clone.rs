//~ ERROR: `settle` continues with the earlier value after an extension that failed, so `Draft<'_>` must be `Clone`

use pluginkit::prelude::*;

pub struct Draft<'a>(pub &'a str);

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn transform<'a>(&self, draft: Draft<'a>, by: &'a str) -> Draft<'a>;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _ = pm.caller(Specs::transform).try_call(Draft("a"), "b");
    let _ = pm.caller(Specs::transform).settle(Draft("a"), "b");
    Ok(())
}
