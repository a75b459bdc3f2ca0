//! Services: provided under a trait or a name, found by priority, gone with their plugin.

use std::sync::Arc;

use pluginkit::lifecycle::{Lifecycle, StartPolicy};
use pluginkit::prelude::*;
use pluginkit::services::Provides;
use pluginkit::{BoxError, Error, ErrorKind};

use super::kind::{Manager, implement, wait};

#[extension_point(service)]
pub trait Formatter: Send + Sync {
    /// A default body stays one.
    fn format(&self, text: &str) -> String {
        format!("{}:{text}", self.name())
    }
    fn name(&self) -> String;
}

#[extension_point(service, project = "elsewhere")]
trait Elsewhere: Send + Sync {}

#[extension_point(service)]
trait Unprovided: Send + Sync {}

trait Undeclared: Send + Sync {}

#[plugin(id = "json")]
#[derive(Default)]
struct Json;

#[extension(service, priority = 10)]
impl Formatter for Json {
    fn name(&self) -> String {
        "json".into()
    }
}

/// The same service at no, and at a negative, priority.
struct Plain;

#[extension(service)]
impl Formatter for Plain {
    fn name(&self) -> String {
        "plain".into()
    }
}

struct Last;

#[extension(service, priority = -1)]
impl Formatter for Last {
    fn format(&self, text: &str) -> String {
        text.to_uppercase()
    }
    fn name(&self) -> String {
        "last".into()
    }
}

