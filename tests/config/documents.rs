use pluginkit::config::PluginConfig;
use pluginkit::config::{ConfigProblem, ProblemKind};

use crate::{group, groups, lines, refused, toml};

#[test]
fn groups_and_their_plugins_are_in_the_order_of_the_document() {
    let config = toml("[plugins]\nzed = ['z', 'a']\nabc = ['m']\nmid = []");
    assert_eq!(groups(&config), "zed abc mid");
    assert_eq!(group(&config, "zed"), "z a");
}

#[test]
fn an_entry_is_a_string_or_a_table() {
    let config = toml(
        "[plugins]\nmiddleware = ['myapp::middleware::cors', 'auth', { id = 'rate-limiter', enabled = false, priority = -3 }]",
    );
    assert_eq!(group(&config, "middleware"), "myapp::middleware::cors auth (rate-limiter)");
    let entries = config.group("middleware");
    assert_eq!(entries[2].priority(), -3);
    assert_eq!(entries[1].priority(), 0);
    assert_eq!(entries[1].group(), "middleware");
    assert_eq!(entries[1].location().to_string(), "<toml>:2:42");
}

#[test]
fn an_array_of_tables_is_a_group_as_well() {
    let config = toml("[[plugins.hooks]]\nid = 'startup'\n[[plugins.hooks]]\nid = 'other'\nenabled = false");
    assert_eq!(group(&config, "hooks"), "startup (other)");
}

#[test]
fn an_empty_group_is_kept_and_an_unknown_one_is_empty() {
    let config = toml("[plugins]\nhooks = []");
    assert_eq!(groups(&config), "hooks");
    assert!(config.group("hooks").is_empty());
    assert!(config.group("nobody").is_empty());
}

#[test]
fn an_empty_document_says_nothing() {
    let config = toml("");
    assert!(config.groups().is_empty() && config.is_enabled());
    assert!(PluginConfig::default().groups().is_empty());
    assert_eq!(config.section_names().count(), 0);
}

#[test]
fn plugins_are_turned_off_by_one_switch() {
    let config = toml("[plugins]\nenabled = false\nhooks = ['startup']");
    assert!(!config.is_enabled());
    assert_eq!(group(&config, "hooks"), "startup");
    assert_eq!(config.enabled_entries().count(), 0);
    assert!(toml("[plugins]\nenabled = true").is_enabled());
}

#[test]
fn the_switch_is_a_boolean_and_nothing_like_one() {
    for value in ["'true'", "1", "'yes'", "[]"] {
        let error = refused(&format!("[plugins]\nenabled = {value}"));
        assert_eq!(error.problems()[0].kind(), ProblemKind::WrongType, "{value}");
        assert_eq!(error.problems()[0].key(), Some("plugins.enabled"));
    }
}

#[test]
fn disabled_turns_plugins_off_in_every_group() {
    let config = toml("[plugins]\ndisabled = ['auth']\na = ['auth', 'x']\nb = ['auth']");
    assert_eq!((group(&config, "a"), group(&config, "b")), ("(auth) x".into(), "(auth)".into()));
    assert_eq!(config.disabled(), ["auth"]);
    let enabled: Vec<_> = config.enabled_entries().map(|entry| entry.reference().as_str()).collect();
    assert_eq!(enabled, ["x"]);
}

#[test]
fn an_invalid_entry_of_a_group_is_reported_with_group_and_index() {
    let error = refused("[plugins]\nbad = [1, 'fine', true]\nword = 'auth'\nnested.deep = ['x']");
    assert_eq!(
        lines(&error),
        [
            "<toml>:2:8: group `bad`: `bad[0]` must be a string that names a plugin, or a table with an `id`, but it is the integer `1`",
            "<toml>:2:19: group `bad`: `bad[2]` must be a string that names a plugin, or a table with an `id`, but it is the boolean `true`",
            "<toml>:3:8: group `word`: `word` must be an array of plugins: each a string, or a table with an `id`, but it is the string \"auth\"",
            "<toml>:4:1: group `nested`: `nested` must be an array of plugins: each a string, or a table with an `id`, but it is a table; the settings of a plugin stand in `plugin.nested`",
        ]
    );
    assert_eq!(error.problems()[1].group(), Some("bad"));
    assert_eq!(error.problems()[1].key(), Some("bad[2]"));
}

