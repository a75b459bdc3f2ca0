//! Limits of plugins that stand in a configuration.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use pluginkit::config::{PluginConfig, ProblemKind};
use pluginkit::limits::{BreakerPolicy, CircuitState};
use pluginkit::loading::{Discovery, LoadOptions, LoadPolicy, PluginFactory};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;

use super::kind::{Manager, PREFIX, awaited, implement, wait};
use crate::plugins::Specs;
use crate::toml;

const SECOND: Duration = Duration::from_secs(1);

fn manager() -> (Manager, FakeClock) {
    let clock = FakeClock::new();
    let pm = Manager::builder("reloading").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    (pm, clock)
}

fn config(text: &str) -> PluginConfig {
    toml(&format!("[plugins]\ng = ['core']\n{text}"))
}

/// Registers a plugin that works, or panics.
fn register(pm: &Manager, name: &str) {
    pm.register_fn(name, Specs::fetch, |args| match args.topic {
        "panic" => std::panic::resume_unwind(Box::new("boom")),
        topic => topic.to_owned(),
    })
    .unwrap();
}

#[derive(serde::Deserialize)]
struct Sky {
    #[serde(rename = "sky")]
    _sky: String,
}

/// A plugin that works, or panics.
struct Moody;

#[extension]
impl Specs for Moody {
    fn fetch(&self, topic: &str) -> String {
        if topic == "panic" {
            std::panic::resume_unwind(Box::new("boom"));
        }
        topic.to_owned()
    }
}

fn fail(pm: &Manager) {
    wait!(pm.caller(Specs::fetch).try_call("panic")).unwrap_err();
}

#[test]
fn limits_come_from_the_environment_and_from_code() {
    let (pm, _clock) = manager();
    register(&pm, "rate-limiter");
    let with = |variables: &[(&str, &str)]| {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        config("[limits.rate-limiter]\nbreaker = { failures = 9, retry_after = '1h' }")
            .with_env_vars("F", variables)
    };
    let opens = |pm: &Manager| {
        (1..=9).find(|_| {
            fail(pm);
            pm.circuit("rate-limiter") == CircuitState::Open
        })
    };
    wait!(pm.load_config(&with(&[("F_LIMITS__RATE_LIMITER__BREAKER__FAILURES", "2")]).unwrap())).unwrap();
    assert_eq!(opens(&pm), Some(2));
    // A plugin that only the environment limits.
    register(&pm, "the-other");
    let report = wait!(pm.load_config(&with(&[("F_LIMITS__THE_OTHER__TIMEOUT", "250ms")]).unwrap())).unwrap();
    assert_eq!(report.limited(), ["rate-limiter", "the-other"]);
    let error = |name: &str, value: &str| {
        let config = with(&[(name, value)]);
        match config
            .map_err(pluginkit::Error::from)
            .and_then(|config| wait!(pm.load_config(&config)).map(drop))
        {
            Ok(()) => panic!("`{name}` is wrong"),
            Err(error) => format!("{error:?}"),
        }
    };
    assert!(error("F_LIMITS__NOBODY__TIMEOUT", "1s").contains("no such plugin"));
    assert!(error("F_LIMITS__RATE_LIMITER__TIMEOUT", "soon").contains("F_LIMITS__RATE_LIMITER__TIMEOUT"));
    assert!(error("F_LIMITS__RATE_LIMITER__TIMEOT", "1s").contains("`timeout`"));
    assert!(error("F_LIMITS__RATE_LIMITER", "1s").contains("LIMITS__<ID>__<KEY>"));
    // In code.
    let (pm, _clock) = manager();
    register(&pm, "rate-limiter");
    let breaker: std::collections::BTreeMap<_, _> = [("failures", 3)].into();
    let config = PluginConfig::builder()
        .limits("rate-limiter", &std::collections::BTreeMap::from([("breaker", breaker)]));
    wait!(pm.load_config(&config.build().unwrap())).unwrap();
    assert_eq!(opens(&pm), Some(3));
    let wrong = PluginConfig::builder()
        .limits("rate-limiter", &std::collections::BTreeMap::from([("timeout", 3)]))
        .build();
    assert_eq!(wrong.unwrap_err().problems()[0].kind(), ProblemKind::WrongType);
}

