//! Options of extensions that stand in a configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pluginkit::config::{PluginConfig, ProblemKind, Profile};
use pluginkit::loading::{
    Discovery, LoadOptions, LoadPolicy, LoadReport, PluginFactory, SkipReason, Skipped,
};
use pluginkit::metadata::{NamePlace, PluginMetadata, UnboundName};
use pluginkit::points::Bucket;
use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};

use super::kind::{Manager, enter, implement, wait};
use crate::toml;

#[extension_point(project = "overridden")]
pub trait Specs {
    fn order(&self) -> String;
    fn other(&self) -> String;
    #[extension_point(historic)]
    fn configure(&self, value: u8);
}

#[extension_point(project = "overridden")]
pub trait Twins {
    fn other(&self) -> String;
}

fn manager() -> Manager {
    let pm = Manager::new("overridden");
    pm.add_extension_points(Specs).unwrap();
    pm.add_extension_points(Twins).unwrap();
    pm
}

/// Adds factories of plugins that answer with their names, and counts how many plugins they make.
fn with_factories(pm: &Manager, names: &'static [&'static str]) -> Arc<AtomicUsize> {
    let made = Arc::new(AtomicUsize::new(0));
    for name in names {
        let count = Arc::clone(&made);
        pm.add_factory(PluginFactory::new(
            PluginMetadata::new(*name).aliases([format!("{name}-alias")]),
            move || {
                count.fetch_add(1, Ordering::Relaxed);
                Named(name)
            },
        ));
    }
    made
}

struct Named(&'static str);

implement! {
    #[extension]
    impl Specs for Named {
        fn order(&self) -> String {
            self.0.to_owned()
        }
    }
}

fn order(pm: &Manager) -> String {
    wait!(pm.caller(Specs::order).call()).join(" ")
}

fn load(pm: &Manager, text: &str) -> Result<LoadReport, Error> {
    wait!(pm.load_config(&toml(&format!("[plugins]\ng = ['a', 'b', 'c']\n{text}"))))
}

fn problems(error: Error) -> Vec<(ProblemKind, String, Option<String>)> {
    let Error::Config { source, .. } = error else { panic!("{error}") };
    let problems = source.problems().iter();
    problems.map(|each| (each.kind(), each.to_string(), each.suggestion().map(str::to_owned))).collect()
}

#[test]
fn a_configuration_orders_extensions_without_building_a_plugin_again() {
    let pm = manager();
    let made = with_factories(&pm, &["a", "b", "c"]);
    load(&pm, "").unwrap();
    assert_eq!(order(&pm), "a b c");
    for (text, expected, changed) in [
        ("[extension.c]\norder = { bucket = 'tryfirst' }", "c a b", &["c"][..]),
        ("[extension.c]\norder = { bucket = 'tryfirst' }", "c a b", &[]),
        ("[extension.c.order]\npriority = 1\n[extension.b.order]\npriority = 2", "b c a", &["b", "c"]),
        ("[extension.a.order]\nafter = 'c'\n[extension.b.order]\nafter = ['a']", "c a b", &["a", "b", "c"]),
        ("[extension.b]\norder = { enabled = false }", "a c", &["a", "b"]),
        ("[extension.b]\norder = { enabled = true, bucket = 'trylast' }", "a c b", &["b"]),
        ("", "a b c", &["b"]),
    ] {
        let report = load(&pm, text).unwrap();
        assert_eq!(order(&pm), expected, "{text}");
        assert_eq!(report.overridden(), changed, "{text}");
        assert_eq!(report.unchanged(), ["a", "b", "c"]);
        assert_eq!(report.is_unchanged(), changed.is_empty());
        for id in changed {
            assert!(report.to_string().contains(&format!("changed the options of `{id}`")), "{report}");
        }
    }
    assert_eq!(made.load(Ordering::Relaxed), 3);
}

#[test]
fn running_plugins_are_reordered_and_not_restarted() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    load(&pm, "").unwrap();
    wait!(pm.start_all()).unwrap();
    let plugin = |name: &str| pm.plugin(name).unwrap();
    let before = [plugin("a"), plugin("b"), plugin("c")];
    let report = load(&pm, "[extension.c]\norder = { before = 'a' }").unwrap();
    assert_eq!(order(&pm), "c a b");
    assert!(report.rebuilt().is_empty() && report.restarted().is_empty());
    for (before, name) in before.iter().zip(["a", "b", "c"]) {
        assert!(Arc::ptr_eq(before, &plugin(name)));
    }
}

