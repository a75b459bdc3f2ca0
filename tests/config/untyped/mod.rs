//! Settings of types that do not say what they read: `flatten`, enums that are untagged or tagged, and maps.

mod variants;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::net::IpAddr;
use std::sync::mpsc;
use std::thread;

use pluginkit::config::ConfigError;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{lines, toml};

/// The settings of `x` from variables after `F_PLUGIN__X__`, over a document.
fn both<T: DeserializeOwned>(document: &str, variables: &[(&str, &str)]) -> Result<T, ConfigError> {
    let variables =
        variables.iter().map(|(name, value)| (format!("F_PLUGIN__X__{name}"), (*value).to_owned()));
    toml(document).with_env_vars("F", variables).unwrap().section("x").deserialize()
}

fn read<T: DeserializeOwned>(variables: &[(&str, &str)]) -> T {
    both("", variables).unwrap_or_else(|error| panic!("{error}"))
}

/// The place of each problem.
fn places(error: &ConfigError) -> Vec<String> {
    let written = error.problems().iter().map(|problem| {
        let at = problem.location().unwrap();
        let at = at.variable().map_or_else(|| at.to_string(), str::to_owned);
        format!("{at} {:?} {}", problem.kind(), problem.key().unwrap_or("-"))
    });
    written.collect()
}

fn refused<T: DeserializeOwned + Debug>(document: &str, variables: &[(&str, &str)]) -> Vec<String> {
    places(&both::<T>(document, variables).unwrap_err())
}

