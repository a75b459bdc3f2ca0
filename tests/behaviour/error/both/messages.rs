//! Errors name what happened, what was expected and what to do.

use std::error::Error as _;

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind, Options};

use super::kind::Manager;

#[extension_point]
trait Specs {
    fn plain(&self);
}

fn manager() -> Manager {
    let pm = Manager::new("errors");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn errors_sort_into_kinds_and_name_plugin_and_point() {
    let pm = manager();
    pm.register_fn("a", Specs::plain, |_| ()).unwrap();
    let taken = pm.register_fn("a", Specs::plain, |_| ()).unwrap_err();
    assert_eq!((taken.kind(), taken.plugin().unwrap().as_str()), (ErrorKind::State, "a"));
    assert!(taken.extension_point().is_none() && taken.source().is_none());
    let cycle = pm
        .register_fn_with("b", Specs::plain, Options::new().before(["a"]).after(["a"]), |_| ())
        .unwrap_err();
    assert_eq!(cycle.kind(), ErrorKind::Resolution);
    assert_eq!(cycle.plugin().unwrap(), "a");
    assert_eq!(cycle.extension_point().unwrap().to_string(), "Specs::plain");
}

#[test]
fn errors_are_small_enough_to_return() {
    assert!(size_of::<Error>() <= 64, "{}", size_of::<Error>());
}
