//! `TracingSpans`: events of plugins are in the spans of their extensions.

use std::sync::Arc;
use std::time::Duration;

use pluginkit::BoxError;
use pluginkit::insight::{TracingEvents, TracingSpans};
use pluginkit::observe::{Event, Observer, Spans};
use pluginkit::prelude::*;
use pluginkit_tests::panic_of;
use tracing::dispatcher::{get_default as with_current, with_default};
use tracing::{Dispatch, Span, info};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Registry, registry};

use super::kind::{Manager, awaited, enter, implement, lazily, wait};
use crate::observe::tree::Tree;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> Result<String, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<u32>;
    #[extension_point(historic)]
    fn configure(&self, level: u32) -> u32;
}

/// Tells what it does.
struct Talks;

implement! {
    #[extension]
    impl Specs for Talks {
        fn fetch(&self, topic: &str) -> Result<String, String> {
            info!("fetches {topic}");
            match topic {
                "panic" => panic!("boom"),
                "bad" => Err("no".to_owned()),
                topic => Ok(topic.to_owned()),
            }
        }
        #[extension(when = is_long)]
        fn find(&self, key: &str) -> Option<u32> {
            info!("finds {key}");
            key.parse().ok()
        }
        fn configure(&self, level: u32) -> u32 {
            info!("configures {level}");
            level
        }
    }
}

fn is_long(_: &Talks, key: &str) -> bool {
    info!("is {key} long?");
    assert_ne!(key, "panic", "boom");
    key.len() > 1
}

/// Tells when it starts.
struct Starts;

implement! {
    #[extension]
    impl Lifecycle for Starts {
        fn start(&self) -> Result<(), BoxError> {
            info!("starts");
            Ok(())
        }
    }
}

struct Around;

implement! {
    #[extension(wrapper)]
    impl Specs for Around {
        fn fetch(&self, topic: &str, next: Next<'_>) -> Result<Vec<String>, String> {
            info!("before");
            let outcome = awaited!(next.run(topic));
            info!("after");
            outcome
        }
        #[extension(when = wraps)]
        fn find(&self, key: &str, next: Next<'_>) -> Option<u32> {
            info!("before");
            awaited!(next.run(key))
        }
    }
}

/// Tells nothing, which would take room on the stack.
struct Silent;

implement! {
    #[extension(wrapper)]
    impl Specs for Silent {
        fn fetch(&self, next: Next<'_>) -> Result<Vec<String>, String> {
            awaited!(next.run())
        }
    }
}

fn wraps(_: &Around, key: &str) -> bool {
    info!("wraps {key}?");
    !key.starts_with('-')
}

fn manager() -> Manager {
    let pm = Manager::new("spans");
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("talks", Talks).unwrap();
    pm
}

/// What `body` tells while spans are made for `pm`.
fn drawn(pm: &Manager, body: impl FnOnce()) -> String {
    let _guard = pm.observe(TracingSpans::new());
    Tree::drawn(body)
}

#[test]
fn a_call_and_its_extensions_have_spans_with_their_names() {
    let pm = manager();
    pm.register_as("around", Around).unwrap();
    let _guard = pm.observe(TracingSpans::new());
    let (tree, _) = Tree::of(|| wait!(pm.caller(Specs::fetch).call("bad")).unwrap_err());
    assert_eq!(
        tree.fields(),
        [
            "pluginkit INFO call: otel.name=Specs::fetch otel.kind=internal manager=spans point=Specs::fetch mode=collecting outcome=failed elapsed_us=.. otel.status_code=ERROR otel.status_description=no error.type=failed error=no",
            "pluginkit INFO wrapper: otel.name=around: Specs::fetch otel.kind=internal plugin=around point=Specs::fetch outcome=passed_on elapsed_us=..",
            "pluginkit INFO extension: otel.name=talks: Specs::fetch otel.kind=internal plugin=talks point=Specs::fetch outcome=failed elapsed_us=.. otel.status_code=ERROR otel.status_description=no error.type=failed error=no",
        ]
    );
}

#[test]
fn events_of_plugins_are_in_their_spans_and_those_are_nested() {
    let pm = manager();
    pm.register_as("around", Around).unwrap();
    pm.register_fn("quiet", Specs::fetch, |_| Ok(String::new())).unwrap();
    let drawn = drawn(&pm, || {
        info!("a request");
        tracing::info_span!("request").in_scope(|| wait!(pm.caller(Specs::fetch).call("x"))).unwrap();
        info!("its end");
    });
    let expected = "
  - a request
  request
    call Specs::fetch: returned
      wrapper around: returned
        - before
        extension talks: returned
          - fetches x
        extension quiet: returned
        - after
  - its end
";
    assert_eq!(drawn, expected);
}

#[test]
fn a_panic_is_told_on_every_span_it_passes() {
    let pm = manager();
    pm.register_as("around", Around).unwrap();
    let drawn = drawn(&pm, || {
        panic_of(|| wait!(pm.caller(Specs::fetch).call("panic")));
        wait!(pm.caller(Specs::fetch).try_call("panic")).unwrap_err();
        info!("outside");
    });
    let call = "
  call Specs::fetch: panicked
    wrapper around: passed_on
      - before
      extension talks: panicked
        - fetches panic";
    assert_eq!(drawn, format!("{call}{call}\n  - outside\n"));
}

