//! Phases run in the order of requirements, and have no order of their own.

use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};

use super::kind::{Manager, implement, wait};

struct Plain;

implement! {
    #[extension]
    impl Lifecycle for Plain {
        #[extension(timeout = "1s")]
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
}

fn refused(error: &Error) {
    assert!(matches!(error, Error::PhaseOrder { .. }), "{error}");
    assert_eq!((error.code(), error.extension_point().unwrap().name), ("phase_order", "start"));
    let expected =
        format!("plugin `{}` has an order at `Lifecycle::start`, but the phases", error.plugin().unwrap());
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[test]
fn a_phase_with_an_order_is_refused() {
    let pm = Manager::new("order");
    for options in [
        Options::new().tryfirst(),
        Options::new().trylast(),
        Options::new().priority(10),
        Options::new().before("db"),
        Options::new().after("db"),
    ] {
        refused(&PluginBuilder::new(Plain).options(Lifecycle::start, options).register(&pm).unwrap_err());
    }
    assert!(pm.plugin_names().is_empty());
    pm.register(Plain).unwrap();
    wait!(pm.start_all()).unwrap();
}

struct Twice(Arc<Mutex<Vec<&'static str>>>);

implement! {
    #[extension]
    impl Lifecycle for Twice {
        fn start(&self) -> Result<(), BoxError> {
            self.0.lock().unwrap().push("normal");
            Ok(())
        }

        #[extension(target = "start", tryfirst)]
        fn early(&self) -> Result<(), BoxError> {
            self.0.lock().unwrap().push("early");
            Ok(())
        }

        #[extension(target = "start", priority = -1)]
        fn late(&self) -> Result<(), BoxError> {
            self.0.lock().unwrap().push("late");
            Ok(())
        }
    }
}

#[test]
fn methods_of_one_plugin_for_one_phase_are_ordered() {
    let (pm, log) = (Manager::new("order"), Arc::default());
    pm.register(Twice(Arc::clone(&log))).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(*log.lock().unwrap(), ["early", "normal", "late"]);
}