#[test]
fn groups_in_the_table_of_settings_are_told_once() {
    let error = refused("[plugin]\nchat = ['a']\naround = ['b', 'c']");
    assert_eq!(
        lines(&error),
        [
            "<toml>:2:1: `plugin` has a table with the settings of each plugin, but `chat` is an array; groups of plugins stand in `plugins`; did you mean `plugins`?"
        ]
    );
    // Where there are settings, an array is a mistake of its own.
    let error = refused("[plugin]\nchat = ['a']\nauth.level = 1");
    assert_eq!(
        lines(&error),
        ["<toml>:2:8: plugin `chat`: `plugin.chat` must be a table, but it is an array"]
    );
}

#[test]
fn the_fields_of_an_entry_are_checked_all_at_once() {
    let error = refused(
        "[plugins]\nm = [{ id = 'a', enabeld = true }, { enabled = true }, { id = 'b', enabled = 'no', priority = 9999999999, config = 3 }]",
    );
    let kinds: Vec<_> = error.problems().iter().map(|problem| (problem.kind(), problem.plugin())).collect();
    assert_eq!(
        kinds,
        [
            (ProblemKind::UnknownKey, Some("a")),
            (ProblemKind::Missing, None),
            (ProblemKind::WrongType, Some("b")),
            (ProblemKind::InvalidValue, Some("b")),
            (ProblemKind::WrongType, Some("b")),
        ]
    );
    assert_eq!(error.problems()[0].suggestion(), Some("enabled"));
    assert_eq!(error.problems()[0].location().unwrap().column(), Some(18));
}

#[test]
fn a_misspelled_table_is_refused_and_one_of_the_host_is_not() {
    let error = refused("[plugns]\nhooks = []\n[plugin_]\n[server]\nport = 1");
    let suggestions: Vec<_> = error.problems().iter().map(ConfigProblem::suggestion).collect();
    assert_eq!(suggestions, [Some("plugins"), Some("plugin")]);
    assert!(toml("title = 'host'\n[server]\nport = 1\n[plugins]\na = ['x']").is_enabled());
}

#[test]
fn the_configuration_may_be_a_table_of_the_document() {
    let reader = pluginkit::config::ConfigReader::new().within("feed");
    let text = "plugins = 'mine'\n[feed]\nmode = 'x'\n[feed.plugins]\nmiddleware = ['auth']";
    let config = reader.toml_str("host.toml", text).unwrap();
    assert_eq!(group(&config, "middleware"), "auth");
    let error = reader.toml_str("host.toml", "feed = 3").unwrap_err();
    assert_eq!(error.problems()[0].location().unwrap().to_string(), "host.toml:1:8");
    let deeper = pluginkit::config::ConfigReader::new().within("tool.feed");
    assert!(deeper.toml_str("host.toml", "[tool]\nother = 1").unwrap().groups().is_empty());
    assert!(deeper.toml_str("host.toml", "tool = 1").is_err());
}

#[test]
fn settings_must_be_a_table_of_a_plugin() {
    let error = refused("plugin.auth = 3\n[plugin.'a b']\n");
    let kinds: Vec<_> = error.problems().iter().map(ConfigProblem::kind).collect();
    assert_eq!(kinds, [ProblemKind::WrongType, ProblemKind::InvalidReference]);
}

#[test]
fn every_reference_is_listed_once() {
    let config = toml("[plugins]\na = ['x', 'y', { id = 'off', enabled = false }]\nb = ['y', 'z']");
    let references: Vec<_> = config.references().map(pluginkit::config::PluginRef::as_str).collect();
    assert_eq!(references, ["x", "y", "off", "z"]);
}
