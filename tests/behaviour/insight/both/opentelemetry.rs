//! `TracingSpans`, as OpenTelemetry exports them.

use std::time::Duration;

use opentelemetry::trace::{SpanKind, Status};
use pluginkit::insight::TracingSpans;
use pluginkit::prelude::*;
use pluginkit_tests::panic_of;

use super::kind::{Manager, awaited, implement, wait};
use crate::insight::exported::{Exported, exported};

#[extension_point]
trait Feed {
    fn fetch(&self, topic: &str) -> Result<String, String>;
}

struct Around;

implement! {
    #[extension(wrapper)]
    impl Feed for Around {
        fn fetch(&self, topic: &str, next: Next<'_>) -> Result<Vec<String>, String> {
            awaited!(next.run(topic))
        }
    }
}

fn manager() -> Manager {
    let pm = Manager::new("news");
    pm.add_extension_points(Feed).unwrap();
    pm.register_fn("weather", Feed::fetch, |args| match args.topic {
        "panic" => panic!("boom"),
        "bad" => Err("no station".to_owned()),
        topic => Ok(topic.to_owned()),
    })
    .unwrap();
    pm.register_as("timing", Around).unwrap();
    pm.observe(TracingSpans::new()).forget();
    pm
}

/// The name, the parents, the status and the outcome of each span.
fn told(spans: &[Exported]) -> Vec<(String, Status, String)> {
    let told = |span: &Exported| {
        let name = span.parents.iter().chain([&span.name]).cloned().collect::<Vec<_>>().join(" > ");
        (name, span.status.clone(), span.attribute("outcome"))
    };
    spans.iter().map(told).collect()
}

const CALL: &str = "request > Feed::fetch";
const WRAPPER: &str = "request > Feed::fetch > timing: Feed::fetch";
const EXTENSION: &str = "request > Feed::fetch > timing: Feed::fetch > weather: Feed::fetch";

fn expected(ends: [(&str, Status, &str); 3]) -> Vec<(String, Status, String)> {
    let owned = |(name, status, outcome): (&str, Status, &str)| (name.to_owned(), status, outcome.to_owned());
    ends.into_iter().map(owned).chain([("request".to_owned(), Status::Unset, String::new())]).collect()
}

#[test]
fn spans_are_named_after_plugin_and_point_and_are_nested() {
    let pm = manager();
    let spans = exported(|| {
        tracing::info_span!("request").in_scope(|| wait!(pm.caller(Feed::fetch).call("x"))).unwrap();
    });
    let returned = |name| (name, Status::Unset, "returned");
    assert_eq!(told(&spans), expected([returned(EXTENSION), returned(WRAPPER), returned(CALL)]));
    let of = |attribute: &str| spans.iter().map(|span| span.attribute(attribute)).collect::<Vec<_>>();
    assert!(spans.iter().all(|span| span.kind == SpanKind::Internal));
    assert_eq!(of("point"), ["Feed::fetch", "Feed::fetch", "Feed::fetch", ""]);
    assert_eq!(of("plugin"), ["weather", "timing", "", ""]);
    assert_eq!(of("manager"), ["", "", "news", ""]);
    assert_eq!(of("mode"), ["", "", "collecting", ""]);
    assert!(of("elapsed_us")[..3].iter().all(|elapsed| elapsed.parse::<u64>().is_ok()));
    // They are the name, the kind and the status.
    for attribute in ["otel.name", "otel.kind", "otel.status_code", "otel.status_description", "error.type"] {
        assert_eq!(of(attribute), [""; 4], "{attribute}");
    }
}

#[test]
fn a_failure_is_an_error_of_the_call_and_of_the_plugin_that_raised_it() {
    let pm = manager();
    let call = |topic: &'static str| {
        exported(|| {
            tracing::info_span!("request").in_scope(|| {
                drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                    let _ = wait!(pm.caller(Feed::fetch).call(topic));
                })));
            });
        })
    };
    for (topic, outcome, description) in [("bad", "failed", "no station"), ("panic", "panicked", "panicked")]
    {
        let spans = call(topic);
        let error = |name| (name, Status::error(description), outcome);
        let ends = [error(EXTENSION), (WRAPPER, Status::Unset, "passed_on"), error(CALL)];
        assert_eq!(told(&spans), expected(ends), "{topic}");
        let of = |attribute: &str| spans.iter().map(|span| span.attribute(attribute)).collect::<Vec<_>>();
        assert_eq!(of("error.type"), [outcome, "", outcome, ""]);
        let text = if topic == "bad" { "no station" } else { "" };
        assert_eq!(of("error"), [text, "", text, ""]);
        assert_eq!(of("exception.message"), [text, "", text, ""]);
    }
    panic_of(|| wait!(pm.caller(Feed::fetch).call("panic")));
}

#[test]
fn an_overrun_is_an_error_and_a_declined_extension_is_none() {
    let pm = manager();
    let works = |_: &str| Ok((0..20_000_u64).map(|number| number.to_string()).collect::<String>());
    pm.register_fn("works", Feed::fetch, move |args| works(args.topic)).unwrap();
    pm.set_plugin_timeout("works", Some(Duration::from_nanos(1))).unwrap();
    let spans = exported(|| {
        let caller = pm.caller(Feed::fetch).only(["works"]);
        wait!(caller.try_call("x")).unwrap_err();
    });
    let told = told(&spans);
    let expected = [
        ("Feed::fetch > works: Feed::fetch", "exceeded its timeout and ran to its end", "overran"),
        ("Feed::fetch", "exceeded a timeout", "timed_out"),
    ];
    let expected =
        expected.map(|(name, text, outcome)| (name.to_owned(), Status::error(text), outcome.to_owned()));
    assert_eq!(told, expected);
    let kinds: Vec<_> = spans.iter().map(|span| span.attribute("error.type")).collect();
    assert_eq!(kinds, ["overran", "timed_out"]);
}