#[test]
fn an_override_replaces_what_the_macro_fixed_and_its_end_brings_that_back() {
    struct Fixed;
    implement! {
        #[extension]
        impl Specs for Fixed {
            #[extension(trylast, priority = 7, before = "b", timeout = "250ms")]
            fn order(&self) -> String {
                "fixed".into()
            }
        }
    }
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    pm.register(Fixed).unwrap();
    let options = |pm: &Manager| {
        let all = pm.caller(Specs::order).implementations();
        all.into_iter().find(|each| each.plugin == "Fixed").unwrap().options
    };
    let fixed = options(&pm);
    load(&pm, "").unwrap();
    assert_eq!(order(&pm), "a fixed b c");
    load(&pm, "[extension.Fixed]\norder = { before = [], bucket = 'normal', timeout = '2s' }").unwrap();
    let now = options(&pm);
    assert_eq!((now.bucket, now.priority, now.timeout), (Bucket::Normal, 7, Some(Duration::from_secs(2))));
    assert!(now.before.is_empty());
    assert_eq!(now.method, "order");
    assert_eq!(order(&pm), "fixed a b c");
    load(&pm, "").unwrap();
    assert_eq!(options(&pm), fixed);
    assert_eq!(order(&pm), "a fixed b c");
}

#[test]
fn a_plugin_that_comes_later_has_the_options_of_the_configuration() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    pm.register(Named("late")).unwrap();
    load(&pm, "[extension.Named]\norder = { before = 'a' }").unwrap();
    assert_eq!(order(&pm), "late a b c");
    pm.unregister("Named").unwrap();
    pm.register(Named("again")).unwrap();
    assert_eq!(order(&pm), "again a b c");
    wait!(pm.replace(Named("replaced"))).unwrap();
    assert_eq!(order(&pm), "replaced a b c");
}

#[test]
fn an_order_that_is_impossible_is_refused_and_changes_nothing() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    load(&pm, "[extension.a]\norder = { after = 'b' }").unwrap();
    assert_eq!(order(&pm), "b a c");
    let error = load(&pm, "[extension.a]\norder = { after = 'b' }\n[extension.b]\norder = { after = 'a' }")
        .unwrap_err();
    assert!(
        matches!(&error, Error::OrderCycle { point, cycle, .. } if point.name == "order" && *cycle == ["a", "b", "a"]),
        "{error}"
    );
    assert_eq!(order(&pm), "b a c");
    // The cycle may lead through a plugin that comes with the load.
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    pm.register_fn_with("host", Specs::order, Options::new().before("a"), |_| "host".into()).unwrap();
    let error = load(&pm, "[extension.a]\norder = { before = 'host' }").unwrap_err();
    assert!(matches!(error, Error::OrderCycle { .. }), "{error}");
    assert_eq!(pm.plugin_names(), ["host"]);
    load(&pm, "[extension.a]\norder = { before = 'host' }\n[extension.host]\norder = { before = [] }")
        .unwrap();
    assert_eq!(order(&pm), "a host b c");
    // A load that skips what fails skips no order.
    let cyclic = toml(
        "[plugins]\ng = ['a', 'b', 'c']\n[extension.a.order]\nbefore = 'b'\n[extension.b.order]\nbefore = 'a'",
    );
    let options = LoadOptions::new().failing(LoadPolicy::Skip);
    assert!(matches!(wait!(pm.load_config_with(&cyclic, options)), Err(Error::OrderCycle { .. })));
    assert_eq!(order(&pm), "a host b c");
}