#[test]
fn a_circuit_in_the_configuration_opens_and_survives_a_reload() {
    let (pm, clock) = manager();
    register(&pm, "host");
    let with =
        |time: &str| config(&format!("[limits.host]\nbreaker = {{ failures = 2, retry_after = '{time}' }}"));
    wait!(pm.load_config(&with("30s"))).unwrap();
    fail(&pm);
    assert_eq!(pm.circuit("host"), CircuitState::Closed);
    fail(&pm);
    assert_eq!(pm.circuit("host"), CircuitState::Open);
    assert!(pm.disabled_reason("host").unwrap().starts_with("failed 2 times in a row"));
    assert!(wait!(pm.load_config(&with("30s"))).unwrap().is_unchanged());
    let report = wait!(pm.load_config(&with("10s"))).unwrap();
    assert!(report.is_unchanged());
    assert_eq!(
        (report.limited(), report.to_string()),
        (&["host".into()][..], "changed the limits of `host`\n".into())
    );
    let report = wait!(pm.load_config(&with("10s"))).unwrap();
    assert_eq!((report.limited(), report.to_string()), (&[][..], "no plugin changed\n".into()));
    assert_eq!(pm.circuit("host"), CircuitState::Open);
    clock.advance(10 * SECOND);
    assert_eq!(pm.circuit("host"), CircuitState::Open);
    // The first call after the cool-down tries the plugin.
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["x"]);
    assert_eq!(pm.circuit("host"), CircuitState::Closed);
}

#[test]
fn a_plugin_of_a_factory_that_is_made_anew_starts_closed() {
    let (pm, _) = manager();
    let make = |_: Sky| Moody;
    pm.add_factory(PluginFactory::configured(PluginMetadata::new("moody"), make));
    let load = |sky: &str| {
        let text = "[limits.moody]\nbreaker = { failures = 1 }";
        toml(&format!("[plugins]\ng = ['moody']\n[plugin.moody]\nsky = '{sky}'\n{text}"))
    };
    wait!(pm.load_config(&load("grey"))).unwrap();
    fail(&pm);
    assert_eq!((pm.circuit("moody"), pm.is_enabled("moody")), (CircuitState::Open, false));
    wait!(pm.load_config(&load("blue"))).unwrap();
    assert_eq!((pm.circuit("moody"), pm.is_enabled("moody")), (CircuitState::Closed, true));
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["x"]);
    fail(&pm);
    assert_eq!(pm.circuit("moody"), CircuitState::Open);
}

#[test]
fn a_plugin_that_is_registered_under_the_same_id_starts_closed() {
    let (pm, _) = manager();
    let _breaker = pm.break_circuits(BreakerPolicy::new(1));
    let id = PluginId::from("moody");
    pm.register_as(id.clone(), Moody).unwrap();
    fail(&pm);
    assert_eq!(pm.circuit("moody"), CircuitState::Open);
    assert!(pm.unregister("moody").is_some());
    pm.register_as(id, Moody).unwrap();
    assert_eq!((pm.circuit("moody"), pm.is_enabled("moody")), (CircuitState::Closed, true));
}

#[test]
fn a_circuit_that_leaves_the_configuration_closes() {
    let (pm, _) = manager();
    register(&pm, "host");
    wait!(pm.load_config(&config("[limits.host.breaker]\nfailures = 1"))).unwrap();
    fail(&pm);
    assert_eq!((pm.circuit("host"), pm.is_enabled("host")), (CircuitState::Open, false));
    wait!(pm.load_config(&config(""))).unwrap();
    assert_eq!((pm.circuit("host"), pm.is_enabled("host")), (CircuitState::Closed, true));
    fail(&pm);
    assert!(pm.is_enabled("host"));
}

/// A plugin that opens its circuit, loses its policy and gets it again, all while it runs; and then fails.
struct Restless(Arc<OnceLock<Weak<Manager>>>);

implement! {
    #[extension]
    impl Specs for Restless {
        fn fetch(&self, topic: &str) -> String {
            if topic == "load" {
                let pm = self.0.get().and_then(Weak::upgrade).unwrap();
                awaited!(pm.caller(Specs::fetch).try_call("panic")).unwrap_err();
                assert_eq!(pm.circuit("host"), CircuitState::Open);
                awaited!(pm.load_config(&config(""))).unwrap();
                awaited!(pm.load_config(&config("[limits.host.breaker]\nfailures = 1"))).unwrap();
            }
            std::panic::resume_unwind(Box::new("boom"))
        }
    }
}

#[test]
fn what_began_before_a_circuit_left_the_configuration_does_not_open_it_when_it_is_back() {
    let (pm, host) = (Arc::new(manager().0), Arc::default());
    pm.register_as("host", Restless(Arc::clone(&host))).unwrap();
    host.set(Arc::downgrade(&pm)).unwrap();
    wait!(pm.load_config(&config("[limits.host.breaker]\nfailures = 1"))).unwrap();
    wait!(pm.caller(Specs::fetch).try_call("load")).unwrap_err();
    assert_eq!((pm.circuit("host"), pm.is_enabled("host")), (CircuitState::Closed, true));
    fail(&pm);
    assert_eq!(pm.circuit("host"), CircuitState::Open);
}

