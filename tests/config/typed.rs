use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU16;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::toml;

fn read<T: serde::de::DeserializeOwned>(settings: &str) -> T {
    match toml(&format!("[plugin.x]\n{settings}")).section("x").deserialize() {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn every_shape_that_toml_has_is_read() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct All {
        flag: bool,
        int: i8,
        big: u64,
        float: f32,
        whole: f64,
        letter: char,
        text: String,
        some: Option<String>,
        none: Option<u8>,
        list: Vec<NonZeroU16>,
        pair: (String, u8),
        map: BTreeMap<String, u8>,
        numbered: HashMap<u16, bool>,
        nested: Vec<Inner>,
        wrapped: Wrapped,
        date: String,
        when: toml::value::Datetime,
        any: serde_json::Value,
        nothing: Unit,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        a: u8,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapped(u8);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Unit;

    let all: All = read(
        "flag = true
        int = -8
        big = 9223372036854775807
        float = 0.5
        whole = 2
        letter = 'x'
        text = 't'
        some = 's'
        list = [1, 2]
        pair = ['p', 1]
        map = { b = 1, a = 2 }
        nested = [{ a = 1 }, { a = 2 }]
        wrapped = 3
        date = 1979-05-27T07:32:00Z
        when = 07:32:00
        any = { x = [1, 'y'] }
        numbered = { 1 = true }
        nothing = {}",
    );
    let expected = All {
        flag: true,
        int: -8,
        big: i64::MAX as u64,
        float: 0.5,
        whole: 2.0,
        letter: 'x',
        text: "t".into(),
        some: Some("s".into()),
        none: None,
        list: vec![NonZeroU16::MIN, NonZeroU16::new(2).unwrap()],
        pair: ("p".into(), 1),
        map: [("a".into(), 2), ("b".into(), 1)].into(),
        numbered: [(1, true)].into(),
        nested: vec![Inner { a: 1 }, Inner { a: 2 }],
        wrapped: Wrapped(3),
        date: "1979-05-27T07:32:00Z".into(),
        when: "07:32:00".parse().unwrap(),
        any: serde_json::json!({ "x": [1, "y"] }),
        nothing: Unit,
    };
    assert_eq!(all, expected);
}

#[test]
fn every_kind_of_enum_is_read() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum External {
        Unit,
        New(u8),
        Pair(u8, u8),
        Struct { a: u8 },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "type")]
    enum Internal {
        A { x: u8 },
        B,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "t", content = "c")]
    enum Adjacent {
        A(u8),
        B,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(u8),
        Text(String),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct All {
        e: Vec<External>,
        i: Vec<Internal>,
        a: Vec<Adjacent>,
        u: Vec<Untagged>,
    }
    let all: All = read(
        "e = ['unit', { unit = {} }, { new = 1 }, { pair = [1, 2] }, { struct = { a = 3 } }]
        i = [{ type = 'A', x = 1 }, { type = 'B' }]
        a = [{ c = 4, t = 'A' }, { t = 'B' }]
        u = [1, 'x']",
    );
    let expected = All {
        e: vec![
            External::Unit,
            External::Unit,
            External::New(1),
            External::Pair(1, 2),
            External::Struct { a: 3 },
        ],
        i: vec![Internal::A { x: 1 }, Internal::B],
        a: vec![Adjacent::A(4), Adjacent::B],
        u: vec![Untagged::Number(1), Untagged::Text("x".into())],
    };
    assert_eq!(all, expected);
}

#[test]
fn flattened_and_renamed_fields_are_read() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        #[serde(alias = "old-name")]
        name: String,
        #[serde(flatten)]
        rest: HashMap<String, u8>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Alias {
        #[serde(alias = "old-name")]
        name: String,
    }

    let outer: Outer = read("old-name = 'n'\nx = 1");
    assert_eq!(outer, Outer { name: "n".into(), rest: [("x".into(), 1)].into() });
    assert_eq!(read::<Alias>("old-name = 'n'").name, "n");
}

#[test]
fn a_map_keeps_the_order_of_the_document() {
    let map: IndexMap<String, u8> = read("z = 1\na = 2\nm = 3");
    assert_eq!(map.keys().collect::<Vec<_>>(), ["z", "a", "m"]);
}

#[test]
fn settings_may_be_left_out_if_all_have_defaults() {
    #[derive(Debug, Deserialize)]
    struct Defaults {
        #[serde(default)]
        count: u8,
        name: Option<String>,
    }
    let config = toml("[plugins]\na = ['x']");
    let defaults: Defaults = config.group("a")[0].deserialize().unwrap();
    assert_eq!((defaults.count, defaults.name), (0, None));
    toml("").section("x").deserialize::<()>().unwrap_err();
}