#[test]
fn unknown_points_plugins_and_options_are_refused_at_their_places() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    pm.register_fn("host", Specs::other, |_| "host".into()).unwrap();
    let refused = |text: &str| problems(load(&pm, text).unwrap_err());
    let of = |text: &str, message: &str, suggestion: Option<&str>| {
        let problems = refused(text);
        let [(kind, told, suggested)] = &problems[..] else { panic!("{problems:?}") };
        assert_eq!(*kind, ProblemKind::UnknownKey);
        assert!(told.contains(message) && (told.contains(":4:") || told.contains(":3:")), "{told}");
        assert_eq!(suggested.as_deref(), suggestion, "{told}");
    };
    of("[extension.a]\nordr = { priority = 1 }", "it extends `order`", Some("order"));
    of("[extension.a]\nconfigure = { priority = 1 }", "the plugin does not extend this point", None);
    of("[extension.host]\nconfigure = { priority = 1 }", "it extends `other`", None);
    of("[extension.hosst]\nother = { priority = 1 }", "no such plugin", Some("host"));
    assert!(pm.plugin_names() == ["host"], "nothing was loaded");
    let wrong = "[extension.a]\norder = { bucket = 'first', priority = 'high', timeout = '1', enabled = 'no', before = 1, priorty = 2 }";
    let config = PluginConfig::from_toml_str(wrong).unwrap_err();
    let told: Vec<_> =
        config.problems().iter().map(|each| each.key().unwrap_or_default().to_owned()).collect();
    let keys =
        ["bucket", "priority", "timeout", "enabled", "before"].map(|key| format!("extension.a.order.{key}"));
    assert_eq!(told, keys.into_iter().chain(["priorty".to_owned()]).collect::<Vec<_>>());
    assert_eq!(config.problems()[5].suggestion(), Some("priority"));
    let error = PluginConfig::from_toml_str("[extension.a]\npriority = 1").unwrap_err().to_string();
    assert!(error.contains("[extension.<id>.<point>]"), "{error}");
}

#[test]
fn points_of_one_name_are_told_apart_by_their_specs() {
    struct Both;
    implement! {
        #[extension]
        impl Specs for Both {
            fn other(&self) -> String {
                "specs".into()
            }
        }
    }
    implement! {
        #[extension]
        impl Twins for Both {
            #[extension(target = "other")]
            fn twin(&self) -> String {
                "twins".into()
            }
        }
    }
    let pm = manager();
    pm.register(Both).unwrap();
    let config = |text: &str| toml(&format!("[extension.Both]\n{text}"));
    let error = wait!(pm.load_config(&config("other = { priority = 1 }"))).unwrap_err();
    let [(_, told, _)] = &problems(error)[..] else { panic!("one problem") };
    assert!(told.contains("`Specs::other`, `Twins::other`"), "{told}");
    wait!(pm.load_config(&config("'Twins::other' = { priority = 1 }"))).unwrap();
    assert_eq!(pm.caller(Specs::other).implementations()[0].options.priority, 0);
    assert_eq!(pm.caller(Twins::other).implementations()[0].options.priority, 1);
}

#[extension_point(project = "overridden")]
pub trait Typed<T: Send + Sync + 'static> {
    fn one(&self) -> String;
}

mod narrow {
    pub struct Width;
}

mod wide {
    pub struct Width;
}

struct EachType;

#[extension]
impl Typed<u8> for EachType {
    fn one(&self) -> String {
        "u8".to_owned()
    }
}

#[extension]
impl Typed<u16> for EachType {
    #[extension(target = "one")]
    fn two(&self) -> String {
        "u16".to_owned()
    }
}

#[extension]
impl Typed<narrow::Width> for EachType {
    #[extension(target = "one")]
    fn three(&self) -> String {
        "narrow".to_owned()
    }
}

#[extension]
impl Typed<wide::Width> for EachType {
    #[extension(target = "one")]
    fn four(&self) -> String {
        "wide".to_owned()
    }
}

