//! Plugins under several names, and names that no plugin has.

use std::sync::{Arc, Mutex};

use pluginkit::config::{ConfigError, EntryBuilder, PluginConfig, ProblemKind};
use pluginkit::loading::{Discovery, PluginFactory};
use pluginkit::metadata::{NamePlace, PluginMetadata};
use pluginkit::prelude::*;
use pluginkit::{Error, Options};
use tracing_subscriber::layer::SubscriberExt;

use super::kind::{Manager, wait};
use crate::plugins::{Auth, Cors, Specs};
use crate::toml;

/// `loading` and `loading::plugins` are this program.
const AUTH: &str = "loading::plugins::Auth";

fn manager() -> Manager {
    let pm = Manager::new("loading");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn loaded(config: &PluginConfig) -> Vec<PluginId> {
    let pm = manager();
    wait!(pm.load_config(config)).unwrap();
    pm.plugin_names()
}

fn problems(error: Error) -> ConfigError {
    match error {
        Error::Config { source, .. } => source,
        other => panic!("{other}"),
    }
}

#[test]
fn an_id_and_a_path_turn_each_other_off_and_on() {
    for (entry, off) in [(AUTH, "auth"), ("auth", AUTH), (AUTH, AUTH)] {
        let text = format!("[plugins]\nmw = ['{entry}', 'cors']\ndisabled = ['{off}']");
        assert_eq!(loaded(&toml(&text)), ["cors"], "{text}");
        let on = toml(&format!("[plugins]\nmw = [{{ id = '{off}', enabled = true }}]"));
        assert_eq!(loaded(&toml(&text).merge(on)), ["auth", "cors"], "{text}");
        let later = toml(&format!("[plugins]\nmw = [{{ id = '{off}', enabled = false }}]"));
        assert_eq!(loaded(&toml(&format!("[plugins]\nmw = ['{entry}', 'cors']")).merge(later)), ["cors"]);
        let off = [("F_PLUGINS_DISABLED", off)];
        let config = toml(&format!("[plugins]\nmw = ['{entry}', 'cors']")).with_env_vars("F", off).unwrap();
        assert_eq!(loaded(&config), ["cors"]);
    }
}

#[test]
fn an_order_by_id_binds_an_entry_by_path() {
    for (entry, name) in [(AUTH, "auth"), ("auth", AUTH)] {
        let before = format!("[plugins]\nmw = ['{entry}', {{ id = 'cors', before = ['{name}'] }}]");
        assert_eq!(loaded(&toml(&before)), ["cors", "auth"]);
        let after = format!("[plugins]\nmw = ['cors', {{ id = 'shout', before = 'cors' }}, '{entry}']");
        let after =
            toml(&after).merge(toml(&format!("[plugins]\nmw = [{{ id = 'shout', after = '{name}' }}]")));
        assert_eq!(loaded(&after), ["auth", "shout", "cors"]);
    }
}

#[test]
fn entries_of_one_plugin_under_two_names_are_one_entry() {
    let config = toml(&format!("[plugins]\nmw = ['{AUTH}', 'cors', 'auth']"));
    let pm = manager();
    let report = wait!(pm.load_config(&config)).unwrap();
    assert_eq!(pm.group("mw").ids(), ["auth", "cors"]);
    assert!(pm.group("mw").get_as::<Auth>(AUTH).is_some() && pm.group("mw").get_as::<Auth>("auth").is_some());
    let [remark] = report.remarks() else { panic!("{report}") };
    assert_eq!(
        (remark.kind(), remark.plugin(), remark.group()),
        (ProblemKind::Repeated, Some("auth"), Some("mw"))
    );
    assert!(remark.message().contains(&format!("as `{AUTH}`")), "{remark}");
    assert!(report.to_string().contains("the group already has this plugin"), "{report}");
}

#[test]
fn settings_under_two_names_are_merged_by_source() {
    let path = "[plugin.'loading::plugins::Cors']";
    let origin = |config: &PluginConfig| {
        let pm = manager();
        wait!(pm.load_config(config)).unwrap();
        let settings = &pm.plugin_as::<Cors>("cors").unwrap().settings;
        (settings.origin.clone(), settings.ages.len())
    };
    let by_id = toml("[plugins]\nmw = ['cors']\n[plugin.cors]\norigin = 'id'\nages = { a = 1 }");
    let by_path = toml(&format!("{path}\norigin = 'path'\nages = {{ b = 1 }}"));
    assert_eq!(origin(&by_id.merge(&by_path)), ("path".into(), 2));
    assert_eq!(origin(&by_path.merge(&by_id)), ("id".into(), 2));
    let both =
        toml(&format!("[plugins]\nmw = ['cors']\n[plugin.cors]\norigin = 'id'\n{path}\norigin = 'path'"));
    assert_eq!(origin(&both), ("id".into(), 0));
}

#[test]
fn one_source_that_contradicts_itself_by_two_names_is_refused() {
    let text =
        format!("[plugins]\nmw = [{{ id = 'auth', before = 'cors' }}, {{ id = 'cors', before = '{AUTH}' }}]");
    let error = problems(wait!(manager().load_config(&toml(&text))).unwrap_err());
    assert_eq!(error.problems()[0].kind(), ProblemKind::OrderCycle);
}

#[test]
fn a_discovery_takes_paths_and_follows_a_configuration_by_any_name() {
    let news = "loading::plugins::News";
    let found = |discovery: Discovery| {
        let pm = Manager::new("discovery");
        pm.add_extension_points(Specs).unwrap();
        wait!(pm.discover_with(discovery)).map(|report| report.registered().to_vec())
    };
    assert_eq!(found(Discovery::new().only([news, "b-words"])).unwrap(), ["a-news", "b-words"]);
    assert_eq!(found(Discovery::new().except([news])).unwrap(), ["b-words", "c-made", "d-weather"]);
    let off = toml(&format!("[plugins]\ndisabled = ['{news}']\nx = [{{ id = 'a-news', enabled = true }}]"));
    assert!(!found(Discovery::new().config(&off)).unwrap().contains(&"a-news".into()));
    let on = off.merge(toml(&format!("[plugins]\nx = [{{ id = '{news}', enabled = true }}]")));
    assert!(found(Discovery::new().config(&on)).unwrap().contains(&"a-news".into()));
    let error = found(Discovery::new().only(["loading::plugins::Newts"])).unwrap_err();
    assert_eq!(error.code(), "not_linked");
    assert!(error.to_string().contains("but its crate is") && !error.to_string().contains("use its_crate"));
}

#[test]
fn an_exception_that_no_linked_plugin_is_is_told() {
    let pm = Manager::new("discovery");
    pm.add_extension_points(Specs).unwrap();
    let error = wait!(pm.discover_with(Discovery::new().except(["a-nesw"]))).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("not_linked", "a-nesw"));
    let report = wait!(pm.discover_with(Discovery::new().except(["telemetry"]))).unwrap();
    assert_eq!((report.registered().len(), report.unbound().len()), (4, 1));
    assert_eq!(
        (report.unbound()[0].name.as_str(), &report.unbound()[0].place),
        ("telemetry", &NamePlace::Except)
    );
    assert!(report.to_string().contains("leaves out `telemetry`"), "{report}");
}

