//~ ERROR: the extensions of this point hand their argument on
//~ ERROR: the extensions of this point hand their argument on

use std::ops::ControlFlow;

use pluginkit::prelude::*;

pub struct Request;

#[extension_point]
pub trait Specs {
    #[extension_point(firstresult)]
    fn handle(&self, request: Request) -> ControlFlow<u16, Request>;
}

pub fn uses(pm: &PluginManager) {
    pm.caller(Specs::handle).settle(Request);
}

pub async fn awaits(pm: &AsyncPluginManager) {
    pm.caller(Specs::handle).settle(Request).await;
}
