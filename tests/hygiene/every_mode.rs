//! Every mode and every kind of argument. Three packages build it, under edition 2018, 2021 and 2024.
#![deny(warnings)]
#![forbid(unsafe_code)]

use std::sync::Arc;

use pluginkit::prelude::*;

/// An error of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

/// A request, which is not `Clone`.
#[derive(Debug, PartialEq, Eq)]
pub struct Request(pub String);

/// What a feed host lets plugins extend.
#[extension_point(project = "feed")]
pub trait Specs {
    /// Collects.
    fn fetch(&self, topic: &str) -> String;

    /// Collects what is there.
    fn find<'a>(&self, names: &[&'a str], page: Option<&u32>) -> Option<&'a str>;

    /// Collects up to an error.
    fn check(&self, log: &mut Vec<String>, limit: u32) -> Result<u32, Refused>;

    /// Asks until one answers.
    #[extension_point(firstresult)]
    fn deliver(&self, message: String, urgent: bool) -> Result<Option<String>, Refused>;

    /// Counts.
    #[extension_point(reduce = pluginkit::reduce::Sum)]
    fn count(&self, topic: &str) -> Option<usize>;

    /// Hands a value on.
    #[extension_point(firstresult)]
    fn handle(&self, request: Request) -> std::ops::ControlFlow<u16, Request>;

    /// Threads a value.
    #[extension_point(pipeline = "text")]
    fn transform(&self, urgent: bool, text: String) -> String;

    /// Has a default body.
    fn greet(&self, mut name: String, _: u32) -> String {
        name.insert(0, '@');
        name
    }

    /// Edits a value.
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);

    /// Remembers.
    #[extension_point(historic)]
    fn configure(&self, settings: &str) -> String;
}

/// A plugin.
#[derive(Debug)]
pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_uppercase()
    }

    fn find<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.first().copied()
    }

    fn check(&self, log: &mut Vec<String>, limit: u32) -> Result<u32, Refused> {
        log.push(limit.to_string());
        limit.checked_sub(1).ok_or_else(|| Refused("zero".to_owned()))
    }

    #[extension(when = Self::is_long)]
    fn deliver(&self, message: String) -> Result<Option<String>, Refused> {
        Ok(Some(message))
    }

    fn count(&self, topic: &str) -> Option<usize> {
        Some(topic.len())
    }

    fn handle(&self, request: Request) -> std::ops::ControlFlow<u16, Request> {
        if request.0.is_empty() {
            std::ops::ControlFlow::Break(400)
        } else {
            std::ops::ControlFlow::Continue(request)
        }
    }

    #[extension(priority = -1)]
    fn transform(&self, text: String) -> String {
        text + "!"
    }

    fn edit(self: &Arc<Self>, text: &mut String) {
        text.push('?');
    }

    fn configure(settings: &str) -> String {
        settings.to_owned()
    }

    #[extension(wrapper, target = "fetch")]
    fn twice(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        let mut all = next.run(topic);
        all.extend(all.clone());
        all
    }

    #[extension(wrapper, target = "count")]
    fn double(&self, next: Next<'_>) -> usize {
        next.run() * 2
    }

    #[extension(wrapper, target = "handle")]
    fn pass(&self, request: Request, next: Next<'_>) -> std::ops::ControlFlow<u16, Request> {
        next.run(request)
    }

    #[extension(wrapper, target = "transform")]
    fn keep(&self, next: Next<'_>) -> String {
        next.run()
    }
}

impl Weather {
    fn is_long(_: &Self, message: &str) -> bool {
        message.len() > 2
    }
}

/// A plugin whose extension is async.
#[derive(Debug)]
pub struct Tides;

#[extension]
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
    pm.register(Weather).expect("it fits");
    pm.register(Tides).expect_err("a sync manager awaits nothing");
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["HARBOR", "HARBOR"]);
    assert_eq!(pm.caller(Specs::find).call(&["a", "b"], None), ["a"]);
    let mut log = Vec::new();
    assert_eq!(pm.caller(Specs::check).call(&mut log, 2), Ok(vec![1]));
    assert_eq!(pm.caller(Specs::check).call(&mut log, 0), Err(Refused("zero".to_owned())));
    assert_eq!(log, ["2", "0"]);
    assert_eq!(pm.caller(Specs::deliver).call("no".to_owned(), true), Ok(None));
    assert_eq!(pm.caller(Specs::deliver).call("yes".to_owned(), true), Ok(Some("yes".to_owned())));
    assert_eq!(pm.caller(Specs::count).call("harbor"), 12);
    let handle = pm.caller(Specs::handle);
    assert_eq!(handle.call(Request(String::new())), std::ops::ControlFlow::Break(400));
    assert_eq!(
        handle.call(Request("x".to_owned())),
        std::ops::ControlFlow::Continue(Request("x".to_owned()))
    );
    assert_eq!(pm.caller(Specs::transform).call(true, "go".to_owned()), "go!");
    assert_eq!(pm.caller(Specs::greet).call("you".to_owned(), 1), ["@you"]);
    let mut text = "go".to_owned();
    pm.caller(Specs::edit).call(&mut text);
    assert_eq!(text, "go?");
    assert_eq!(pm.caller(Specs::configure).call_historic("calm"), ["calm"]);
}
