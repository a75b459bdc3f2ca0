//~ ERROR: an argument of an extension has another type than at its point

use std::marker::PhantomData;

use pluginkit::prelude::*;

pub trait Runtime: Send + Sync + 'static {}

pub struct Wry;

impl Runtime for Wry {}

pub struct App<R: Runtime>(pub PhantomData<R>);

#[extension_point]
pub trait Plugin<R: Runtime> {
    fn initialize(&self, app: &App<R>) -> usize;

    fn other(&self);
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
    fn initialize(&self, _app: &App<Wry>) -> usize {
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
