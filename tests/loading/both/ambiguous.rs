//! Names that several plugins have, wherever a configuration or a discovery names plugins.

use std::time::Duration;

use pluginkit::Error;
use pluginkit::config::{ConfigProblem, Location, PluginConfig, ProblemKind};
use pluginkit::loading::{Discovery, LoadPolicy, PluginFactory};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;

use super::kind::{Manager, implement, wait};
use crate::toml;

#[extension_point]
trait Specs {
    fn size(&self) -> u8;
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Settings {
    size: u8,
}

struct Part(u8);

implement! {
    #[extension]
    impl Specs for Part {
        fn size(&self) -> u8 {
            self.0
        }
    }
}

/// A manager that can make these plugins. Each has an id and an alias.
fn manager(plugins: &[(&str, &str)]) -> Manager {
    let pm = Manager::new("ambiguous");
    pm.add_extension_points(Specs).unwrap();
    for (id, alias) in plugins {
        let metadata = PluginMetadata::new(*id).aliases(Some(*alias).filter(|alias| !alias.is_empty()));
        pm.add_factory(PluginFactory::configured(metadata, |settings: Settings| Part(settings.size)));
    }
    pm
}

/// Configurations that list `one`, and name a plugin once more: in each place where one may name it.
fn places(name: &str) -> Vec<(&'static str, PluginConfig)> {
    let document = |text: &str| toml(&text.replace("NAME", name));
    let variable = |variable: &str, value: &str| {
        let name = name.to_uppercase().replace('-', "_");
        let variables = [(variable.replace("NAME", &name), value.to_owned())];
        toml("[plugins]\nmw = ['one']").with_env_vars("F", variables).unwrap()
    };
    let listed = "[plugins]\nmw = ['one']\n";
    vec![
        ("entry", document("[plugins]\nmw = ['one', 'NAME']")),
        ("entry that is off", document("[plugins]\nmw = ['one', { id = 'NAME', enabled = false }]")),
        ("before", document("[plugins]\nmw = [{ id = 'one', before = 'NAME' }]")),
        ("after", document("[plugins]\nmw = [{ id = 'one', after = ['NAME'] }]")),
        ("disabled", document("[plugins]\nmw = ['one']\ndisabled = ['NAME']")),
        ("settings", document(&format!("{listed}[plugin.NAME]\nsize = 7"))),
        ("limits", document(&format!("{listed}[limits.NAME]\ntimeout = '1s'"))),
        ("options", document(&format!("{listed}[extension.NAME.size]\npriority = 7"))),
        ("order", document(&format!("{listed}[extension.one.size]\nbefore = 'NAME'"))),
        ("profile", document(&format!("{listed}[profile.development.limits.NAME]\ntimeout = '1s'"))),
        ("variable of a group", variable("F_PLUGINS__MW", name)),
        ("variable of what is off", variable("F_PLUGINS_DISABLED", name)),
        ("variable of an order", variable("F_EXTENSION__ONE__SIZE__AFTER", name)),
        ("variable of settings", variable("F_PLUGIN__NAME__SIZE", "7")),
        ("variable of limits", variable("F_LIMITS__NAME__TIMEOUT", "1s")),
        ("variable of options", variable("F_EXTENSION__NAME__SIZE__PRIORITY", "7")),
    ]
}

fn problems(error: &Error) -> Vec<ConfigProblem> {
    match error {
        Error::Config { source, .. } => source.problems().to_vec(),
        other => panic!("{other}"),
    }
}

/// Whether `one` is as it is without what a name may mean.
fn is_plain(pm: &Manager) -> bool {
    let implementations = pm.caller(Specs::size).implementations();
    let [one] = &implementations[..] else { panic!("{implementations:?}") };
    let options = &one.options;
    wait!(pm.caller(Specs::size).call()) == [0]
        && (options.priority, options.timeout) == (0, None)
        && options.before.is_empty()
        && options.after.is_empty()
}

const SEVERAL: &str = "several plugins have this name: `one` and `two`; write";

#[test]
fn an_alias_of_two_plugins_is_an_error_wherever_a_configuration_names_plugins() {
    for (place, config) in places("both") {
        let pm = manager(&[("one", "both"), ("two", "both")]);
        let error = wait!(pm.load_config(&config)).unwrap_err();
        let told = problems(&error);
        assert_eq!(told.len(), 1, "{place}: {error}");
        assert_eq!(
            (told[0].kind(), told[0].plugin()),
            (ProblemKind::InvalidReference, Some("both")),
            "{place}"
        );
        assert!(told[0].message().starts_with(SEVERAL) && told[0].location().is_some(), "{place}: {error}");
        assert!(pm.plugin_names().is_empty(), "{place}");
        // With failures left out, the name means no plugin.
        let report = wait!(pm.load_config_with(&config, LoadPolicy::Skip)).unwrap();
        assert_eq!(report.skipped().len(), 1, "{place}: {report}");
        assert!(report.skipped()[0].to_string().contains(SEVERAL), "{place}: {report}");
        assert_eq!(pm.plugin_names(), ["one"], "{place}");
        assert!(is_plain(&pm) && report.limited().is_empty(), "{place}");
        // The same of a discovery.
        let pm = manager(&[("one", "both"), ("two", "both")]);
        let discovery = Discovery::new().only(["one"]).config(&config);
        let error = wait!(pm.discover_with(discovery.clone())).unwrap_err();
        assert!(problems(&error)[0].message().starts_with(SEVERAL), "{place}: {error}");
        assert!(pm.plugin_names().is_empty(), "{place}");
        let report = wait!(pm.discover_with(discovery.ignore_errors(true))).unwrap();
        assert_eq!(report.registered(), ["one"], "{place}");
        assert!(report.errors().any(|error| error.to_string().contains(SEVERAL)), "{place}: {report}");
        assert!(is_plain(&pm), "{place}");
    }
}

#[test]
fn an_id_comes_before_an_alias_and_that_is_told_wherever_a_configuration_names_plugins() {
    for (place, config) in places("core") {
        // What `one` is called by its alias is meant for the plugin with the id.
        let pm = manager(&[("one", "core"), ("core", "")]);
        let told = |remarks: &[ConfigProblem]| {
            let remark = remarks.iter().find(|remark| remark.kind() == ProblemKind::Ambiguous);
            let remark = remark.unwrap_or_else(|| panic!("{place}: {remarks:?}"));
            assert!(
                remark
                    .message()
                    .starts_with("several plugins have this name: `core` and `one`; it means `core`"),
                "{place}: {remark}"
            );
            assert_eq!((remark.plugin(), remark.location().is_some()), (Some("core"), true), "{place}");
        };
        // A manager has no two plugins of one name.
        if ["entry", "variable of a group"].contains(&place) {
            let error = wait!(pm.load_config(&config)).unwrap_err();
            assert_eq!(error.code(), "name_taken", "{place}: {error}");
            continue;
        }
        let report = wait!(pm.load_config(&config)).unwrap();
        told(report.remarks());
        assert_eq!(pm.plugin_names(), ["one"], "{place}");
        assert_eq!(wait!(pm.caller(Specs::size).call()), [0], "{place}");
        let options = &pm.caller(Specs::size).implementations()[0].options;
        assert_eq!((options.priority, options.timeout), (0, None), "{place}");
        let pm = manager(&[("one", "core"), ("core", "")]);
        let discovery = Discovery::new().only(["one"]).config(&config);
        told(wait!(pm.discover_with(discovery)).unwrap().remarks());
    }
}

#[test]
fn an_order_means_the_plugin_with_the_id_and_binds_no_other_by_its_alias() {
    let plugins = [("one", ""), ("two", "core"), ("core", "")];
    let sizes = "[plugin.one]\nsize = 1\n[plugin.two]\nsize = 2\n";
    let loaded = |listed: &str, options: &str| {
        let pm = manager(&plugins);
        let report =
            wait!(pm.load_config(&toml(&format!("[plugins]\nmw = {listed}\n{sizes}{options}")))).unwrap();
        let told: Vec<_> = report
            .remarks()
            .iter()
            .map(|remark| (remark.kind(), remark.suggestion().map(str::to_owned)))
            .collect();
        (wait!(pm.caller(Specs::size).call()), told)
    };
    let ambiguous = (ProblemKind::Ambiguous, None);
    // `core` is not there, and `two` is not meant, also where that would be impossible.
    let unbound = (ProblemKind::UnboundName, Some("two".to_owned()));
    let told = vec![ambiguous.clone(), unbound];
    assert_eq!(loaded("['two', 'one']", "[extension.one.size]\nbefore = 'core'"), (vec![2, 1], told.clone()));
    assert_eq!(
        loaded("['one', 'two']", "[extension.one.size]\nafter = ['core']"),
        (vec![1, 2], told.clone())
    );
    let both = "[extension.one.size]\nbefore = 'core'\n[extension.two.size]\nbefore = 'one'";
    assert_eq!(loaded("['one', 'two']", both), (vec![2, 1], told));
    // `core` is there.
    let told = vec![ambiguous];
    assert_eq!(
        loaded("['core', 'one']", "[extension.one.size]\nbefore = 'core'"),
        (vec![1, 0], told.clone())
    );
    assert_eq!(loaded("['one', 'core']", "[extension.one.size]\nafter = 'core'"), (vec![0, 1], told));
    // Nothing is said of the id of `two`.
    assert_eq!(loaded("['two', 'one']", "[extension.one.size]\nbefore = 'two'"), (vec![1, 2], vec![]));
    // An alias that no plugin has as its id means the plugin.
    let pm = manager(&plugins[..2]);
    let config =
        toml(&format!("[plugins]\nmw = ['two', 'one']\n{}", "[extension.one.size]\nbefore = 'core'"));
    assert!(wait!(pm.load_config(&config)).unwrap().remarks().is_empty());
    let order = pm.caller(Specs::size).implementations();
    assert_eq!((order[0].plugin.as_str(), &order[0].options.before[..]), ("one", &["two".into()][..]));
}

#[test]
fn an_order_binds_no_later_plugin_by_its_alias_before_the_next_load() {
    let pm = manager(&[("one", "")]);
    let config = toml("[plugins]\nmw = ['one']\n[extension.one.size]\nafter = 'later'");
    let report = wait!(pm.load_config(&config)).unwrap();
    let [remark] = report.remarks() else { panic!("{report}") };
    assert_eq!(
        remark.message(),
        "`after` names `later`, but no plugin with that id extends `Specs::size`",
        "{report}"
    );
    let metadata = PluginMetadata::new("own").aliases(["later"]);
    PluginBuilder::new(Part(9)).metadata(metadata).register(&pm).unwrap();
    assert_eq!(wait!(pm.caller(Specs::size).call()), [0, 9]);
    // It is told, with what was probably meant.
    let [unbound] = &pm.validate().unwrap()[..] else { panic!("one name binds nothing") };
    assert_eq!((unbound.name.as_str(), unbound.suggestion.as_deref()), ("later", Some("own")), "{unbound}");
    let report = wait!(pm.load_config(&config)).unwrap();
    assert_eq!((report.overridden(), report.remarks().len()), (&["one".into()][..], 0));
    assert_eq!(wait!(pm.caller(Specs::size).call()), [9, 0]);
    // The names in the code of a plugin are ids and aliases.
    PluginBuilder::new(Part(7))
        .named("first")
        .options(Specs::size, pluginkit::Options::new().before("later"))
        .register(&pm)
        .unwrap();
    assert_eq!(wait!(pm.caller(Specs::size).call()), [7, 9, 0]);
}

/// A plugin that takes a minute.
struct Slow(FakeClock);

implement! {
    #[extension]
    impl Specs for Slow {
        fn size(&self) -> u8 {
            self.0.advance(Duration::from_secs(60));
            1
        }
    }
}

#[test]
fn limits_of_an_id_do_not_hold_for_the_plugin_that_has_it_as_an_alias() {
    let clock = FakeClock::new();
    let pm = Manager::builder("ambiguous").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    pm.add_factory(PluginFactory::new(PluginMetadata::new("core"), || Part(0)));
    let one = PluginMetadata::new("one").aliases(["core"]);
    pm.add_factory(PluginFactory::new(one, move || Slow(clock.clone())));
    let is_late = |limits: &str| {
        let config = format!("[plugins]\nmw = ['one']\n[limits.{limits}]\ntimeout = '1s'");
        wait!(pm.load_config(&toml(&config))).unwrap();
        wait!(pm.caller(Specs::size).try_call()).is_err()
    };
    assert!(!is_late("core"));
    assert!(is_late("one"));
    assert!(!is_late("core"), "its own limits go with the configuration");
}

#[test]
fn a_plugin_of_the_host_comes_before_an_alias_and_that_is_told() {
    let pm = manager(&[("one", "own")]);
    pm.register_fn("own", Specs::size, |_| 9).unwrap();
    let report = wait!(pm.load_config(&toml("[extension.own.size]\npriority = 5"))).unwrap();
    let [remark] = report.remarks() else { panic!("{report}") };
    assert_eq!(remark.kind(), ProblemKind::Ambiguous);
    assert!(remark.message().contains("`own` and `one`; it means `own`, as the host registered"), "{remark}");
    assert_eq!(pm.caller(Specs::size).implementations()[0].options.priority, 5);
}

#[test]
fn a_variable_that_several_ids_are_written_as_is_an_error() {
    let plugins = [("rate-limiter", ""), ("rate_limiter", "")];
    for (variable, value) in [
        ("F_PLUGIN__RATE_LIMITER__SIZE", "1"),
        ("F_LIMITS__RATE_LIMITER__TIMEOUT", "1s"),
        ("F_EXTENSION__RATE_LIMITER__SIZE__PRIORITY", "1"),
    ] {
        let pm = manager(&plugins);
        let listed = toml("[plugins]\nmw = ['rate-limiter', 'rate_limiter']");
        let config = listed.with_env_vars("F", [(variable, value)]).unwrap();
        let error = wait!(pm.load_config(&config)).unwrap_err();
        let [problem] = &problems(&error)[..] else { panic!("{error}") };
        assert!(
            problem.message().contains("`rate-limiter` and `rate_limiter`; write this into a document"),
            "{problem}"
        );
        assert_eq!(problem.location().and_then(|at| at.variable()), Some(variable));
        // One of them alone is meant.
        let pm = manager(&plugins[..1]);
        let config =
            toml("[plugins]\nmw = ['rate-limiter']").with_env_vars("F", [(variable, value)]).unwrap();
        assert!(wait!(pm.load_config(&config)).unwrap().remarks().is_empty());
    }
}

#[test]
fn a_remark_on_a_name_is_told_once_for_each_load() {
    let pm = manager(&[("one", "core"), ("core", "")]);
    let text = "[plugins]\nmw = ['core', { id = 'core', priority = 1 }]\ndisabled = ['core']\n[limits.core]\ntimeout = '1s'";
    for _ in 0..2 {
        let report = wait!(pm.load_config(&toml(text))).unwrap();
        let told = report.remarks().iter().filter(|remark| remark.kind() == ProblemKind::Ambiguous);
        assert_eq!(told.count(), 1, "{report}");
    }
}

#[test]
fn a_discovery_tells_of_names_of_several_plugins() {
    let plugins = [("one", "both"), ("two", "both"), ("three", "four"), ("four", "")];
    let found = |discovery: Discovery| {
        let pm = manager(&plugins);
        wait!(pm.discover_with(discovery.filter(|factory| factory.path().is_none())))
    };
    for discovery in [Discovery::new().only(["both"]), Discovery::new().except(["both", "four"])] {
        let error = found(discovery.clone()).unwrap_err();
        assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("ambiguous_name", "both"), "{error}");
        assert_eq!(
            error.to_string(),
            "several plugins have the name `both`: one, two; name one of them by its id"
        );
        let report = found(discovery.ignore_errors(true)).unwrap();
        assert!(report.errors().any(|error| error.code() == "ambiguous_name"), "{report}");
        assert!(report.registered().iter().all(|id| !["one", "two"].contains(&id.as_str())), "{report}");
    }
    let report = found(Discovery::new().only(["four"])).unwrap();
    assert_eq!(report.registered(), ["four"]);
    let [remark] = report.remarks() else { panic!("{report}") };
    assert_eq!(remark.kind(), ProblemKind::Ambiguous);
    assert!(report.to_string().contains("an alias of `three`"), "{report}");
    let report = found(Discovery::new().except(["four", "one", "two"])).unwrap();
    assert_eq!((report.registered(), report.remarks().len()), (&["three".into()][..], 1));
}

