//~ ERROR: a `ControlFlow` of a firstresult point hands on an argument of the point
//~ ERROR: a `ControlFlow` of a firstresult point hands on an argument of the point

use std::marker::PhantomData;
use std::ops::ControlFlow;

use pluginkit::prelude::*;

pub trait Runtime: Send + Sync + 'static {}

pub struct Wry;

impl Runtime for Wry {}

pub struct App<R: Runtime>(pub PhantomData<R>);

pub type Same<R> = App<R>;

#[extension_point]
pub trait Plugin<R: Runtime> {
    fn initialize(&self, app: &App<R>) -> usize;

    #[extension_point(firstresult)]
    fn hand_on(&self, app: App<R>) -> ControlFlow<usize, Same<R>>;

    #[extension_point(firstresult)]
    fn hand_on_another(&self, app: Vec<App<R>>) -> ControlFlow<usize, App<R>>;

    #[extension_point(firstresult = "count")]
    fn hand_on_a_count(&self, app: &App<R>, count: u16) -> Result<ControlFlow<App<R>, u8>, String>;
}

pub struct Logger;

#[extension]
impl Plugin<Wry> for Logger {
    fn initialize(&self, _app: &App<Wry>) -> usize {
        1
    }

    fn hand_on(&self, app: App<Wry>) -> ControlFlow<usize, App<Wry>> {
        ControlFlow::Continue(app)
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Plugin::<Wry>::SPECS)?;
    pm.register(Logger)?;
    let _: Vec<usize> = pm.caller(Plugin::<Wry>::initialize).call(&App(PhantomData));
    let _: ControlFlow<usize, App<Wry>> = pm.caller(Plugin::<Wry>::hand_on).call(App(PhantomData));
    Ok(())
}