#[test]
fn a_policy_in_the_configuration_takes_the_place_of_the_hosts() {
    let (pm, _) = manager();
    register(&pm, "host");
    let breaker = pm.break_circuits(BreakerPolicy::new(1));
    wait!(pm.load_config(&config("[limits.host.breaker]\nrate = 0.5\nwindow = '1m'\nmin_calls = 2")))
        .unwrap();
    fail(&pm);
    assert_eq!((breaker.state("host"), pm.circuit("host")), (CircuitState::Closed, CircuitState::Closed));
    fail(&pm);
    assert_eq!((breaker.state("host"), pm.circuit("host")), (CircuitState::Closed, CircuitState::Open));
}

#[test]
fn a_timeout_in_the_configuration_is_set_and_removed() {
    let (pm, clock) = manager();
    pm.register_fn("host", Specs::fetch, move |args| {
        clock.advance(SECOND);
        args.topic.to_owned()
    })
    .unwrap();
    let overruns = || {
        let _ = wait!(pm.caller(Specs::fetch).try_call("x"));
        pm.overruns("host").unwrap()
    };
    wait!(pm.load_config(&config("[limits.host]\ntimeout = '1ns'"))).unwrap();
    assert_eq!(overruns(), 1);
    wait!(pm.load_config(&config("[limits.host]\ntimeout = '1ns'\n[plugin.core]\nsky = 'blue'"))).unwrap();
    assert_eq!(overruns(), 2);
    wait!(pm.load_config(&config("[limits.host]\ntimeout = '100h'"))).unwrap();
    assert_eq!(overruns(), 2);
    pm.set_plugin_timeout("host", Duration::from_nanos(1)).unwrap();
    assert_eq!(overruns(), 3);
    wait!(pm.load_config(&config(""))).unwrap();
    assert_eq!(overruns(), 3);
    pm.set_plugin_timeout("host", Duration::from_nanos(1)).unwrap();
    wait!(pm.load_config(&config(""))).unwrap();
    assert_eq!(overruns(), 4, "what the host has set is its own");
}

#[test]
fn a_profile_has_limits_of_its_own() {
    let (pm, _) = manager();
    register(&pm, "host");
    let text = "[limits.host.breaker]\nfailures = 5\n[profile.production.limits.host.breaker]\nfailures = 1";
    let production = toml(&format!("active_profile = 'production'\n[plugins]\ng = ['core']\n{text}"));
    wait!(pm.load_config(&production)).unwrap();
    fail(&pm);
    assert_eq!(pm.circuit("host"), CircuitState::Open);
}

#[test]
fn limits_of_a_plugin_that_does_not_exist_are_told() {
    let (pm, _) = manager();
    let wrong = config("[limits.cor]\ntimeout = '1s'");
    let error = wait!(pm.load_config(&wrong)).unwrap_err();
    assert!(error.to_string().contains("there are limits for `cor`, but no such plugin"), "{error}");
    assert!(error.to_string().contains("`core`"), "{error}");
    let report = wait!(pm.load_config_with(&wrong, LoadOptions::new().missing(LoadPolicy::Skip))).unwrap();
    assert_eq!(report.skipped().len(), 1);
}

#[test]
fn wrong_limits_are_told_with_their_key() {
    for (text, key, kind) in [
        ("timeout = 5", "limits.core.timeout", ProblemKind::WrongType),
        ("timeout = '5 days'", "limits.core.timeout", ProblemKind::InvalidValue),
        ("timeout = '0s'", "limits.core.timeout", ProblemKind::InvalidValue),
        ("max_concurrent = 0", "limits.core.max_concurrent", ProblemKind::InvalidValue),
        ("time = '1s'", "time", ProblemKind::UnknownKey),
        ("breaker = 3", "limits.core.breaker", ProblemKind::WrongType),
        ("breaker.failures = -1", "limits.core.breaker.failures", ProblemKind::InvalidValue),
        ("breaker.rate = 1.5", "limits.core.breaker.rate", ProblemKind::InvalidValue),
        ("breaker.wrappers = 'no'", "limits.core.breaker.wrappers", ProblemKind::WrongType),
        ("breaker.cooldown = '1s'", "cooldown", ProblemKind::UnknownKey),
    ] {
        let error = PluginConfig::from_toml_str(&format!("[limits.core]\n{text}")).unwrap_err();
        let problem = &error.problems()[0];
        assert_eq!((problem.key(), problem.kind()), (Some(key), kind), "{text}: {error}");
        assert_eq!(problem.plugin(), Some("core"), "{text}");
    }
}

#[test]
fn a_circuit_that_nothing_opens_is_told() {
    let (pm, _) = manager();
    for (text, key) in [
        ("breaker = { retry_after = '1s' }", "failures"),
        ("breaker = { rate = 0.5 }", "window"),
        ("breaker = { rate = 0.5, window = '1s', failures = 1 }", "rate"),
    ] {
        let error = wait!(pm.load_config(&config(&format!("[limits.core]\n{text}")))).unwrap_err();
        assert!(error.to_string().contains(&format!("`{key}`")), "{error}");
    }
    assert!(!pm.is_registered("core"));
}

