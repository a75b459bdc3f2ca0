//~ ERROR: this `ControlFlow` hands no argument on
//~ ERROR: extensions hand on an argument that they take by value, but this point has none: add one of this type, like `value: Request`
//~ ERROR: no argument has this type by name: name the one that extensions hand on, like `#[extension_point(firstresult = "one")]`
//~ ERROR: the point has no argument of this name: its arguments are `request`
//~ ERROR: a `&mut` argument reaches every extension and is not handed on
//~ ERROR: only a point that returns a `ControlFlow` hands an argument on

use std::ops::ControlFlow;

use pluginkit::prelude::*;

pub struct Request;

#[extension_point]
pub trait Specs {
    #[extension_point(firstresult)]
    fn nothing(&self, request: Request) -> ControlFlow<u16>;

    #[extension_point(firstresult)]
    fn borrowed(&self, request: &Request) -> ControlFlow<u16, Request>;

    #[extension_point(firstresult)]
    fn several(&self, one: String, two: Vec<String>) -> ControlFlow<u16, Request>;

    #[extension_point(firstresult = "body")]
    fn unknown(&self, request: Request) -> ControlFlow<u16, Request>;

    #[extension_point(firstresult = "request")]
    fn exclusive(&self, request: &mut Request) -> ControlFlow<u16, Request>;

    #[extension_point(firstresult = "request")]
    fn optional(&self, request: &Request) -> Option<u16>;
}

pub fn answer() -> ControlFlow<u16> {
    ControlFlow::Break(1)
}
