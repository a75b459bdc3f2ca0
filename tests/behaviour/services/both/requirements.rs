//! Requirements that name a service: a plugin that provides it will do, and so will the host.

use std::sync::Arc;

use pluginkit::lifecycle::StartPolicy;
use pluginkit::metadata::{DependencyProblem, PluginMetadata, ServiceType};
use pluginkit::prelude::*;
use pluginkit::services::Provides;
use pluginkit::{Error, Plugin};
use pluginkit_tests::Log;

use super::kind::{Manager, implement, wait};

#[extension_point(service)]
trait Store: Send + Sync {
    fn name(&self) -> String;
}

#[extension_point(service)]
trait Cache: Send + Sync {}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Does {
    #[default]
    Nothing,
    /// It provides a store in its start.
    Provides,
    /// Its start fails.
    Fails,
}

/// A plugin that logs its phases, and the store it finds.
struct Part {
    name: &'static str,
    log: Log,
    does: Does,
}

implement! {
    #[extension]
    impl Lifecycle for Part {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            let store = cx.service::<dyn Store>().map_or("none".to_owned(), |store| store.name());
            self.log.push(format!("{} finds {store}", self.name));
            if self.does == Does::Provides {
                cx.provide::<dyn Store>(Arc::new(Named(self.name)))?;
            }
            if self.does == Does::Fails { Err("no start".into()) } else { Ok(()) }
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.log.push(format!("{} stops", self.name));
            Ok(())
        }
    }
}

impl Provides<dyn Store> for Part {
    fn provide(self: Arc<Self>) -> Arc<dyn Store> {
        Arc::new(Named(self.name))
    }
}

