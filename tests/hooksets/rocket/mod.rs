//! The fairings and handlers of Rocket, a web framework: async hooks around requests that borrow from a connection.
//!
//! The host picks one catcher by the status, and calls it by its name.

mod calls;
mod plugins;
mod types;

use std::ops::ControlFlow;

use pluginkit::prelude::*;

use types::{
    Build, Data, Finished, Header, Info, Orbit, Request, Response, Rewrite, Rewritten, Rocket, Status,
    catcher, fairing,
};

#[extension_point(project = "rocket")]
pub(crate) trait Fairing {
    fn info(&self) -> Info;

    #[extension_point(pipeline)]
    fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        Ok(rocket)
    }

    fn on_liftoff(&self, _rocket: &Rocket<Orbit>) {}

    fn on_request(&self, _req: &mut Request<'_>, _data: &mut Data<'_>) {}

    fn on_response<'r>(&self, _req: &'r Request<'_>, _res: &mut Response<'r>) {}

    fn on_shutdown(&self, _rocket: &Rocket<Orbit>) {}
}

/// A route. Its data cannot be cloned: a handler that forwards hands it on. There, a type of the host says so.
#[extension_point(project = "rocket")]
pub(crate) trait Route {
    #[extension_point(firstresult)]
    fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> ControlFlow<Finished<'r>, Data<'r>>;
}

/// A catcher answers where no route has. The answer borrows from the request.
#[extension_point(project = "rocket")]
pub(crate) trait Catcher {
    fn handle<'r>(&self, status: Status, req: &'r Request<'_>) -> catcher::Result<'r>;
}

#[extension_point(project = "rocket")]
pub(crate) trait Rewriter {
    /// A `None` goes to the next rewriter. The return type has an alias, as a pipeline passes its argument on for an `Option`.
    #[extension_point(pipeline)]
    fn rewrite<'r>(&self, opt: Option<Rewrite<'r>>, req: &'r Request<'_>) -> Rewritten<'r>;
}

/// A policy of the shield.
#[extension_point(project = "rocket")]
pub(crate) trait Policy {
    fn header(&self) -> Header<'static>;
}
