use std::error::Error;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pluginkit::config::PluginConfig;
use pluginkit::config::{ConfigProblem, ConfigReader, ConfigSource, ProblemKind, Profile};
use tempfile::TempDir;
use tracing_subscriber::layer::SubscriberExt;

use crate::group;

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("config")).unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

#[test]
fn the_first_file_that_is_there_is_read_and_no_other() {
    let both =
        directory(&[("config/host.toml", "[plugins]\na = ['x']"), ("host.toml", "[plugins]\na = ['y']")]);
    assert_eq!(group(&PluginConfig::find(both.path(), "host").unwrap(), "a"), "x");
    let one = directory(&[("host.toml", "[plugins]\na = ['y']")]);
    assert_eq!(group(&PluginConfig::find(one.path(), "host").unwrap(), "a"), "y");
}

#[test]
fn without_a_file_there_are_defaults() {
    let config = PluginConfig::find(directory(&[]).path(), "host").unwrap();
    assert!(config.groups().is_empty() && config.is_enabled());
    assert_eq!(config.profile(), Profile::Development);
}

/// Counts the warnings.
struct Warnings(Arc<AtomicUsize>);

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        if *event.metadata().level() == tracing::Level::WARN {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn that_there_is_no_file_is_a_warning() {
    let warnings = Arc::new(AtomicUsize::new(0));
    let subscriber = tracing_subscriber::registry().with(Warnings(warnings.clone()));
    tracing::subscriber::with_default(subscriber, || {
        let there = directory(&[("app.toml", "")]);
        PluginConfig::find(there.path(), "app").unwrap();
        assert_eq!(warnings.load(Ordering::Relaxed), 0);
        PluginConfig::find(there.path(), "other").unwrap();
        assert_eq!(warnings.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn the_file_of_a_profile_holds_under_it() {
    let home = directory(&[
        ("app.toml", "[plugins]\na = ['x']"),
        ("app.production.toml", "[plugins]\na = [{ id = 'x', enabled = false }]"),
        ("app.development.toml", "[plugins]\na = ['toolbar']"),
        ("config/app.production.toml", "[plugins]\na = ['not read, as it is beside no file']"),
    ]);
    let config = PluginConfig::find(home.path(), "app").unwrap();
    assert_eq!(group(&config, "a"), "x toolbar");
    assert_eq!(group(&config.with_profile(Profile::Production), "a"), "(x)");
}

#[test]
fn the_file_of_a_declared_profile_is_read_too() {
    let home =
        directory(&[("app.toml", "[plugins]\na = ['x']"), ("app.canary.toml", "[plugins]\na = ['bird']")]);
    let canary = Profile::named("canary");
    let config = ConfigReader::new().profiles([canary]).find(home.path(), "app").unwrap();
    assert_eq!(
        (group(&config, "a"), group(&config.with_profile(canary), "a")),
        ("x".into(), "x bird".into())
    );
}

#[test]
fn all_that_is_wrong_with_all_files_is_told_at_once() {
    let home = directory(&[("app.toml", "[plugins]\na = [1]"), ("app.staging.toml", "[plugins\n")]);
    let error = PluginConfig::find(home.path(), "app").unwrap_err();
    let kinds: Vec<_> = error.problems().iter().map(ConfigProblem::kind).collect();
    assert_eq!(kinds, [ProblemKind::WrongType, ProblemKind::Syntax]);
    assert!(error.problems()[1].location().unwrap().path().unwrap().ends_with("app.staging.toml"));
}

#[test]
fn a_file_that_was_asked_for_must_be_there() {
    let home = directory(&[]);
    let error = PluginConfig::from_path(home.path().join("plugins.toml")).unwrap_err();
    let problem = &error.problems()[0];
    assert_eq!(problem.kind(), ProblemKind::Unreadable);
    assert_eq!(problem.location().unwrap().source(), ConfigSource::File);
    assert!(problem.location().unwrap().path().unwrap().ends_with("plugins.toml"));
    assert!(problem.source().unwrap().is::<std::io::Error>() && error.source().is_some());
}

#[test]
fn a_directory_is_no_file() {
    let home = directory(&[]);
    assert_eq!(
        PluginConfig::from_path(home.path()).unwrap_err().problems()[0].kind(),
        ProblemKind::Unreadable
    );
}

#[test]
fn a_file_must_be_toml_and_each_mistake_is_told_with_file_and_place() {
    let home = directory(&[("app.toml", "[plugins]\na = \nb = [\n")]);
    let path = home.path().join("app.toml");
    let error = PluginConfig::from_path(&path).unwrap_err();
    assert!(error.problems().len() >= 2, "{error}");
    assert!(error.problems().iter().all(|problem| problem.kind() == ProblemKind::Syntax));
    let first = error.problems()[0].to_string();
    assert!(first.starts_with(&format!("{}:2:", path.display())), "{first}");
    assert!(error.source().is_some());
}

#[test]
fn a_file_must_be_utf_8() {
    let home = directory(&[]);
    let path = home.path().join("app.toml");
    fs::write(&path, b"a = 1\nb = '\xff'").unwrap();
    let error = PluginConfig::from_path(&path).unwrap_err();
    assert_eq!(error.problems()[0].kind(), ProblemKind::Unreadable);
    assert_eq!(error.problems()[0].location().unwrap().line(), Some(2));
}
