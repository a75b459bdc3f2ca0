//! The error of a failed replay has the plugin's own as its source.

use std::error::Error as _;

use pluginkit::Error;
use pluginkit::prelude::*;

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

fn manager() -> PluginManager {
    let pm = PluginManager::new("errors");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn source(error: &Error) -> String {
    error.source().unwrap().to_string()
}

#[test]
fn the_source_of_a_failed_replay_is_the_plugins_own_error() {
    let pm = manager();
    pm.caller(Specs::boxed).call_historic().unwrap();
    pm.caller(Specs::debugged).call_historic().unwrap_or(());
    pm.caller(Specs::silent).call_historic().unwrap_or(());
    let error = pm.register_fn("io", Specs::boxed, |_| Err(std::io::Error::other("disk"))).unwrap_err();
    let io = error.source().unwrap().downcast_ref::<std::io::Error>();
    assert_eq!(io.unwrap().to_string(), "disk");
    let error = pm.register_fn("debug", Specs::debugged, |_| Err(Undisplayed)).unwrap_err();
    assert_eq!(source(&error), "Undisplayed");
    let error = pm.register_fn("silent", Specs::silent, |_| Err(Silent)).unwrap_err();
    assert!(source(&error).ends_with("Silent"), "{error}");
}

#[test]
fn the_debug_form_tells_what_to_do_and_why() {
    let pm = manager();
    pm.caller(Specs::boxed).call_historic().unwrap();
    let error = pm.register_fn("io", Specs::boxed, |_| Err(std::io::Error::other("disk full"))).unwrap_err();
    assert_eq!(format!("{error:?}"), format!("{error}: disk full"));
}