#[test]
fn points_of_generic_specs_are_told_apart_by_their_types() {
    let pm = manager();
    pm.add_extension_points(Typed::<u8>::SPECS).unwrap();
    pm.add_extension_points(Typed::<u16>::SPECS).unwrap();
    pm.add_extension_points(Typed::<narrow::Width>::SPECS).unwrap();
    pm.add_extension_points(Typed::<wide::Width>::SPECS).unwrap();
    with_factories(&pm, &["a", "b", "c"]);
    pm.register_as("typed", EachType).unwrap();

    let error = load(&pm, "[extension.typed]\none = { enabled = false }").unwrap_err();
    let [(kind, message, _)] = &problems(error)[..] else { panic!("not one problem") };
    assert_eq!(*kind, ProblemKind::InvalidReference);
    let names: Vec<_> = message.split('`').skip(3).step_by(2).collect();
    assert_eq!(names.len(), 4);
    assert_eq!(names[..2], ["Typed<u8>::one", "Typed<u16>::one"]);

    // Each name of the message means one point.
    for (index, name) in names.iter().enumerate() {
        let report = load(&pm, &format!("[extension.typed]\n'{name}' = {{ enabled = false }}")).unwrap();
        assert_eq!(report.overridden(), ["typed"], "{name}");
        let answers = [
            wait!(pm.caller(Typed::<u8>::one).call()),
            wait!(pm.caller(Typed::<u16>::one).call()),
            wait!(pm.caller(Typed::<narrow::Width>::one).call()),
            wait!(pm.caller(Typed::<wide::Width>::one).call()),
        ];
        let off: Vec<_> = (0..4).filter(|&each| answers[each].is_empty()).collect();
        assert_eq!(off, [index], "{name}");
    }

    let error = load(&pm, "[extension.typed]\nonce = { enabled = false }").unwrap_err();
    let [(kind, message, _)] = &problems(error)[..] else { panic!("not one problem") };
    assert_eq!(*kind, ProblemKind::UnknownKey);
    assert!(message.contains("`Typed<u8>::one`"), "{message}");
}

struct EveryType;

#[extension]
impl<T: Send + Sync + 'static> Typed<T> for EveryType {
    fn one(&self) -> String {
        "every".to_owned()
    }
}

#[test]
fn a_factory_names_the_types_of_a_block_once() {
    let pm = manager();
    pm.add_extension_points(Typed::<u8>::SPECS).unwrap();
    with_factories(&pm, &["b", "c"]);
    let factory = PluginFactory::new(PluginMetadata::new("a"), || EveryType);
    let typed = factory.extends(Typed::<u8>::SPECS).extends(Typed::<u8>::SPECS);
    pm.add_factory(typed);
    load(&pm, "").unwrap();
    assert_eq!(wait!(pm.caller(Typed::<u8>::one).call()), ["every"]);
}

struct Starts;

implement! {
    #[extension]
    impl Lifecycle for Starts {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
}

#[test]
fn a_configuration_does_not_order_phases() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    pm.register_as("web", Starts).unwrap();
    for option in ["before = 'db'", "after = []", "priority = 7", "bucket = 'normal'"] {
        let error = load(&pm, &format!("[extension.web]\nstart = {{ {option} }}")).unwrap_err();
        let [(kind, message, _)] = &problems(error)[..] else { panic!("not one problem") };
        assert_eq!(*kind, ProblemKind::InvalidValue);
        assert!(message.contains("phases run in the order of requirements"), "{message}");
    }
    load(&pm, "[extension.web]\nstart = { timeout = '1s' }").unwrap();
}

#[test]
fn an_override_is_for_the_extension_and_the_wrapper_of_its_point() {
    let pm = manager();
    let both =
        PluginBuilder::new(()).named("both").extension(Specs::other, Options::new(), |_, _| "both".into());
    both.register(&pm).unwrap();
    pm.register_fn("x", Specs::other, |_| "x".into()).unwrap();
    let report = wait!(pm.load_config(&toml("[extension.both]\nother = { after = 'x' }"))).unwrap();
    assert!(report.remarks().is_empty());
    assert_eq!(wait!(pm.caller(Specs::other).call()), ["x", "both"]);
}

#[test]
fn names_that_bind_nothing_are_remarked_on_at_their_places() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    let report = load(&pm, "[extension.a]\norder = { before = ['b', 'cc'], after = 'elsewhere' }").unwrap();
    let remarks: Vec<_> = report.remarks().iter().map(|each| (each.kind(), each.suggestion())).collect();
    assert_eq!(remarks, [(ProblemKind::UnboundName, Some("c")), (ProblemKind::UnboundName, None)]);
    assert!(report.remarks()[0].to_string().contains(":4:"), "{}", report.remarks()[0]);
    let unbound: Vec<_> = pm.validate().unwrap().iter().map(|each| each.name.clone()).collect();
    assert_eq!(unbound, ["cc", "elsewhere"]);
}

