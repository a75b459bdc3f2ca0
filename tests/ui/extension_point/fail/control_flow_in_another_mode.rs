//~ ERROR: which only a firstresult point does
//~ ERROR: which only a firstresult point does
//~ ERROR: which only a firstresult point does

use std::ops::ControlFlow;

use pluginkit::prelude::*;

pub struct Request;

#[extension_point]
pub trait Specs {
    fn collecting(&self, request: Request) -> ControlFlow<u16, Request>;

    #[extension_point(pipeline)]
    fn pipeline(&self, request: Request) -> Result<ControlFlow<u16, Request>, String>;

    #[extension_point(historic)]
    fn historic(&self, request: Request) -> std::ops::ControlFlow<u16, Request>;
}

pub struct Router;

#[extension]
impl Specs for Router {
    fn collecting(&self, request: Request) -> ControlFlow<u16, Request> {
        ControlFlow::Continue(request)
    }
}