#[test]
fn names_that_bind_nothing_are_told_with_what_was_probably_meant() {
    let pm = manager();
    let text = "[plugins]\ndisabled = ['telemetry']\nmw = ['auth', { id = 'cors', before = 'auht', after = 'nothing' }]";
    let report = wait!(pm.load_config(&toml(text))).unwrap();
    let remarks: Vec<_> = report
        .remarks()
        .iter()
        .map(|remark| (remark.kind(), remark.plugin().unwrap(), remark.suggestion()))
        .collect();
    let kind = ProblemKind::UnboundName;
    assert_eq!(remarks, [(kind, "cors", Some("auth")), (kind, "cors", None), (kind, "telemetry", None)]);
    assert!(wait!(pm.load_config(&toml("[plugins]\nmw = ['auth']"))).unwrap().remarks().is_empty());
}

#[test]
fn code_may_change_an_entry_but_not_repeat_it() {
    let twice = |entry: EntryBuilder| {
        let config =
            PluginConfig::builder().group("mw", ["auth", "cors"]).entry("mw", entry).build().unwrap();
        wait!(manager().load_config(&config)).unwrap().remarks().len()
    };
    assert_eq!(twice(EntryBuilder::new("auth").priority(-1)), 0);
    assert_eq!(twice(EntryBuilder::new("auth")), 1);
}

#[derive(serde::Deserialize)]
struct Sky {
    #[expect(dead_code, reason = "only read")]
    sky: String,
}

#[test]
fn a_mistake_is_told_once_for_each_plugin() {
    let unknown = ["n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8"];
    let config = PluginConfig::builder().group("mw", unknown).build().unwrap();
    let error = problems(wait!(manager().load_config(&config)).unwrap_err());
    assert_eq!(error.problems().len(), 8, "{error}");
    let variables = [("F_PLUGINS__MW", "n1,n2,n3")];
    let config = PluginConfig::default().with_env_vars("F", variables).unwrap();
    assert_eq!(problems(wait!(manager().load_config(&config)).unwrap_err()).problems().len(), 3);
    let pm = manager();
    for id in ["one", "two"] {
        pm.add_factory(PluginFactory::configured(PluginMetadata::new(id), |_: Sky| Auth));
    }
    let config = PluginConfig::builder().group("mw", ["one", "two"]).build().unwrap();
    let error = problems(wait!(pm.load_config(&config)).unwrap_err());
    assert_eq!(error.problems().len(), 2, "{error}");
    // The same mistake of one plugin in two groups is one.
    let config = toml("[plugins]\na = ['one']\nb = ['one']\n[plugin.one]\nsky = 1");
    assert_eq!(problems(wait!(pm.load_config(&config)).unwrap_err()).problems().len(), 1);
}

