//! Stand-ins for a server and its requests.

use std::borrow::Cow;
use std::marker::PhantomData;

/// A server before it is there.
#[derive(Debug)]
pub(crate) struct Build;

/// A server that answers.
#[derive(Debug)]
pub(crate) struct Orbit;

/// A server in one phase. It cannot be cloned.
#[derive(Debug)]
pub(crate) struct Rocket<P> {
    pub(crate) mounted: Vec<&'static str>,
    phase: PhantomData<fn() -> P>,
}

impl<P> Rocket<P> {
    pub(crate) fn new(mounted: &[&'static str]) -> Self {
        Self { mounted: mounted.to_vec(), phase: PhantomData }
    }
}

impl Rocket<Build> {
    pub(crate) fn lift_off(self) -> Rocket<Orbit> {
        Rocket::new(&self.mounted)
    }
}

pub(crate) mod fairing {
    use super::{Build, Rocket};

    pub(crate) type Result<T = Rocket<Build>, E = Rocket<Build>> = std::result::Result<T, E>;
}

pub(crate) mod catcher {
    use super::{Response, Status};

    pub(crate) type Result<'r> = std::result::Result<Response<'r>, Status>;
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Info {
    pub(crate) name: &'static str,
    pub(crate) on_request: bool,
}

#[derive(Debug)]
pub(crate) struct Request<'c> {
    pub(crate) uri: &'c str,
    pub(crate) host: Cow<'c, str>,
}

/// The body of a request. It cannot be cloned.
#[derive(Debug, PartialEq)]
pub(crate) struct Data<'r> {
    pub(crate) bytes: &'r [u8],
    pub(crate) peeked: usize,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Response<'r> {
    pub(crate) status: Status,
    pub(crate) body: Cow<'r, str>,
    pub(crate) headers: Vec<(&'r str, &'r str)>,
}

/// How a route has ended that did not forward.
#[derive(Debug, PartialEq)]
pub(crate) enum Finished<'r> {
    Success(Response<'r>),
    Error(Status),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Status(pub(crate) u16);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rewrite<'r> {
    File(Cow<'r, str>),
    Redirect(&'r str),
}

/// An alias: a `None` is a value here.
pub(crate) type Rewritten<'r> = Option<Rewrite<'r>>;

#[derive(Debug, PartialEq)]
pub(crate) struct Header<'h> {
    pub(crate) name: Cow<'h, str>,
    pub(crate) value: Cow<'h, str>,
}
