//! Components, asked one by one.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow::{Break, Continue};
use std::path::PathBuf;
use std::time::Duration;

use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on};

use super::plugins::{File, HttpServer, Memory, Remap, Remote, Sample, Stdin};
use super::types::{
    ComponentKey, Definition, GlobalOptions, Input, LogNamespace, OutputId, Resource, SignalHandler,
    SignalRx, SourceContext, SourceOutput, Transform, TransformContext, TransformOutput, Value,
};
use super::{Component, EnrichmentTableConfig, Providers, SourceConfig, TransformConfig};

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("vector");
    pm.add_extension_points(Component).unwrap();
    pm.add_extension_points(SourceConfig).unwrap();
    pm.add_extension_points(TransformConfig).unwrap();
    pm.add_extension_points(EnrichmentTableConfig).unwrap();
    pm.add_extension_points(Providers).unwrap();
    pm.register(HttpServer).unwrap();
    pm.register(Stdin).unwrap();
    pm.register(Remap { program: ".a = 1".to_owned(), file: "a.vrl".into() }).unwrap();
    pm.register(Sample).unwrap();
    pm.register(Memory).unwrap();
    pm.register(File).unwrap();
    pm.register(Remote::default()).unwrap();
    pm
}

#[test]
fn a_source_is_asked_by_its_name_and_built() {
    let pm = manager();
    assert_eq!(pm.extension_points().len(), 21);
    assert_eq!(block_on(pm.caller(Component::get_component_name).call()), ["http_server", "file"]);
    assert_eq!(block_on(pm.caller(Component::generate_config).call()), [Value("port = 80")]);
    let out = Log::new();
    let build = pm.caller(SourceConfig::build);
    let context = |key| SourceContext { key, out: out.clone() };
    let Break(source) = block_on(build.call(context("web"))).unwrap() else { panic!("it is built") };
    assert_eq!(block_on(source), Ok(()));
    assert_eq!(out.take(), ["web is running"]);
    assert_eq!(block_on(build.call(context(""))).err().unwrap().to_string(), "a source has a key");
    let back = block_on(build.only(["stdin"]).call(context("in"))).unwrap();
    assert!(matches!(back, Continue(context) if context.key == "in"));

    let (web, stdin) = (["http_server"], ["stdin"]);
    let outputs = pm.caller(SourceConfig::outputs);
    let outputs = |namespace| block_on(outputs.only(web).call(namespace)).concat();
    assert_eq!(outputs(LogNamespace::Vector), [SourceOutput(LogNamespace::Vector)]);
    assert_eq!(outputs(LogNamespace::Legacy), [SourceOutput(LogNamespace::Legacy)]);
    let resources = pm.caller(SourceConfig::resources);
    assert_eq!(block_on(resources.only(web).call()), [[Resource::Port(80)]]);
    assert_eq!(block_on(resources.only(stdin).call()), [[]]);
    let acknowledges = pm.caller(SourceConfig::can_acknowledge);
    assert_eq!(block_on(acknowledges.only(web).call()), [true]);
    assert_eq!(block_on(acknowledges.only(stdin).call()), [false]);
    let timeout = pm.caller(SourceConfig::send_timeout);
    assert_eq!(block_on(timeout.only(web).call()), [Duration::from_secs(5)]);
    assert_eq!(block_on(timeout.only(stdin).call()), []);
}

