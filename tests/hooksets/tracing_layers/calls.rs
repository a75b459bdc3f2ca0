//! Every method, called.

use pluginkit::local::LocalPlugin;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::plugins::{Depth, Fmt, Level, Target};
use super::types::{Context, Dispatch, Event, Interest, LevelFilter, Metadata, Registry, Subscriber, span};
use super::{Filter, Layer};

static HTTP: Metadata<'static> = Metadata { target: "http", level: LevelFilter::Info };
static DOWN: Metadata<'static> = Metadata { target: "http", level: LevelFilter::Error };
static SQL: Metadata<'static> = Metadata { target: "sql", level: LevelFilter::Trace };

fn empty<S: Subscriber>() -> PluginManager {
    let pm = PluginManager::new("tracing");
    pm.add_extension_points(Layer::<S>::SPECS).unwrap();
    pm.add_extension_points(Filter::<S>::SPECS).unwrap();
    pm
}

fn manager(log: &Log) -> PluginManager {
    let pm = empty::<Registry>();
    let (layers, filters) = (Layer::<Registry>::SPECS, Filter::<Registry>::SPECS);
    PluginBuilder::new(Fmt(log.clone())).named("fmt").extends(layers).register(&pm).unwrap();
    pm.register(Level(LevelFilter::Info)).unwrap();
    let target = Target { name: "http", log: log.clone() };
    PluginBuilder::new(target).named("http").extends(filters).register(&pm).unwrap();
    pm
}

fn registry() -> Registry {
    let spans = [(span::Id(1), "request".to_owned()), (span::Id(2), "query".to_owned())];
    Registry { spans: spans.into(), layers: Vec::new() }
}

