use std::ffi::OsString;

use pluginkit::config::PluginConfig;
use pluginkit::config::{ConfigSource, ProblemKind, Profile};
use serde::Deserialize;

use crate::{group, groups, lines, toml};

#[derive(Debug, PartialEq, Deserialize)]
struct Settings {
    #[serde(default)]
    name: String,
    #[serde(default)]
    count: u32,
    #[serde(default)]
    ratio: f64,
    #[serde(default)]
    flag: Option<bool>,
    #[serde(default)]
    list: Vec<u16>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    limits: Limits,
    #[serde(default, rename = "maxRequests")]
    max_requests: u64,
    #[serde(default)]
    level: Level,
    #[serde(default)]
    since: Option<toml::value::Datetime>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Limits {
    burst: u32,
    rate: u32,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    #[default]
    Low,
    High,
}

fn with<const N: usize>(config: &PluginConfig, variables: [(&str, &str); N]) -> PluginConfig {
    match config.with_env_vars("FEED", variables) {
        Ok(config) => config,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_variable_is_of_the_type_it_is_read_into() {
    let config = with(
        &PluginConfig::default(),
        [
            ("FEED_PLUGIN__A_B__NAME", "1234"),
            ("FEED_PLUGIN__A_B__COUNT", "0x10"),
            ("FEED_PLUGIN__A_B__RATIO", "2"),
            ("FEED_PLUGIN__A_B__FLAG", "TRUE"),
            ("FEED_PLUGIN__A_B__LIST", "1, 2"),
            ("FEED_PLUGIN__A_B__NAMES", "['x,y', '7']"),
            ("FEED_PLUGIN__A_B__LIMITS__BURST", "5"),
            ("FEED_PLUGIN__A_B__MAXREQUESTS", "6"),
            ("FEED_PLUGIN__A_B__LEVEL", "high"),
            ("FEED_PLUGIN__A_B__SINCE", "1979-05-27"),
        ],
    );
    let expected = Settings {
        name: "1234".into(),
        count: 16,
        ratio: 2.0,
        flag: Some(true),
        list: vec![1, 2],
        names: vec!["x,y".into(), "7".into()],
        limits: Limits { burst: 5, rate: 0 },
        max_requests: 6,
        level: Level::High,
        since: Some("1979-05-27".parse().unwrap()),
    };
    assert_eq!(config.section("a-b").deserialize::<Settings>().unwrap(), expected);
    assert_eq!(config.section("a.b").deserialize::<Settings>().unwrap(), expected);
}

#[test]
fn the_environment_lies_over_documents_code_and_entries_wherever_it_is_merged() {
    let file = toml(
        "[plugins]\na = [{ id = 'x', config = { count = 2 } }]\n[plugin.x]\ncount = 1\nname = 'file'\nmaxRequests = 4\nlimits = { burst = 1, rate = 2 }",
    );
    let env = with(
        &PluginConfig::default(),
        [
            ("FEED_PLUGIN__X__COUNT", "3"),
            ("FEED_PLUGIN__X__LIMITS", "{ burst = 7 }"),
            ("FEED_PLUGIN__X__MAX_REQUESTS", "5"),
        ],
    );
    for config in [file.merge(&env), env.merge(&file)] {
        let settings: Settings = config.group("a")[0].deserialize().unwrap();
        assert_eq!((settings.count, settings.name.as_str(), settings.max_requests), (3, "file", 5));
        assert_eq!(settings.limits, Limits { burst: 7, rate: 2 });
    }
}

#[test]
fn the_switch_of_the_environment_beats_the_file_and_needs_none() {
    let off = toml("[plugins]\nenabled = false");
    assert!(with(&off, [("FEED_PLUGINS_ENABLED", "True")]).is_enabled());
    assert!(!with(&PluginConfig::default(), [("FEED_PLUGINS_ENABLED", "false")]).is_enabled());
    assert!(!with(&off, [("FEED_PLUGINS_ENABLED", "")]).is_enabled(), "an empty variable says nothing");
    for value in ["yes", "1", "on"] {
        let error = off.with_env_vars("FEED", [("FEED_PLUGINS_ENABLED", value)]).unwrap_err();
        assert_eq!(error.problems()[0].kind(), ProblemKind::WrongType);
    }
}

#[test]
fn plugins_are_added_moved_and_turned_off_by_the_environment() {
    let file = toml("[plugins]\nmy-group = ['x', 'y']");
    let config = with(
        &file,
        [
            ("FEED_PLUGINS__MY_GROUP", "z, x"),
            ("FEED_PLUGINS__OTHER", "[{ id = 'w', enabled = false }]"),
            ("FEED_PLUGINS_DISABLED", "y"),
        ],
    );
    assert_eq!(groups(&config), "my-group other");
    assert_eq!((group(&config, "my-group"), group(&config, "other")), ("x (y) z".into(), "(w)".into()));
}

#[test]
fn the_environment_says_which_profile_it_is() {
    let config = with(&toml("active_profile = 'staging'"), [("FEED_PROFILE", "production")]);
    assert_eq!(config.profile(), Profile::Production);
    let error = config.with_env_vars("FEED", [("FEED_PROFILE", "prod")]).unwrap_err();
    assert_eq!(error.problems()[0].kind(), ProblemKind::UnknownProfile);
}

#[test]
fn variables_of_others_are_left_alone() {
    let others =
        [("PATH", "/bin"), ("FEEDER_PLUGIN_X", "1"), ("FEED_PORT", "80"), ("OTHER_PLUGINS_ENABLED", "x")];
    assert!(with(&PluginConfig::default(), others).is_enabled());
}

#[test]
fn unfit_variables_are_refused_all_at_once() {
    let error = PluginConfig::default()
        .with_env_vars(
            "FEED",
            [
                ("FEED_PLUGINS_ENABLE", "true"),
                ("FEED_PLUGIN__X", "1"),
                ("FEED_PLUGIN_X__Y", "1"),
                ("FEED_PLUGIN__X____Y", "1"),
                ("FEED_PLUGIN__Z__A", "1"),
                ("FEED_PLUGIN__Z__A__B", "1"),
                ("FEED_PLUGINS__G", "a b"),
            ],
        )
        .unwrap_err();
    let names: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| problem.location().and_then(|at| at.variable()).unwrap().trim_start_matches("FEED_"))
        .collect();
    assert_eq!(
        names,
        ["PLUGINS_ENABLE", "PLUGINS__G", "PLUGIN_X__Y", "PLUGIN__X", "PLUGIN__X____Y", "PLUGIN__Z__A__B"]
    );
    assert_eq!(error.problems()[0].suggestion(), Some("PLUGINS_ENABLED"));
    assert_eq!(error.problems()[0].location().unwrap().source(), ConfigSource::Environment);
}

#[test]
fn a_wrong_value_is_told_with_its_variable() {
    let config = with(
        &toml("[plugins]\na = ['x']"),
        [("FEED_PLUGIN__X__COUNT", "many"), ("FEED_PLUGIN__X__FLAG", "maybe"), ("FEED_PLUGIN__X__NAM", "n")],
    );
    let error = config.group("a")[0].deserialize::<Settings>().unwrap_err();
    let mut found = lines(&error);
    found.sort();
    assert_eq!(
        found[0],
        "environment variable FEED_PLUGIN__X__COUNT: plugin `x` of group `a`: `count`: expected u32, found the string \"many\""
    );
    assert!(found[1].starts_with("environment variable FEED_PLUGIN__X__FLAG: "), "{}", found[1]);
    assert!(found[2].ends_with("did you mean `name`?"), "{}", found[2]);
}

#[test]
fn variables_may_have_settings_of_unknown_plugins() {
    let config = with(&toml("[plugins]\na = ['rate-limiter']"), [("FEED_PLUGIN__RATE_LIMITER__X", "1")]);
    assert!(config.check_sections([]).is_ok());
    let config = with(&config, [("FEED_PLUGIN__RATE_LIMTER__X", "1")]);
    let error = config.check_sections([]).unwrap_err();
    assert_eq!(error.problems()[0].suggestion(), Some("rate-limiter"));
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_refused_if_it_is_ours() {
    use std::os::unix::ffi::OsStringExt;
    let bad = || OsString::from_vec(vec![0xff]);
    let ours = [(OsString::from("FEED_PLUGIN__X__Y"), bad())];
    assert!(PluginConfig::default().with_env_vars("FEED", ours).is_err());
    let others = [(OsString::from("OTHER"), bad()), (bad(), bad())];
    assert!(PluginConfig::default().with_env_vars("FEED", others).is_ok());
}

#[test]
fn the_environment_of_the_process_is_read() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "environment::in_a_process_with_a_profile"])
        .env("PLUGINKIT_TEST_PROFILE", "production")
        .output()
        .unwrap();
    assert!(
        output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed"),
        "{output:?}"
    );
}

