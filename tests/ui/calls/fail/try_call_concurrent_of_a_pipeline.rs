//~ ERROR: the extensions of this point run one after the other: only a collecting point without `&mut` arguments has a `call_concurrent`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
}

pub async fn uses(pm: &AsyncPluginManager) {
    let _ = pm.caller(Specs::fetch).try_call_concurrent("harbor").await;
    let _ = pm.caller(Specs::transform).try_call_concurrent(String::new()).await;
}
