//~ ERROR: an extension has another return type than its point

use pluginkit::prelude::*;

pub trait Runtime: Send + Sync + 'static {}
pub struct Wry;
impl Runtime for Wry {}
pub struct App<R: Runtime>(pub std::marker::PhantomData<R>);

#[extension_point]
pub trait Plugin<R: Runtime> {
    fn initialize(&self, app: &App<R>) -> usize;
}

pub struct Logger;

#[extension]
impl<R: Runtime> Plugin<R> for Logger {
    fn initialize(&self, _app: &App<R>) -> String {
        String::new()
    }
}