/// A manager that makes what its configuration requires, of these plugins: each with an alias and what it requires.
fn completing(plugins: &[(&str, &str, &[&str])]) -> Manager {
    let pm = wait!(Manager::from_config("ambiguous", Specs, toml(""))).unwrap();
    for (id, alias, requires) in plugins {
        let aliases = Some(*alias).filter(|alias| !alias.is_empty());
        let metadata = PluginMetadata::new(*id).aliases(aliases).requires(requires.iter().copied());
        pm.add_factory(PluginFactory::configured(metadata, |settings: Settings| Part(settings.size)));
    }
    pm
}

const REQUIRING: &[(&str, &str, &[&str])] = &[
    ("app", "", &["web"]),
    ("web", "", &["both >= 0.0.0"]),
    ("one", "both", &["core"]),
    ("two", "both", &[]),
    ("core", "", &[]),
];

#[test]
fn a_required_name_of_several_plugins_is_told_with_the_candidates() {
    for (listed, location) in [("['web']", 2), ("['core',\n'app']", 3)] {
        let pm = completing(REQUIRING);
        let config = toml(&format!("[plugins]\nmw = {listed}"));
        let error = wait!(pm.load_config(&config)).unwrap_err();
        let [problem] = &problems(&error)[..] else { panic!("{error}") };
        assert_eq!((problem.kind(), problem.plugin()), (ProblemKind::InvalidReference, Some("web")));
        assert_eq!(
            problem.message(),
            "it requires `both`, and several plugins have this name: `one` and `two`; list one of them, too"
        );
        assert_eq!(
            (problem.location().and_then(Location::line), problem.group()),
            (Some(location), Some("mw"))
        );
        assert!(pm.plugin_names().is_empty());
        // With failures left out, the plugin stays away.
        let report = wait!(pm.load_config_with(&config, LoadPolicy::Skip)).unwrap();
        assert_eq!(report.skipped().len(), 1, "{report}");
        assert!(report.skipped()[0].to_string().contains("`one` and `two`; list one"), "{report}");
        assert!(!pm.is_registered("web") && !pm.is_registered("one"));
    }
}

