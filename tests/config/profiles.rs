use pluginkit::config::PluginConfig;
use pluginkit::config::{ConfigReader, ProblemKind, Profile};

use crate::{group, refused, toml};

const TEXT: &str = "
[plugins]
a = ['base']
[plugin.db]
url = 'base'
size = 1

[profile.production.plugins]
a = ['metrics', { id = 'base', enabled = false }]
[profile.production.plugin.db]
url = 'production'

[profile.staging.plugins]
a = ['replay']

[profile.development.plugins]
a = ['toolbar']
[profile.development.plugin.db]
size = 9
";

fn url_and_size(config: &PluginConfig) -> (String, i64) {
    #[derive(serde::Deserialize)]
    struct Db {
        url: String,
        size: i64,
    }
    let db: Db = config.section("db").deserialize().unwrap();
    (db.url, db.size)
}

#[test]
fn a_profile_has_the_plugins_of_the_profiles_it_includes() {
    let config = toml(TEXT);
    let of = |profile| group(&config.with_profile(profile), "a");
    assert_eq!(of(Profile::Development), "base toolbar replay metrics");
    assert_eq!(of(Profile::Staging), "base replay metrics");
    assert_eq!(of(Profile::Production), "(base) metrics");
}

#[test]
fn settings_hold_under_their_own_profile_only() {
    let config = toml(TEXT);
    let of = |profile| url_and_size(&config.with_profile(profile));
    assert_eq!(of(Profile::Development), ("base".into(), 9));
    assert_eq!(of(Profile::Staging), ("base".into(), 1));
    assert_eq!(of(Profile::Production), ("production".into(), 1));
}

#[test]
fn development_is_the_default_profile() {
    assert_eq!(toml(TEXT).profile(), Profile::Development);
    assert_eq!(PluginConfig::default().profile(), Profile::default());
}

#[test]
fn the_profile_is_that_of_the_last_source_unless_the_environment_or_the_host_says_otherwise() {
    let config = toml("active_profile = 'staging'");
    assert_eq!(config.profile(), Profile::Staging);
    let code = PluginConfig::builder().active_profile(Profile::Production).build().unwrap();
    assert_eq!(config.merge(&code).profile(), Profile::Production);
    assert_eq!(code.merge(&config).profile(), Profile::Staging);
    let env = code.with_env_vars("X", [("X_PROFILE", "staging")]).unwrap();
    assert_eq!(env.merge(&code).profile(), Profile::Staging);
    let host = env.with_profile(Profile::Development);
    assert_eq!(host.profile(), Profile::Development);
    assert_eq!(env.merge(&host).profile(), Profile::Development);
    assert_eq!(host.merge(&env).profile(), Profile::Development);
}

#[test]
fn a_profile_overrides_the_common_part_whichever_comes_first() {
    let profile = toml("[profile.development.plugin.db]\nurl = 'profile'\nsize = 1");
    let base = toml("[plugin.db]\nurl = 'base'\nsize = 2");
    assert_eq!(url_and_size(&profile.merge(&base)), ("profile".into(), 1));
    assert_eq!(url_and_size(&base.merge(&profile)), ("profile".into(), 1));
}

#[test]
fn a_whole_source_may_be_for_one_profile() {
    let reader = ConfigReader::new().for_profile(Profile::Staging);
    let staging = reader.toml_str("staging.toml", "[plugins]\na = ['x']").unwrap();
    assert_eq!(group(&staging, "a"), "x", "development has what staging has");
    assert_eq!(group(&staging.with_profile(Profile::Production), "a"), "");
    let code = PluginConfig::builder().for_profile(Profile::Development).group("a", ["y"]).build().unwrap();
    assert_eq!(group(&code, "a"), "y");
    assert_eq!(group(&code.with_profile(Profile::Staging), "a"), "");
    let error = reader.toml_str("staging.toml", "active_profile = 'staging'\n[profile.staging]").unwrap_err();
    assert_eq!(error.problems().len(), 2);
}

#[test]
fn an_unknown_profile_is_refused() {
    let error =
        refused("active_profile = 'prodution'\n[profile.dev.plugins]\na = []\n[profile.staging.plugns]");
    let found: Vec<_> =
        error.problems().iter().map(|problem| (problem.kind(), problem.suggestion())).collect();
    assert_eq!(
        found,
        [
            (ProblemKind::UnknownProfile, Some("production")),
            (ProblemKind::UnknownProfile, None),
            (ProblemKind::UnknownKey, Some("plugins")),
        ]
    );
    assert!(error.problems()[1].message().contains("`development`, `staging` and `production`"));
}

const CANARY: Profile = Profile::named("canary").including(&[Profile::Staging]);
const EDGE: Profile = Profile::named("edge");

#[test]
fn a_host_declares_profiles_of_any_name() {
    let reader = ConfigReader::new().profiles([CANARY, EDGE]);
    let text =
        format!("{TEXT}\n[profile.canary.plugins]\na = ['bird']\n[profile.canary.plugin.db]\nsize = 5");
    let config = reader.toml_str("host.toml", &text).unwrap();
    assert_eq!(group(&config.with_profile(CANARY), "a"), "base bird replay metrics");
    assert_eq!(group(&config.with_profile(EDGE), "a"), "base");
    assert_eq!(group(&config.with_profile(Profile::Development), "a"), "base toolbar replay metrics");
    assert_eq!(url_and_size(&config.with_profile(CANARY)), ("base".into(), 5));
    assert_eq!(config.profiles(), [CANARY, EDGE]);
    let active =
        |config: &PluginConfig| config.with_env_vars("X", [("X_PROFILE", "edge")]).unwrap().profile();
    assert_eq!(active(&config), EDGE);
    assert_eq!(active(&toml("").merge(&config)), EDGE);
    assert_eq!(active(&toml("").with_profiles([EDGE])), EDGE);
    let code = PluginConfig::builder().for_profile(EDGE).group("a", ["x"]).build().unwrap();
    assert_eq!(group(&code.with_profile(EDGE), "a"), "x");
    assert_eq!(active(&code), EDGE);
}

#[test]
fn an_undeclared_profile_is_told_with_the_declared_ones() {
    let reader = ConfigReader::new().profiles([CANARY]);
    let error = reader.toml_str("host.toml", "active_profile = 'canari'").unwrap_err();
    assert_eq!(error.problems()[0].suggestion(), Some("canary"));
    let message = error.problems()[0].message();
    assert!(message.contains("`staging` and `production`, and of this host `canary`;"), "{message}");
    assert!(refused("[profile.canary]").to_string().contains("`ConfigReader::profiles`"));
}

static ONE: [Profile; 1] = [Profile::named("two").including(&TWO)];
static TWO: [Profile; 1] = [Profile::named("one").including(&ONE)];

#[test]
fn profiles_of_a_host_include_others_directly_and_through_them() {
    assert!(CANARY.includes(Profile::Production) && CANARY.includes(CANARY));
    assert!(!CANARY.includes(Profile::Development) && !Profile::Development.includes(CANARY));
    assert!(ONE[0].includes(TWO[0]) && TWO[0].includes(ONE[0]) && !ONE[0].includes(EDGE));
    assert_eq!((CANARY.to_string(), CANARY == Profile::named("canary")), ("canary".into(), true));
}
