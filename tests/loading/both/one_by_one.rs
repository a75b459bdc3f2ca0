//! Loads and discoveries that leave out plugins that fail: what is used comes first, whatever the order is.

use pluginkit::loading::{Discovery, LoadPolicy, LoadReport, PluginFactory, SkipReason};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, implement, wait};
use crate::toml;

#[extension_point]
trait Parts {
    fn version(&self) -> String;
}

#[extension_point(service)]
trait Store: Send + Sync {
    fn version(&self) -> String;
}

#[derive(Clone, Default, serde::Deserialize)]
#[serde(default)]
struct Settings {
    version: String,
    fails: bool,
}

struct Part {
    title: String,
    fails: bool,
    log: Log,
}

implement! {
    #[extension]
    impl Parts for Part {
        fn version(&self) -> String {
            self.title.clone()
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Part {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            let store = cx.service::<dyn Store>().map_or("none".to_owned(), |store| store.version());
            self.log.push(format!("+{}({store})", self.title));
            if self.fails { Err("no start".into()) } else { Ok(()) }
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.log.push(format!("-{}", self.title));
            Ok(())
        }
    }
}

struct StorePart(Part);

#[extension(service)]
impl Store for StorePart {
    fn version(&self) -> String {
        self.0.title.clone()
    }
}

implement! {
    #[extension]
    impl Lifecycle for StorePart {
        fn start(&self) -> Result<(), BoxError> {
            self.0.log.push(format!("+{}", self.0.title));
            if self.0.fails { Err("no start".into()) } else { Ok(()) }
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.0.log.push(format!("-{}", self.0.title));
            Ok(())
        }
    }
}

struct Stage {
    pm: Manager,
    log: Log,
}

impl Stage {
    /// A manager that runs. Its plugins `a-web` and `b-jobs` require a store and `z-core`; `y-disk` and `x-memory` are stores.
    fn new() -> Self {
        let stage = Self { pm: Manager::new("one-by-one"), log: Log::default() };
        stage.pm.add_extension_points(Parts).unwrap();
        let web = PluginMetadata::new("a-web").requires_service::<dyn Store>();
        stage.part(web);
        stage.part(PluginMetadata::new("b-jobs").requires(["z-core"]).optional_requires(["a-web"]));
        stage.part(PluginMetadata::new("z-core"));
        for store in ["x-memory", "y-disk"] {
            let log = stage.log.clone();
            let make = move |settings: Settings| {
                let title = format!("{store}{}", settings.version);
                StorePart(Part { title, fails: settings.fails, log: log.clone() })
            };
            stage.pm.add_factory(PluginFactory::configured(PluginMetadata::new(store), make));
        }
        wait!(stage.pm.start_all()).unwrap();
        stage
    }

    fn part(&self, metadata: PluginMetadata) {
        let (log, name) = (self.log.clone(), metadata.id.clone());
        let make = move |settings: Settings| {
            let title = format!("{name}{}", settings.version);
            Part { title, fails: settings.fails, log: log.clone() }
        };
        self.pm.add_factory(PluginFactory::configured(metadata, make));
    }

    fn load(&self, plugins: &str, settings: &str) -> LoadReport {
        let config = toml(&format!("[plugins]\ng = [{plugins}]\n{settings}"));
        wait!(self.pm.load_config_with(&config, LoadPolicy::Skip)).unwrap()
    }

    fn names(&self) -> String {
        self.pm.plugin_names().join(" ")
    }
}

fn failed(report: &[pluginkit::loading::Skipped]) -> String {
    let failed = report.iter().filter(|skipped| matches!(skipped.reason, SkipReason::Failed(_)));
    failed
        .map(|skipped| format!("{} {}", skipped.plugin, skipped.error().unwrap().code()))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn a_plugin_that_is_listed_before_what_it_requires_is_loaded() {
    let stage = Stage::new();
    let report = stage.load("'b-jobs', 'a-web', 'y-disk', 'z-core'", "");
    assert_eq!(failed(report.skipped()), "");
    assert_eq!(report.added().len(), 4);
    assert_eq!(stage.log.line(), "+y-disk +a-web(y-disk) +z-core(y-disk) +b-jobs(y-disk)");
    // Calls have the order of the list.
    assert_eq!(stage.names(), "b-jobs a-web y-disk z-core");
    assert_eq!(wait!(stage.pm.caller(Parts::version).call()), ["b-jobs", "a-web", "z-core"]);
    assert_eq!(stage.pm.group("g").ids(), ["b-jobs", "a-web", "y-disk", "z-core"]);
    // What a change makes anew can change itself.
    let report = stage.load(
        "'b-jobs', 'a-web', 'y-disk', 'z-core'",
        "[plugin.z-core]\nversion = '2'\n[plugin.b-jobs]\nversion = '2'",
    );
    assert_eq!(
        (failed(report.skipped()), stage.names().as_str()),
        (String::new(), "b-jobs a-web y-disk z-core")
    );
    assert_eq!(wait!(stage.pm.caller(Parts::version).call()), ["b-jobs2", "a-web", "z-core2"]);
}

#[test]
fn what_requires_a_plugin_that_fails_is_left_out_with_it() {
    let stage = Stage::new();
    let report = stage.load("'b-jobs', 'a-web', 'y-disk', 'z-core'", "[plugin.z-core]\nfails = true");
    assert_eq!(failed(report.skipped()), "z-core start, b-jobs unmet_dependencies");
    assert_eq!(stage.names(), "a-web y-disk");
    // Another store will do.
    let stage = Stage::new();
    let report = stage.load("'a-web', 'y-disk', 'x-memory'", "[plugin.y-disk]\nfails = true");
    assert_eq!(failed(report.skipped()), "y-disk start");
    assert_eq!(
        (stage.names().as_str(), stage.log.line().as_str()),
        ("a-web x-memory", "+y-disk +x-memory +a-web(x-memory)")
    );
}

#[test]
fn a_provider_may_take_the_place_of_another() {
    let stage = Stage::new();
    stage.load("'a-web', 'y-disk'", "");
    stage.log.line();
    let report = stage.load("'a-web', 'x-memory'", "");
    assert_eq!((failed(report.skipped()), report.removed()), (String::new(), &["y-disk".into()][..]));
    assert_eq!(
        (stage.names().as_str(), stage.log.line().as_str()),
        ("a-web x-memory", "+x-memory +a-web(x-memory) -a-web -y-disk")
    );
    // If it fails, the old one stays.
    let report = stage.load("'a-web', 'y-disk'", "[plugin.y-disk]\nfails = true");
    assert_eq!(
        (failed(report.skipped()).as_str(), report.removed()),
        ("y-disk start, x-memory has_dependents", &[][..])
    );
    assert_eq!(wait!(stage.pm.caller(Parts::version).call()), ["a-web"]);
    assert_eq!(stage.pm.descriptor("x-memory").unwrap().state, PluginState::Started);
    // It is still known to be loaded.
    let report = stage.load("'a-web', 'y-disk'", "");
    assert_eq!((failed(report.skipped()), report.removed()), (String::new(), &["x-memory".into()][..]));
}

#[test]
fn a_discovery_that_leaves_out_what_fails_starts_what_is_used_first() {
    let stage = Stage::new();
    let config = toml("[plugin.y-disk]\nfails = true");
    let discovery = Discovery::new().config(&config).ignore_errors(true);
    let report = wait!(stage.pm.discover_with(discovery)).unwrap();
    assert_eq!(failed(report.skipped()), "y-disk start");
    assert_eq!(report.registered(), ["a-web", "b-jobs", "x-memory", "z-core"]);
    assert_eq!(stage.names(), "a-web b-jobs x-memory z-core");
    assert_eq!(stage.log.line(), "+x-memory +y-disk +a-web(x-memory) +z-core(x-memory) +b-jobs(x-memory)");
    assert_eq!(wait!(stage.pm.caller(Parts::version).call()), ["a-web", "b-jobs", "z-core"]);
}

#[test]
fn plugins_that_require_each_other_are_left_out_and_no_others() {
    let stage = Stage::new();
    stage.part(PluginMetadata::new("c-loop").requires(["d-loop"]));
    stage.part(PluginMetadata::new("d-loop").requires(["c-loop"]));
    let report = stage.load("'b-jobs', 'c-loop', 'd-loop', 'z-core'", "");
    assert_eq!(failed(report.skipped()), "c-loop unmet_dependencies, d-loop unmet_dependencies");
    assert_eq!(stage.names(), "b-jobs z-core");
}

#[test]
fn a_load_does_not_fail_because_of_a_provider_that_its_plugins_can_do_without() {
    let stage = Stage::new();
    let text = "[plugin.x-memory]\nfails = true";
    stage.pm.register_as("x-memory", store(&stage.log, true)).unwrap();
    wait!(stage.pm.start_plugin("x-memory")).unwrap_err();
    stage.log.line();
    let config = toml(&format!("[plugins]\ng = ['y-disk', 'a-web']\n{text}"));
    let report = wait!(stage.pm.load_config(&config)).unwrap();
    assert_eq!(report.added(), ["y-disk", "a-web"]);
    assert_eq!(stage.log.line(), "+own +y-disk +a-web(y-disk)");
    assert_eq!(stage.pm.descriptor("x-memory").unwrap().state, PluginState::Failed);
}

fn store(log: &Log, fails: bool) -> StorePart {
    StorePart(Part { title: "own".to_owned(), fails, log: log.clone() })
}
