//! Sources, transforms and tables in the manner of those of a log shipper.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow::{self, Break};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use pluginkit::prelude::*;
use pluginkit_tests::pending;

use super::sinks::Console;
use super::types::{
    self, BuildResult, ComponentKey, Definition, GlobalOptions, Input, LogNamespace, OutputId, Resource,
    Result, SignalHandler, SignalRx, SinkConfig, Source, SourceContext, SourceOutput, Table, Transform,
    TransformContext, TransformOutput, Value,
};
use super::{Component, EnrichmentTableConfig, Providers, SourceConfig, TransformConfig};

/// Receives events on a port.
#[plugin(id = "http_server")]
#[derive(Default)]
pub(crate) struct HttpServer;

#[extension]
impl Component for HttpServer {
    fn get_component_name(&self) -> &'static str {
        "http_server"
    }

    fn generate_config() -> Value {
        Value("port = 80")
    }
}

#[extension]
impl SourceConfig for HttpServer {
    async fn build(&self, cx: SourceContext) -> Result<ControlFlow<Source, SourceContext>> {
        pending(1).await;
        if cx.key.is_empty() {
            return Err("a source has a key".into());
        }
        Ok(Break(Box::pin(async move {
            pending(1).await;
            cx.out.push(format!("{} is running", cx.key));
            Ok(())
        })))
    }

    fn outputs(&self, global_log_namespace: LogNamespace) -> Vec<SourceOutput> {
        vec![SourceOutput(global_log_namespace)]
    }

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Port(80)]
    }

    fn can_acknowledge(&self) -> bool {
        true
    }

    fn send_timeout(&self) -> Option<Duration> {
        Some(Duration::from_secs(5))
    }
}

/// Reads what it is given, and says no more than it must.
#[plugin(id = "stdin")]
#[derive(Default)]
pub(crate) struct Stdin;

#[extension]
impl SourceConfig for Stdin {
    fn can_acknowledge(&self) -> bool {
        false
    }
}

/// Runs a program for each event.
#[plugin(id = "remap")]
#[derive(Default)]
pub(crate) struct Remap {
    pub(crate) program: String,
    pub(crate) file: PathBuf,
}

#[extension]
impl TransformConfig for Remap {
    async fn build(&self, globals: &TransformContext) -> Result<Transform> {
        pending(1).await;
        let key = globals.key.ok_or("a transform has a key")?;
        Ok(Transform(format!("{key}: {}", self.program)))
    }

    fn input(&self) -> Input {
        Input::All
    }

    fn outputs(
        &self,
        globals: &TransformContext,
        input_definitions: &[(OutputId, Definition)],
    ) -> Vec<TransformOutput> {
        let of = |id: &OutputId| globals.key.unwrap_or(id.0);
        let each = |(id, definition): &(OutputId, Definition)| TransformOutput {
            of: of(id),
            definition: definition.clone(),
        };
        input_definitions.iter().map(each).collect()
    }

    fn validate_structure(&self) -> Result<(), Vec<String>> {
        if self.program.is_empty() { Err(vec!["no program".to_owned()]) } else { Ok(()) }
    }

    fn validate_with_context(&self, context: &TransformContext) -> Result<(), Vec<String>> {
        context.key.map(drop).ok_or_else(|| vec!["no key".to_owned()])
    }

    fn enable_concurrency(&self) -> bool {
        true
    }

    fn nestable(&self, parents: &HashSet<&'static str>) -> bool {
        !parents.contains("remap")
    }

    fn files_to_watch(&self) -> Vec<PathBuf> {
        vec![self.file.clone()]
    }
}

/// Passes on some of the events.
#[plugin(id = "sample")]
#[derive(Default)]
pub(crate) struct Sample;

#[extension]
impl TransformConfig for Sample {
    fn input(&self) -> Input {
        Input::Log
    }
}

/// A table in memory, which is a sink and a source as well.
#[plugin(id = "memory")]
#[derive(Default)]
pub(crate) struct Memory;

/// The rows of a table, with the directory that they come from.
pub(crate) struct Rows(pub(crate) HashMap<String, String>);

impl Table for Rows {
    fn find(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }
}

#[extension]
impl EnrichmentTableConfig for Memory {
    async fn build(
        &self,
        globals: &GlobalOptions,
        prev_state: Option<Box<dyn Any + Send + Sync>>,
    ) -> Result<ControlFlow<Box<dyn Table + Send + Sync>, Option<Box<dyn Any + Send + Sync>>>> {
        pending(1).await;
        let mut rows = match prev_state.map(Box::<dyn Any + Send + Sync>::downcast) {
            None => HashMap::new(),
            Some(Ok(state)) => *state,
            Some(Err(_)) => return Err("the state is of another table".into()),
        };
        rows.insert("dir".to_owned(), globals.data_dir.display().to_string());
        Ok(Break(Box::new(Rows(rows))))
    }

    fn wants_previous_state(&self) -> bool {
        true
    }

    fn sink_config(&self, default_key: &ComponentKey) -> Option<(ComponentKey, Box<dyn SinkConfig>)> {
        Some((default_key.clone(), Box::new(Console::new("memory"))))
    }

    fn source_config(
        &self,
        default_key: &ComponentKey,
    ) -> Option<(ComponentKey, Box<dyn types::SourceConfig>)> {
        Some((default_key.clone(), Box::new(ComponentKey("memory"))))
    }
}

/// A table that says no more than it must.
#[plugin(id = "file")]
#[derive(Default)]
pub(crate) struct File;

#[extension]
impl Component for File {
    fn get_component_name(&self) -> &'static str {
        "file"
    }
}

/// Fetches a configuration and its secrets, each time another.
#[derive(Default)]
pub(crate) struct Remote(Mutex<u32>);

impl Remote {
    fn version(&self) -> u32 {
        let mut version = self.0.lock().unwrap();
        *version += 1;
        *version
    }
}

#[extension]
impl Providers for Remote {
    async fn build(&self, signal_handler: &mut SignalHandler) -> BuildResult {
        pending(1).await;
        signal_handler.0.push("reload");
        match self.version() {
            1 => Ok(vec!["version 1".to_owned()]),
            version => Err(vec![format!("no version {version}")]),
        }
    }

    async fn retrieve(
        &self,
        secret_keys: HashSet<String>,
        signal_rx: &mut SignalRx,
    ) -> Result<HashMap<String, String>> {
        pending(1).await;
        if let Some(signal) = signal_rx.0.take() {
            return Err(signal.into());
        }
        Ok(secret_keys.into_iter().map(|key| (key, self.version().to_string())).collect())
    }
}
