//! The hooks that see events.

use std::cell::RefCell;

use pluginkit::local::LocalPlugin;
use pluginkit::prelude::*;

use super::types::{
    Event, EventArray, EventMutRef, LogEvent, Metric, OutputBuffer, TraceEvent, TransformOutputsBuf,
};
use super::{FunctionTransform, PostProcessor, SyncTransform};

/// Leaves out what it has seen. It counts in itself.
#[derive(Default)]
struct Dedupe {
    last: Option<Event>,
    left_out: usize,
}

#[extension(local)]
impl FunctionTransform for Dedupe {
    fn transform(&mut self, output: &mut OutputBuffer, event: Event) {
        if self.last.as_ref() == Some(&event) {
            self.left_out += 1;
            return;
        }
        self.last = Some(event.clone());
        output.0.push(event);
    }
}

/// Separates events by their text.
#[derive(Default)]
struct Route {
    batches: usize,
}

#[extension(local)]
impl SyncTransform for Route {
    #[extension(target = "transform")]
    fn route(&mut self, event: Event, output: &mut TransformOutputsBuf) {
        if event.0.is_empty() { output.dropped.0.push(event) } else { output.primary.0.push(event) }
    }

    fn transform_all(&mut self, events: EventArray, output: &mut TransformOutputsBuf) {
        self.batches += 1;
        for event in events.0 {
            self.route(event, output);
        }
    }
}

/// Marks what has gone through.
struct Mark<'p>(&'p RefCell<usize>);

#[extension(local)]
impl PostProcessor for Mark<'_> {
    fn process_log(&self, event: &mut LogEvent) {
        event.0.push('!');
    }

    fn process_metric(&self, event: &mut Metric) {
        event.0 += 1;
    }

    fn process_trace(&self, event: &mut TraceEvent) {
        event.0.push("mark");
    }

    fn process(&self, event: &mut EventMutRef<'_>) {
        *self.0.borrow_mut() += 1;
        if let EventMutRef::Log(event) = event {
            event.0.push('?');
        }
    }
}

fn event(text: &str) -> Event {
    Event(text.to_owned())
}

#[test]
fn a_transform_changes_itself_and_its_output() {
    let pm = LocalPluginManager::new("vector");
    pm.add_extension_points(FunctionTransform).unwrap();
    let dedupe = LocalPlugin::new(Dedupe::default());
    pm.register(dedupe.clone()).unwrap();
    let transform = pm.caller(FunctionTransform::transform);
    let mut output = OutputBuffer::default();
    for text in ["a", "a", "b"] {
        transform.call(&mut output, event(text));
    }
    assert_eq!((output.0, dedupe.borrow().left_out), (vec![event("a"), event("b")], 1));
}

#[test]
fn events_come_one_by_one_or_together() {
    let pm = LocalPluginManager::new("vector");
    pm.add_extension_points(SyncTransform).unwrap();
    let route = LocalPlugin::new(Route::default());
    pm.register(route.clone()).unwrap();
    let mut output = TransformOutputsBuf::default();
    pm.caller(SyncTransform::transform).call(event("a"), &mut output);
    let all = EventArray(vec![event(""), event("b")]);
    pm.caller(SyncTransform::transform_all).call(all, &mut output);
    assert_eq!((output.primary.0, output.dropped.0), (vec![event("a"), event("b")], vec![event("")]));
    assert_eq!(route.borrow().batches, 1);
}

/// Passes an event to the processors. Where none processes all events, those for its kind get it.
fn process(pm: &LocalPluginManager<'_>, event: &mut EventMutRef<'_>) {
    let process = pm.caller(PostProcessor::process);
    if !process.implementations().is_empty() {
        return process.call(event);
    }
    match event {
        EventMutRef::Log(event) => pm.caller(PostProcessor::process_log).call(event),
        EventMutRef::Metric(event) => pm.caller(PostProcessor::process_metric).call(event),
        EventMutRef::Trace(event) => pm.caller(PostProcessor::process_trace).call(event),
    }
}

#[test]
fn processors_edit_events_of_each_kind() {
    let seen = RefCell::new(0);
    let pm = LocalPluginManager::new("vector");
    pm.add_extension_points(PostProcessor).unwrap();
    let (mut log, mut metric, mut trace) = (LogEvent("a".to_owned()), Metric(1), TraceEvent::default());
    process(&pm, &mut EventMutRef::Trace(&mut trace));
    assert!(trace.0.is_empty());
    pm.plugin(Mark(&seen)).named("mark").extends(PostProcessor).register().unwrap();
    pm.caller(PostProcessor::process_log).call(&mut log);
    pm.caller(PostProcessor::process_metric).call(&mut metric);
    pm.caller(PostProcessor::process_trace).call(&mut trace);
    assert_eq!((log.0.as_str(), metric.0, trace.0), ("a!", 2, vec!["mark"]));
    process(&pm, &mut EventMutRef::Log(&mut log));
    process(&pm, &mut EventMutRef::Metric(&mut metric));
    assert_eq!((log.0.as_str(), metric.0, *seen.borrow()), ("a!?", 2, 2));
}
