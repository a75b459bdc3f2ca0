//! Fairings, handlers and policies in the manner of those of servers.

use std::borrow::Cow;
use std::ops::ControlFlow::{self, Break, Continue};

use pluginkit::prelude::*;
use pluginkit_tests::{Log, pending};

use super::types::{
    Build, Data, Finished, Header, Info, Orbit, Request, Response, Rewrite, Rewritten, Rocket, Status,
    catcher, fairing,
};
use super::{Catcher, Fairing, Policy, Rewriter, Route};

/// Writes what happens.
pub(crate) struct Logger(pub(crate) Log);

#[extension]
impl Fairing for Logger {
    fn info(&self) -> Info {
        Info { name: "logger", on_request: true }
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        pending(1).await;
        self.0.push(format!("serving {}", rocket.mounted.join(" ")));
    }

    async fn on_request(&self, req: &mut Request<'_>, data: &mut Data<'_>) {
        pending(1).await;
        data.peeked = data.bytes.len().min(2);
        if req.host.is_empty() {
            req.host = Cow::Borrowed("localhost");
        }
        self.0.push(format!("{} with {} bytes", req.uri, data.bytes.len()));
    }

    async fn on_response<'r>(&self, req: &'r Request<'_>, res: &mut Response<'r>) {
        pending(1).await;
        res.headers.push(("Host", &req.host));
        self.0.push(format!("{} is {}", req.uri, res.status.0));
    }

    async fn on_shutdown(&self, rocket: &Rocket<Orbit>) {
        pending(1).await;
        self.0.push(format!("{} routes less", rocket.mounted.len()));
    }
}

/// Mounts the database, once.
pub(crate) struct Database;

#[extension]
impl Fairing for Database {
    fn info(&self) -> Info {
        Info { name: "database", on_request: false }
    }

    async fn on_ignite(&self, mut rocket: Rocket<Build>) -> fairing::Result {
        pending(1).await;
        if rocket.mounted.contains(&"/db") {
            return Err(rocket);
        }
        rocket.mounted.push("/db");
        Ok(rocket)
    }
}

/// Greets those who say who they are.
pub(crate) struct Greet;

#[extension]
impl Route for Greet {
    async fn handle<'r>(
        &self,
        request: &'r Request<'_>,
        mut data: Data<'r>,
    ) -> ControlFlow<Finished<'r>, Data<'r>> {
        pending(1).await;
        if !request.uri.starts_with("/greet") {
            data.peeked += 1;
            return Continue(data);
        }
        let Ok(name) = std::str::from_utf8(data.bytes) else { return Break(Finished::Error(Status(422))) };
        Break(Finished::Success(Response {
            status: Status(200),
            body: Cow::Borrowed(name),
            headers: Vec::new(),
        }))
    }
}

/// Answers with the address that was asked for.
pub(crate) struct Echo;

#[extension]
impl Route for Echo {
    async fn handle<'r>(
        &self,
        request: &'r Request<'_>,
        data: Data<'r>,
    ) -> ControlFlow<Finished<'r>, Data<'r>> {
        pending(1).await;
        if request.uri == "/echo" {
            let body = Cow::Borrowed(request.uri);
            return Break(Finished::Success(Response { status: Status(200), body, headers: Vec::new() }));
        }
        Continue(data)
    }
}

pub(crate) struct NotFound;

#[extension]
impl Catcher for NotFound {
    async fn handle<'r>(&self, status: Status, req: &'r Request<'_>) -> catcher::Result<'r> {
        pending(1).await;
        if req.uri.is_empty() {
            return Err(Status(500));
        }
        Ok(Response { status, body: Cow::Borrowed(req.uri), headers: Vec::new() })
    }
}

/// Leaves hidden files out, and sends directories to their index.
pub(crate) struct Files;

#[extension]
impl Rewriter for Files {
    fn rewrite<'r>(&self, opt: Option<Rewrite<'r>>, req: &'r Request<'_>) -> Rewritten<'r> {
        match opt? {
            Rewrite::File(path) if path.starts_with('.') => None,
            Rewrite::File(path) if path.ends_with('/') => Some(Rewrite::Redirect(&req.host)),
            other => Some(other),
        }
    }
}

/// Shows the page for what is not there.
pub(crate) struct Fallback;

#[extension]
impl Rewriter for Fallback {
    fn rewrite<'r>(&self, opt: Option<Rewrite<'r>>) -> Rewritten<'r> {
        opt.or(Some(Rewrite::File("404.html".into())))
    }
}

/// A page may not be in a frame.
pub(crate) struct Frame;

#[extension]
impl Policy for Frame {
    fn header(&self) -> Header<'static> {
        Header { name: "X-Frame-Options".into(), value: "SAMEORIGIN".into() }
    }
}
