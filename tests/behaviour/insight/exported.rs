//! Spans as OpenTelemetry exports them.

use opentelemetry::trace::{SpanId, SpanKind, Status, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing::dispatcher::with_default;
use tracing_subscriber::layer::{Identity, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

/// One exported span.
#[derive(Debug)]
pub struct Exported {
    pub name: String,
    pub kind: SpanKind,
    pub status: Status,
    /// The names of the spans that it is in, the outermost first.
    pub parents: Vec<String>,
    span: SpanData,
}

impl Exported {
    /// The attribute of that name, as text; empty if there is none.
    pub fn attribute(&self, name: &str) -> String {
        let own = self.span.attributes.iter().find(|attribute| attribute.key.as_str() == name);
        own.map(|attribute| attribute.value.to_string()).unwrap_or_default()
    }
}

/// Runs `body` on this thread, and returns its spans in the order of their ends.
pub fn exported(body: impl FnOnce()) -> Vec<Exported> {
    exported_beside(Identity::new(), body)
}

/// Does the same with another layer.
pub fn exported_beside(other: impl Layer<Registry> + Send + Sync, body: impl FnOnce()) -> Vec<Exported> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("tests"));
    with_default(&tracing_subscriber::registry().with(other).with(layer).into(), body);
    let spans = exporter.get_finished_spans().unwrap();
    let of = |id: SpanId| spans.iter().find(|span| span.span_context.span_id() == id);
    let parents = |span: &SpanData| {
        let mut parents = Vec::new();
        let mut next = of(span.parent_span_id);
        while let Some(parent) = next {
            assert_eq!(parent.span_context.trace_id(), span.span_context.trace_id());
            parents.insert(0, parent.name.to_string());
            next = of(parent.parent_span_id);
        }
        parents
    };
    let export = |span: &SpanData| Exported {
        name: span.name.to_string(),
        kind: span.span_kind.clone(),
        status: span.status.clone(),
        parents: parents(span),
        span: span.clone(),
    };
    spans.iter().map(export).collect()
}