#[test]
fn aliases_and_paths_name_plugins_in_options() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    let paths = PluginFactory::new(PluginMetadata::new("d"), || Named("d")).at("here::D");
    pm.add_factory(paths);
    let text = "[plugins]\ng = ['a', 'b', 'c', 'd']\n[extension.a-alias]\norder = { after = 'here::D', priority = 1 }\n[extension.a]\norder = { priority = 2 }\n[extension.'here::D'.order]\nbefore = 'b-alias'";
    wait!(pm.load_config(&toml(text))).unwrap();
    assert_eq!(order(&pm), "d a b c");
    let a = pm.caller(Specs::order).implementations()[1].options.clone();
    assert_eq!((a.priority, &a.after[0]), (2, &PluginId::from("d")));
}

#[test]
fn sources_may_name_one_plugin_in_different_ways() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    let options = |config: &PluginConfig| {
        let report = wait!(pm.load_config(config)).unwrap();
        let all = pm.caller(Specs::order).implementations();
        (all.into_iter().find(|each| each.plugin == "a").unwrap().options, report)
    };
    let base = toml("[plugins]\ng = ['a', 'b']\n[extension.a.order]\npriority = 1\ntimeout = '1s'");
    let later = base.merge(toml("[extension.a-alias.order]\npriority = 2\nbefore = ['b-alias', 'c-alias']"));
    let (now, report) = options(&later);
    assert_eq!((now.priority, now.timeout), (2, Some(Duration::from_secs(1))));
    assert_eq!(now.before, ["b", "c"]);
    // The remark is at the place of the name, which is an alias there.
    let [remark] = report.remarks() else { panic!("{report}") };
    assert_eq!(remark.kind(), ProblemKind::UnboundName);
    let (now, _) =
        options(&later.with_env_vars("F", [("F_EXTENSION__A_ALIAS__ORDER__PRIORITY", "3")]).unwrap());
    assert_eq!((now.priority, now.timeout), (3, Some(Duration::from_secs(1))));
}

#[test]
fn a_plugin_of_the_host_has_its_name_before_the_alias_of_a_factory() {
    let pm = manager();
    with_factories(&pm, &["a"]);
    pm.register_fn("a-alias", Specs::order, |_| "host".into()).unwrap();
    wait!(pm.load_config(&toml("[extension.a-alias.order]\npriority = 5\n[limits.a-alias]\ntimeout = '1s'")))
        .unwrap();
    assert_eq!(pm.caller(Specs::order).implementations()[0].options.priority, 5);
}

#[test]
fn sources_merge_key_by_key_and_the_environment_is_the_last() {
    let pm = manager();
    with_factories(&pm, &["a", "rate-limiter"]);
    let base = "[plugins]\ng = ['a', 'rate-limiter']\n[extension.rate-limiter]\norder = { priority = 1, timeout = '1s' }\n[profile.production.extension.rate-limiter.order]\npriority = 5\n";
    let options = |config: &PluginConfig| {
        wait!(pm.load_config(config)).unwrap();
        let all = pm.caller(Specs::order).implementations();
        all.into_iter().find(|each| each.plugin == "rate-limiter").unwrap().options
    };
    let config = toml(base);
    assert_eq!(options(&config).priority, 1);
    let production = config.with_profile(Profile::Production);
    assert_eq!(
        (options(&production).priority, options(&production).timeout),
        (5, Some(Duration::from_secs(1)))
    );
    let later =
        config.merge(toml("[extension.rate-limiter.order]\nbucket = 'tryfirst'\nbefore = ['a', 'x']"));
    let now = options(&later);
    assert_eq!((now.bucket, now.priority), (Bucket::First, 1));
    assert_eq!(now.before, ["a", "x"]);
    let variables = [
        ("F_EXTENSION__RATE_LIMITER__ORDER__BEFORE", "a"),
        ("F_EXTENSION__RATE_LIMITER__ORDER__PRIORITY", "-3"),
        ("F_EXTENSION__RATE_LIMITER__ORDER__TIMEOUT", "2s"),
        ("F_EXTENSION__RATE_LIMITER__ORDER__ENABLED", "false"),
    ];
    let now = options_of_all(&pm, &later.with_env_vars("F", variables).unwrap());
    assert_eq!(now, ["a"], "it is turned off");
    let on = later.with_env_vars("F", variables[..3].to_vec()).unwrap();
    let now = options(&on);
    assert_eq!((now.bucket, now.priority, now.timeout), (Bucket::First, -3, Some(Duration::from_secs(2))));
    assert_eq!(now.before, ["a"]);
    for wrong in
        ["F_EXTENSION__RATE_LIMITER__ORDER", "F_EXTENSION_X", "F_EXTENSION__RATE_LIMITER__ORDER__PRIO"]
    {
        assert!(config.with_env_vars("F", [(wrong, "1")]).is_err(), "{wrong}");
    }
    let unknown = config.with_env_vars("F", [("F_EXTENSION__RATE_LIMITER__ODER__PRIORITY", "1")]).unwrap();
    let told = problems(wait!(pm.load_config(&unknown)).unwrap_err());
    assert!(told[0].1.contains("F_EXTENSION__RATE_LIMITER__ODER__PRIORITY"), "{told:?}");
    let code = PluginConfig::builder().group("g", ["a", "rate-limiter"]);
    let code = code.extension("rate-limiter", "order", &std::collections::BTreeMap::from([("priority", 9)]));
    assert_eq!(options(&code.build().unwrap()).priority, 9);
}