#[derive(Debug, PartialEq, Deserialize)]
struct Outer {
    host: String,
    #[serde(flatten)]
    inner: Inner,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct Inner {
    password: String,
    #[serde(default)]
    port: Option<u16>,
    #[serde(default)]
    ratio: f64,
    #[serde(default)]
    on: bool,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    ports: Vec<u16>,
    #[serde(default)]
    limits: BTreeMap<String, u32>,
}

#[test]
fn a_text_is_of_the_type_it_is_read_into_under_flatten() {
    let outer: Outer = read(&[("HOST", "7"), ("PASSWORD", "111111")]);
    assert_eq!((outer.host.as_str(), outer.inner.password.as_str()), ("7", "111111"));
    let variables = [
        ("HOST", "h"),
        ("PASSWORD", "true"),
        ("PORT", "80"),
        ("RATIO", "2"),
        ("ON", "TRUE"),
        ("NAMES", "1, two"),
        ("PORTS", "81"),
        ("LIMITS", "{ burst = 5 }"),
        ("LIMITS2", "1"),
    ];
    let outer: Outer = read(&variables[..8]);
    let limits = [("burst".to_owned(), 5)].into();
    let inner = Inner {
        password: "true".into(),
        port: Some(80),
        ratio: 2.0,
        on: true,
        names: vec!["1".into(), "two".into()],
        ports: vec![81],
        limits,
    };
    assert_eq!(outer.inner, inner);
    assert_eq!(refused::<Outer>("", &variables), ["F_PLUGIN__X__LIMITS2 UnknownKey limits2"]);
}

#[test]
fn a_text_is_of_the_type_it_is_read_into_in_tagged_enums() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind")]
    enum Internal {
        Basic { user: String, pin: String },
        Token { token: u64 },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", content = "by")]
    enum Adjacent {
        Pin(String),
        Level(u8),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum External {
        SecretPin(String),
    }
    assert_eq!(
        read::<Internal>(&[("KIND", "Basic"), ("USER", "1"), ("PIN", "0042")]),
        Internal::Basic { user: "1".into(), pin: "0042".into() }
    );
    assert_eq!(read::<Internal>(&[("KIND", "Token"), ("TOKEN", "1")]), Internal::Token { token: 1 });
    assert_eq!(read::<Adjacent>(&[("KIND", "Pin"), ("BY", "42")]), Adjacent::Pin("42".into()));
    assert_eq!(read::<Adjacent>(&[("KIND", "Level"), ("BY", "42")]), Adjacent::Level(42));
    assert_eq!(read::<External>(&[("SECRET_PIN", "42")]), External::SecretPin("42".into()));
    assert_eq!(
        refused::<Internal>("", &[("KIND", "Token"), ("TOKEN", "many")]),
        ["F_PLUGIN__X__TOKEN WrongType token"]
    );
}

#[test]
fn a_text_is_of_a_type_that_an_untagged_enum_takes() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Limit {
        Count(u32),
        Word(String),
        Many(Vec<String>),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Secret {
        Pair { user: String, pin: String },
        Plain { text: String },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Both {
        #[serde(default)]
        limit: Option<Limit>,
        #[serde(default)]
        secret: Option<Secret>,
    }
    let limit = |text| read::<Both>(&[("LIMIT", text)]).limit.unwrap();
    assert_eq!(limit("5"), Limit::Count(5));
    assert_eq!(limit("five"), Limit::Word("five".into()));
    assert_eq!(limit("-5"), Limit::Word("-5".into()));
    assert_eq!(limit("['5']"), Limit::Many(vec!["5".into()]));
    let both: Both = read(&[("SECRET__USER", "1"), ("SECRET__PIN", "2"), ("LIMIT", "3")]);
    assert_eq!(both.secret, Some(Secret::Pair { user: "1".into(), pin: "2".into() }));
    assert_eq!(read::<Both>(&[("SECRET__TEXT", "2")]).secret, Some(Secret::Plain { text: "2".into() }));
    assert_eq!(
        refused::<Both>("", &[("SECRET__TXT", "2")]),
        ["F_PLUGIN__X__SECRET__TXT InvalidValue secret"]
    );
}

#[test]
fn the_first_variant_that_takes_a_text_takes_it() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum First {
        Word(String),
        Count(u32),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Third {
        Flag(bool),
        Count(u32),
        Word(String),
    }
    #[derive(Debug, Deserialize)]
    struct Both {
        first: First,
        third: Third,
    }
    let both = |first, third| read::<Both>(&[("FIRST", first), ("THIRD", third)]);
    assert_eq!(both("5", "5").first, First::Word("5".into()));
    assert_eq!(both("5", "5").third, Third::Count(5));
    assert_eq!(both("5", "true").third, Third::Flag(true));
    assert_eq!(both("5", "-5").third, Third::Word("-5".into()));
}

#[test]
fn a_list_is_clear_only_in_toml() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Names {
        Many(Vec<String>),
        One(String),
    }
    #[derive(Debug, Deserialize)]
    struct Named {
        names: Names,
    }
    let names = |text| read::<Named>(&[("NAMES", text)]).names;
    assert_eq!(names("a"), Names::One("a".into()));
    assert_eq!(names("['a', 'b']"), Names::Many(vec!["a".into(), "b".into()]));
}

#[test]
fn a_text_is_of_its_type_in_a_part_that_may_be_missing() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Login {
        user: String,
        pin: String,
        #[serde(default)]
        hosts: Vec<String>,
        #[serde(default, rename = "maxTries")]
        tries: u8,
    }
    #[derive(Debug, Deserialize)]
    struct Whole {
        #[serde(default)]
        host: String,
        #[serde(flatten)]
        login: Option<Login>,
    }
    let whole: Whole = read(&[("USER", "1"), ("PIN", "['2']"), ("HOSTS", "a,b"), ("MAX_TRIES", "3")]);
    let hosts = vec!["a".into(), "b".into()];
    assert_eq!(whole.login, Some(Login { user: "1".into(), pin: "['2']".into(), hosts, tries: 3 }));
    let whole: Whole = read(&[("HOST", "1")]);
    assert_eq!((whole.host.as_str(), whole.login), ("1", None));
}

#[test]
fn a_text_is_of_the_type_of_a_map() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Extra<T> {
        host: String,
        #[serde(flatten)]
        extra: BTreeMap<String, T>,
    }
    let variables = [("HOST", "h"), ("A", "1"), ("B", "true")];
    let texts: Extra<String> = read(&variables);
    assert_eq!(texts.extra, [("a".to_owned(), "1".to_owned()), ("b".into(), "true".into())].into());
    let values: Extra<serde_json::Value> = read(&variables);
    assert_eq!(values.extra, [("a".to_owned(), 1.into()), ("b".into(), true.into())].into());
    let plain: BTreeMap<String, String> = read(&[("A", "1")]);
    assert_eq!(plain["a"], "1");
}

