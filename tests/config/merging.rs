use pluginkit::config::PluginConfig;
use pluginkit::config::{EntryBuilder, ProblemKind};
use serde::Deserialize;

use crate::{group, groups, toml};

#[test]
fn the_file_comes_first_and_the_code_after_it() {
    let file = toml("[plugins]\nmiddleware = ['myapp::middleware::cors']\nhooks = ['myapp::hooks::startup']");
    let code = PluginConfig::builder()
        .group("middleware", ["myapp::middleware::auth"])
        .group("database", ["db::backends::postgres"])
        .build()
        .unwrap();
    let merged = file.merge(&code);
    assert_eq!(groups(&merged), "middleware hooks database");
    assert_eq!(group(&merged, "middleware"), "myapp::middleware::cors myapp::middleware::auth");
    assert_eq!(group(&merged, "hooks"), "myapp::hooks::startup");
    assert_eq!(group(&merged, "database"), "db::backends::postgres");
}

#[test]
fn merging_changes_neither_of_the_two() {
    let file = toml("[plugins]\na = ['x']");
    let code = toml("[plugins]\na = ['y']");
    let _ = file.merge(&code);
    assert_eq!((group(&file, "a"), group(&code, "a")), ("x".to_owned(), "y".to_owned()));
}

#[test]
fn the_first_mention_keeps_its_place() {
    let first = toml("[plugins]\na = ['x', 'y', 'x']");
    assert_eq!(group(&first, "a"), "x y");
    let merged = first.merge(toml("[plugins]\na = ['z', 'y', 'x']"));
    assert_eq!(group(&merged, "a"), "x y z");
    assert_eq!(merged.group("a")[0].location().line(), Some(2));
}

#[test]
fn a_plugin_may_be_in_two_groups_and_under_two_names() {
    let config = toml("[plugins]\na = ['cors', 'myapp::Cors']\nb = ['cors']");
    assert_eq!((group(&config, "a"), group(&config, "b")), ("cors myapp::Cors".into(), "cors".into()));
}

#[test]
fn a_later_source_turns_a_plugin_off_and_on_again() {
    let first = toml("[plugins]\na = ['x', 'y']");
    let off = first.merge(toml("[plugins]\na = [{ id = 'x', enabled = false }]"));
    assert_eq!(group(&off, "a"), "(x) y");
    assert_eq!(group(&off.merge(toml("[plugins]\na = ['x']")), "a"), "(x) y", "a mention says nothing of it");
    let on = off.merge(toml("[plugins]\na = [{ id = 'x', enabled = true }]"));
    assert_eq!(group(&on, "a"), "x y");
}

#[test]
fn a_later_source_turns_a_plugin_on_in_every_group() {
    let first = toml("[plugins]\ndisabled = ['x']\na = ['x']");
    assert_eq!(group(&first.merge(toml("[plugins]\nb = ['x']")), "b"), "(x)");
    let on = first.merge(toml("[plugins]\na = [{ id = 'x', enabled = true }]"));
    assert_eq!(group(&on, "a"), "x");
    assert!(on.disabled().is_empty());
}

#[test]
fn the_last_word_on_the_switch_counts() {
    let off = toml("[plugins]\nenabled = false");
    assert!(!off.merge(toml("[plugins]\na = ['x']")).is_enabled());
    assert!(off.merge(PluginConfig::builder().enabled(true).build().unwrap()).is_enabled());
}

#[derive(Debug, PartialEq, Deserialize)]
struct Redis {
    #[serde(default = "localhost")]
    host: String,
    #[serde(default = "port")]
    port: u16,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pool: Pool,
}

fn localhost() -> String {
    "localhost".into()
}