struct Named(&'static str);

impl Formatter for Named {
    fn name(&self) -> String {
        self.0.into()
    }
}

impl Provides<dyn Formatter> for Named {
    fn provide(self: Arc<Self>) -> Arc<dyn Formatter> {
        self
    }
}

struct Generic<T>(T);

#[extension(service)]
impl<T: std::fmt::Display + Send + Sync> Formatter for Generic<T> {
    fn name(&self) -> String {
        format!("generic {}", self.0)
    }
}

fn names(services: &[Arc<dyn Formatter>]) -> String {
    services.iter().map(|service| service.name()).collect::<Vec<_>>().join(" ")
}

/// The formatters of a manager, in order.
fn found(pm: &Manager) -> String {
    names(&pm.services::<dyn Formatter>())
}

#[test]
fn services_are_found_by_priority_then_by_registration() {
    let pm = Manager::new("services");
    pm.register_as("l", Last).unwrap();
    pm.register_as("p1", Plain).unwrap();
    PluginBuilder::new(Named("n")).named("n").provides::<dyn Formatter>(0).register(&pm).unwrap();
    pm.register(Json).unwrap();
    pm.register_as("p2", Arc::new(Plain)).unwrap();
    assert_eq!(found(&pm), "json plain n plain last");
    assert_eq!(pm.service::<dyn Formatter>().unwrap().format("x"), "json:x");
    assert_eq!(pm.services::<dyn Formatter>()[4].format("x"), "X");
}

#[test]
fn a_generic_type_names_its_service() {
    let pm = Manager::new("services");
    PluginBuilder::new(Generic(7)).named("g").provides::<dyn Formatter>(1).register(&pm).unwrap();
    assert_eq!(found(&pm), "generic 7");
}

#[test]
fn a_service_is_the_plugin_itself() {
    let pm = Manager::new("services");
    let json = Arc::new(Json);
    pm.register(Arc::clone(&json)).unwrap();
    let service = pm.service::<dyn Formatter>().unwrap();
    assert!(std::ptr::addr_eq(Arc::as_ptr(&json), Arc::as_ptr(&service)));
}

#[test]
fn a_declared_service_without_a_provider_differs_from_an_undeclared_one() {
    let pm = Manager::new("services");
    let error = |error: Option<Error>| {
        let error = error.unwrap();
        assert_eq!(error.kind(), ErrorKind::State);
        error
    };
    let none = error(pm.service::<dyn Unprovided>().err());
    assert!(matches!(none, Error::NoService { .. }));
    assert_eq!(
        none.to_string(),
        "no `dyn Unprovided` is provided: register a plugin with `#[extension(service)]` for it"
    );
    let unknown = error(pm.service::<dyn Undeclared>().err());
    assert!(matches!(unknown, Error::UnknownService { .. }));
    assert_eq!(
        unknown.to_string(),
        "`dyn Undeclared` is not a service of this manager: put `#[extension_point(service)]` on the trait, or declare a name with `declare_services` first"
    );
    assert!(matches!(pm.service::<dyn Elsewhere>().err(), Some(Error::UnknownService { .. })));
    assert!(matches!(
        Manager::new("elsewhere").service::<dyn Elsewhere>().err(),
        Some(Error::NoService { .. })
    ));
    assert!(matches!(pm.service_named::<dyn Formatter>("f").err(), Some(Error::UnknownService { .. })));
    assert!(pm.services::<dyn Unprovided>().is_empty());
    assert!(pm.services::<dyn Undeclared>().is_empty());
    assert!(pm.services_named::<dyn Formatter>("f").is_empty());
}

#[test]
fn a_plugin_takes_its_services_along() {
    let pm = Manager::new("services");
    pm.register(Json).unwrap();
    pm.register(Plain).unwrap();
    pm.unregister("json").unwrap();
    assert_eq!(found(&pm), "plain");
    wait!(pm.remove("Plain")).unwrap();
    assert_eq!(found(&pm), "");
    assert!(pm.all_services::<dyn Formatter>().is_empty());
}

#[test]
fn a_plugin_that_provides_services_and_nothing_else_is_replaced() {
    for runs in [false, true] {
        let pm = Manager::new("services");
        pm.register_as("only", Plain).unwrap();
        if runs {
            wait!(pm.start_all()).unwrap();
        }
        assert!(wait!(pm.replace_built(PluginBuilder::new(Last).named("only"))).unwrap().is_some());
        assert_eq!(found(&pm), "last");
        assert!(wait!(pm.replace_built(PluginBuilder::new(Json).named("only"))).unwrap().is_some());
        assert_eq!(found(&pm), "json");
    }
}

#[test]
fn a_plugin_that_replaces_another_provides_in_its_place() {
    let named =
        |plugin: &str, name| PluginBuilder::new(Named(name)).named(plugin).provides::<dyn Formatter>(0);
    for runs in [false, true] {
        let pm = Manager::new("services");
        for plugin in ["a", "b", "c"] {
            named(plugin, plugin).register(&pm).unwrap();
        }
        if runs {
            wait!(pm.start_all()).unwrap();
        }
        let handle = pm.service_handle::<dyn Formatter>();
        wait!(pm.replace_built(named("a", "A"))).unwrap();
        assert_eq!(found(&pm), "A b c");
        assert_eq!(handle.get().unwrap().name(), "A", "a handle follows the plugin");
        wait!(pm.replace_built(named("c", "C"))).unwrap();
        assert_eq!(found(&pm), "A b C");
        wait!(pm.replace_built(PluginBuilder::new(Json).named("b"))).unwrap();
        assert_eq!(found(&pm), "json A C", "the priority comes first");
        wait!(pm.replace_built(named("b", "B"))).unwrap();
        assert_eq!(found(&pm), "A B C");
    }
}

#[test]
fn a_registration_that_is_refused_leaves_no_service() {
    #[extension_point]
    trait Missing {
        fn call(&self);
    }
    struct Both;
    implement! {
        #[extension]
        impl Missing for Both {
            fn call(&self) {}
        }
    }
    #[extension(service)]
    impl Formatter for Both {
        fn name(&self) -> String {
            "both".into()
        }
    }
    let pm = Manager::new("services");
    pm.register(Both).unwrap_err();
    assert!(pm.all_services::<dyn Formatter>().is_empty());
    pm.add_extension_points(Missing).unwrap();
    pm.register(Both).unwrap();
    assert_eq!(found(&pm), "both");
}

/// Provides two services when it is started, and fails then if told to.
struct Provider {
    fails: Arc<std::sync::atomic::AtomicBool>,
}

implement! {
    #[extension]
    impl Lifecycle for Provider {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            cx.provide_with::<dyn Formatter>(5, Arc::new(Named("five")))?;
            let gone = cx.provide_with::<dyn Formatter>(50, Arc::new(Named("gone")))?;
            assert!(cx.withdraw(gone) && !cx.withdraw(gone));
            cx.provide::<dyn Formatter>(Arc::new(Named("zero")))?;
            if self.fails.load(std::sync::atomic::Ordering::SeqCst) { Err("told to")? }
            Ok(())
        }
    }
}