#[test]
fn the_hint_on_linking_is_for_crates_that_are_not_linked() {
    let message = |reference: &str| {
        let config = toml(&format!("[plugins]\nmw = ['{reference}']"));
        wait!(manager().load_config(&config)).unwrap_err().to_string()
    };
    let text = message("loading::plugins::Nothing");
    assert!(text.contains("but its crate `loading` is") && !text.contains("use its_crate as _;"), "{text}");
    assert!(message("elsewhere_it_is::Nothing").contains("use its_crate as _;"));
}

#[test]
fn an_alias_is_a_name_in_configurations_and_discoveries() {
    let pm = || {
        let pm = manager();
        let metadata = PluginMetadata::new("gate").aliases(["door", "portal"]).requires(["lock"]);
        pm.add_factory(PluginFactory::new(metadata, || Auth).at("loading::Gate"));
        pm.add_factory(PluginFactory::new(PluginMetadata::new("bolt").aliases(["lock"]), || Auth));
        pm
    };
    let names = |text: &str| {
        let pm = pm();
        wait!(pm.load_config(&toml(text))).unwrap();
        pm.plugin_names()
    };
    assert_eq!(names("[plugins]\nx = ['door', 'auth']\ndisabled = ['loading::Gate']"), ["auth"]);
    assert_eq!(names("[plugins]\nx = ['auth', { id = 'door', before = 'auth' }]"), ["gate", "auth"]);
    assert_eq!(names("[plugins]\nx = ['auth', 'door', { id = 'auth', after = 'portal' }]"), ["gate", "auth"]);
    let pm = pm();
    let discovery = Discovery::new().only(["door", "lock"]);
    assert_eq!(wait!(pm.discover_with(discovery)).unwrap().registered(), ["bolt", "gate"]);
    wait!(pm.start_all()).unwrap();
    let group = toml("[plugins]\nx = ['door']");
    wait!(pm.load_config(&group)).unwrap();
    assert_eq!(pm.group("x").get("portal").unwrap().id(), "gate");
    // A reload by another of its names changes nothing.
    assert!(wait!(pm.load_config(&toml("[plugins]\nx = ['gate']"))).unwrap().is_unchanged());
}

#[test]
fn an_alias_of_two_plugins_is_no_reference() {
    let pm = manager();
    for id in ["one", "two"] {
        pm.add_factory(PluginFactory::new(PluginMetadata::new(id).aliases(["both"]), || Auth));
    }
    let error = wait!(pm.load_config(&toml("[plugins]\nx = ['both']"))).unwrap_err();
    assert!(error.to_string().contains("several plugins have this name: `one` and `two`"), "{error}");
    let error = wait!(pm.load_config(&toml("[plugins]\nx = ['one', 'two']"))).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("alias_taken", "two"));
    assert_eq!(pm.plugin_names(), [""; 0]);
}

#[test]
fn the_error_of_a_factory_shows_its_cause() {
    let pm = manager();
    let error = wait!(pm.load_config(&toml("[plugins]\nx = ['cors']\n[plugin.cors]\norigin = 'nowhere'")));
    let error = error.unwrap_err();
    let expected = "plugin `cors` was not built: there is no disk; fix the cause, or leave the plugin out; its settings are at <toml>:3:1";
    assert_eq!(error.to_string(), expected);
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn a_group_looks_up_the_services_of_its_plugins() {
    #[extension_point(service)]
    trait Greets: Send + Sync {
        fn greet(&self) -> &'static str;
    }
    struct Hello;
    #[extension(service)]
    impl Greets for Hello {
        fn greet(&self) -> &'static str {
            "hello"
        }
    }
    struct Bye;
    #[extension(service, priority = 5)]
    impl Greets for Bye {
        fn greet(&self) -> &'static str {
            "bye"
        }
    }
    let pm = manager();
    pm.add_factory(PluginFactory::new(PluginMetadata::new("hello"), || Hello));
    pm.add_factory(PluginFactory::new(PluginMetadata::new("bye"), || Bye));
    wait!(pm.load_config(&toml("[plugins]\none = ['hello', 'auth']\nboth = ['hello', 'bye']"))).unwrap();
    let greetings = |group: &str| {
        let services = pm.group(group).services::<dyn Greets>();
        services.iter().map(|service| service.greet()).collect::<Vec<_>>()
    };
    assert_eq!(greetings("one"), ["hello"]);
    assert_eq!(greetings("both"), ["hello", "bye"], "in the order of the group");
    assert_eq!(greetings("none"), [""; 0]);
    pm.disable("hello", "too loud").unwrap();
    assert_eq!(greetings("both"), ["bye"]);
    let group = pm.group("both");
    drop(pm);
    assert!(group.services::<dyn Greets>().is_empty());
}