#[test]
fn one_of_the_plugins_with_a_required_name_is_enough() {
    let names = |pm: &Manager, text: &str| {
        wait!(pm.load_config(&toml(text))).unwrap();
        pm.plugin_names().join(" ")
    };
    let pm = completing(REQUIRING);
    assert_eq!(names(&pm, "[plugins]\nmw = ['app', 'two']"), "app two web");
    // It stays as long as something requires the name.
    assert_eq!(names(&pm, "[plugins]\nmw = ['app']"), "app two web");
    assert_eq!(names(&pm, "[plugins]\nmw = ['core']"), "core");
    assert_eq!(names(&completing(REQUIRING), "[plugins]\nmw = ['one', 'web']"), "one web core");
    // The other one is turned off, and what remains is chosen.
    let off = "[plugins]\nmw = ['web']\ndisabled = ['two']";
    assert_eq!(names(&completing(REQUIRING), off), "web core one");
    let off = "[plugins]\nmw = ['web', 'one']\ndisabled = ['two']";
    assert_eq!(names(&completing(REQUIRING), off), "web one core");
    // All of them are turned off.
    let pm = completing(REQUIRING);
    let error =
        wait!(pm.load_config(&toml("[plugins]\nmw = ['web']\ndisabled = ['two', 'one']"))).unwrap_err();
    assert!(problems(&error)[0].message().contains("which is turned off here"), "{error}");
    // Another one requires one of them by its id.
    let mut plugins = REQUIRING.to_vec();
    plugins.push(("exact", "", &["two"]));
    assert_eq!(names(&completing(&plugins), "[plugins]\nmw = ['web', 'exact']"), "web exact two");
    // The host has the plugin.
    let pm = completing(REQUIRING);
    pm.register_fn("both", Specs::size, |_| 9).unwrap();
    assert_eq!(names(&pm, "[plugins]\nmw = ['web']"), "both web");
}