#[extension(service)]
impl Formatter for Provider {
    fn name(&self) -> String {
        "provider".into()
    }
}

#[test]
fn a_service_that_a_phase_provides_stays_until_the_plugin_is_stopped() {
    let pm = Manager::new("services");
    pm.register(Provider { fails: Arc::default() }).unwrap();
    assert_eq!(found(&pm), "provider");
    for _ in 0..2 {
        wait!(pm.start_all()).unwrap();
        assert_eq!(found(&pm), "five provider zero");
        wait!(pm.stop_all()).unwrap();
        assert_eq!(found(&pm), "");
        assert_eq!(names(&pm.all_services::<dyn Formatter>()), "provider");
    }
}

#[test]
fn services_of_plugins_that_failed_or_were_stopped_are_hidden() {
    let pm = Manager::new("services");
    let fails = Arc::new(std::sync::atomic::AtomicBool::new(true));
    pm.register_as("p", Provider { fails: Arc::clone(&fails) }).unwrap();
    wait!(pm.start_plugins(["p"], StartPolicy::Keep)).unwrap_err();
    assert_eq!(found(&pm), "");
    let error = pm.service::<dyn Formatter>().err().unwrap();
    assert_eq!(
        error.to_string(),
        "no `dyn Formatter` is provided now: start or enable one of the plugins that have it: p"
    );
    assert_eq!(names(&pm.all_services::<dyn Formatter>()), "provider");
    fails.store(false, std::sync::atomic::Ordering::SeqCst);
    wait!(pm.start_all()).unwrap();
    assert_eq!(found(&pm), "five provider zero");
    pm.set_enabled("p", false).unwrap();
    assert_eq!(found(&pm), "");
    pm.set_enabled("p", true).unwrap();
    assert_eq!(found(&pm), "five provider zero");
}

#[test]
fn names_are_declared_at_run_time_for_one_type() {
    let pm = Manager::new("services");
    pm.declare_services::<dyn Formatter>("formatters").unwrap();
    pm.declare_services::<dyn Formatter>("formatters").unwrap();
    let error = pm.declare_services::<dyn Undeclared>("formatters").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(
        error.to_string(),
        "service `formatters` is declared as `dyn Formatter`, not `dyn Undeclared`; use another name"
    );
    assert!(matches!(pm.service_named::<dyn Formatter>("formatters").err(), Some(Error::NoService { .. })));
    let low = pm.provide_named::<dyn Formatter>("formatters", 1, Arc::new(Named("low"))).unwrap();
    pm.provide_named::<dyn Formatter>("formatters", 2, Arc::new(Named("high"))).unwrap();
    let wrong = pm.provide_named::<u8>("formatters", 3, Arc::new(3));
    assert!(matches!(wrong, Err(Error::ServiceType { .. })));
    assert!(matches!(pm.service_named::<u8>("formatters"), Err(Error::ServiceType { .. })));
    assert_eq!(names(&pm.services_named::<dyn Formatter>("formatters")), "high low");
    assert_eq!(pm.service_named::<dyn Formatter>("formatters").unwrap().name(), "high");
    assert_eq!(found(&pm), "");
    assert!(pm.withdraw(low) && !pm.withdraw(low));
    assert_eq!(names(&pm.services_named::<dyn Formatter>("formatters")), "high");
}

