use boon::{Compiler, SchemaIndex, Schemas};
use pluginkit::config::document_schema;
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is asked for")]
struct RateLimiter {
    /// How many requests a client has.
    max_requests: u32,
    window: Window,
    #[schemars(default)]
    next: Option<Box<RateLimiter>>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is asked for")]
struct Window {
    seconds: u64,
}

mod other {
    /// Of the same name as another, and not the same.
    #[derive(schemars::JsonSchema)]
    #[expect(dead_code, reason = "only its schema is asked for")]
    pub(super) struct Window {
        panes: u8,
    }
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is asked for")]
struct House {
    window: other::Window,
}

/// What is wrong with a document, by the schema of two plugins.
fn check(document: &str) -> Result<(), String> {
    let schema = document_schema([
        ("rate-limiter", schema_for!(RateLimiter)),
        ("myapp::a/b~c::House", schema_for!(House)),
    ]);
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.add_resource("plugins.json", schema.to_value()).unwrap();
    let index: SchemaIndex = compiler.compile("plugins.json", &mut schemas).unwrap();
    let document: Value = toml::from_str(document).unwrap();
    schemas.validate(&document, index).map_err(|error| format!("{error:#}"))
}

#[test]
fn settings_that_plugins_accept_are_valid() {
    for document in [
        "",
        "title = 'of the host'\nactive_profile = 'staging'",
        "[plugins]\nenabled = true\ndisabled = ['x']\na = ['x', { id = 'rate-limiter', priority = 3, before = 'x', after = ['y'] }]",
        "[plugin.rate-limiter]\nmax_requests = 1\nnext.max_requests = 2\nnext.window.seconds = 1",
        "[plugin.rate-limiter]\nwindow.seconds = 1",
        "[plugin.'myapp::a/b~c::House']\nwindow.panes = 2",
        "[plugin.without-schema]\nanything = 1",
        "[profile.production.plugin.rate-limiter]\nmax_requests = 1\n[profile.staging.plugins]\na = []",
        "[plugins]\na = [{ id = 'rate-limiter', config = { max_requests = 1 } }, { id = 'other', config = { x = 1 } }]",
    ] {
        assert_eq!(check(document), Ok(()), "{document}");
    }
}

#[test]
fn settings_that_plugins_refuse_are_invalid() {
    for document in [
        "active_profile = 'dev'",
        "plugins = 1",
        "[plugins]\nenabled = 'yes'",
        "[plugins]\na = 'x'",
        "[plugins]\na = [1]",
        "[plugins]\na = [{ enabled = true }]",
        "[plugins]\na = [{ id = 'x', enabeld = true }]",
        "[plugin]\nx = 1",
        "[plugin.rate-limiter]\nmax_requests = -1",
        "[plugin.rate-limiter]\nmax_request = 1",
        "[plugin.rate-limiter]\nwindow.panes = 1",
        "[plugin.rate-limiter]\nwindow = { seconds = 1, panes = 1 }",
        "[plugin.rate-limiter]\nnext = { max_requests = 1, window = { seconds = 1, minutes = 1 } }",
        "[plugin.rate-limiter]\nnext = { max_requests = 'x' }",
        "[plugin.'myapp::a/b~c::House']\nwindow.seconds = 2",
        "[profile.dev]",
        "[profile.production.plugin.rate-limiter]\nmax_requests = 'x'",
        "[plugins]\na = [{ id = 'rate-limiter', config = { max_requests = 'x' } }]",
    ] {
        assert!(check(document).is_err(), "{document}");
    }
}

#[test]
fn an_editor_finds_documentation_and_ids() {
    let schema = document_schema([("rate-limiter", schema_for!(RateLimiter))]);
    let at =
        |pointer: &str| schema.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}: {schema:?}"));
    assert_eq!(at("/$defs/plugin/properties/rate-limiter/$ref"), "#/$defs/plugin:rate-limiter");
    assert_eq!(
        at("/$defs/plugin:rate-limiter/properties/max_requests/description"),
        "How many requests a client has."
    );
    assert_eq!(at("/$defs/reference/anyOf/0/enum/0"), "rate-limiter");
}