#[test]
fn keys_are_found_by_their_names_after_rename_all() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Whole {
        first_name: String,
        #[serde(flatten)]
        part: Part,
    }
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Part {
        max_requests: u32,
        #[serde(default)]
        burst_size: u32,
    }
    let variables = [("FIRST_NAME", "1"), ("MAX_REQUESTS", "2"), ("BURST_SIZE", "3")];
    let whole: Whole = read(&variables);
    assert_eq!((whole.first_name.as_str(), whole.part.max_requests, whole.part.burst_size), ("1", 2, 3));
    assert_eq!(
        refused::<Whole>("", &[("FIRST_NAME", "1"), ("MAX_REQUESTS", "2"), ("BRUST_SIZE", "3")]),
        ["F_PLUGIN__X__BRUST_SIZE UnknownKey brust_size"]
    );
    assert_eq!(
        refused::<Whole>("", &[("FIRST_NAME", "1"), ("MAX_REQUESTS", "x")]),
        ["F_PLUGIN__X__MAX_REQUESTS WrongType max-requests"]
    );
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Placed {
    name: String,
    #[serde(flatten)]
    one: One,
    #[serde(flatten)]
    two: Two,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct One {
    a: String,
    b: u8,
    address: IpAddr,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Two {
    c: Option<Nested>,
    #[serde(default)]
    limit: Option<Untagged>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Nested {
    x: u8,
    y: IpAddr,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only read")]
enum Untagged {
    Number(u8),
    Flag(bool),
}

#[test]
fn all_mistakes_under_flatten_are_told_at_once() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "it is never read")]
    struct Login {
        user: String,
        pin: u32,
        #[serde(default)]
        hosts: Vec<String>,
        open: bool,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "it is never read")]
    struct Whole {
        host: String,
        tries: u8,
        #[serde(flatten)]
        login: Login,
    }
    let document = "[plugin.x]\nhost = 7\nuser = true\npin = 'p'\nhosts = 3\ntries = 'x'";
    let mut told = refused::<Whole>(document, &[]);
    told.sort();
    assert_eq!(
        told,
        [
            "<toml>:1:1 Missing open",
            "<toml>:2:8 WrongType host",
            "<toml>:3:8 WrongType user",
            "<toml>:4:7 WrongType pin",
            "<toml>:5:9 WrongType hosts",
            "<toml>:6:9 WrongType tries",
        ]
    );
    assert_eq!(
        refused::<Whole>(
            "[plugin.x]\nhost = 'h'\ntries = 1\nopen = true\nuser = 'u'\npin = 1\nhosts = 2",
            &[]
        )
        .len(),
        1
    );
}

#[test]
fn a_mistake_under_flatten_is_told_at_its_key() {
    let found = |settings: &str| refused::<Placed>(&format!("[plugin.x]\nname = 'n'\n{settings}"), &[]);
    let right = "a = 'a'\nb = 1\naddress = '::1'\n";
    assert_eq!(found("a = 'a'\nb = 'b'\naddress = '::1'"), ["<toml>:4:5 WrongType b"]);
    assert_eq!(found("a = 'a'\nb = 999\naddress = '::1'"), ["<toml>:4:5 InvalidValue b"]);
    assert_eq!(found("a = 5\nb = 1\naddress = '::1'"), ["<toml>:3:5 WrongType a"]);
    assert_eq!(found("address = 'x'\na = 'a'\nb = 1"), ["<toml>:3:11 InvalidValue address"]);
    assert_eq!(found("a = 'a'\nb = 1\naddress = 'x'"), ["<toml>:5:11 InvalidValue address"]);
    assert_eq!(found("a = 'a'\naddress = '::1'"), ["<toml>:1:1 Missing b"]);
    assert_eq!(found(&format!("{right}c = {{ x = 'x', y = '::1' }}")), ["<toml>:6:11 WrongType c.x"]);
    assert_eq!(found(&format!("{right}c = {{ x = 1, y = 'y' }}")), ["<toml>:6:18 InvalidValue c.y"]);
    assert_eq!(found(&format!("{right}c = {{ x = 1 }}")), ["<toml>:6:5 Missing c.y"]);
    assert_eq!(found(&format!("{right}c = 1")), ["<toml>:6:5 WrongType c"]);
    assert_eq!(
        found(&format!("limit = 'x'\n{right}c = {{ x = 1, y = '::1' }}")),
        ["<toml>:3:9 InvalidValue limit"]
    );
}