fn options_of_all(pm: &Manager, config: &PluginConfig) -> Vec<PluginId> {
    wait!(pm.load_config(config)).unwrap();
    pm.caller(Specs::order).implementations().into_iter().map(|each| each.plugin).collect()
}

#[test]
fn a_discovery_reads_the_options_of_its_configuration() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    pm.register_fn("host", Specs::order, |_| "host".into()).unwrap();
    let config = toml("[extension.host]\norder = { after = 'b' }\n[extension.c.order]\nbucket = 'tryfirst'");
    wait!(pm.discover_with(Discovery::new().config(&config))).unwrap();
    assert_eq!(order(&pm), "c a b host");
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    let config = toml("[extension.a]\nodrer = { after = 'b' }\n[extension.c.order]\nbucket = 'tryfirst'");
    let told = problems(wait!(pm.discover_with(Discovery::new().config(&config))).unwrap_err());
    assert_eq!(told[0].2.as_deref(), Some("order"));
    let report = wait!(pm.discover_with(Discovery::new().config(&config).ignore_errors(true))).unwrap();
    assert_eq!(report.errors().count(), 1);
    assert_eq!(order(&pm), "c b");
}

#[test]
fn a_discovery_checks_the_points_of_registered_plugins() {
    let pm = manager();
    with_factories(&pm, &["a"]);
    pm.register_fn("host", Specs::order, |_| "host".into()).unwrap();
    let config = toml("[extension.host]\nodrer = { priority = 1 }");
    let told = problems(wait!(pm.discover_with(Discovery::new().config(&config))).unwrap_err());
    assert_eq!((told.len(), told[0].2.as_deref()), (1, Some("order")));
    let report = wait!(pm.discover_with(Discovery::new().config(&config).ignore_errors(true))).unwrap();
    assert_eq!((report.registered(), report.errors().count()), (&["a".into()][..], 1));
}

#[test]
fn a_discovery_that_ignores_errors_goes_on_without_impossible_options() {
    let pm = manager();
    with_factories(&pm, &["a", "b"]);
    for name in ["x", "y"] {
        pm.register_fn(name, Specs::order, move |_| name.into()).unwrap();
    }
    let config = toml(
        "[extension.x.order]\nbefore = 'y'\n[extension.y.order]\nbefore = 'x'\n[limits.a]\ntimeout = '1s'",
    );
    let report = wait!(pm.discover_with(Discovery::new().config(&config).ignore_errors(true))).unwrap();
    assert_eq!(report.registered(), ["a", "b"]);
    assert_eq!(report.errors().map(Error::code).collect::<Vec<_>>(), ["order_cycle"]);
    let is_failed = |each: &&Skipped| matches!(each.reason, SkipReason::Failed(_));
    let failed = report.skipped().iter().find(is_failed).unwrap();
    assert!(["x", "y"].contains(&failed.plugin.as_str()), "{}", failed.plugin);
    assert_eq!(order(&pm), "x y a b");
}

