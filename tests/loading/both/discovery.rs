//! Discovery of linked plugins.

use std::error::Error as _;

use pluginkit::Error;
use pluginkit::loading::{Discovery, PluginFactory, SkipReason};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;

use super::kind::{Manager, wait};
use crate::plugins::{NoDisk, Specs};

fn manager(project: &str) -> Manager {
    let pm = Manager::new(project);
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn every_plugin_of_the_project_is_registered_by_the_order_of_ids() {
    let pm = manager("discovery");
    let ids = wait!(pm.discover()).unwrap();
    assert_eq!(ids, ["a-news", "b-words", "c-made", "d-weather"]);
    assert_eq!(pm.plugin_names(), ids);
    let headlines = wait!(pm.caller(Specs::fetch).call("x"));
    assert_eq!(headlines, ["news[x]", "words[x]", "built[x]", "weather[x]"]);
}

#[test]
fn a_discovery_leaves_registered_plugins_as_they_are() {
    let pm = manager("discovery");
    pm.register_fn("b-words", Specs::fetch, |_| "own".to_owned()).unwrap();
    assert_eq!(wait!(pm.discover()).unwrap(), ["a-news", "c-made", "d-weather"]);
    assert_eq!(wait!(pm.discover()).unwrap(), [""; 0]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x"))[0], "own");
}

#[test]
fn each_manager_has_plugins_of_its_own() {
    let (one, two) = (manager("discovery"), manager("discovery"));
    wait!(one.discover()).unwrap();
    wait!(two.discover()).unwrap();
    one.unregister("a-news");
    assert!(two.is_registered("a-news"));
}

#[test]
fn a_missing_setting_that_no_source_has_has_no_location() {
    let pm = Manager::new("loading");
    pm.add_extension_points(Specs).unwrap();
    let error = wait!(pm.discover_with(Discovery::new().config(&crate::toml("")))).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("plugin `limiter`: ") && !text.contains(".rs:"), "{text}");
}

#[test]
fn a_discovery_reports_requested_plugins_that_are_not_linked() {
    let pm = manager("discovery");
    let discovery = Discovery::new().only(["a-news", "a-mews"]);
    let error = wait!(pm.discover_with(discovery.clone())).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("not_linked", "a-mews"));
    let linked = "linked are: a-news, b-words, c-made, d-weather;";
    assert!(error.to_string().contains(linked), "{error}");
    assert_eq!(pm.plugin_names(), [""; 0]);
    let report = wait!(pm.discover_with(discovery.ignore_errors(true))).unwrap();
    assert_eq!(report.registered(), ["a-news"]);
    assert!(report.errors().any(|error| error.code() == "not_linked"));
}

#[allow(dead_code, reason = "only its attribute matters")]
#[plugin(id = "generic-one")]
struct Generic<T>(T);

#[test]
fn a_generic_type_is_not_discovered_and_the_error_says_why() {
    let pm = manager("discovery");
    let error = wait!(pm.discover_with(Discovery::new().only(["generic-one"]))).unwrap_err();
    assert_eq!(error.code(), "not_linked");
    assert!(error.to_string().contains("its type is generic"), "{error}");
    let path = format!("{}::Generic", module_path!());
    let error = wait!(pm.load_config(&crate::toml(&format!("[plugins]\nweb = ['{path}']")))).unwrap_err();
    let Error::Config { source, .. } = &error else { panic!("{error}") };
    assert!(source.problems()[0].to_string().contains("its type is generic"), "{source}");
}

