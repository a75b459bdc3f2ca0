use std::collections::BTreeMap;
use std::num::NonZeroU8;

use pluginkit::config::{ConfigError, ProblemKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::toml;

fn refused<T: DeserializeOwned>(settings: &str) -> ConfigError {
    match toml(&format!("[plugin.x]\n{settings}")).section("x").deserialize::<T>() {
        Ok(_) => panic!("accepted"),
        Err(error) => error,
    }
}

/// Line, key and message of each problem.
fn found<T: DeserializeOwned>(settings: &str) -> Vec<String> {
    let error = refused::<T>(settings);
    let written = error.problems().iter().map(|problem| {
        let line = problem.location().unwrap().line().unwrap();
        format!("{line} {:?} {}", problem.kind(), problem.key().unwrap_or("-"))
    });
    written.collect()
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Server {
    host: String,
    port: u16,
    #[serde(default)]
    level: Level,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    mirrors: Vec<Mirror>,
    #[serde(default)]
    weights: BTreeMap<u8, f32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    #[default]
    Low,
    High,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Limits {
    burst: u32,
    rate: u32,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Mirror {
    url: String,
    weight: NonZeroU8,
}

#[test]
fn all_mistakes_are_told_in_the_order_of_their_places() {
    let settings = "
host = 1
prot = 80
level = 'hihg'
[plugin.x.limits]
burts = 1
burst = 'x'
rate = -1
[[plugin.x.mirrors]]
url = 'u'
weight = 0
[[plugin.x.mirrors]]
weight = 'w'
[plugin.x.weights]
many = 1
1 = 'x'
";
    assert_eq!(
        found::<Server>(settings),
        [
            "1 Missing port",
            "3 WrongType host",
            "4 UnknownKey prot",
            "5 InvalidValue level",
            "7 UnknownKey limits.burts",
            "8 WrongType limits.burst",
            "9 InvalidValue limits.rate",
            "12 InvalidValue mirrors[0].weight",
            "13 Missing mirrors[1].url",
            "14 WrongType mirrors[1].weight",
            "16 WrongType weights.many",
            "17 WrongType weights.1",
        ]
    );
}

#[test]
fn a_report_has_the_expected_and_the_actual_type_and_a_suggestion() {
    let error = refused::<Server>("host = 'h'\nport = 'many'\nlevel = 'hihg'\nlimits = { brust = 1 }");
    let messages: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "<toml>:3:8: plugin `x`: `port`: expected u16, found the string \"many\"",
            "<toml>:4:9: plugin `x`: `level`: unknown variant `hihg`; expected one of `low`, `high`; did you mean `high`?",
            "<toml>:5:12: plugin `x`: unknown key `brust`; expected `burst`, `rate`; did you mean `burst`?",
        ]
    );
    assert_eq!(error.problems()[2].suggestion(), Some("burst"));
}

#[test]
fn every_missing_value_is_told_at_the_header_of_its_table() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        a: String,
        b: NonZeroU8,
        c: Inner,
        d: Level,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        x: u8,
        y: Vec<u8>,
        z: Level,
    }
    assert_eq!(
        found::<Outer>("[plugin.x.c]"),
        ["1 Missing a", "1 Missing b", "1 Missing d", "2 Missing c.x", "2 Missing c.y", "2 Missing c.z"]
    );
    let error = refused::<Outer>("");
    assert_eq!(error.problems()[0].message(), "`a` is missing, and has no default; set it");
    assert_eq!(error.problems()[0].location().unwrap().span(), Some(0..10));
}

#[test]
fn without_settings_a_missing_value_is_told_at_the_entry() {
    let config = toml("[plugins]\nweb = ['x']");
    let error = config.group("web")[0].deserialize::<Mirror>().unwrap_err();
    let places: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        places[0],
        "<toml>:2:8: plugin `x` of group `web`: `url` is missing, and has no default; set it"
    );
    assert_eq!(places.len(), 2);
}

#[test]
fn a_mistake_is_told_at_the_source_that_made_it() {
    let first = toml("[plugin.x]\nhost = 'h'\nport = 1");
    let reader = pluginkit::config::ConfigReader::new();
    let second = reader.toml_str("second.toml", "\n[plugin.x]\nport = true").unwrap();
    let error = first.merge(second).section("x").deserialize::<Server>().unwrap_err();
    assert_eq!(error.problems()[0].location().unwrap().to_string(), "second.toml:3:8");
}

#[test]
fn a_type_that_denies_unknown_fields_is_told_of_all_of_them() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Strict {
        one: u8,
        two: u8,
    }
    assert_eq!(
        found::<Strict>("on = 1\none = 'x'\ntow = 2"),
        ["1 Missing two", "2 UnknownKey on", "3 WrongType one", "4 UnknownKey tow"]
    );
}