#[test]
fn only_an_async_manager_limits_how_many_extensions_run_at_once() {
    let (pm, _) = manager();
    let loaded = wait!(pm.load_config(&config("[limits.core]\nmax_concurrent = 4")));
    assert_eq!(loaded.is_ok(), PREFIX == "Async");
    if let Err(error) = loaded {
        assert!(error.to_string().contains("max_concurrent"), "{error}");
    }
}

#[test]
fn a_discovery_sets_the_limits_of_its_configuration() {
    let (pm, _) = manager();
    pm.add_factory(PluginFactory::new(PluginMetadata::new("moody"), || Moody));
    let found =
        |text: &str, ignore: bool| Discovery::new().config(&toml(text)).only(["moody"]).ignore_errors(ignore);
    let text = "[limits.moody]\nbreaker = { failures = 1 }";
    wait!(pm.discover_with(found(text, false))).unwrap();
    fail(&pm);
    assert_eq!(pm.circuit("moody"), CircuitState::Open);
    // Wrong limits are told as those of a load are, and nothing is registered.
    for (text, told) in [
        ("[limits.mody]\ntimeout = '1s'", "there are limits for `mody`, but no such plugin"),
        ("[limits.moody]\nbreaker = { rate = 0.5 }", "`window`"),
        ("[limits.mody]\ntimeout = '1s'\n[limits.moody]\nbreaker = { rate = 0.5 }", "`window`"),
    ] {
        pm.unregister("moody");
        let error = wait!(pm.discover_with(found(text, false))).unwrap_err();
        assert!(format!("{error:?}").contains(told), "{error:?}");
        assert!(!pm.is_registered("moody"));
        let report = wait!(pm.discover_with(found(text, true))).unwrap();
        let errors = || report.skipped().iter().filter_map(|skipped| skipped.error());
        assert!(errors().any(|error| format!("{error:?}").contains(told)), "{report:?}");
        assert!(pm.is_registered("moody"));
    }
}

#[test]
fn sources_may_name_one_limited_plugin_in_different_ways() {
    let opens = |config: &PluginConfig| {
        let (pm, _clock) = manager();
        pm.add_factory(PluginFactory::new(PluginMetadata::new("moody").aliases(["sad"]), || Moody));
        wait!(pm.load_config(config)).unwrap();
        (1..=9).find(|_| {
            fail(&pm);
            pm.circuit("moody") == CircuitState::Open
        })
    };
    let base = toml("[plugins]\ng = ['moody']\n[limits.sad]\nbreaker = { failures = 2 }");
    let longer = base.merge(toml("[limits.moody]\ntimeout = '1h'"));
    assert_eq!(opens(&longer), Some(2));
    let later = longer.merge(toml("[limits.sad]\nbreaker = { failures = 3 }"));
    assert_eq!(opens(&later), Some(3));
    assert_eq!(
        opens(&later.with_env_vars("F", [("F_LIMITS__SAD__BREAKER__FAILURES", "4")]).unwrap()),
        Some(4)
    );
}

/// A plugin whose start takes a minute.
struct Slow(FakeClock);

implement! {
    #[extension]
    impl Lifecycle for Slow {
        fn start(&self) -> Result<(), BoxError> {
            self.0.advance(60 * SECOND);
            Ok(())
        }
    }
}

#[test]
fn a_timeout_in_the_configuration_holds_for_the_start_that_it_comes_with() {
    let (pm, clock) = manager();
    pm.add_factory(PluginFactory::new(PluginMetadata::new("slow"), move || Slow(clock.clone())));
    wait!(pm.start_all()).unwrap();
    let limited = |limit: &str| toml(&format!("[plugins]\ng = ['slow']\n[limits.slow]\ntimeout = '{limit}'"));
    let found = |limit: &str, ignore: bool| {
        Discovery::new().only(["slow"]).config(&limited(limit)).ignore_errors(ignore)
    };
    let errors = [
        wait!(pm.load_config(&limited("1s"))).unwrap_err(),
        wait!(pm.discover_with(found("1s", false))).unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("start", "slow"), "{error:?}");
        assert!(pm.plugin_names().is_empty());
    }
    let report = wait!(pm.discover_with(found("1s", true))).unwrap();
    assert!(report.errors().any(|error| error.code() == "start"), "{report}");
    assert!(pm.plugin_names().is_empty());
    assert_eq!(wait!(pm.discover_with(found("2m", false))).unwrap().registered(), ["slow"]);
    pm.unregister("slow");
    assert_eq!(wait!(pm.load_config(&limited("2m"))).unwrap().added(), ["slow"]);
}
