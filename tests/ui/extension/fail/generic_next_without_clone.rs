//! The rest of a call takes a value that is `Clone`, of which generic specs do not know that.
//@ build
//~ ERROR: the bounds of the generic specs do not say that it is `Clone`
//~ ERROR: the above error was encountered while instantiating

use std::ops::ControlFlow;

use pluginkit::prelude::*;

#[extension_point]
pub trait Pipe<T: Send + Sync + 'static> {
    #[extension_point(pipeline)]
    fn render(&self, value: T) -> T;
    #[extension_point(firstresult)]
    fn handle(&self, request: T) -> ControlFlow<u8, T>;
}

pub struct Retry;

#[extension]
impl Pipe<String> for Retry {
    #[extension(wrapper)]
    fn render(&self, next: Next<'_>) -> String {
        drop(next.clone().run());
        next.run()
    }

    #[extension(wrapper)]
    fn handle(&self, request: String, next: Next<'_>) -> ControlFlow<u8, String> {
        drop(next.clone().run(request.clone()));
        next.run(request)
    }
}