#[test]
fn predicates_run_in_the_span_of_their_call_or_extension() {
    let pm = manager();
    pm.register_as("around", Around).unwrap();
    let drawn = drawn(&pm, || {
        assert_eq!(wait!(pm.caller(Specs::find).call("12")), Some(12));
        assert_eq!(wait!(pm.caller(Specs::find).call("-")), None);
        panic_of(|| wait!(pm.caller(Specs::find).call("panic")));
    });
    let expected = "
  call Specs::find: returned
    wrapper around: returned
      - wraps 12?
      - before
      extension talks: returned
        - is 12 long?
        - finds 12
  call Specs::find: returned
    wrapper around: declined
      - wraps -?
    extension talks: declined
      - is - long?
  call Specs::find: panicked
    wrapper around: passed_on
      - wraps panic?
      - before
      extension talks: panicked
        - is panic long?
";
    assert_eq!(drawn, expected);
}

#[test]
fn spans_report_overruns_where_a_timeout_applies() {
    let pm = manager();
    let work = || (0..20_000_u64).map(|number| number.to_string().len()).sum::<usize>();
    pm.register_fn("works", Specs::fetch, move |_| Ok(work().to_string())).unwrap();
    pm.set_plugin_timeout("works", Some(Duration::from_nanos(1))).unwrap();
    let drawn = drawn(&pm, || {
        wait!(pm.caller(Specs::fetch).try_call("x")).unwrap_err();
        wait!(pm.caller(Specs::fetch).call("y")).unwrap();
    });
    let expected = "
  call Specs::fetch: timed_out
    extension talks: returned
      - fetches x
    extension works: overran
  call Specs::fetch: returned
    extension talks: returned
      - fetches y
    extension works: returned
";
    assert_eq!(drawn, expected);
}

#[test]
fn extensions_that_run_one_by_one_have_spans_without_a_call() {
    let pm = manager();
    let drawn = drawn(&pm, || {
        let mut results = lazily!(pm.caller(Specs::fetch), "x");
        info!("not yet");
        results.next().unwrap().unwrap();
        wait!(pm.caller(Specs::fetch).settle("bad"));
    });
    let expected = "
  - not yet
  extension talks: returned
    - fetches x
  extension talks: failed
    - fetches bad
";
    assert_eq!(drawn, expected);
}

#[test]
fn historic_calls_have_spans_and_replays_those_of_extensions() {
    let pm = manager();
    let drawn = drawn(&pm, || {
        wait!(pm.caller(Specs::configure).call_historic_with(3, |level| info!("is told {level}")));
        wait!(enter(&pm, PluginBuilder::new(Talks).named("later"))).unwrap();
    });
    let expected = "
  call Specs::configure: returned
    extension talks: returned
      - configures 3
    - is told 3
  extension later: returned
    - configures 3
  - is told 3
";
    assert_eq!(drawn, expected);
}

#[test]
fn the_phases_of_a_life_have_spans() {
    let pm = manager();
    pm.register_as("begins", Starts).unwrap();
    let drawn = drawn(&pm, || wait!(pm.start_all()).unwrap());
    let expected = "
  call Lifecycle::start: returned
    extension begins: returned
      - starts
";
    assert_eq!(drawn, expected);
}

#[test]
fn spans_are_made_once_and_only_for_a_subscriber() {
    /// Observers as one.
    struct Both(TracingSpans);
    impl Observer for Both {
        fn observe(&self, _: &Event<'_>) {}
        fn spans(&self) -> Option<Arc<dyn Spans>> {
            self.0.spans()
        }
    }
    let pm = manager();
    let call = || Tree::drawn(|| drop(wait!(pm.caller(Specs::fetch).call("x"))));
    let (with, without) = (
        "
  call Specs::fetch: returned
    extension talks: returned
      - fetches x
",
        "\n  - fetches x\n",
    );
    assert_eq!(call(), without);
    let other = pm.observe(|_: &Event<'_>| {});
    assert_eq!(call(), without);
    let (first, second) = (pm.observe(TracingSpans::new()), pm.observe(Both(TracingSpans::new())));
    assert_eq!(call(), with);
    drop((first, other));
    assert_eq!(call(), with);
    drop(second);
    assert_eq!(call(), without);
}

#[test]
fn events_of_ends_stand_where_they_are_told() {
    let pm = manager();
    let _guard = pm.observe(TracingEvents::new());
    let drawn = drawn(&pm, || drop(wait!(pm.caller(Specs::fetch).call("x"))));
    let expected = "
  call Specs::fetch: returned
    extension talks: returned
      - fetches x
    - returned
  - returned
";
    assert_eq!(drawn, expected);
}

#[test]
fn a_thousand_wrappers_have_spans_in_each_other() {
    const WRAPPERS: usize = 1000;
    const MAIN_THREAD: usize = 8 * 1024 * 1024;
    let body = || {
        let pm = manager();
        pm.register_all((0..WRAPPERS).map(|n| (n.to_string(), Silent))).unwrap();
        pm.register_fn("inner", Specs::fetch, |_| {
            let own = Span::current().id();
            let depth = |registry: &Registry| registry.span(own.as_ref()?).map(|own| own.scope().count());
            let depth = with_current(|subscriber| subscriber.downcast_ref().and_then(depth));
            Ok(depth.unwrap_or_default().to_string())
        })
        .unwrap();
        let _guard = pm.observe(TracingSpans::new());
        let call = || wait!(pm.caller(Specs::fetch).call("x")).unwrap();
        assert_eq!(
            with_default(&Dispatch::new(registry()), call),
            ["x".to_owned(), (WRAPPERS + 2).to_string()]
        );
    };
    std::thread::Builder::new().stack_size(MAIN_THREAD).spawn(body).unwrap().join().unwrap();
}
