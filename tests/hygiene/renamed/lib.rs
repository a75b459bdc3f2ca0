//! The library under another name, and public specs that are documented and nothing else is.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]
#![forbid(unsafe_code)]

use pk::prelude::*;

/// What a feed host lets plugins extend.
#[extension_point(crate = ::pk, project = "feed")]
pub trait Specs {
    /// Fetches one headline.
    fn fetch(&self, topic: &str) -> String;

    /// Asks until one answers.
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str) -> Option<String>;

    /// Threads a text.
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> Result<String, String>;

    /// Remembers.
    #[extension_point(historic)]
    fn configure(&self, settings: &[u8]);
}

/// Formats.
#[extension_point(crate = ::pk, service)]
pub trait Formatter: Send + Sync {
    /// A text.
    fn format(&self, text: &str) -> String;
}

/// A plugin.
#[plugin(crate = ::pk, id = "weather", version = "1.0.0", optional_requires = ["tides"])]
#[derive(Debug)]
pub struct Weather;

#[extension(crate = ::pk, service)]
impl Formatter for Weather {
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

#[extension(crate = ::pk)]
impl Lifecycle for Weather {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

#[extension(crate = ::pk)]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[extension(wrapper)]
    fn deliver(&self, message: &str, next: Next<'_>) -> Option<String> {
        next.run(message).or_else(|| Some(message.to_owned()))
    }

    #[extension(wrapper, when = Self::always)]
    fn transform(&self, next: Next<'_>) -> Result<String, String> {
        next.run()
    }

    fn configure(&self, settings: &[u8]) {
        assert!(!settings.is_empty(), "there are settings");
    }
}

impl Weather {
    const fn always(_: &Self) -> bool {
        true
    }
}

/// A plugin whose extension is async.
#[derive(Debug)]
pub struct Tides;

#[extension(crate = ::pk)]
impl Specs for Tides {
    async fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

/// Runs all of it.
///
/// # Panics
///
/// If it does not what it should.
pub fn check() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).expect("nobody has these yet");
    assert_eq!(pm.register(Weather).expect("it fits"), "weather");
    pm.start_all().expect("nothing fails");
    assert_eq!(pm.service::<dyn Formatter>().map(|it| it.format("x")).expect("it is provided"), "x");
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor"]);
    assert_eq!(pm.caller(Specs::deliver).call("hello"), Some("hello".to_owned()));
    assert_eq!(pm.caller(Specs::transform).call("text".to_owned()), Ok("text".to_owned()));
    pm.caller(Specs::configure).call_historic(&[1]);
}