fn port() -> u16 {
    6379
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Pool {
    least: u32,
    most: u32,
}

fn redis(config: &PluginConfig) -> Redis {
    config.section("redis").deserialize().unwrap()
}

#[test]
fn settings_are_joined_key_by_key_and_arrays_replaced() {
    let first = toml("[plugin.redis]\nhost = 'one'\ntags = ['a', 'b']\npool = { least = 1, most = 2 }");
    let second = toml("[plugin.redis]\nport = 1\ntags = ['c']\n[plugin.redis.pool]\nmost = 9");
    let expected =
        Redis { host: "one".into(), port: 1, tags: vec!["c".into()], pool: Pool { least: 1, most: 9 } };
    assert_eq!(redis(&first.merge(&second)), expected);
}

#[test]
fn the_settings_of_an_entry_lie_over_those_of_the_plugin() {
    let config = toml(
        "[plugins]\na = [{ id = 'redis', config = { port = 2, pool.most = 3 } }, 'other']\nb = ['redis']\n[plugin.redis]\nhost = 'h'\nport = 1\npool.least = 1",
    );
    let of = |name: &str| config.group(name)[0].deserialize::<Redis>().unwrap();
    assert_eq!((of("a").port, of("a").pool), (2, Pool { least: 1, most: 3 }));
    assert_eq!((of("b").port, of("b").host.as_str()), (1, "h"));
    assert_eq!(redis(&config).port, 1);
}

#[test]
fn later_settings_of_an_entry_are_joined_with_earlier_ones() {
    let first = toml("[plugins]\na = [{ id = 'redis', config = { port = 2, host = 'x' } }]");
    let second = toml("[plugins]\na = [{ id = 'redis', config = { port = 3 } }]");
    let redis: Redis = first.merge(second).group("a")[0].deserialize().unwrap();
    assert_eq!((redis.port, redis.host.as_str()), (3, "x"));
}

#[test]
fn a_plugin_with_two_names_may_have_its_settings_under_both() {
    let config = toml(
        "[plugins]\na = ['app::Redis']\n[plugin.redis]\nport = 1\nhost = 'h'\n[plugin.'app::Redis']\nport = 2",
    );
    let redis: Redis = config.group("a")[0].section_of(&["redis", "app::Redis"]).deserialize().unwrap();
    assert_eq!((redis.port, redis.host.as_str()), (2, "h"));
}

#[test]
fn sections_are_equal_if_their_values_are() {
    let section = |text: &str| toml(text).section("redis");
    assert_eq!(
        section("[plugin.redis]\nport = 1\nhost = 'h'"),
        section("plugin.redis = { host = \"h\", port = 0x1 }")
    );
    assert_ne!(section("[plugin.redis]\nport = 1"), section("[plugin.redis]\nport = 2"));
    assert_ne!(section("[plugin.redis]\nport = 1"), section("[plugin.redis]\nport = 1\nhost = ''"));
    assert_ne!(section("[plugin.redis]\nport = 1"), section("[plugin.redis]\nport = 1.0"));
    assert!(section("[plugin.redis]").is_given() && section("[plugin.redis]").is_empty());
    assert!(!section("").is_given());
}

#[derive(serde::Serialize)]
struct Code {
    host: &'static str,
    port: Option<u16>,
}

#[test]
fn code_sets_what_a_document_can() {
    let config = PluginConfig::builder()
        .group("empty", [""; 0])
        .entry(
            "a",
            EntryBuilder::new("redis").enabled(false).priority(2).config(&Code { host: "e", port: None }),
        )
        .section("redis", &Code { host: "s", port: Some(7) })
        .set("redis", "tags", ["t"])
        .disable("other")
        .build()
        .unwrap();
    assert_eq!((groups(&config), group(&config, "a")), ("empty a".into(), "(redis)".into()));
    let redis: Redis = config.group("a")[0].deserialize().unwrap();
    assert_eq!((redis.host.as_str(), redis.port, redis.tags), ("e", 7, vec!["t".to_owned()]));
    assert_eq!(config.disabled(), ["other"]);
}

#[test]
fn a_mistake_in_code_is_reported_with_its_line() {
    let line = line!() + 2;
    let error = PluginConfig::builder()
        .group("a", ["fine", "not fine"])
        .section("redis", &3)
        .set("redis", "far", u64::MAX)
        .build()
        .unwrap_err();
    let found: Vec<_> =
        error.problems().iter().map(|problem| (problem.kind(), problem.location().unwrap())).collect();
    let kinds: Vec<_> = found.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [ProblemKind::InvalidReference, ProblemKind::WrongType, ProblemKind::InvalidValue]);
    assert_eq!(found[0].1.line(), Some(line as usize));
    assert!(found[0].1.path().unwrap().ends_with("config/merging.rs"), "{:?}", found[0].1);
}