#[test]
fn a_point_that_a_later_plugin_does_not_extend_is_told() {
    let pm = manager();
    pm.register(Named("first")).unwrap();
    wait!(pm.load_config(&toml("[extension.Named]\norder = { priority = 1 }"))).unwrap();
    assert!(pm.validate().unwrap().is_empty());
    pm.unregister("Named").unwrap();
    pm.register_fn("Named", Specs::other, |_| "other".into()).unwrap();
    let unbound = pm.validate().unwrap();
    assert!(
        matches!(&unbound[..], [UnboundName { name, place: NamePlace::Extension { plugin, .. }, .. }]
            if name == "order" && plugin == "Named"),
        "{unbound:?}"
    );
    let told = "the configuration has options of plugin `Named` at `order`, but the plugin extends no point of that name";
    assert!(unbound[0].to_string().contains(told), "{}", unbound[0]);
    assert!(pm.report().to_string().contains(told));
}

#[test]
fn options_and_switches_of_plugins_do_not_disturb_each_other() {
    let pm = manager();
    with_factories(&pm, &["a", "b", "c"]);
    load(&pm, "").unwrap();
    pm.set_enabled("a", false).unwrap();
    load(&pm, "[extension.a.order]\nbucket = 'trylast'\n[extension.b.order]\nenabled = false").unwrap();
    assert_eq!(order(&pm), "c");
    pm.set_enabled("a", true).unwrap();
    assert_eq!(order(&pm), "c a");
    assert!(pm.is_enabled("b"), "only one of its extensions is off");
    let left_out = pm.caller(Specs::order).left_out();
    assert_eq!(
        left_out.iter().map(|(each, why)| format!("{each}: {why}")).collect::<Vec<_>>(),
        ["b: turned off by its options"]
    );
    load(&pm, "[extension.a.order]\nbucket = 'trylast'").unwrap();
    assert_eq!(order(&pm), "b c a");
    assert_eq!(wait!(pm.caller(Specs::order).without(["c"]).call()), ["b", "a"]);
}

#[test]
fn a_call_sees_the_options_of_one_moment() {
    let pm = Arc::new(manager());
    with_factories(&pm, &["a", "b", "c"]);
    load(&pm, "").unwrap();
    let inner = Arc::clone(&pm);
    pm.register_fn_with("reloader", Specs::order, Options::new().tryfirst(), move |_| {
        load(&inner, "[extension.c.order]\npriority = 9").unwrap();
        order_within(&inner)
    })
    .unwrap();
    // The call goes on in the order that it began with.
    let all = wait!(pm.caller(Specs::order).call());
    assert_eq!(all[1..], ["a", "b", "c"]);
}

/// Returns the order of the next call, without making one.
fn order_within(pm: &Manager) -> String {
    let all = pm.caller(Specs::order).implementations();
    let plugins: Vec<_> = all.iter().map(|each| each.plugin.as_str()).collect();
    assert_eq!(plugins, ["reloader", "c", "a", "b"]);
    plugins.join(" ")
}

#[test]
fn historic_calls_do_not_reach_an_extension_that_is_off() {
    let pm = manager();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let listener = |name: &'static str| {
        let seen = Arc::clone(&seen);
        PluginBuilder::new(()).named(name).extension(Specs::configure, Options::new(), move |_, args| {
            seen.lock().unwrap().push(format!("{name}{}", args.value));
        })
    };
    listener("a").register(&pm).unwrap();
    wait!(pm.load_config(&toml("[extension.a.configure]\nenabled = false"))).unwrap();
    wait!(pm.caller(Specs::configure).call_historic(1));
    // A plugin that comes is off, too: nothing is replayed to it.
    pm.unregister("a").unwrap();
    wait!(enter(&pm, listener("a"))).unwrap();
    wait!(enter(&pm, listener("b"))).unwrap();
    assert_eq!(*seen.lock().unwrap(), ["b1"]);
    wait!(pm.load_config(&toml("[extension.a.configure]\nenabled = true"))).unwrap();
    wait!(pm.caller(Specs::configure).call_historic(2));
    assert_eq!(*seen.lock().unwrap(), ["b1", "a2", "b2"]);
}