#[test]
fn a_mistake_of_all_fields_is_told_at_the_whole() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Whole {
        name: String,
        #[serde(flatten)]
        range: Range,
    }
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
            if raw.from < raw.to { Ok(Self) } else { Err("the wrong way round".into()) }
        }
    }
    let found = |settings: &str| refused::<Whole>(&format!("[plugin.x]\nname = 'n'\n{settings}"), &[]);
    assert_eq!(found("from = 2\nto = 1"), ["<toml>:1:1 InvalidValue -"]);
    assert_eq!(found("from = 2\nto = 'x'"), ["<toml>:4:6 WrongType to"]);
}

#[test]
fn the_message_of_a_text_that_fits_in_no_form_is_of_the_text() {
    let error = both::<Outer>("", &[("HOST", "h"), ("PASSWORD", "p"), ("ON", "7")]).unwrap_err();
    assert_eq!(
        lines(&error),
        [
            "environment variable F_PLUGIN__X__ON: plugin `x`: `on`: expected a boolean, found the string \"7\""
        ]
    );
}

#[test]
fn the_same_settings_are_always_read_in_the_same_way() {
    let variables =
        [("HOST", "1"), ("PASSWORD", "2"), ("NAMES", "3,4"), ("PORTS", "5"), ("ON", "x"), ("PORT", "y")];
    let first = refused::<Outer>("", &variables);
    for _ in 0..10 {
        assert_eq!(refused::<Outer>("", &variables), first);
    }
}

#[test]
fn many_texts_that_look_like_numbers_are_texts() {
    #[derive(Debug, Deserialize)]
    struct Names {
        #[serde(flatten)]
        names: BTreeMap<String, String>,
    }
    let variables: Vec<_> = (0..100).map(|number| (format!("K{number:03}"), number.to_string())).collect();
    let variables: Vec<_> = variables.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(read::<Names>(&variables).names["k099"], "99");
    let variables: Vec<_> = variables[..20].iter().map(|(key, _)| (*key, "1")).collect();
    assert_eq!(read::<Names>(&variables).names["k019"], "1");
}

#[test]
fn many_texts_without_a_kind_take_few_readings() {
    use std::cell::Cell;
    thread_local!(static READINGS: Cell<usize> = const { Cell::new(0) });

    #[derive(Debug)]
    struct Counted;
    impl<'de> Deserialize<'de> for Counted {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            READINGS.set(READINGS.get() + 1);
            let _: BTreeMap<String, u8> = Pairs::deserialize(deserializer)?.pairs;
            Ok(Self)
        }
    }
    #[derive(Deserialize)]
    struct Pairs {
        #[serde(flatten)]
        pairs: BTreeMap<String, u8>,
    }
    let variables: Vec<_> = (0..100).map(|number| (format!("K{number:03}"), "x".to_owned())).collect();
    let variables: Vec<_> = variables.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert!(both::<Counted>("", &variables).is_err());
    assert!(READINGS.get() <= 2_500, "{}", READINGS.get());
}

#[test]
fn the_destructor_of_a_thread_local_reads_settings() {
    #[derive(Deserialize)]
    #[expect(dead_code, reason = "it is read in vain")]
    struct Port {
        port: u16,
    }
    struct AtEnd(mpsc::Sender<Result<Port, ConfigError>>);
    impl Drop for AtEnd {
        fn drop(&mut self) {
            let _ = self.0.send(both::<Port>("", &[("PORT", "http")]));
        }
    }
    thread_local!(static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) });

    let (sender, received) = mpsc::channel();
    let thread = thread::spawn(|| {
        // It is dropped after what the readings of this thread leave behind.
        AT_END.set(Some(AtEnd(sender)));
        both::<Port>("", &[("PORT", "80")]).map(drop)
    });
    assert!(thread.join().expect("the thread ends").is_ok());
    let error = received.recv().expect("the destructor reads").err().expect("`http` is no port");
    assert_eq!(error.problems().len(), 1, "{error}");
}
