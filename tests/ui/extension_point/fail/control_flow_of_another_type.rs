//~ ERROR: a `ControlFlow` of a firstresult point hands on an argument of the point

use std::ops::ControlFlow;

use pluginkit::prelude::*;

pub struct Request;
pub struct Body;

#[extension_point]
pub trait Specs {
    #[extension_point(firstresult)]
    fn handle(&self, request: Request) -> ControlFlow<u16, Body>;
}

pub struct Router;

#[extension]
impl Specs for Router {
    fn handle(&self, request: Request) -> ControlFlow<u16, Body> {
        let _ = request;
        ControlFlow::Break(1)
    }
}

pub fn uses(pm: &PluginManager) {
    let _ = pm.caller(Specs::handle).call(Request);
}
