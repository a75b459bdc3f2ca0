//! [`Board`]: a recorder that shows the current value of each series.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

#[derive(Default)]
struct Series {
    values: BTreeMap<String, f64>,
    /// The kind, the unit and the text of each described metric.
    described: BTreeMap<String, (&'static str, Option<Unit>, String)>,
    kinds: BTreeMap<String, &'static str>,
}

/// A recorder. All clones are one.
#[derive(Clone, Default)]
pub struct Board(Arc<Mutex<Series>>);

impl Board {
    /// Runs `body` on this thread with the board as its recorder.
    pub fn record<R>(&self, body: impl FnOnce() -> R) -> R {
        metrics::with_local_recorder(self, body)
    }

    fn with<R>(&self, look: impl FnOnce(&mut Series) -> R) -> R {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The series of a metric that are not 0, as `label=value … number`. A histogram shows how often it was recorded.
    pub fn of(&self, metric: &str) -> Vec<String> {
        self.with(|series| {
            let own = series.values.iter().filter_map(|(name, value)| {
                let labels = name.strip_prefix(metric)?.strip_prefix(' ')?;
                (*value != 0.0).then(|| format!("{labels} {value}"))
            });
            own.collect()
        })
    }

    /// How many series a metric has.
    pub fn series_of(&self, metric: &str) -> usize {
        let prefix = format!("{metric} ");
        self.with(|series| series.values.keys().filter(|name| name.starts_with(&prefix)).count())
    }

    /// The names of the metrics that were recorded, with their kinds.
    pub fn recorded(&self) -> BTreeMap<String, &'static str> {
        self.with(|series| series.kinds.clone())
    }

    /// The kind, the unit and the text of each described metric.
    pub fn described(&self) -> BTreeMap<String, (&'static str, Option<Unit>, String)> {
        self.with(|series| series.described.clone())
    }

    fn describe(&self, kind: &'static str, name: &KeyName, unit: Option<Unit>, text: &str) {
        let described = (kind, unit, text.to_owned());
        self.with(|series| series.described.insert(name.as_str().to_owned(), described));
    }

    fn line(&self, kind: &'static str, key: &Key) -> Arc<Line> {
        let labels = key.labels().map(|label| format!("{}={}", label.key(), label.value()));
        let labels = labels.collect::<Vec<_>>().join(" ");
        self.with(|series| series.kinds.insert(key.name().to_owned(), kind));
        Arc::new(Line(self.clone(), format!("{} {labels}", key.name())))
    }
}

struct Line(Board, String);

impl Line {
    fn change(&self, change: impl FnOnce(&mut f64)) {
        self.0.with(|series| change(series.values.entry(self.1.clone()).or_default()));
    }
}

impl CounterFn for Line {
    #[expect(clippy::cast_precision_loss, reason = "tests count to ten")]
    fn increment(&self, value: u64) {
        self.change(|now| *now += value as f64);
    }
    fn absolute(&self, _: u64) {}
}

impl GaugeFn for Line {
    fn increment(&self, value: f64) {
        self.change(|now| *now += value);
    }
    fn decrement(&self, value: f64) {
        self.change(|now| *now -= value);
    }
    fn set(&self, value: f64) {
        self.change(|now| *now = value);
    }
}

impl HistogramFn for Line {
    fn record(&self, value: f64) {
        assert!((0.0..60.0).contains(&value), "{value} seconds");
        self.change(|now| *now += 1.0);
    }
}

impl Recorder for Board {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe("counter", &name, unit, &text);
    }
    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe("gauge", &name, unit, &text);
    }
    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, text: SharedString) {
        self.describe("histogram", &name, unit, &text);
    }
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.line("counter", key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.line("gauge", key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.line("histogram", key))
    }
}