#[test]
#[ignore = "runs in a process that another test starts"]
fn in_a_process_with_a_profile() {
    let config = PluginConfig::default().with_env("PLUGINKIT_TEST").unwrap();
    assert_eq!(config.profile(), Profile::Production);
}

#[test]
fn a_variable_that_nearly_names_a_table_is_refused_and_one_of_the_host_is_not() {
    let read = |name: &str| PluginConfig::default().with_env_vars("BOT", [(name, "1s")]);
    for (name, meant) in [
        ("BOT_LIMIT__WIKI__TIMEOUT", "LIMITS__WIKI__TIMEOUT"),
        ("BOT_EXTENSIONS__WIKI__LOOKUP__TIMEOUT", "EXTENSION__WIKI__LOOKUP__TIMEOUT"),
        ("BOT_PLUGN__WIKI__DELAY", "PLUGIN__WIKI__DELAY"),
    ] {
        let error = read(name).unwrap_err();
        let [problem] = error.problems() else { panic!("{error}") };
        assert_eq!((problem.kind(), problem.suggestion()), (ProblemKind::UnknownKey, Some(meant)));
        assert_eq!(problem.location().and_then(|at| at.variable()), Some(name));
    }
    for name in ["BOT_LIMIT", "BOT_HTTP__PORT", "BOT_PROFILES__DIRECTORY", "BOT_RATES__LIMIT"] {
        assert!(read(name).is_ok(), "{name}");
    }
}
