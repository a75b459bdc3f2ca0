//~ ERROR: a pipeline point returns the type of the argument it threads

use std::marker::PhantomData;

use pluginkit::prelude::*;

pub trait Runtime: Send + Sync + 'static {}

pub struct Wry;

impl Runtime for Wry {}

pub struct App<R: Runtime>(pub PhantomData<R>);

#[extension_point]
pub trait Plugin<R: Runtime> {
    fn initialize(&self, app: &App<R>) -> usize;

    #[extension_point(pipeline)]
    fn thread(&self, app: App<R>) -> Result<usize, String>;
}

pub struct Logger;

#[extension]
impl Plugin<Wry> for Logger {
    fn initialize(&self, _app: &App<Wry>) -> usize {
        1
    }
}

pub struct Generic<R>(pub PhantomData<fn() -> R>);

#[extension]
impl<R: Runtime> Plugin<R> for Generic<R> {
    fn initialize(&self, _app: &App<R>) -> usize {
        1
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Plugin::<Wry>::SPECS)?;
    pm.register(Logger)?;
    PluginBuilder::new(Generic::<Wry>(PhantomData)).extends(Plugin::<Wry>::SPECS).register(pm)?;
    let _: Vec<usize> = pm.caller(Plugin::<Wry>::initialize).call(&App(PhantomData));
    Ok(())
}
