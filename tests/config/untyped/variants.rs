//! Variants of enums in several documents.

use std::collections::BTreeMap;

use pluginkit::config::{ConfigReader, PluginConfig};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::both;
use crate::toml;

/// Reads the settings of `x` from documents, the later over the earlier.
fn layered<T: DeserializeOwned>(layers: &[&str]) -> T {
    let config = layers.iter().fold(PluginConfig::default(), |config, layer| {
        let name = format!("{layer:?}");
        config.merge(ConfigReader::new().toml_str(&name, layer).unwrap())
    });
    config.section("x").deserialize().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn variants_of_an_enum_replace_each_other() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum External {
        Basic {
            user: String,
            #[serde(default)]
            pin: String,
        },
        Token(String),
        Nobody,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", deny_unknown_fields)]
    enum Internal {
        Basic {
            user: String,
            #[serde(default)]
            pin: String,
        },
        Token {
            token: String,
            #[serde(default)]
            user: String,
        },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", content = "of")]
    enum Adjacent {
        Basic {
            user: String,
            #[serde(default)]
            pin: String,
        },
        Token {
            token: String,
            #[serde(default)]
            user: String,
        },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Auth<T> {
        auth: T,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Flat {
        name: String,
        #[serde(flatten)]
        auth: Internal,
    }
    let basic = "[plugin.x.auth.basic]\nuser = 'u'";
    let token = "[plugin.x.auth]\ntoken = 't'";
    let (user, pin) = ("u".to_owned(), "p".to_owned());
    assert_eq!(layered::<Auth<External>>(&[basic, token]).auth, External::Token("t".into()));
    assert_eq!(
        layered::<Auth<External>>(&[token, basic]).auth,
        External::Basic { user: user.clone(), pin: String::new() }
    );
    assert_eq!(
        layered::<Auth<External>>(&[token, basic, "[plugin.x.auth.basic]\npin = 'p'"]).auth,
        External::Basic { user: user.clone(), pin: pin.clone() }
    );
    assert_eq!(layered::<Auth<External>>(&[basic, "[plugin.x]\nauth = 'nobody'"]).auth, External::Nobody);

    let basic = "[plugin.x.auth]\nkind = 'Basic'\nuser = 'u'\npin = 'p'";
    let token = "[plugin.x.auth]\nkind = 'Token'\ntoken = 't'";
    let is_token = Internal::Token { token: "t".into(), user: String::new() };
    assert_eq!(layered::<Auth<Internal>>(&[basic, token]).auth, is_token);
    assert_eq!(
        layered::<Auth<Internal>>(&[token, basic, "[plugin.x.auth]\npin = 'q'"]).auth,
        Internal::Basic { user: user.clone(), pin: "q".into() }
    );
    let flat = |layer: &str| layer.replace(".auth", "").replace("kind", "name = 'n'\nkind");
    assert_eq!(layered::<Flat>(&[&flat(basic), &flat(token), "[plugin.x]\nname = 'm'"]).auth, is_token);

    let basic = "[plugin.x.auth]\nkind = 'Basic'\nof = { user = 'u', pin = 'p' }";
    let token = "[plugin.x.auth]\nkind = 'Token'\nof = { token = 't' }";
    assert_eq!(
        layered::<Auth<Adjacent>>(&[basic, token]).auth,
        Adjacent::Token { token: "t".into(), user: String::new() }
    );
    assert_eq!(
        layered::<Auth<Adjacent>>(&[basic, basic, "[plugin.x.auth]\nof = { pin = 'q' }"]).auth,
        Adjacent::Basic { user, pin: "q".into() }
    );
}

#[test]
fn variants_of_an_untagged_enum_replace_each_other() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Source {
        File {
            path: String,
            #[serde(default)]
            mode: u32,
        },
        Net {
            url: String,
            #[serde(default)]
            tries: u32,
        },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum Strict {
        File(File),
        Net(Net),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        path: String,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Net {
        url: String,
        #[serde(default)]
        tries: u32,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct From<T> {
        #[serde(default)]
        name: String,
        from: T,
    }
    let file = "[plugin.x]\nname = 'a'\n[plugin.x.from]\npath = 'p'\nmode = 7";
    let net = "[plugin.x.from]\nurl = 'u'\ntries = 3";
    let is_net = Source::Net { url: "u".into(), tries: 3 };
    assert_eq!(layered::<From<Source>>(&[file, net]).from, is_net);
    assert_eq!(layered::<From<Source>>(&[file, net]).name, "a");
    assert_eq!(layered::<From<Source>>(&[net, file]).from, Source::File { path: "p".into(), mode: 7 });
    // A source that is the same variant, or none by itself, changes what it has.
    let of = |from: &str| format!("[plugin.x.from]\n{from}");
    let read = |sources: &[&str]| layered::<From<Source>>(sources).from;
    assert_eq!(read(&[file, &of("path = 'q'")]), Source::File { path: "q".into(), mode: 7 });
    assert_eq!(read(&[file, &of("mode = 8")]), Source::File { path: "p".into(), mode: 8 });
    assert_eq!(read(&[file, net, &of("tries = 4")]), Source::Net { url: "u".into(), tries: 4 });
    assert_eq!(read(&[file, net, file, &of("mode = 9")]), Source::File { path: "p".into(), mode: 9 });
    // Variants that refuse the keys of others.
    let file = file.replace("mode = 7", "");
    let read = |sources: &[&str]| layered::<From<Strict>>(sources).from;
    let is_net = Strict::Net(Net { url: "u".into(), tries: 3 });
    assert_eq!(read(&[&file, net]), is_net);
    assert_eq!(read(&[net, &file]), Strict::File(File { path: "p".into() }));
    assert_eq!(read(&[&file, &of("url = 'u'"), &of("tries = 3")]), is_net);
    // A mistake of an earlier source is not hidden.
    let wrong = [of("pth = 'p'"), of("path = 'p'")];
    let config = toml(&wrong[0]).merge(toml(&wrong[1]));
    assert!(config.section("x").deserialize::<From<Strict>>().is_err());
    // The whole may be such an enum, and a map is none.
    let whole = ["[plugin.x]\npath = 'p'", "[plugin.x]\nurl = 'u'"];
    assert_eq!(layered::<Source>(&whole), Source::Net { url: "u".into(), tries: 0 });
    let maps: BTreeMap<String, ::toml::Value> = layered(&["[plugin.x.a]\nb = 1", "[plugin.x.a]\nc = 2"]);
    assert_eq!(maps["a"].as_table().unwrap().len(), 2);
}

#[test]
fn a_field_that_is_an_enum_does_not_replace_the_field_beside_it() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Level {
        Low,
        High,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Pair {
        level: Level,
        limits: BTreeMap<String, u8>,
    }
    let pair: Pair = layered(&[
        "[plugin.x]\nlevel = 'Low'\nlimits = { a = 1 }",
        "[plugin.x]\nlevel = 'High'\nlimits = { b = 2 }",
    ]);
    assert_eq!(pair, Pair { level: Level::High, limits: [("a".to_owned(), 1), ("b".to_owned(), 2)].into() });
}

#[test]
fn a_variable_names_another_variant() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Auth {
        Basic { pin: String },
        Token(String),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Settings {
        auth: Auth,
    }
    let document = "[plugin.x.auth.Basic]\npin = '1'";
    let auth = |variables: &[(&str, &str)]| both::<Settings>(document, variables).unwrap().auth;
    assert_eq!(auth(&[("AUTH__TOKEN", "7")]), Auth::Token("7".into()));
    assert_eq!(auth(&[("AUTH__BASIC__PIN", "7")]), Auth::Basic { pin: "7".into() });
    assert_eq!(auth(&[("AUTH", "{ Token = '7' }")]), Auth::Token("7".into()));
}

#[test]
fn sections_with_other_variants_differ() {
    let (one, two) = (toml("[plugin.x.auth]\nbasic = 1"), toml("[plugin.x.auth]\ntoken = 1"));
    assert_ne!(one.merge(&two).section("x"), two.merge(&one).section("x"));
    assert_eq!(one.merge(&two).section("x"), one.merge(&two).section("x"));
}
