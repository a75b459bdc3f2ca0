//! Plugins that are made for some versions of an interface.

use pluginkit::manual::Specs as _;
use pluginkit::prelude::*;
use pluginkit::{Error, Options};

use super::kind::{Manager, adding, implement, wait};

#[extension_point(version = "2.1.0")]
trait Database {
    fn connect(&self) -> &'static str;
}

fn manager() -> Manager {
    let pm = Manager::new("versions");
    pm.add_extension_points(Database).unwrap();
    pm
}

struct Fits;
implement! {
    #[extension(requires = ">= 2, < 3")]
    impl Database for Fits {
        fn connect(&self) -> &'static str {
            "fits"
        }
    }
}

struct Old;
implement! {
    #[extension]
    impl Database for Old {
        #[extension(requires = "^1.4")]
        fn connect(&self) -> &'static str {
            "old"
        }
    }
}

#[test]
fn specs_have_the_version_they_say_or_that_of_their_package() {
    #[extension_point]
    trait Unversioned {
        fn connect(&self) -> &'static str;
    }
    assert_eq!(Database::VERSION, Some("2.1.0"));
    assert_eq!(Unversioned::VERSION, Some(env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_plugin_that_requires_another_version_is_refused_with_both() {
    let pm = manager();
    pm.register(Fits).unwrap();
    let error = pm.register(Old).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("specs_version", "Old"));
    assert_eq!(error.extension_point().unwrap().to_string(), "Database::connect");
    assert_eq!(
        error.to_string(),
        "plugin `Old` requires version ^1.4 of the specs of `Database::connect`, but this manager has version 2.1.0; use a plugin made for these specs, or specs of a version that fits"
    );
    assert_eq!(pm.plugin_names(), ["Fits"]);
    assert_eq!(wait!(pm.caller(Database::connect).call()), ["fits"]);
}

#[test]
fn a_batch_with_one_that_requires_another_version_is_refused_as_a_whole() {
    let pm = manager();
    let error = pm.transaction().plugin(Fits).plugin(Old).register().unwrap_err();
    assert_eq!(error.code(), "specs_version");
    assert_eq!(pm.plugin_names(), [""; 0]);
}

#[test]
fn a_plugin_of_another_version_of_the_same_specs_is_told_so() {
    // As two versions of one crate are: of one path, but not of one type.
    fn of_old_specs(pm: &Manager) -> Error {
        #[extension_point(version = "1.4.0")]
        trait Database {
            fn connect(&self) -> &'static str;
        }
        struct Old;
        implement! {
            #[extension]
            impl Database for Old {
                fn connect(&self) -> &'static str {
                    "old"
                }
            }
        }
        pm.register(Old).unwrap_err()
    }
    let pm = manager();
    let error = of_old_specs(&pm);
    assert_eq!(error.code(), "specs_version");
    assert!(
        error.to_string().contains(
            "requires version 1.4.0 of the specs of `Database::connect`, but this manager has version 2.1.0"
        ),
        "{error}"
    );
    // Without the specs in any version they are unknown.
    assert_eq!(of_old_specs(&Manager::new("versions")).code(), "unknown_specs");
}

#[test]
fn specs_of_one_name_elsewhere_are_no_version_of_them() {
    mod elsewhere {
        use pluginkit::prelude::*;
        #[extension_point(version = "1.0.0")]
        pub(super) trait Database {
            fn connect(&self) -> &'static str;
        }
    }
    use elsewhere::Database;
    struct Other;
    implement! {
        #[extension]
        impl Database for Other {
            fn connect(&self) -> &'static str {
                "other"
            }
        }
    }
    assert_eq!(manager().register(Other).unwrap_err().code(), "unknown_specs");
}

#[test]
fn requirements_of_closures_are_read_alike() {
    let pm = manager();
    let extend = |versions| {
        let options = Options::new().requires(versions);
        let plugin = PluginBuilder::new(()).named(versions);
        adding!(plugin, Database::connect, options, |_this, _args| "by hand").register(&pm)
    };
    extend("2.1").unwrap();
    assert_eq!(extend("=2.0.9").unwrap_err().code(), "specs_version");
    let error = extend("two").unwrap_err();
    assert_eq!(error.code(), "invalid_metadata");
    assert!(error.to_string().contains("declares an invalid requirement `two`"), "{error}");
}