#[test]
fn filters_select_plugins_and_the_report_lists_the_rest() {
    let pm = manager("discovery");
    pm.set_blocked("c-made");
    let discovery = Discovery::new()
        .only(["a-news", "b-words", "c-made"])
        .except(["b-words"])
        .from_crate("loading")
        .filter(|factory| factory.path().is_some_and(|path| path.starts_with("loading::plugins::")));
    let report = wait!(pm.discover_with(discovery)).unwrap();
    assert_eq!(report.registered(), ["a-news"]);
    let reason = |id: &str| {
        let skipped = report.skipped().iter().find(|skipped| skipped.plugin == id);
        skipped.unwrap_or_else(|| panic!("{id} was not skipped")).reason.to_string()
    };
    assert_eq!(reason("b-words"), "the discovery leaves it out, by `only`, `except` or a filter");
    assert_eq!(reason("d-weather"), "the discovery leaves it out, by `only`, `except` or a filter");
    assert_eq!(reason("c-made"), "its name is blocked");
    assert_eq!(reason("elsewhere"), "it is of the project `another-project`");
    assert!(report.to_string().starts_with("registered `a-news`\n"), "{report}");
    assert_eq!(wait!(pm.discover_with(Discovery::new().from_crate("nobody"))).unwrap().registered(), [""; 0]);
}

#[test]
fn a_failed_discovery_registers_no_plugin_and_lists_every_error() {
    let pm = manager("failing");
    let error = wait!(pm.discover()).unwrap_err();
    assert_eq!(pm.plugin_names(), [""; 0]);
    let codes: Vec<_> =
        error.errors().iter().map(|error| (error.code(), error.plugin().map(ToString::to_string))).collect();
    let named = |id: &str| Some(id.to_owned());
    assert_eq!(
        codes,
        [
            ("factory", named("fails")),
            ("factory", named("panics")),
            ("no_factory", named("unmade")),
            ("config", None)
        ]
    );
    let [fails, panics, unmade, unset] = error.errors() else { panic!("{error}") };
    assert_eq!(fails.source().and_then(|source| source.downcast_ref::<NoDisk>()), Some(&NoDisk));
    assert!(format!("{panics:?}").contains("out of luck"), "{panics:?}");
    assert!(unmade.to_string().contains("derive `Default` for `loading::plugins::Unmade`"), "{unmade}");
    assert!(unset.to_string().contains("plugin `unset`: "), "{unset}");
    assert!(unset.to_string().contains("sky"), "{unset}");
}

#[test]
fn with_errors_ignored_failures_are_reported_and_the_other_plugins_are_registered() {
    let pm = manager("failing");
    let report = wait!(pm.discover_with(true)).unwrap();
    assert_eq!(report.registered(), ["works"]);
    assert_eq!(pm.plugin_names(), ["works"]);
    let failed: Vec<_> =
        report.skipped().iter().filter(|skipped| matches!(skipped.reason, SkipReason::Failed(_))).collect();
    let ids: Vec<_> = failed.iter().map(|skipped| skipped.plugin.as_str()).collect();
    assert_eq!(ids, ["fails", "panics", "unmade", "unset"]);
    assert_eq!(report.errors().count(), 4);
    assert_eq!(
        failed[0].to_string(),
        "plugin `fails` (loading::plugins::Fails): plugin `fails` was not built: there is no disk; fix the cause, or leave the plugin out"
    );
}

#[test]
fn a_plugin_that_the_manager_refuses_is_a_failure_too() {
    let pm = Manager::new("discovery");
    let error = wait!(pm.discover()).unwrap_err();
    assert_eq!(error.code(), "unknown_specs");
    assert_eq!(pm.plugin_names(), [""; 0]);
    let report = wait!(pm.discover_with(true)).unwrap();
    assert_eq!((report.registered().len(), report.errors().count()), (0, 4));
}

#[test]
fn two_linked_plugins_of_one_id_are_told_apart_by_their_paths() {
    let pm = Manager::new("doubles");
    let error = wait!(pm.discover()).unwrap_err();
    assert_eq!(error.errors().len(), 1);
    assert_eq!(
        error.to_string(),
        "`loading::plugins::one::Double` and `loading::plugins::two::Double` have the same plugin id `double`; give one of them another id"
    );
    let report = wait!(pm.discover_with(true)).unwrap();
    assert_eq!(report.registered(), ["double"]);
    assert_eq!(report.errors().map(Error::code).collect::<Vec<_>>(), ["same_id"]);
    // A choice of the host's makes it clear.
    let pm = Manager::new("doubles");
    pm.add_factory(PluginFactory::new(PluginMetadata::new("double"), crate::plugins::two::Double::default));
    wait!(pm.discover()).unwrap();
    assert!(pm.plugin_as::<crate::plugins::two::Double>("double").is_some());
}

