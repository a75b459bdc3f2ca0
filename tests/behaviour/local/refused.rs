//! A local manager refuses what it would leave without effect.

use std::time::Duration;

use pluginkit::prelude::*;
use pluginkit::{Error, Options};

#[extension_point]
trait Specs {
    fn fetch(&self) -> u32;
}

#[extension_point(project = "other")]
trait Others {
    fn refresh(&self);
}

#[extension_point(service)]
#[expect(dead_code, reason = "a local manager looks no service up")]
trait Store: Send + Sync {
    fn size(&self) -> u32;
}

struct Late;

#[extension]
impl Specs for Late {
    async fn fetch(&self) -> u32 {
        1
    }
}

struct Hurried;

#[extension]
impl Specs for Hurried {
    #[extension(timeout = "1s")]
    fn fetch(&self) -> u32 {
        1
    }
}

struct Lives;

#[extension]
impl Lifecycle for Lives {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

struct Stores;

#[extension]
impl Specs for Stores {
    fn fetch(&self) -> u32 {
        1
    }
}

#[extension(service)]
impl Store for Stores {
    fn size(&self) -> u32 {
        1
    }
}

struct Mixed;

#[extension]
impl Specs for Mixed {
    fn fetch(&self) -> u32 {
        1
    }
}

#[extension(local)]
impl Others for Mixed {
    fn refresh(&mut self) {}
}

#[derive(Debug)]
struct Nothing;

#[plugin(id = "dependent", requires = ["core"])]
struct Dependent;

#[extension]
impl Specs for Dependent {
    fn fetch(&self) -> u32 {
        1
    }
}

#[plugin(id = "local-dependent", requires = ["core"])]
struct LocalDependent;

#[extension(local)]
impl Specs for LocalDependent {
    fn fetch(&mut self) -> u32 {
        1
    }
}

#[plugin(id = "reader", requires = [service(dyn Store)])]
struct Reader;

#[extension]
impl Specs for Reader {
    fn fetch(&self) -> u32 {
        1
    }
}

#[plugin(id = "optional", optional_requires = ["core"])]
struct Optional;

#[extension]
impl Specs for Optional {
    fn fetch(&self) -> u32 {
        1
    }
}

fn refused<T: 'static>(plugin: T) -> String {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    let error = pm.register(plugin).unwrap_err();
    assert!(pm.plugin_names().is_empty());
    assert_eq!(error.extension_point().is_some(), error.code() == "async_extension");
    format!("{}: {error}", error.code())
}

#[test]
fn what_a_local_manager_does_not_have_is_refused() {
    assert!(
        refused(Late)
            .starts_with("async_extension: plugin `Late` implements `Specs::fetch` with an `async fn`")
    );
    assert_eq!(
        refused(Hurried),
        "not_local: plugin `Hurried` has an extension with a `timeout`, and a local manager has no time limits; register it with a `PluginManager`, or leave that out"
    );
    assert!(refused(Lives).contains("`Lives` has phases of a life"));
    assert!(refused(Stores).contains("`Stores` provides a service"));
    assert!(refused(Mixed).contains("`Mixed` has `#[extension]` blocks with `local` and others without"));
    assert!(refused(Nothing).starts_with("no_extensions: plugin `Nothing` has no extension"));
}

#[test]
fn a_plugin_that_requires_others_is_refused() {
    let text = "not_local: plugin `dependent` requires other plugins, and a local manager starts no plugins";
    assert!(refused(Dependent).starts_with(text));
    assert!(refused(LocalDependent).contains("`local-dependent` requires other plugins"));
    assert!(refused(Reader).contains("`reader` requires a service, and a local manager has no services"));
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    assert_eq!(pm.register(Optional).unwrap(), "optional");
}

#[test]
fn a_point_with_a_failure_policy_is_refused() {
    #[extension_point]
    trait Lenient {
        fn strict(&self);
        #[extension_point(on_failure = "skip")]
        fn lenient(&self) -> Result<u32, String>;
    }
    let pm = LocalPluginManager::new("feed");
    let error = pm.add_extension_points(Lenient).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Lenient::lenient` has an `on_failure`, and a failure ends each call of a local manager; add the specs to a `PluginManager`, or leave that out"
    );
    assert_eq!((error.code(), error.extension_point().unwrap().name), ("point_not_local", "lenient"));
    assert!(pm.try_caller(Lenient::strict).is_err(), "none of the points is added");
}

#[test]
fn a_registration_checks_names_specs_and_projects() {
    let pm = LocalPluginManager::new("feed");
    let error = pm.register_fn("a", Specs::fetch, |_| 1).unwrap_err();
    assert!(matches!(error, Error::UnknownSpecs { .. }), "{error}");
    assert!(matches!(pm.add_extension_points(Others).unwrap_err(), Error::WrongProject { .. }));
    pm.add_extension_points(Specs).unwrap();
    let error = pm.register_fn("", Specs::fetch, |_| 1).unwrap_err();
    assert!(matches!(error, Error::EmptyName { .. }), "{error}");
    let error = pm.plugin(()).extension(Specs::fetch, Options::new(), |_, _| 1).register().unwrap_err();
    assert!(matches!(error, Error::EmptyName { .. }), "{error}");
    let error = pm.register_fn("(default)", Specs::fetch, |_| 1).unwrap_err();
    assert!(matches!(error, Error::ReservedName { .. }), "{error}");
    let limited = Options::new().timeout(Duration::from_secs(1));
    let error = pm.register_fn_with("a", Specs::fetch, limited, |_| 1).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "a");
    let error = pm.plugin(7).named("none").register().unwrap_err();
    assert!(matches!(error, Error::NoExtensions { .. }), "{error}");
}
