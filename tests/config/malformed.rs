//! Every input gives a configuration or a report, and never a panic.

use std::collections::BTreeMap;

use pluginkit::config::PluginConfig;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;

const TEXT: &str = r#"
active_profile = "staging"
[plugins]
enabled = true
disabled = ["x"]
middleware = ["myapp::middleware::cors", "auth", { id = "rate-limiter", enabled = false, priority = 3, before = "auth", config = { max = 1 } }]
hooks = []
[plugin.rate-limiter]
max = 1000
list = [1, 2.5, 'x', 1979-05-27T07:32:00Z, { a = true }]
[plugin.rate-limiter.inner]
text = """größe
über"""
[profile.production.plugins]
middleware = ["metrics"]
[profile.staging.plugin.auth]
key = 'k'
"#;

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Settings {
    max: u8,
    list: Vec<Item>,
    inner: Inner,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "only read")]
enum Item {
    Number(f64),
    Text(String),
    Map(BTreeMap<String, bool>),
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
struct Inner {
    text: String,
    kind: Option<Kind>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read")]
enum Kind {
    A(u8),
    B { x: u8 },
}

/// Reads a text and all that can be read from it; shows every report.
fn exercise(text: &str) {
    let config = match PluginConfig::from_toml_str(text) {
        Ok(config) => config,
        Err(error) => {
            assert!(!error.problems().is_empty());
            for problem in error.problems() {
                assert!(
                    problem.location().is_some_and(|at| at.span().is_some_and(|span| span.end <= text.len()))
                );
            }
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for name in config.section_names() {
        if let Err(error) = config.section(name).deserialize::<Settings>() {
            assert!(!error.problems().is_empty() && !error.to_string().is_empty());
        }
        if let Err(error) = config.section(name).deserialize::<Inner>() {
            assert!(!error.to_string().is_empty());
        }
    }
    for entry in config.enabled_entries() {
        let _ = entry.deserialize::<Settings>().map_err(|error| error.to_string());
    }
    assert!(!format!("{:?}", config.merge(&config)).is_empty());
}

fn spans() -> impl Strategy<Value = (usize, usize, String)> {
    let piece = prop_oneof![
        "\\PC{0,4}",
        prop::sample::select(
            &["[", "]", "{", "}", "=", "\"", "'''", "\n", ",", ".", "-1", "\u{0}", "\u{feff}", "\r"][..]
        )
        .prop_map(str::to_owned),
    ];
    (0..TEXT.len(), 0..12_usize, piece)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        exercise(&text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..60)) {
        exercise(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_changed_document_is_read_or_refused(changes in vec(spans(), 1..4)) {
        let mut text = TEXT.to_owned();
        for (start, length, piece) in changes {
            let boundary = |mut at: usize| {
                at = at.min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let range = boundary(start)..boundary(start + length);
            text.replace_range(range, &piece);
        }
        exercise(&text);
    }

    #[test]
    fn any_tokens_are_read_or_refused(
        tokens in vec(prop::sample::select(&[
            "[", "]", "[[", "]]", "{", "}", "=", ",", ".", "\n", " ", "plugins", "plugin", "profile", "staging",
            "enabled", "disabled", "id", "'x'", "\"a::B\"", "1", "true", "1e400", "99999999999999999999999999999999999999999999", "nan", "a",
        ][..]), 0..30),
    ) {
        exercise(&tokens.concat());
    }

    #[test]
    fn any_variables_are_read_or_refused(name in "FEED_(PLUGINS?(_{1,3}[A-Z]{0,2}){0,4}|PROFILE)", value in "\\PC{0,20}") {
        if let Ok(config) = PluginConfig::default().with_env_vars("FEED", [(name, value)]) {
            for name in ["a", "b", "aa"] {
                let _ = config.section(name).deserialize::<Settings>().map_err(|error| error.to_string());
            }
        }
    }
}

#[test]
fn the_document_that_is_changed_is_a_good_one() {
    let config = PluginConfig::from_toml_str(TEXT).unwrap();
    assert_eq!(crate::group(&config, "middleware"), "(rate-limiter) myapp::middleware::cors auth metrics");
}

#[test]
fn a_document_nested_without_end_is_refused() {
    exercise(&format!("a = {}", "[".repeat(100_000)));
    exercise(&format!("a = {}{}", "[".repeat(10_000), "]".repeat(10_000)));
    exercise(&format!("[{}]", vec!["a"; 10_000].join(".")));
    let error =
        PluginConfig::from_toml_str(&format!("x = {}{}", "[".repeat(1_000), "]".repeat(1_000))).unwrap_err();
    assert!(!error.problems().is_empty());
}