#[test]
fn factories_are_listed_by_their_ids() {
    let pm = Manager::new("discovery");
    let paths: Vec<_> =
        pm.factories().iter().map(|factory| factory.path().unwrap_or_default().to_owned()).collect();
    let path = |name: &str| format!("loading::plugins::{name}");
    assert_eq!(paths, [path("News"), path("words"), path("Built"), path("Weather")]);
}

#[test]
fn a_factory_that_discovers_is_told_to_wait() {
    struct Greedy;

    #[extension]
    impl Lifecycle for Greedy {
        fn stop(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }

    let pm = std::sync::Arc::new(Manager::new("nobody-else"));
    let weak = std::sync::Arc::downgrade(&pm);
    pm.add_factory(PluginFactory::try_new(PluginMetadata::new("greedy"), move || {
        let pm = weak.upgrade().ok_or("the manager is gone")?;
        wait!(pm.discover())?;
        Ok::<_, BoxError>(Greedy)
    }));
    let error = wait!(pm.discover()).unwrap_err();
    let cause = error.source().and_then(|source| source.downcast_ref::<Error>()).map(Error::code);
    assert_eq!(cause, Some("load_busy"));
    // The claim ends with the load.
    pm.add_factory(PluginFactory::new(PluginMetadata::new("greedy"), || Greedy));
    assert_eq!(wait!(pm.discover()).unwrap(), ["greedy"]);
}

#[test]
fn a_discovered_plugin_is_replayed_what_it_missed() {
    #[extension_point]
    trait Past {
        #[extension_point(historic)]
        fn configure(&self, text: &str);
    }

    let pm = Manager::new("replaying");
    pm.add_extension_points(Past).unwrap();
    wait!(pm.caller(Past::configure).call_historic("told"));
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = seen.clone();
    pm.add_factory(PluginFactory::function(PluginMetadata::new("late"), Past::configure, move |args| {
        log.lock().unwrap().push(args.text.to_owned());
    }));
    wait!(pm.discover()).unwrap();
    assert_eq!(*seen.lock().unwrap(), ["told"]);
}

#[test]
fn a_plugin_that_says_no_project_is_of_that_of_its_points() {
    use crate::plugins::Inferred;

    let pm = Manager::new("inferred");
    pm.add_extension_points(Inferred).unwrap();
    assert_eq!(wait!(pm.discover()).unwrap(), ["says-nothing"]);
    let report = wait!(manager("discovery").discover_with(false)).unwrap();
    let reason = |id: &str| {
        report.skipped().iter().find(|skipped| skipped.plugin == id).map(|skipped| skipped.reason.to_string())
    };
    assert_eq!(reason("says-nothing").as_deref(), Some("it is of the project `inferred`"));
    assert!(reason("left-to-hosts").unwrap().starts_with("nothing says how it is made: derive `Default`"));
}

#[test]
fn a_factory_names_the_specs_of_a_generic_plugin_and_is_refused_without_any() {
    struct Repeats<T>(T);

    #[extension]
    impl<T: std::fmt::Display + Send + Sync + 'static> Specs for Repeats<T> {
        fn fetch(&self, topic: &str) -> String {
            format!("{} {topic}", self.0)
        }
    }

    let pm = manager("generic-factories");
    pm.add_factory(PluginFactory::new(PluginMetadata::new("twice"), || Repeats(2)));
    let error = wait!(pm.discover()).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("no_extensions", "twice"));
    assert!(error.to_string().contains("`.extends(Specs)` on its `PluginFactory`"), "{error}");
    assert!(pm.plugin_names().is_empty());
    pm.add_factory(PluginFactory::new(PluginMetadata::new("twice"), || Repeats(2)).extends(Specs));
    assert_eq!(wait!(pm.discover()).unwrap(), ["twice"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["2 x"]);
}
