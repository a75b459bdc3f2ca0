//~ ERROR: type mismatch resolving `<All as Reduce>::Item == String`
//~ ERROR: `Words` does not reduce items of type `u8`

use pluginkit::prelude::*;
use pluginkit::reduce::All;

pub struct Words;

#[extension_point]
pub trait Specs {
    #[extension_point(reduce = All)]
    fn check(&self, topic: &str) -> Result<String, String>;

    #[extension_point(reduce = Words)]
    fn count(&self, topic: &str) -> u8;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn check(&self, topic: &str) -> Result<String, String> {
        Ok(topic.to_owned())
    }

    fn count(&self) -> u8 {
        0
    }

    #[extension(wrapper, target = "count")]
    fn around(&self, next: Next<'_>) -> u8 {
        next.run()
    }
}

pub fn uses(pm: &PluginManager) {
    let _ = pm.caller(Specs::check).call("harbor");
    let _ = pm.caller(Specs::count).try_call("harbor");
}

pub async fn awaits(pm: &AsyncPluginManager) {
    let _ = pm.caller(Specs::count).call_concurrent("harbor").await;
}