#[test]
fn consequences_of_a_mistake_are_not_reported() {
    // Which variant it is decides what the content must be.
    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind", content = "of")]
    #[expect(dead_code, reason = "only read")]
    enum Adjacent {
        Number(u8),
        Text(String),
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        a: Adjacent,
        b: Range,
        c: u8,
    }
    // What it says of the whole depends on the parts.
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Raw")]
    struct Range;
    #[derive(Debug, Deserialize)]
    struct Raw {
        from: u8,
        to: u8,
    }
    impl TryFrom<Raw> for Range {
        type Error = String;
        fn try_from(raw: Raw) -> Result<Self, String> {
            if raw.from < raw.to { Ok(Self) } else { Err(format!("{} is not before {}", raw.from, raw.to)) }
        }
    }
    assert_eq!(
        found::<Outer>("a = { kind = 5, of = 'text' }\nb = { from = 'x', to = 0 }\nc = 'x'"),
        ["2 WrongType a.kind", "3 WrongType b.from", "4 WrongType c"]
    );
    assert_eq!(found::<Outer>("a = { kind = 5 }\nb = { from = 0, to = 1 }\nc = 1"), ["2 WrongType a.kind"]);
    assert_eq!(
        found::<Outer>("a = { of = 'text' }\nb = { from = 1, to = 1 }\nc = 1"),
        ["2 Missing a.kind", "3 InvalidValue b"]
    );
    assert_eq!(found::<Outer>("a = { kind = 'Text' }\nb = { from = 0, to = 1 }\nc = 1"), ["2 Missing a.of"]);
}

#[test]
fn a_mistake_in_one_part_does_not_hide_those_in_another() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        a: Part,
        b: Part,
    }
    /// Accepts no probe.
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Part {
        address: std::net::IpAddr,
        n: u8,
    }
    assert_eq!(
        found::<Outer>("a = { address = 'x', n = 1 }\nb = { address = 'y', n = 'z' }"),
        ["2 InvalidValue a.address", "3 InvalidValue b.address", "3 WrongType b.n"]
    );
}

#[test]
fn mistakes_inside_of_enums_are_told_where_they_are() {
    #[derive(Debug, Deserialize)]
    #[serde(tag = "type")]
    #[expect(dead_code, reason = "only read")]
    enum Internal {
        A { x: u8 },
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    enum External {
        Struct { a: u8, b: u8 },
        Unit,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        internal: Option<Internal>,
        external: Option<External>,
    }
    assert_eq!(found::<Outer>("internal = { type = 'A', x = 'y' }"), ["2 WrongType internal.x"]);
    assert_eq!(
        found::<Outer>("external = { Struct = { a = 'x', c = 1 } }"),
        ["2 Missing external.Struct.b", "2 WrongType external.Struct.a", "2 UnknownKey external.Struct.c"]
    );
    assert_eq!(found::<Outer>("external = { Strut = {} }"), ["2 InvalidValue external.Strut"]);
    assert_eq!(found::<Outer>("external = {}"), ["2 WrongType external"]);
    assert_eq!(found::<Outer>("external = { Unit = 1 }"), ["2 WrongType external.Unit"]);
}

#[test]
fn a_type_that_contains_itself_is_no_trap() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    enum Tree {
        Both(Box<Tree>, Box<Tree>),
        Leaf,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        tree: Tree,
        a: u8,
        b: u8,
    }
    assert_eq!(found::<Outer>("tree = 1\na = 'x'"), ["2 WrongType tree", "3 WrongType a"]);
}

#[test]
fn very_many_mistakes_are_told_up_to_a_limit() {
    let list = vec!["'x'"; 500].join(", ");
    let error = refused::<BTreeMap<String, Vec<u8>>>(&format!("a = [{list}]"));
    assert_eq!(error.problems().len(), 100);
}

#[test]
fn the_problems_of_several_plugins_make_one_report() {
    let config = toml(
        "[plugins]\nweb = ['x', 'y']\n[plugin.x]\nurl = 1\nweight = 1\n[plugin.y]\nurl = 'u'\nweight = 0",
    );
    let errors = config.enabled_entries().filter_map(|entry| entry.deserialize::<Mirror>().err());
    let all = errors.reduce(ConfigError::and).unwrap();
    let plugins: Vec<_> = all.problems().iter().map(|problem| (problem.group(), problem.plugin())).collect();
    assert_eq!(plugins, [(Some("web"), Some("x")), (Some("web"), Some("y"))]);
}

#[test]
fn a_whole_value_of_another_kind_is_one_mistake() {
    assert_eq!(found::<Server>("host = 'h'\nport = 1\nlimits = 'none'"), ["4 WrongType limits"]);
    assert_eq!(found::<Vec<u8>>("a = 1"), ["1 WrongType -"]);
    let error = refused::<Server>("host = 'h'\nport = 1\nmirrors = { url = 'u' }");
    assert_eq!(error.problems()[0].kind(), ProblemKind::WrongType);
}