struct Named(&'static str);

impl Store for Named {
    fn name(&self) -> String {
        self.0.to_owned()
    }
}

struct Stage {
    pm: Manager,
    log: Log,
}

impl Stage {
    fn new() -> Self {
        Self { pm: Manager::new("stores"), log: Log::default() }
    }

    fn add(&self, metadata: PluginMetadata, does: Does, store: Option<i32>) {
        let name: &'static str = String::leak(metadata.id.to_string());
        let part = Part { name, log: self.log.clone(), does };
        let builder = PluginBuilder::new(part).metadata(metadata).extends(Lifecycle);
        let builder = match store {
            Some(priority) => builder.provides::<dyn Store>(priority),
            None => builder,
        };
        builder.register(&self.pm).unwrap();
    }

    /// Registers a plugin that requires a store.
    fn user(&self, name: &'static str) {
        self.add(PluginMetadata::new(name).requires_service::<dyn Store>(), Does::Nothing, None);
    }

    /// Registers a plugin that is a store.
    fn store(&self, name: &'static str, priority: i32, does: Does) {
        self.add(PluginMetadata::new(name), does, Some(priority));
    }

    fn line(&self) -> String {
        self.log.line()
    }

    fn states(&self) -> String {
        let states = self.pm.descriptors();
        states.iter().map(|it| format!("{}={}", it.id, it.state)).collect::<Vec<_>>().join(" ")
    }
}

/// The plugin, the service and the providers of the only problem.
fn problem(error: &Error) -> (String, String, String) {
    match error {
        Error::UnmetDependencies { problems, .. } => match &problems[..] {
            [DependencyProblem::NoService { plugin, service, providers, .. }] => {
                (plugin.to_string(), service.to_string(), format!("{providers:?}"))
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other}"),
    }
}

#[test]
fn what_provides_a_required_service_starts_first_and_stops_last() {
    let stage = Stage::new();
    stage.user("web");
    stage.store("sqlite", 0, Does::Nothing);
    stage.store("remote", 5, Does::Nothing);
    stage.pm.validate().unwrap();
    wait!(stage.pm.start_plugin("web")).unwrap();
    assert_eq!(stage.line(), "sqlite finds remote remote finds remote web finds remote");
    // Each of them is used.
    wait!(stage.pm.stop_plugin("sqlite")).unwrap();
    assert_eq!(stage.line(), "web stops sqlite stops");
    wait!(stage.pm.start_all()).unwrap();
    stage.line();
    wait!(stage.pm.stop_all()).unwrap();
    assert_eq!(stage.line(), "web stops sqlite stops remote stops");
}

#[test]
fn without_a_provider_a_required_service_is_an_unmet_dependency() {
    let stage = Stage::new();
    stage.user("web");
    let expected = ("web".to_owned(), "dyn Store".to_owned(), "[]".to_owned());
    let error = wait!(stage.pm.start_all()).unwrap_err();
    assert_eq!(problem(&error), expected);
    let expected_text =
        "plugin `web` requires the service `dyn Store`, but neither a plugin nor the host provides it; ";
    assert!(error.to_string().starts_with(expected_text), "{error}");
    assert_eq!(problem(&stage.pm.validate().unwrap_err()), expected);
    assert_eq!(stage.states(), "web=loaded");
    // A plugin that needs no store starts.
    stage.add(PluginMetadata::new("jobs"), Does::Nothing, None);
    let error = wait!(stage.pm.start_all_with(StartPolicy::Continue)).unwrap_err();
    assert_eq!(problem(&error), expected);
    assert_eq!(stage.states(), "web=loaded jobs=started");
}

#[test]
fn the_host_can_provide_a_required_service() {
    let stage = Stage::new();
    stage.user("web");
    let id = stage.pm.provide::<dyn Store>(Arc::new(Named("mock"))).unwrap();
    stage.pm.validate().unwrap();
    wait!(stage.pm.start_all()).unwrap();
    assert_eq!(stage.line(), "web finds mock");
    wait!(stage.pm.stop_all()).unwrap();
    assert!(stage.pm.withdraw(id));
    assert!(wait!(stage.pm.start_all()).is_err());
}

#[test]
fn one_provider_that_starts_is_enough() {
    let stage = Stage::new();
    stage.user("web");
    stage.store("broken", 9, Does::Fails);
    stage.store("sqlite", 0, Does::Nothing);
    let error = wait!(stage.pm.start_all_with(StartPolicy::Continue)).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "broken", "{error}");
    assert_eq!(stage.states(), "web=started broken=failed sqlite=started");
    assert_eq!(stage.line(), "broken finds broken sqlite finds sqlite web finds sqlite");
}

#[test]
fn a_provider_that_fails_does_not_keep_a_user_from_another() {
    let stage = Stage::new();
    stage.user("web");
    stage.store("sqlite", 0, Does::Nothing);
    stage.store("broken", 9, Does::Fails);
    for policy in [StartPolicy::Rollback, StartPolicy::Keep] {
        wait!(stage.pm.start_plugins(["web"], policy)).unwrap();
        assert_eq!(stage.states(), "web=started sqlite=started broken=failed");
        assert!(stage.line().ends_with("broken finds broken web finds sqlite"));
        let reason = stage.pm.descriptor("broken").unwrap().failed_reason;
        assert_eq!(reason.as_deref(), Some("no start"));
        wait!(stage.pm.stop_all()).unwrap();
        stage.line();
    }
    // Nor does a start that has to do with it later.
    wait!(stage.pm.start_plugin("web")).unwrap();
    stage.user("jobs");
    wait!(stage.pm.start_plugin("jobs")).unwrap();
    assert_eq!(stage.states(), "web=started sqlite=started broken=failed jobs=started");
    // What is to be started itself fails the operation, and so does what another requires by its name.
    assert_eq!(wait!(stage.pm.start_all()).unwrap_err().plugin().unwrap(), "broken");
    stage.add(PluginMetadata::new("fan").requires(["broken"]), Does::Nothing, None);
    assert_eq!(wait!(stage.pm.start_plugin("fan")).unwrap_err().plugin().unwrap(), "broken");
    // The host provides it, too.
    let stage = Stage::new();
    stage.user("web");
    stage.store("broken", 9, Does::Fails);
    stage.pm.provide::<dyn Store>(Arc::new(Named("mock"))).unwrap();
    wait!(stage.pm.start_plugin("web")).unwrap();
    assert_eq!(
        (stage.states().as_str(), stage.line().as_str()),
        ("web=started broken=failed", "broken finds broken web finds mock")
    );
}

#[test]
fn if_no_provider_can_start_the_error_has_their_failures() {
    let stage = Stage::new();
    stage.user("web");
    stage.store("broken", 9, Does::Fails);
    stage.store("broken-too", 0, Does::Fails);
    for policy in [StartPolicy::Rollback, StartPolicy::Keep] {
        let error = wait!(stage.pm.start_plugins(["web"], policy)).unwrap_err();
        let errors: Vec<_> =
            error.errors().iter().map(|error| (error.plugin().unwrap().as_str(), error.code())).collect();
        assert_eq!(errors, [("broken", "start"), ("broken-too", "start"), ("web", "unmet_dependencies")]);
        assert_eq!(stage.states(), "web=loaded broken=failed broken-too=failed");
    }
}

#[test]
fn what_a_plugin_can_do_without_may_fail() {
    let stage = Stage::new();
    stage.add(PluginMetadata::new("web").optional_requires(["cache"]), Does::Nothing, None);
    stage.add(PluginMetadata::new("disk"), Does::Fails, None);
    stage.add(PluginMetadata::new("cache").requires(["disk"]), Does::Nothing, None);
    stage.add(PluginMetadata::new("jobs").optional_requires_service::<dyn Store>(), Does::Nothing, None);
    stage.store("broken", 0, Does::Fails);
    wait!(stage.pm.start_plugin("web")).unwrap();
    wait!(stage.pm.start_plugin("jobs")).unwrap();
    assert_eq!(stage.states(), "web=started disk=failed cache=loaded jobs=started broken=failed");
}

#[test]
fn if_no_provider_starts_the_plugin_does_not() {
    let stage = Stage::new();
    stage.user("web");
    stage.store("broken", 9, Does::Fails);
    stage.store("broken-too", 0, Does::Fails);
    let error = wait!(stage.pm.start_all_with(StartPolicy::Continue)).unwrap_err();
    let Error::Several { errors, .. } = &error else { panic!("{error}") };
    assert_eq!(
        problem(&errors[2]),
        ("web".to_owned(), "dyn Store".to_owned(), "[\"broken\", \"broken-too\"]".to_owned())
    );
    assert!(errors[2].to_string().contains(" provide it is started: broken, broken-too; "), "{}", errors[2]);
    assert_eq!(stage.states(), "web=loaded broken=failed broken-too=failed");
    // The only provider is like a plugin that is required by its id.
    let stage = Stage::new();
    stage.user("web");
    stage.store("broken", 9, Does::Fails);
    let error = wait!(stage.pm.start_all_with(StartPolicy::Continue)).unwrap_err();
    assert_eq!((error.plugin().unwrap().as_str(), error.code()), ("broken", "start"));
}

#[test]
fn a_plugin_that_provides_in_a_phase_says_so() {
    let stage = Stage::new();
    stage.user("web");
    stage.add(PluginMetadata::new("pool").provides_service::<dyn Store>(), Does::Provides, None);
    wait!(stage.pm.start_all()).unwrap();
    assert_eq!(stage.line(), "pool finds none web finds pool");
    wait!(stage.pm.stop_plugin("pool")).unwrap();
    assert_eq!(stage.line(), "web stops pool stops");
    // It says so, and does not.
    let stage = Stage::new();
    stage.user("web");
    stage.add(PluginMetadata::new("pool").provides_service::<dyn Store>(), Does::Nothing, None);
    let error = wait!(stage.pm.start_all()).unwrap_err();
    assert_eq!(problem(&error).0, "web");
    let told =
        "`dyn Store`, but plugin `pool`, which declares it with `provides`, has started and not provided it;";
    assert!(error.to_string().contains(told), "{error}");
    // So does another.
    stage.add(PluginMetadata::new("pond").provides_service::<dyn Store>(), Does::Nothing, None);
    let error = wait!(stage.pm.start_plugin("web")).unwrap_err().to_string();
    assert!(error.contains("have started and not provided it: pool, pond;"), "{error}");
    stage.store("broken", 0, Does::Fails);
    let error = wait!(stage.pm.start_plugin("web")).unwrap_err().to_string();
    assert!(error.contains("provide it are not started: broken; and these"), "{error}");
    assert!(error.contains("have not provided it: pool, pond;"), "{error}");
    // Those that declare it are not started themselves.
    let stage = Stage::new();
    stage.user("web");
    for name in ["pool", "pond"] {
        stage.add(PluginMetadata::new(name).provides_service::<dyn Store>(), Does::Fails, None);
    }
    let error = wait!(stage.pm.start_plugin("web")).unwrap_err().to_string();
    assert!(error.contains("none of the plugins that provide it is started: pool, pond;"), "{error}");
    // It does not say so: others that require the service start after it only if they name it.
    let stage = Stage::new();
    stage.add(PluginMetadata::new("pool"), Does::Provides, None);
    stage.user("web");
    assert_eq!(problem(&wait!(stage.pm.start_all()).unwrap_err()).0, "web");
    wait!(stage.pm.start_plugin("pool")).unwrap();
    wait!(stage.pm.start_plugin("web")).unwrap();
    stage.line();
    wait!(stage.pm.stop_plugin("pool")).unwrap();
    assert_eq!(stage.line(), "web stops pool stops");
}

#[test]
fn an_optional_service_orders_who_provides_it_and_may_be_missing() {
    let stage = Stage::new();
    stage.add(PluginMetadata::new("web").optional_requires_service::<dyn Store>(), Does::Nothing, None);
    wait!(stage.pm.start_all()).unwrap();
    assert_eq!(stage.line(), "web finds none");
    wait!(stage.pm.stop_all()).unwrap();
    stage.store("sqlite", 0, Does::Nothing);
    wait!(stage.pm.start_all()).unwrap();
    assert_eq!(stage.line(), "web stops sqlite finds sqlite web finds sqlite");
    wait!(stage.pm.remove("sqlite")).unwrap_err();
    wait!(stage.pm.stop_plugin("web")).unwrap();
    wait!(stage.pm.remove("sqlite")).unwrap();
}

#[test]
fn the_last_provider_is_not_removed_under_a_plugin_that_requires_the_service() {
    let stage = Stage::new();
    stage.user("web");
    stage.store("sqlite", 0, Does::Nothing);
    stage.store("remote", 5, Does::Nothing);
    wait!(stage.pm.remove("sqlite")).unwrap();
    let error = wait!(stage.pm.remove("remote")).unwrap_err();
    let Error::HasDependents { plugin, dependents, .. } = &error else { panic!("{error}") };
    assert_eq!((plugin.as_str(), &dependents[..]), ("remote", &["web".into()][..]));
    stage.pm.provide::<dyn Store>(Arc::new(Named("mock"))).unwrap();
    wait!(stage.pm.remove("remote")).unwrap();
    assert_eq!(stage.pm.plugin_names(), ["web"]);
}

#[test]
fn a_plugin_that_wraps_a_service_does_not_wait_for_itself() {
    let stage = Stage::new();
    stage.add(PluginMetadata::new("cached").requires_service::<dyn Store>(), Does::Nothing, Some(9));
    assert_eq!(problem(&wait!(stage.pm.start_all()).unwrap_err()).0, "cached");
    stage.store("sqlite", 0, Does::Nothing);
    wait!(stage.pm.start_all()).unwrap();
    assert_eq!(stage.line(), "sqlite finds cached cached finds cached");
    // Two that wrap each other are a cycle.
    stage.add(PluginMetadata::new("timed").requires_service::<dyn Store>(), Does::Nothing, Some(8));
    let error = stage.pm.validate().unwrap_err();
    let Error::DependencyCycle { cycle, .. } = &error else { panic!("{error}") };
    assert_eq!(cycle, &["cached", "timed", "cached"]);
}

#[test]
fn a_replaced_provider_makes_its_users_start_anew_and_a_handle_follows() {
    let stage = Stage::new();
    let handle = stage.pm.service_handle::<dyn Store>();
    assert!(handle.get().is_err());
    stage.user("web");
    stage.store("sqlite", 0, Does::Nothing);
    wait!(stage.pm.start_all()).unwrap();
    stage.line();
    let old = handle.get().unwrap();
    wait!(stage.pm.replace(Sqlite)).unwrap();
    // The host made it, so it is restarted in place.
    assert_eq!(stage.line(), "web stops web finds new sqlite stops");
    assert_eq!((old.name(), handle.get().unwrap().name()), ("sqlite".into(), "new".into()));
    assert_eq!(handle.clone().all().len(), 1);
    assert_eq!(format!("{handle:?}"), "ServiceHandle(dyn Store)");
    wait!(stage.pm.unload_all()).unwrap();
    assert!(handle.get().is_err() && handle.all().is_empty());
    drop(stage);
    let Err(Error::NoService { service, .. }) = handle.get() else { panic!("the manager is gone") };
    assert_eq!(service, "dyn Store");
}

#[test]
fn a_provider_that_cannot_start_keeps_nothing_else_from_it() {
    let stage = Stage::new();
    stage.user("web");
    stage.add(PluginMetadata::new("broken").requires(["nobody"]), Does::Nothing, Some(9));
    stage.store("sqlite", 0, Does::Nothing);
    stage.add(PluginMetadata::new("jobs"), Does::Nothing, None);
    let error = wait!(stage.pm.start_all_with(StartPolicy::Continue)).unwrap_err();
    assert_eq!(error.code(), "unmet_dependencies");
    assert_eq!(stage.states(), "web=started broken=loaded sqlite=started jobs=started");
    wait!(stage.pm.stop_all()).unwrap();
    wait!(stage.pm.start_plugin("web")).unwrap();
    assert_eq!(stage.states(), "web=started broken=loaded sqlite=started jobs=stopped");
}

#[test]
fn a_removal_takes_along_what_is_left_without_any_provider() {
    let stage = Stage::new();
    stage.store("base", 0, Does::Nothing);
    stage.add(PluginMetadata::new("cached").requires_service::<dyn Store>(), Does::Nothing, Some(9));
    stage.user("web");
    let error = wait!(stage.pm.remove("base")).unwrap_err();
    let Error::HasDependents { dependents, .. } = &error else { panic!("{error}") };
    assert_eq!(dependents, &["cached", "web"]);
    wait!(stage.pm.remove_with_dependents("base")).unwrap();
    assert_eq!(stage.pm.plugin_names(), [""; 0]);
}

#[test]
fn a_graph_shows_what_provides_a_required_service() {
    let stage = Stage::new();
    let edges = |pm: &Manager| {
        let text = pm.graph().to_mermaid();
        let edges = text.lines().filter(|line| line.contains("-.")).map(str::trim);
        edges.map(str::to_owned).collect::<Vec<_>>()
    };
    stage.user("web");
    stage.add(PluginMetadata::new("jobs").optional_requires_service::<dyn Cache>(), Does::Nothing, None);
    let missing =
        ["plugin0 -. \"requires dyn Store\" .-> plugin2", "plugin1 -. \"uses dyn Cache\" .-> plugin3"];
    assert_eq!(edges(&stage.pm), missing);
    stage.store("sqlite", 0, Does::Nothing);
    stage.store("remote", 0, Does::Nothing);
    let edges_now = edges(&stage.pm);
    assert!(edges_now.contains(&"plugin0 -. \"requires dyn Store\" .-> plugin2".to_owned()), "{edges_now:?}");
    assert!(edges_now.contains(&"plugin0 -. \"requires dyn Store\" .-> plugin3".to_owned()), "{edges_now:?}");
    let dot = stage.pm.graph().to_dot();
    assert!(dot.contains("[label=\"requires dyn Store\", style=dotted]"), "{dot}");
    // The host is no plugin.
    let stage = Stage::new();
    stage.user("web");
    stage.pm.provide::<dyn Store>(Arc::new(Named("mock"))).unwrap();
    assert_eq!(edges(&stage.pm), [""; 0]);
}

#[plugin(id = "sqlite")]
struct Sqlite;

#[extension(service)]
impl Store for Sqlite {
    fn name(&self) -> String {
        "new".to_owned()
    }
}

#[plugin(id = "notes", requires = ["core >= 1.2", service(dyn Store,)], optional_requires = service(dyn Cache))]
struct Notes;

#[plugin(id = "pool", provides = [service(dyn Store), service(dyn Cache),])]
struct Pool<T>(T);

#[test]
fn the_attribute_names_services_by_their_types() {
    let notes = Notes::metadata();
    assert_eq!(notes.requires, ["core >= 1.2"]);
    assert_eq!(notes.requires_services, [ServiceType::of::<dyn Store>()]);
    assert_eq!(notes.optional_requires_services, [ServiceType::of::<dyn Cache>()]);
    assert_eq!(Pool::<u8>::metadata().provides_services.len(), 2);
    let _ = Pool(Notes).0;
}
