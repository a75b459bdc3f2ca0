//! The components of Vector, a log shipper: sources, transforms and sinks that its configuration names.
//!
//! The host calls several methods of one component. Points ask it by its name, with [`only`](pluginkit::calls::Handle::only):
//! a component without a method gets the default body. A sink returns references to its own settings, so that it is a service.

mod calls;
mod events;
mod plugins;
mod sinks;
mod types;

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use pluginkit::prelude::*;

use types::{
    BuildResult, ComponentKey, Definition, Event, EventArray, EventMutRef, GlobalOptions, Input, LogEvent,
    LogNamespace, Metric, OutputBuffer, OutputId, Resource, Result, SignalHandler, SignalRx, SinkConfig,
    Source, SourceContext, SourceOutput, Table, TraceEvent, Transform, TransformContext, TransformOutput,
    TransformOutputsBuf, Value,
};

/// What every component says of itself.
#[extension_point(project = "vector")]
pub(crate) trait Component {
    fn get_component_name(&self) -> &'static str;

    /// A function without a receiver, there and in plugins.
    fn generate_config(&self) -> Value;
}

#[extension_point(project = "vector")]
pub(crate) trait SourceConfig {
    /// The context cannot be cloned. The source that takes it answers with a `Break`.
    #[extension_point(firstresult)]
    fn build(&self, cx: SourceContext) -> Result<ControlFlow<Source, SourceContext>>;

    fn outputs(&self, global_log_namespace: LogNamespace) -> Vec<SourceOutput>;

    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }

    fn can_acknowledge(&self) -> bool;

    fn send_timeout(&self) -> Option<Duration> {
        None
    }
}

#[extension_point(project = "vector")]
pub(crate) trait TransformConfig {
    fn build(&self, globals: &TransformContext) -> Result<Transform>;

    fn input(&self) -> Input;

    fn outputs(
        &self,
        globals: &TransformContext,
        input_definitions: &[(OutputId, Definition)],
    ) -> Vec<TransformOutput>;

    fn validate_structure(&self) -> Result<(), Vec<String>> {
        Ok(())
    }

    fn validate_with_context(&self, _context: &TransformContext) -> Result<(), Vec<String>> {
        Ok(())
    }

    fn enable_concurrency(&self) -> bool {
        false
    }

    fn nestable(&self, _parents: &HashSet<&'static str>) -> bool {
        true
    }

    /// There, the paths are references to those of the transform.
    fn files_to_watch(&self) -> Vec<PathBuf> {
        Vec::new()
    }
}

#[extension_point(project = "vector")]
pub(crate) trait EnrichmentTableConfig {
    /// The state of an earlier table cannot be cloned.
    #[extension_point(firstresult = "prev_state")]
    fn build(
        &self,
        globals: &GlobalOptions,
        prev_state: Option<Box<dyn Any + Send + Sync>>,
    ) -> Result<ControlFlow<Box<dyn Table + Send + Sync>, Option<Box<dyn Any + Send + Sync>>>>;

    fn wants_previous_state(&self) -> bool {
        false
    }

    fn sink_config(&self, _default_key: &ComponentKey) -> Option<(ComponentKey, Box<dyn SinkConfig>)> {
        None
    }

    fn source_config(
        &self,
        _default_key: &ComponentKey,
    ) -> Option<(ComponentKey, Box<dyn types::SourceConfig>)> {
        None
    }
}

/// Their methods are async and have a `&mut self` there. A plugin of an async manager has a lock in its place.
#[extension_point(project = "vector")]
pub(crate) trait Providers {
    #[extension_point(fallible)]
    fn build(&self, signal_handler: &mut SignalHandler) -> BuildResult;

    fn retrieve(
        &self,
        secret_keys: HashSet<String>,
        signal_rx: &mut SignalRx,
    ) -> Result<HashMap<String, String>>;
}

#[extension_point(project = "vector")]
pub(crate) trait FunctionTransform {
    fn transform(&self, output: &mut OutputBuffer, event: Event);
}

#[extension_point(project = "vector")]
pub(crate) trait SyncTransform {
    fn transform(&self, event: Event, output: &mut TransformOutputsBuf);

    /// There, a transform without it gets `transform` for each event. A default body has no transform to ask: the host does it.
    fn transform_all(&self, events: EventArray, output: &mut TransformOutputsBuf);
}

#[extension_point(project = "vector")]
pub(crate) trait PostProcessor {
    fn process_log(&self, _event: &mut LogEvent) {}

    fn process_metric(&self, _event: &mut Metric) {}

    fn process_trace(&self, _event: &mut TraceEvent) {}

    /// There, a processor without it gets one of the others.
    fn process(&self, event: &mut EventMutRef<'_>);
}
