//! Observers that pass events on to `tracing` and to the `metrics` facade.

use std::fmt::{Debug, Write as _};
use std::sync::Arc;

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};
use pluginkit::insight::{MetricsFacade, TracingEvents};
use pluginkit::prelude::*;
use pluginkit_tests::{Log, panic_of};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> Result<String, String>;
}

fn manager(project: &str) -> PluginManager {
    let pm = PluginManager::new(project);
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("a", Specs::fetch, |args| match args.topic {
        "panic" => panic!("boom"),
        "bad" => Err("no".to_owned()),
        topic => Ok(topic.to_owned()),
    })
    .unwrap();
    pm
}

fn call_all(pm: &PluginManager) {
    let fetch = pm.caller(Specs::fetch);
    fetch.call("x").unwrap();
    fetch.call("bad").unwrap_err();
    panic_of(|| fetch.call("panic"));
}

/// Writes down the events, but for the times in them.
struct Notes(Log);

impl<S: tracing::Subscriber> Layer<S> for Notes {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Fields(String);
        impl Visit for Fields {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                if field.name() == "elapsed_us" {
                    self.0.push_str(" timed");
                } else {
                    let _ = write!(self.0, " {}={value:?}", field.name());
                }
            }
        }
        let metadata = event.metadata();
        let mut fields = Fields(format!("{} {}:", metadata.target(), metadata.level()));
        event.record(&mut fields);
        self.0.push(fields.0);
    }
}

#[test]
fn tracing_is_told_of_calls_and_extensions_at_levels_by_their_ends() {
    let (pm, log) = (manager("passed on"), Log::new());
    let guard = pm.observe(TracingEvents::new());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(Notes(log.clone())), || {
        call_all(&pm);
        drop(guard);
        pm.caller(Specs::fetch).call("x").unwrap();
    });
    let expected = [
        "pluginkit TRACE: message=returned point=Specs::fetch plugin=\"a\" outcome=\"returned\" timed",
        "pluginkit DEBUG: message=returned point=Specs::fetch outcome=\"returned\" timed",
        "pluginkit WARN: message=failed point=Specs::fetch plugin=\"a\" outcome=\"failed\" timed error=\"no\"",
        "pluginkit DEBUG: message=failed point=Specs::fetch outcome=\"failed\" timed error=\"no\"",
        "pluginkit ERROR: message=panicked point=Specs::fetch plugin=\"a\" outcome=\"panicked\" timed",
        "pluginkit DEBUG: message=panicked point=Specs::fetch outcome=\"panicked\" timed",
    ];
    assert_eq!(log.take(), expected);
}

struct Guard;

#[extension(wrapper)]
impl Specs for Guard {
    fn fetch(&self, topic: &str, next: Next<'_>) -> Result<Vec<String>, String> {
        if topic == "secret" { Err("refused".to_owned()) } else { next.run(topic) }
    }
}

struct Around;

#[extension(wrapper)]
impl Specs for Around {
    fn fetch(&self, topic: &str, next: Next<'_>) -> Result<Vec<String>, String> {
        next.run(topic)
    }
}

#[test]
fn one_refused_request_is_one_warning_and_one_failure() {
    let (pm, log) = (manager("refused"), Log::new());
    for name in ["outer", "middle"] {
        pm.register_as(name, Around).unwrap();
    }
    pm.register_as("guard", Guard).unwrap();
    let _guards = (pm.observe(TracingEvents::new()), pm.observe(MetricsFacade::new()));
    let counted = Log::new();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(Notes(log.clone())), || {
        metrics::with_local_recorder(&Book(counted.clone()), || {
            pm.caller(Specs::fetch).call("secret").unwrap_err();
        });
    });
    let expected = [
        "pluginkit WARN: message=failed point=Specs::fetch plugin=\"guard\" outcome=\"failed\" timed error=\"refused\"",
        "pluginkit TRACE: message=passed on point=Specs::fetch plugin=\"middle\" outcome=\"passed_on\" timed error=\"refused\"",
        "pluginkit TRACE: message=passed on point=Specs::fetch plugin=\"outer\" outcome=\"passed_on\" timed error=\"refused\"",
        "pluginkit DEBUG: message=failed point=Specs::fetch outcome=\"failed\" timed error=\"refused\"",
    ];
    assert_eq!(log.take(), expected);
    let of = |plugin: &str, end: &str| {
        format!(
            "pluginkit_extensions_total(manager=refused,plugin={plugin},point=Specs::fetch,outcome={end}) +1"
        )
    };
    let extensions = counted.take().into_iter().filter(|line| line.contains("extensions_total"));
    let expected = [of("guard", "failed"), of("middle", "passed_on"), of("outer", "passed_on")];
    assert_eq!(extensions.collect::<Vec<_>>(), expected);
}

#[test]
fn an_overrun_is_a_warning() {
    let (pm, log) = (PluginManager::new("passed on"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    // Some clocks are too coarse for what takes so little.
    let slow = |_: &str| Ok((0..20_000_u64).map(|number| number.to_string()).collect::<String>());
    pm.register_fn("slow", Specs::fetch, move |args| slow(args.topic)).unwrap();
    let _guard = pm.observe(TracingEvents::new());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(Notes(log.clone())), || {
        let hurried = pm.caller(Specs::fetch).timeout(std::time::Duration::from_nanos(1));
        hurried.try_call("x").unwrap_err();
    });
    let expected = [
        "pluginkit WARN: message=overran point=Specs::fetch plugin=\"slow\" outcome=\"overran\" timed",
        "pluginkit TRACE: message=returned point=Specs::fetch plugin=\"slow\" outcome=\"overran\" timed",
        "pluginkit DEBUG: message=timed out point=Specs::fetch outcome=\"timed_out\" timed",
    ];
    assert_eq!(log.take(), expected);
}

/// Writes down what it is told.
struct Book(Log);

struct Line(Log, String);

impl CounterFn for Line {
    fn increment(&self, value: u64) {
        self.0.push(format!("{} +{value}", self.1));
    }
    fn absolute(&self, _: u64) {}
}

impl HistogramFn for Line {
    fn record(&self, value: f64) {
        assert!((0.0..60.0).contains(&value), "{value} seconds");
        self.0.push(self.1.clone());
    }
}

impl Book {
    fn line(&self, key: &Key) -> Arc<Line> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(Line(self.0.clone(), format!("{}({})", key.name(), labels.join(","))))
    }
}

impl Recorder for Book {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.line(key))
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.line(key))
    }
}

#[test]
fn the_metrics_facade_is_told_of_calls_and_extensions() {
    let (pm, log) = (manager("passed on"), Log::new());
    let _guard = pm.observe(MetricsFacade::new());
    metrics::with_local_recorder(&Book(log.clone()), || call_all(&pm));
    let of_end = |end: &str| {
        [
            format!(
                "pluginkit_extensions_total(manager=passed on,plugin=a,point=Specs::fetch,outcome={end}) +1"
            ),
            "pluginkit_extension_duration_seconds(manager=passed on,plugin=a,point=Specs::fetch)".to_owned(),
            format!("pluginkit_calls_total(manager=passed on,point=Specs::fetch,outcome={end}) +1"),
            "pluginkit_call_duration_seconds(manager=passed on,point=Specs::fetch)".to_owned(),
        ]
    };
    assert_eq!(log.take(), ["returned", "failed", "panicked"].map(of_end).concat());
}
