//! Plugins that come in, and start, as one.

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error, ErrorKind};
use pluginkit_tests::Log;

use super::kind::{Manager, implement, wait};
use super::plugins::{Stage, manager, states};

#[plugin(id = "one")]
struct One(Log);

implement! {
    #[extension]
    impl Lifecycle for One {
        fn start(&self) -> Result<(), BoxError> {
            self.0.push("one.start");
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.0.push("one.stop");
            Ok(())
        }
    }
}

#[plugin(id = "two", requires = ["one", "base"])]
struct Two(Log, bool);

implement! {
    #[extension]
    impl Lifecycle for Two {
        fn start(&self) -> Result<(), BoxError> {
            if self.1 { Err("told to")? }
            self.0.push("two.start");
            Ok(())
        }
    }
}

fn based() -> (Manager, Stage) {
    manager(&["base"])
}

#[test]
fn plugins_of_any_types_are_registered_as_one() {
    let (pm, stage) = based();
    let refused = pm
        .transaction()
        .plugin(One(stage.log.clone()))
        .plugin_as("other", One(stage.log.clone()))
        .plugin_as("base", One(stage.log.clone()))
        .register();
    assert!(matches!(refused, Err(Error::NameTaken { .. })));
    assert_eq!(pm.plugin_names(), ["base"]);
    let built =
        PluginBuilder::new(One(stage.log.clone())).metadata(PluginMetadata::new("built").version("2.0.0"));
    let ids = pm.transaction().plugin(Two(stage.log.clone(), false)).built(built).register().unwrap();
    assert_eq!(ids, ["two", "built"]);
    assert_eq!(pm.descriptor("built").unwrap().metadata.version, "2.0.0");
    assert_eq!(states(&pm), "base=loaded two=loaded built=loaded");
}

#[test]
fn plugins_are_registered_and_started_as_one() {
    let (pm, stage) = based();
    let transaction = pm.transaction().plugin(Two(stage.log.clone(), false)).plugin(One(stage.log.clone()));
    assert_eq!(wait!(transaction.register_and_start()).unwrap(), ["two", "one"]);
    assert_eq!(stage.line(), "base.init base.start one.start two.start");
}

#[test]
fn if_one_fails_to_start_all_are_taken_back() {
    let (pm, stage) = based();
    let transaction = pm.transaction().plugin(Two(stage.log.clone(), true)).plugin(One(stage.log.clone()));
    let error = wait!(transaction.register_and_start()).unwrap_err();
    assert_eq!((error.kind(), error.plugin().unwrap().as_str()), (ErrorKind::Start, "two"));
    assert_eq!(stage.line(), "base.init base.start one.start one.stop base.stop base.unload");
    assert_eq!(states(&pm), "base=stopped");
}

#[test]
fn if_something_is_missing_none_comes_in() {
    let (pm, stage) = based();
    let transaction = pm.transaction().plugin(Two(stage.log.clone(), false));
    let error = wait!(transaction.register_and_start()).unwrap_err();
    assert!(matches!(error, Error::UnmetDependencies { .. }));
    assert_eq!((stage.line().as_str(), states(&pm).as_str()), ("", "base=loaded"));
}