/// Keeps the text of each warning.
struct Warnings(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        struct Message(String);
        impl tracing::field::Visit for Message {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        if *event.metadata().level() == tracing::Level::WARN {
            let mut message = Message(String::new());
            event.record(&mut message);
            self.0.lock().unwrap().push(message.0);
        }
    }
}

fn warnings(work: impl FnOnce()) -> Vec<String> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let subscriber = tracing_subscriber::registry().with(Warnings(told.clone()));
    tracing::subscriber::with_default(subscriber, work);
    std::mem::take(&mut *told.lock().unwrap())
}

#[test]
fn what_may_be_a_mistake_is_a_warning() {
    let pm = manager();
    let told = warnings(|| {
        let config = toml("[plugins]\nmw = ['auth', { id = 'cors', before = 'auht' }]");
        wait!(pm.load_config(&config)).unwrap();
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("`before` names `auht`") && told[0].contains("did you mean `auth`?"),
        "{told:?}"
    );
    let first = Options::new().before(["hedings"]);
    pm.register_fn_with("links", Specs::fetch, first, |_| String::new()).unwrap();
    assert!(warnings(|| wait!(pm.start_all()).unwrap())[0].contains("`hedings`"));
    assert!(warnings(|| drop(pm.validate().unwrap()))[0].contains("`hedings`"));
    let told = warnings(|| drop(pm.caller(Specs::fetch).without(["auht"])));
    assert!(told.len() == 1 && told[0].contains("did you mean `auth`?"), "{told:?}");
}

#[test]
fn a_discovery_that_finds_nothing_is_a_warning() {
    // Plugins and points without a project are of every project, but nothing says how these are made.
    let pm = Manager::new("a-project-without-plugins");
    let told =
        warnings(|| assert!(wait!(pm.discover_with(Discovery::new().only(["left-to-hosts"]))).is_ok()));
    assert_eq!(told, ["a discovery found no plugin to register"]);
    let pm = Manager::new("discovery");
    pm.add_extension_points(Specs).unwrap();
    assert!(warnings(|| drop(wait!(pm.discover()).unwrap())).is_empty());
    assert!(warnings(|| drop(wait!(pm.discover()).unwrap())).is_empty(), "all are registered");
}

#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Strength {
    strength: u8,
}

struct Bolt(u8);

#[extension]
impl Lifecycle for Bolt {
    fn start(&self) -> Result<(), BoxError> {
        if self.0 == 9 { Err("it is stuck".into()) } else { Ok(()) }
    }
}

struct Gate;

#[extension]
impl Lifecycle for Gate {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let starts = cx.shared_state().get_or_insert_with(|| Mutex::new(0_usize));
        *starts.lock().unwrap() += 1;
        Ok(())
    }
}

#[test]
fn a_reload_carries_aliases_over_and_follows_requirements_by_alias() {
    let pm = manager();
    let bolt = PluginMetadata::new("bolt").aliases(["lock"]);
    pm.add_factory(PluginFactory::configured(bolt, |settings: Strength| Bolt(settings.strength)));
    let gate = PluginMetadata::new("gate").requires(["lock"]);
    pm.add_factory(PluginFactory::new(gate, || Gate));
    let config = |strength: u8| {
        toml(&format!("[plugins]\nx = ['gate', 'lock']\n[plugin.lock]\nstrength = {strength}"))
    };
    wait!(pm.load_config(&config(1))).unwrap();
    wait!(pm.start_all()).unwrap();
    let starts = || *pm.shared_state().get::<Mutex<usize>>().unwrap().lock().unwrap();
    assert_eq!((pm.plugin_as::<Bolt>("lock").unwrap().0, starts()), (1, 1));
    assert_eq!(wait!(pm.load_config(&config(2))).unwrap().reconfigured(), ["bolt"]);
    assert_eq!((pm.plugin_as::<Bolt>("lock").unwrap().0, starts()), (2, 2), "the dependent starts anew");
    // A load that fails leaves the aliases, too.
    assert_eq!(wait!(pm.load_config(&config(9))).unwrap_err().code(), "start");
    assert_eq!(pm.plugin_as::<Bolt>("lock").unwrap().0, 2);
    assert!(["bolt", "gate"].iter().all(|id| pm.descriptor(id).unwrap().state == PluginState::Started));
    wait!(pm.load_config(&toml(""))).unwrap();
    assert!(!pm.is_registered("lock") && !pm.is_registered("bolt"));
}