fn event(metadata: &'static Metadata<'static>, message: &'static str) -> Event<'static> {
    Event { metadata, message }
}

#[test]
fn layers_see_the_life_of_a_span() {
    let log = Log::new();
    let pm = manager(&log);
    assert_eq!(pm.extension_points().len(), 23);
    let registry = registry();
    let cx = || Context(Some(&registry));
    let (one, two) = (span::Id(1), span::Id(2));
    let name = String::from("request");
    let values = [("status", 200)];
    pm.caller(Layer::<Registry>::on_register_dispatch).call(&Dispatch("stdout"));
    pm.caller(Layer::<Registry>::on_new_span).call(&span::Attributes { name: &name }, &one, cx());
    pm.caller(Layer::<Registry>::on_record).call(&one, &span::Record { values: &values }, cx());
    pm.caller(Layer::<Registry>::on_follows_from).call(&two, &one, cx());
    pm.caller(Layer::<Registry>::on_enter).call(&two, cx());
    pm.caller(Layer::<Registry>::on_event).call(&event(&SQL, "select"), cx());
    pm.caller(Layer::<Registry>::on_event).call(&event(&HTTP, "sent"), Context(None));
    pm.caller(Layer::<Registry>::on_exit).call(&two, cx());
    pm.caller(Layer::<Registry>::on_id_change).call(&two, &one, cx());
    pm.caller(Layer::<Registry>::on_close).call(two, cx());
    let expected = [
        "dispatch to stdout",
        "new request is request",
        "request [(\"status\", 200)]",
        "query follows request",
        "enter query",
        "sql: select",
        "http: sent outside",
        "exit query",
        "query is request now",
        "close query",
    ];
    assert_eq!(log.take(), expected);
}

#[test]
fn a_stack_combines_what_its_layers_want() {
    let pm = manager(&Log::new());
    let registry = registry();
    let cx = || Context(Some(&registry));
    let interest = pm.caller(Layer::<Registry>::register_callsite);
    let enabled = pm.caller(Layer::<Registry>::enabled);
    let level = pm.caller(Layer::<Registry>::max_level_hint);
    assert_eq!(interest.call(&HTTP), Some(Interest::Always));
    assert_eq!(interest.call(&DOWN), Some(Interest::Always));
    assert_eq!(interest.call(&SQL), Some(Interest::Never));
    assert_eq!(level.call(), Some(LevelFilter::Info));
    assert!(enabled.call(&HTTP, cx()) && !enabled.call(&SQL, cx()) && enabled.call(&SQL, Context(None)));

    pm.register_as("all", Level(LevelFilter::Trace)).unwrap();
    assert_eq!(interest.call(&SQL), Some(Interest::Sometimes));
    assert_eq!(level.call(), Some(LevelFilter::Trace));
    assert!(!enabled.call(&SQL, cx()));
    let event_enabled = pm.caller(Layer::<Registry>::event_enabled);
    assert!(event_enabled.call(&event(&HTTP, "sent"), cx()) && !event_enabled.call(&event(&HTTP, ""), cx()));
}

#[test]
fn without_layers_the_default_bodies_answer() {
    let pm = empty::<Registry>();
    let registry = registry();
    let cx = || Context(Some(&registry));
    assert!(pm.caller(Layer::<Registry>::enabled).call(&SQL, cx()));
    assert!(pm.caller(Layer::<Registry>::event_enabled).call(&event(&SQL, ""), cx()));
    assert_eq!(pm.caller(Layer::<Registry>::max_level_hint).call(), None);
    assert_eq!(pm.caller(Layer::<Registry>::register_callsite).call(&SQL), None);
    assert_eq!(pm.caller(Filter::<Registry>::callsite_enabled).call(&SQL), Some(Interest::Sometimes));
    assert!(pm.caller(Filter::<Registry>::event_enabled).call(&event(&SQL, ""), &cx()));
    assert_eq!(pm.caller(Filter::<Registry>::max_level_hint).call(), None);
}

#[test]
fn a_layer_changes_the_subscriber_and_itself() {
    let mut registry = registry();
    manager(&Log::new()).caller(Layer::<Registry>::on_layer).call(&mut registry);
    let pm = LocalPluginManager::new("tracing");
    pm.add_extension_points(Layer::<Registry>::SPECS).unwrap();
    let depth = LocalPlugin::new(Depth::default());
    pm.register(depth.clone()).unwrap();
    pm.caller(Layer::<Registry>::on_layer).call(&mut registry);
    assert_eq!(depth.borrow().below, 1);
    assert_eq!(registry.layers, ["fmt", "depth"]);
}

#[test]
fn a_filter_chooses_and_follows_spans() {
    let log = Log::new();
    let pm = manager(&log);
    let registry = registry();
    let cx = || Context(Some(&registry));
    let (id, name) = (span::Id(1), String::from("request"));
    let enabled = pm.caller(Filter::<Registry>::enabled);
    assert!(enabled.call(&HTTP, &cx()) && !enabled.call(&SQL, &cx()) && enabled.call(&SQL, &Context(None)));
    let interest = pm.caller(Filter::<Registry>::callsite_enabled);
    assert_eq!((interest.call(&HTTP), interest.call(&SQL)), (Some(Interest::Always), Some(Interest::Never)));
    let event_enabled = pm.caller(Filter::<Registry>::event_enabled);
    assert!(event_enabled.call(&event(&HTTP, ""), &cx()) && !event_enabled.call(&event(&SQL, ""), &cx()));
    assert_eq!(pm.caller(Filter::<Registry>::max_level_hint).call(), Some(LevelFilter::Info));
    pm.caller(Filter::<Registry>::on_new_span).call(&span::Attributes { name: &name }, &id, cx());
    pm.caller(Filter::<Registry>::on_record).call(&id, &span::Record { values: &[("a", 1), ("b", 2)] }, cx());
    pm.caller(Filter::<Registry>::on_enter).call(&id, cx());
    pm.caller(Filter::<Registry>::on_exit).call(&id, cx());
    pm.caller(Filter::<Registry>::on_close).call(id, Context(None));
    let expected =
        ["http filters request as request", "2 of request", "in request", "out of request", "end of ?"];
    assert_eq!(log.take(), expected);
}
