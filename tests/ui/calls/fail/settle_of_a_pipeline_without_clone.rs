//~ ERROR: `settle` continues with the earlier value after an extension that failed, so `Draft` must be `Clone`

use pluginkit::prelude::*;

pub struct Draft(pub u32);

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn transform(&self, draft: Draft) -> Draft;
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
    let _ = pm.caller(Specs::transform).try_call(Draft(1));
    let _ = pm.caller(Specs::transform).settle(Draft(1));
    Ok(())
}
