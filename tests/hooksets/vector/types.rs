//! Stand-ins for events, and for what components are built from.

use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;

use pluginkit::BoxError;
use pluginkit::prelude::*;

pub(crate) type Result<T, E = BoxError> = std::result::Result<T, E>;

/// An async method of an object, and a task.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) type Source = BoxFuture<'static, Result<(), ()>>;
pub(crate) type Healthcheck = BoxFuture<'static, Result<()>>;
pub(crate) type BuildResult = Result<Vec<String>, Vec<String>>;

/// Where a source sends its events. The context cannot be cloned.
#[derive(Debug)]
pub(crate) struct SourceContext {
    pub(crate) key: &'static str,
    pub(crate) out: pluginkit_tests::Log,
}

#[derive(Debug, Default)]
pub(crate) struct TransformContext {
    pub(crate) key: Option<&'static str>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct SinkContext {
    pub(crate) healthy: bool,
}

#[derive(Debug, Default)]
pub(crate) struct GlobalOptions {
    pub(crate) data_dir: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LogNamespace {
    Vector,
    Legacy,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Resource {
    Port(u16),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Input {
    Log,
    All,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Value(pub(crate) &'static str);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SourceOutput(pub(crate) LogNamespace);

#[derive(Debug)]
pub(crate) struct OutputId(pub(crate) &'static str);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Definition(pub(crate) &'static str);

#[derive(Debug, PartialEq)]
pub(crate) struct TransformOutput {
    pub(crate) of: &'static str,
    pub(crate) definition: Definition,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Transform(pub(crate) String);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ComponentKey(pub(crate) &'static str);

/// A table that events are looked up in.
pub(crate) trait Table {
    fn find(&self, key: &str) -> Option<String>;
}

/// The object of a source.
pub(crate) trait SourceConfig: Send + Sync {
    fn key(&self) -> &str;
}

impl SourceConfig for ComponentKey {
    fn key(&self) -> &str {
        self.0
    }
}

/// Stops and starts the program.
#[derive(Debug, Default)]
pub(crate) struct SignalHandler(pub(crate) Vec<&'static str>);

#[derive(Debug, Default)]
pub(crate) struct SignalRx(pub(crate) Option<&'static str>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event(pub(crate) String);

#[derive(Clone, Debug)]
pub(crate) struct EventArray(pub(crate) Vec<Event>);

#[derive(Debug, Default)]
pub(crate) struct OutputBuffer(pub(crate) Vec<Event>);

#[derive(Debug, Default)]
pub(crate) struct TransformOutputsBuf {
    pub(crate) primary: OutputBuffer,
    pub(crate) dropped: OutputBuffer,
}

#[derive(Debug, Default)]
pub(crate) struct LogEvent(pub(crate) String);

#[derive(Debug, Default)]
pub(crate) struct Metric(pub(crate) u64);

#[derive(Debug, Default)]
pub(crate) struct TraceEvent(pub(crate) Vec<&'static str>);

#[derive(Debug)]
pub(crate) enum EventMutRef<'a> {
    Log(&'a mut LogEvent),
    Metric(&'a mut Metric),
    Trace(&'a mut TraceEvent),
}

#[derive(Debug, PartialEq)]
pub(crate) struct AcknowledgementsConfig(pub(crate) bool);

#[derive(Debug, PartialEq)]
pub(crate) struct ConfinementConfig(pub(crate) PathBuf);

/// Writes events.
#[derive(Debug, PartialEq)]
pub(crate) struct VectorSink(pub(crate) String);

/// A sink that checks its settings before it is built.
pub(crate) trait DynValidatedSink: Send + Sync {
    fn validate_dyn(&self) -> Result<Box<dyn Any + Send + Sync>>;

    fn build_dyn<'a>(
        &'a self,
        validated: &'a (dyn Any + Send + Sync),
        cx: SinkContext,
    ) -> BoxFuture<'a, Result<(VectorSink, Healthcheck)>>;
}

/// A sink, as Vector declares it. Four of its seven methods return what they borrow from it, and a default body calls another.
#[extension_point(service)]
pub(crate) trait SinkConfig: fmt::Debug + Send + Sync {
    fn build(&self, cx: SinkContext) -> BoxFuture<'_, Result<(VectorSink, Healthcheck)>> {
        Box::pin(async {
            let sink = self.as_dyn_validated().ok_or("the sink cannot be built")?;
            let validated = sink.validate_dyn()?;
            sink.build_dyn(&*validated, cx).await
        })
    }

    fn input(&self) -> Input;

    fn files_to_watch(&self) -> Vec<&PathBuf> {
        Vec::new()
    }

    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }

    fn confinement_config(&self) -> Option<&ConfinementConfig> {
        None
    }

    fn acknowledgements(&self) -> &AcknowledgementsConfig;

    fn as_dyn_validated(&self) -> Option<&dyn DynValidatedSink> {
        None
    }
}
