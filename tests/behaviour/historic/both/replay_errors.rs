//! The error of a failed replay has the plugin's own as its source.

use std::error::Error as _;

use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};

use super::kind::{Manager, enter, wait};

#[extension_point]
trait Specs {
    #[extension_point(historic)]
    fn boxed(&self) -> Result<(), std::io::Error>;
    #[extension_point(historic)]
    fn debugged(&self) -> Result<(), Undisplayed>;
    #[extension_point(historic)]
    fn silent(&self) -> Result<(), Silent>;
}

#[derive(Debug)]
struct Undisplayed;

struct Silent;

fn manager() -> Manager {
    let pm = Manager::new("errors");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn refused(pm: &Manager, plugin: PluginBuilder<()>) -> Error {
    wait!(enter(pm, plugin)).unwrap_err()
}

fn source(error: &Error) -> String {
    error.source().unwrap().to_string()
}

#[test]
fn the_source_of_a_failed_replay_is_the_plugins_own_error() {
    let pm = manager();
    wait!(pm.caller(Specs::boxed).call_historic()).unwrap();
    wait!(pm.caller(Specs::debugged).call_historic()).unwrap_or(());
    wait!(pm.caller(Specs::silent).call_historic()).unwrap_or(());
    let error = refused(
        &pm,
        PluginBuilder::new(())
            .named("io")
            .extension(Specs::boxed, Options::new(), |_, _| Err(std::io::Error::other("disk"))),
    );
    let io = error.source().unwrap().downcast_ref::<std::io::Error>();
    assert_eq!(io.unwrap().to_string(), "disk");
    let error = refused(
        &pm,
        PluginBuilder::new(())
            .named("debug")
            .extension(Specs::debugged, Options::new(), |_, _| Err(Undisplayed)),
    );
    assert_eq!(source(&error), "Undisplayed");
    let error = refused(
        &pm,
        PluginBuilder::new(()).named("silent").extension(Specs::silent, Options::new(), |_, _| Err(Silent)),
    );
    assert!(source(&error).ends_with("Silent"), "{error}");
}

#[test]
fn the_debug_form_tells_what_to_do_and_why() {
    let pm = manager();
    wait!(pm.caller(Specs::boxed).call_historic()).unwrap();
    let error = refused(
        &pm,
        PluginBuilder::new(())
            .named("io")
            .extension(Specs::boxed, Options::new(), |_, _| Err(std::io::Error::other("disk full"))),
    );
    assert_eq!(format!("{error:?}"), format!("{error}: disk full"));
}