#[test]
fn only_declared_services_are_provided_unless_the_manager_is_lenient() {
    let pm = Manager::new("services");
    assert!(matches!(pm.provide::<u8>(Arc::new(1)), Err(Error::UnknownService { .. })));
    assert!(matches!(pm.provide_named::<u8>("n", 0, Arc::new(1)), Err(Error::UnknownService { .. })));
    let pm = Manager::builder("services").lenient_services(true).build();
    pm.provide::<u8>(Arc::new(1)).unwrap();
    pm.provide_with::<u8>(1, Arc::new(2)).unwrap();
    pm.provide_named::<u8>("n", 0, Arc::new(3)).unwrap();
    assert_eq!(*pm.service::<u8>().unwrap(), 2);
    assert_eq!(pm.services::<u8>().len(), 2);
    assert_eq!(*pm.service_named::<u8>("n").unwrap(), 3);
    assert!(matches!(pm.service::<u16>(), Err(Error::UnknownService { .. })));
    // A late declaration holds what is there to its type.
    assert!(matches!(pm.declare_services::<u16>("n"), Err(Error::ServiceType { .. })));
    pm.declare_services::<u8>("n").unwrap();
}

#[test]
fn the_kinds_of_services_are_listed() {
    let pm = Manager::builder("services").lenient_services(true).build();
    pm.register(Plain).unwrap();
    pm.declare_services::<u8>("declared").unwrap();
    pm.provide_named::<u8>("merely", 0, Arc::new(1)).unwrap();
    let points = pm.service_points();
    // The traits of this file are there twice, once for each manager.
    let point = |name: &str| {
        let named = points.iter().filter(|point| point.name == name);
        named.map(|point| (point.declared, point.count)).max()
    };
    assert_eq!(point("Formatter"), Some((true, 1)));
    assert_eq!(point("Unprovided"), Some((true, 0)));
    assert_eq!(point("declared"), Some((true, 0)));
    assert_eq!(point("merely"), Some((false, 1)));
    assert_eq!(point("Elsewhere"), None);
    let traits: Vec<_> = points.iter().filter(|point| point.declared).map(|point| &point.name).collect();
    assert!(traits[..traits.len() - 1].is_sorted(), "{traits:?}");
}

#[test]
fn a_declaration_leaves_with_its_plugin() {
    struct Declaring;
    implement! {
        #[extension]
        impl Lifecycle for Declaring {
            fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
                cx.declare_services::<dyn Formatter>("mine")?;
                cx.provide_named::<dyn Formatter>("mine", 0, Arc::new(Named("own")))?;
                assert_eq!(cx.service_named::<dyn Formatter>("mine")?.name(), "own");
                Ok(())
            }
        }
    }
    let pm = Manager::new("services");
    pm.register(Declaring).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(pm.service_named::<dyn Formatter>("mine").unwrap().name(), "own");
    wait!(pm.unload_all()).unwrap();
    assert!(matches!(pm.service_named::<dyn Formatter>("mine").err(), Some(Error::UnknownService { .. })));
}

#[test]
fn a_plugin_finds_the_services_of_others_and_its_context_outlives_them() {
    struct User(Arc<std::sync::Mutex<Option<PluginContext>>>);
    implement! {
        #[extension]
        impl Lifecycle for User {
            fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
                assert_eq!(cx.service::<dyn Formatter>()?.format("x"), "json:x");
                assert_eq!(cx.services::<dyn Formatter>().len(), 1);
                *self.0.lock().unwrap() = Some(cx.clone());
                Ok(())
            }
        }
    }
    let kept = Arc::default();
    let pm = Manager::new("services");
    pm.register(Json).unwrap();
    pm.register(User(Arc::clone(&kept))).unwrap();
    wait!(pm.start_all()).unwrap();
    let cx = kept.lock().unwrap().take().unwrap();
    assert!(cx.service::<dyn Formatter>().is_ok());
    pm.unregister("User").unwrap();
    let late = cx.provide::<dyn Formatter>(Arc::new(Named("late")));
    assert!(matches!(late, Err(Error::UnknownPlugin { .. })));
    assert_eq!(found(&pm), "json");
    drop(pm);
    assert!(matches!(cx.service::<dyn Formatter>().err(), Some(Error::NoService { .. })));
    assert!(cx.services::<dyn Formatter>().is_empty());
    assert!(cx.provide::<dyn Formatter>(Arc::new(Named("late"))).is_err());
}

#[test]
fn two_managers_share_no_service() {
    let (one, two) = (Manager::new("services"), Manager::new("services"));
    one.register(Json).unwrap();
    assert_eq!((found(&one).as_str(), found(&two).as_str()), ("json", ""));
}