#[test]
fn a_required_id_of_two_plugins_is_told_with_their_paths() {
    let pm = wait!(Manager::from_config("doubles", Specs, toml(""))).unwrap();
    let metadata = PluginMetadata::new("user").requires(["double"]);
    pm.add_factory(PluginFactory::new(metadata, || Part(0)));
    let error = wait!(pm.load_config(&toml("[plugins]\nmw = ['user']"))).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("same_id", "double"), "{error}");
    assert!(
        error.to_string().contains("one::Double") && error.to_string().contains("two::Double"),
        "{error}"
    );
}

#[test]
fn paths_of_two_plugins_with_one_id_contradict_each_other() {
    let (one, two) = ("loading::plugins::one::Double", "loading::plugins::two::Double");
    let loaded = |text: &str| {
        let pm = Manager::new("doubles");
        wait!(pm.load_config(&toml(text))).map(|_| pm.plugin_names())
    };
    for text in [
        format!("[plugins]\nx = ['{one}', '{two}']"),
        format!("[plugins]\nx = ['{one}']\n[plugin.'{two}']"),
        format!("[plugins]\nx = ['{one}']\n[limits.'{two}']\ntimeout = '1s'"),
        format!("[plugins]\nx = ['{one}']\ndisabled = ['{two}']"),
    ] {
        let error = loaded(&text).unwrap_err();
        assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("same_id", "double"), "{text}");
        assert!(error.to_string().contains(one) && error.to_string().contains(two), "{error}");
    }
    for text in [
        format!("[plugins]\nx = ['{one}']\n[limits.'{one}']\ntimeout = '1s'"),
        format!("[plugins]\nx = ['{two}']\n[limits.double]\ntimeout = '1s'"),
    ] {
        assert_eq!(loaded(&text).unwrap(), ["double"], "{text}");
    }
}

#[test]
fn a_discovery_tells_of_what_its_configuration_turns_off_or_sets_in_vain() {
    let found = |text: &str| {
        let pm = manager(&[("one", ""), ("two", "")]);
        wait!(pm.discover_with(Discovery::new().only(["one"]).config(&toml(text))))
    };
    let report =
        found("[plugins]\ndisabled = ['telemetry']\n[extension.one.size]\nafter = 'elsewhere'").unwrap();
    let told: Vec<_> =
        report.remarks().iter().map(|remark| (remark.kind(), remark.plugin().unwrap())).collect();
    assert_eq!(told, [(ProblemKind::UnboundName, "telemetry"), (ProblemKind::UnboundName, "one")]);
    for (text, suggestion) in [
        ("[plugins]\ndisabled = ['tow']", "two"),
        ("[plugins]\nx = [{ id = 'onee', enabled = false }]", "one"),
        ("[plugin.onee]\nsize = 1", "one"),
    ] {
        let error = found(text).unwrap_err();
        assert_eq!(problems(&error)[0].suggestion(), Some(suggestion), "{text}");
    }
}
