//! A host and its plugins that do without async: the library with its macros and nothing else.
//!
//! Built by itself, as in `cargo test -p pluginkit-tests-sync-only`, it has the library without the features
//! that the rest of the workspace turns on.
#![deny(warnings)]
#![forbid(unsafe_code)]

use pluginkit::BoxError;
use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::PluginState;
use pluginkit::prelude::*;

/// An error of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

/// What a call notes.
#[derive(Debug)]
pub struct Notes<'a>(pub Vec<&'a str>);

/// What a feed host lets plugins extend.
#[extension_point(project = "feed")]
pub trait Specs {
    /// Collects.
    fn fetch(&self, topic: &str) -> String;

    /// Collects what borrows from an argument. Expanded in full.
    fn find<'a>(&self, names: &[&'a str]) -> Option<&'a str>;

    /// Collects with a context that has a lifetime of its own.
    fn note(&self, topic: &str, notes: &mut Notes<'_>) -> bool;

    /// Collects what is there, up to an error.
    fn check(&self, log: &mut Vec<String>, limit: u32) -> Result<Option<u32>, Refused>;

    /// Asks until one answers.
    #[extension_point(firstresult)]
    fn deliver(&self, message: String, urgent: bool) -> Option<String>;

    /// Threads a value.
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;

    /// Threads a value that plugins may leave as it is.
    #[extension_point(pipeline)]
    fn redact(&self, text: String) -> Result<Option<String>, Refused>;

    /// Edits a value.
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);

    /// Remembers.
    #[extension_point(historic)]
    fn configure(&self, settings: &str) -> String;
}

/// Extends every point.
#[derive(Debug)]
pub struct Weather;

#[extension]
impl Specs for Weather {
    // Without an async manager there is no pool, and nothing to go there.
    #[extension(blocking)]
    fn fetch(&self, topic: &str) -> String {
        topic.to_uppercase()
    }

    fn find<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.first().copied()
    }

    fn note(&self, topic: &str, notes: &mut Notes<'_>) -> bool {
        notes.0.push(if topic.is_empty() { "none" } else { "some" });
        true
    }

    #[extension(timeout = "1h")]
    fn check(&self, log: &mut Vec<String>, limit: u32) -> Result<Option<u32>, Refused> {
        log.push(limit.to_string());
        if limit == 0 { Err(Refused("zero".to_owned())) } else { Ok(limit.checked_sub(2)) }
    }

    #[extension(when = Self::is_long, blocking)]
    fn deliver(&self, message: String) -> Option<String> {
        Some(message)
    }

    fn transform(&self, text: String) -> String {
        text + "!"
    }

    fn redact(&self) -> Result<Option<String>, Refused> {
        Ok(None)
    }

    fn edit(&self, text: &mut String) {
        text.push('?');
    }

    #[extension(blocking)]
    fn configure(&self, settings: &str) -> String {
        settings.to_owned()
    }
}

impl Weather {
    fn is_long(_: &Self, message: &str) -> bool {
        message.len() > 2
    }
}

/// Wraps a point of every mode that can be wrapped.
#[derive(Debug)]
pub struct Around;

#[extension]
impl Specs for Around {
    #[extension(wrapper)]
    fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(topic.trim())
    }

    #[extension(wrapper)]
    fn find<'a>(&self, next: Next<'_>) -> Vec<&'a str> {
        next.run()
    }

    #[extension(wrapper)]
    fn note(&self, topic: &str, notes: &mut Notes<'_>, next: Next<'_>) -> Vec<bool> {
        next.run(topic.trim(), notes)
    }

    #[extension(wrapper)]
    fn check(&self, next: Next<'_>) -> Result<Vec<u32>, Refused> {
        next.run().or_else(|_| Ok(Vec::new()))
    }

    #[extension(wrapper)]
    fn deliver(&self, message: String, urgent: bool, next: Next<'_>) -> Option<String> {
        next.run(message.clone(), urgent).or_else(|| urgent.then_some(message))
    }

    #[extension(wrapper, when = Self::always)]
    fn transform(&self, next: Next<'_>) -> String {
        next.run()
    }

    #[extension(wrapper)]
    fn edit(&self, text: &mut String, next: Next<'_>) {
        next.run(text);
        text.push('.');
    }
}