#[test]
fn a_transform_is_asked_by_its_name_and_built() {
    let pm = manager();
    let (remap, sample) = (["remap"], ["sample"]);
    let (none, some) = (TransformContext::default(), TransformContext { key: Some("t") });
    let build = pm.caller(TransformConfig::build).only(remap);
    assert_eq!(block_on(build.call(&some)).unwrap(), [Transform("t: .a = 1".to_owned())]);
    assert_eq!(block_on(build.call(&none)).unwrap_err().to_string(), "a transform has a key");
    let input = pm.caller(TransformConfig::input);
    assert_eq!(block_on(input.call()), [Input::All, Input::Log]);
    let outputs = pm.caller(TransformConfig::outputs).only(remap);
    let definitions = [(OutputId("in"), Definition("log")), (OutputId("other"), Definition("metric"))];
    let output = |of, definition| TransformOutput { of, definition: Definition(definition) };
    assert_eq!(
        block_on(outputs.call(&none, &definitions)),
        [[output("in", "log"), output("other", "metric")]]
    );

    let structure = pm.caller(TransformConfig::validate_structure);
    pm.register_as("empty", Remap::default()).unwrap();
    assert_eq!(block_on(structure.only(["empty"]).call()), Err(vec!["no program".to_owned()]));
    assert_eq!(block_on(structure.only(remap).call()), Ok(()));
    assert_eq!(block_on(structure.only(sample).call()), Ok(()));
    let context = pm.caller(TransformConfig::validate_with_context);
    assert_eq!(block_on(context.only(remap).call(&none)), Err(vec!["no key".to_owned()]));
    assert_eq!(block_on(context.only(remap).call(&some)), Ok(()));
    assert_eq!(block_on(context.only(sample).call(&none)), Ok(()));

    let concurrency = pm.caller(TransformConfig::enable_concurrency);
    assert_eq!(block_on(concurrency.only(remap).call()), [true]);
    assert_eq!(block_on(concurrency.only(sample).call()), [false]);
    let nestable = pm.caller(TransformConfig::nestable);
    let parents = HashSet::from(["remap"]);
    assert_eq!(block_on(nestable.only(remap).call(&parents)), [false]);
    assert_eq!(block_on(nestable.only(sample).call(&parents)), [true]);
    let files = pm.caller(TransformConfig::files_to_watch);
    assert_eq!(block_on(files.only(remap).call()), [[PathBuf::from("a.vrl")]]);
    assert_eq!(block_on(files.only(sample).call()), [[] as [PathBuf; 0]]);
}

#[test]
fn a_table_takes_over_the_state_of_an_earlier_one() {
    let pm = manager();
    let (memory, file) = (["memory"], ["file"]);
    let globals = GlobalOptions { data_dir: "/data".into() };
    let build = pm.caller(EnrichmentTableConfig::build);
    let built = |state| block_on(build.only(memory).call(&globals, state));
    let state: Box<dyn Any + Send + Sync> = Box::new(HashMap::from([("a".to_owned(), "1".to_owned())]));
    let Break(table) = built(Some(state)).unwrap() else { panic!("it is built") };
    assert_eq!((table.find("a").as_deref(), table.find("dir").as_deref()), (Some("1"), Some("/data")));
    let Break(table) = built(None).unwrap() else { panic!("it is built") };
    assert_eq!((table.find("a"), table.find("dir").as_deref()), (None, Some("/data")));
    assert_eq!(built(Some(Box::new(7))).err().unwrap().to_string(), "the state is of another table");

    let wants = pm.caller(EnrichmentTableConfig::wants_previous_state);
    assert_eq!(block_on(wants.only(memory).call()), [true]);
    assert_eq!(block_on(wants.only(file).call()), [false]);
    let key = ComponentKey("table");
    let sink = pm.caller(EnrichmentTableConfig::sink_config);
    let sinks = block_on(sink.only(memory).call(&key));
    assert_eq!((&sinks[0].0, sinks[0].1.input()), (&key, Input::Log));
    assert!(block_on(sink.only(file).call(&key)).is_empty());
    let source = pm.caller(EnrichmentTableConfig::source_config);
    let sources = block_on(source.only(memory).call(&key));
    assert_eq!((&sources[0].0, sources[0].1.key()), (&key, "memory"));
    assert!(block_on(source.only(file).call(&key)).is_empty());
}

#[test]
fn providers_fetch_configurations_and_secrets() {
    let pm = manager();
    let mut signals = SignalHandler::default();
    let build = pm.caller(Providers::build);
    assert_eq!(block_on(build.call(&mut signals)), Ok(vec![vec!["version 1".to_owned()]]));
    assert_eq!(block_on(build.call(&mut signals)), Err(vec!["no version 2".to_owned()]));
    assert_eq!(signals.0, ["reload", "reload"]);
    let retrieve = pm.caller(Providers::retrieve);
    let keys = || HashSet::from(["token".to_owned()]);
    let secrets = block_on(retrieve.call(keys(), &mut SignalRx::default())).unwrap();
    assert_eq!(secrets[0]["token"], "3");
    let stopped = block_on(retrieve.call(keys(), &mut SignalRx(Some("stop"))));
    assert_eq!(stopped.unwrap_err().to_string(), "stop");
}