impl Around {
    const fn always(_: &Self) -> bool {
        true
    }
}

/// Runs all of it.
///
/// # Panics
///
/// If it does not what it should.
pub fn check() {
    let pm = PluginManager::builder("feed").build();
    pm.add_extension_points(Specs).expect("nobody has these yet");
    pm.register(Weather).expect("a `blocking` extension is a `fn`");
    pm.register(Around).expect("it fits");
    pm.register_fn("tides", Specs::fetch, |args| args.topic.to_owned()).expect("it fits");

    assert_eq!(pm.caller(Specs::fetch).call(" harbor "), ["HARBOR", "harbor"]);
    assert_eq!(pm.caller(Specs::fetch).without(["Around"]).iter("hill").next().as_deref(), Some("HILL"));
    assert_eq!(pm.caller(Specs::find).call(&["hill", "harbor"]), ["hill"]);
    let mut notes = Notes(Vec::new());
    assert_eq!(pm.caller(Specs::note).call(" ", &mut notes), [true]);
    assert_eq!(notes.0, ["none"]);
    let mut log = Vec::new();
    let check = pm.caller(Specs::check);
    assert_eq!(check.call(&mut log, 3), Ok(vec![1]));
    assert_eq!(check.call(&mut log, 0), Ok(Vec::new()));
    let error = check.without(["Around"]).try_call(&mut log, 0).expect_err("nobody forgives it");
    assert_eq!(error.into_inner(), Some(Refused("zero".to_owned())));
    assert!(check.settle(&mut log, 1).iter().all(|settled| settled.result.is_ok()));
    assert_eq!(log, ["3", "0", "0", "1"]);
    assert_eq!(pm.caller(Specs::deliver).call("no".to_owned(), false), None);
    assert_eq!(pm.caller(Specs::deliver).call("no".to_owned(), true).as_deref(), Some("no"));
    assert_eq!(pm.caller(Specs::deliver).call("yes".to_owned(), false).as_deref(), Some("yes"));
    assert_eq!(pm.caller(Specs::transform).call("go".to_owned()), "go!");
    assert_eq!(pm.caller(Specs::redact).call("go".to_owned()), Ok("go".to_owned()));
    let mut text = "go".to_owned();
    pm.caller(Specs::edit).call(&mut text);
    assert_eq!(text, "go?.");
    assert_eq!(pm.caller(Specs::configure).call_historic("calm"), ["calm"]);
    pm.register_as("late", Weather).expect("the replay is well");
    check_life();
}

/// Starts, finds and stops a plugin.
fn check_life() {
    let pm = PluginManager::new("feed");
    pm.register(Living).expect("it fits");
    pm.start_all().expect("nothing fails");
    assert_eq!(pm.service::<dyn Formatter>().map(|it| it.format()).expect("it is provided"), 7);
    assert_eq!(pm.descriptors()[0].state, PluginState::Started);
    pm.unload_all().expect("nothing fails");
    assert!(pm.plugin_names().is_empty());
}

/// Formats.
#[extension_point(service)]
pub trait Formatter: Send + Sync {
    /// A number.
    fn format(&self) -> u8;
}

/// A plugin with a life.
#[plugin(id = "living", version = "1.0.0")]
#[derive(Debug)]
pub struct Living;

#[extension(service)]
impl Formatter for Living {
    fn format(&self) -> u8 {
        7
    }
}

#[extension]
impl Lifecycle for Living {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        assert_eq!(cx.id(), "living");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_mode_works_without_async() {
        super::check();
    }
}
