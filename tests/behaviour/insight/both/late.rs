//! A late extension and a late wrapper, as everything tells of them that tells of failures.

use std::fmt::Debug;
use std::time::Duration;

use opentelemetry::trace::Status;
use pluginkit::CallError;
use pluginkit::insight::{Metrics, MetricsFacade, TracingEvents, TracingSpans};
use pluginkit::limits::{BreakerPolicy, CircuitState, FailurePolicy};
use pluginkit::observe::{Event, Fault, Observer};
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit_tests::Log;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer};

use super::kind::{Manager, PREFIX, awaited, implement, wait};
use crate::insight::board::Board;
use crate::insight::exported::exported_beside;

const SECOND: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_secs(2);

#[extension_point]
trait Specs {
    fn fetch(&self) -> Option<String>;
}

/// Takes so many half seconds.
struct Takes(FakeClock, u32);

implement! {
    #[extension]
    impl Specs for Takes {
        fn fetch(&self) -> Option<String> {
            self.0.advance(self.1 * SECOND / 2);
            Some("answer".to_owned())
        }
    }
}

/// Takes so many half seconds before and after what it runs.
struct Around(FakeClock, u32, u32);

implement! {
    #[extension(wrapper)]
    impl Specs for Around {
        fn fetch(&self, next: Next<'_>) -> Vec<String> {
            self.0.advance(self.1 * SECOND / 2);
            let all = awaited!(next.run());
            self.0.advance(self.2 * SECOND / 2);
            all
        }
    }
}

/// Writes down each plugin with a failure, and each fault.
struct Failures {
    events: Log,
    faults: Log,
}

impl Observer for Failures {
    fn observe(&self, event: &Event<'_>) {
        let failed =
            event.outcome().filter(|outcome| !["returned", "passed_on", "cancelled"].contains(outcome));
        match (event, failed) {
            (Event::ExtensionFinished { plugin, .. }, Some(_)) => self.events.push(plugin.as_str()),
            (Event::CallFinished { source, .. }, Some(_)) => {
                self.events.push(format!("call:{}", source.map_or("nobody", |plugin| plugin.as_str())));
            }
            _ => {}
        }
    }

    fn fault(&self, fault: &Fault<'_>) {
        self.faults.push(fault.plugin.as_str());
    }
}

/// Writes down the plugin of each warning.
struct Warnings(Log);

impl<S: tracing::Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Plugin(String);
        impl Visit for Plugin {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                if field.name() == "plugin" {
                    self.0 = format!("{value:?}").replace('"', "");
                }
            }
        }
        if *event.metadata().level() <= tracing::Level::WARN {
            let mut plugin = Plugin("nobody".to_owned());
            event.record(&mut plugin);
            self.0.push(plugin.0);
        }
    }
}

/// The value of a label in a line of a [`Board`].
fn label<'l>(line: &'l str, name: &str) -> &'l str {
    line.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default()
}

/// What is told of a call.
#[derive(Debug)]
struct Told {
    /// The plugins that each of the places names as late, by the name of the place.
    places: Vec<(&'static str, String)>,
    /// The number of answers, unless the call fails.
    answers: Option<usize>,
    /// How long what is late has taken, if the call fails.
    elapsed: Vec<Duration>,
}

/// Makes a call, and returns what is told of it.
fn told(test: &str, of_point: bool, policy: FailurePolicy, add: impl FnOnce(&Manager, &FakeClock)) -> Told {
    let clock = FakeClock::new();
    let pm = Manager::builder(&format!("{test}{PREFIX}")).clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    add(&pm, &clock);
    let (events, faults, warnings) = (Log::new(), Log::new(), Log::new());
    let (board, metrics) = (Board::default(), Metrics::new());
    pm.observe(Failures { events: events.clone(), faults: faults.clone() }).forget();
    pm.observe(metrics.clone()).forget();
    pm.observe(TracingEvents::new()).forget();
    pm.observe(TracingSpans::new()).forget();
    let breaker = pm.break_circuits(BreakerPolicy::new(1).including_wrappers());
    let fetch = pm.caller(Specs::fetch).on_failure(policy);
    if of_point {
        pm.set_point_timeout(Specs::fetch, LIMIT).unwrap();
    }
    let fetch = if of_point { fetch } else { fetch.timeout(LIMIT) };
    let (mut error, mut answers, mut elapsed) = (String::new(), None, Vec::new());
    let spans = board.record(|| {
        pm.observe(MetricsFacade::new()).forget();
        exported_beside(Warnings(warnings.clone()), || match wait!(fetch.try_call()) {
            Ok(all) => answers = Some(all.len()),
            Err(failed) => {
                let plugins = failed.failures().map(|failure| {
                    let CallError::TimedOut { limit: LIMIT, elapsed: after, .. } = failure else {
                        panic!("{failure:?}")
                    };
                    elapsed.push(*after);
                    failure.plugin().unwrap().as_str()
                });
                error = plugins.collect::<Vec<_>>().join(" ");
            }
        })
    });

    let all = pm.plugin_names();
    let late = |count: &dyn Fn(&str) -> u64| {
        let each = all.iter().flat_map(|plugin| {
            let times = usize::try_from(count(plugin)).unwrap();
            std::iter::repeat_n(plugin.as_str(), times)
        });
        each.collect::<Vec<_>>().join(" ")
    };
    let counted = |metric: &str| {
        let lines = board.of(metric);
        let failed = lines
            .iter()
            .filter(|line| !["returned", "passed_on", "cancelled"].contains(&label(line, "outcome")));
        let each = failed.flat_map(|line| {
            let times = line.rsplit(' ').next().unwrap().parse().unwrap();
            std::iter::repeat_n(label(line, "plugin").to_owned(), times)
        });
        each.collect::<Vec<_>>().join(" ")
    };
    let failed = spans.iter().filter(|span| matches!(span.status, Status::Error { .. }));
    let of_extensions = failed.filter_map(|span| span.name.strip_suffix(": Specs::fetch").map(str::to_owned));
    let is_open = |plugin: &str| u64::from(breaker.state(plugin) == CircuitState::Open);
    let measured = |plugin: &str| {
        metrics.of(plugin, Specs::fetch).map_or(0, |measured| measured.overruns + measured.failures())
    };
    let places = vec![
        ("error", error),
        ("events", events.line()),
        ("faults", faults.line()),
        ("metrics", late(&measured)),
        ("facade", counted("pluginkit_extensions_total")),
        ("overruns", counted("pluginkit_overruns_total")),
        ("warnings", warnings.line()),
        ("spans", of_extensions.collect::<Vec<_>>().join(" ")),
        ("circuits", late(&is_open)),
    ];
    Told { places, answers, elapsed }
}

/// Asserts that each place names `late` once, if the call fails; the error and the end of the call, only then.
fn assert_told(told: &Told, late: &str, fails: bool) {
    for (place, plugins) in &told.places {
        let expected = match *place {
            "error" if !fails => String::new(),
            "events" if fails => format!("{late} call:{late}"),
            _ => late.to_owned(),
        };
        assert_eq!(*plugins, expected, "{place}: {told:?}");
    }
}

#[test]
fn a_late_extension_is_one_failure_of_its_plugin_wherever_it_is_told() {
    for of_point in [true, false] {
        for policy in [FailurePolicy::FailFast, FailurePolicy::Collect, FailurePolicy::Skip] {
            let told = told("late extension", of_point, policy, |pm, clock| {
                pm.register_as("timer", Around(clock.clone(), 0, 0)).unwrap();
                pm.register_as("retry", Around(clock.clone(), 1, 1)).unwrap();
                pm.register_as("wiki", Takes(clock.clone(), 5)).unwrap();
                pm.register_as("quick", Takes(clock.clone(), 1)).unwrap();
            });
            let fails = policy != FailurePolicy::Skip;
            assert_told(&told, "wiki", fails);
            assert_eq!(told.answers, (!fails).then_some(1));
            assert_eq!(told.elapsed, if fails { vec![5 * SECOND / 2] } else { Vec::new() });
        }
    }
}

#[test]
fn a_wrapper_that_is_late_itself_is_one_failure_of_its_plugin_wherever_it_is_told() {
    for of_point in [true, false] {
        for policy in [FailurePolicy::FailFast, FailurePolicy::Collect, FailurePolicy::Skip] {
            for (before, after) in [(5, 0), (0, 5), (3, 3)] {
                let told = told("late wrapper", of_point, policy, |pm, clock| {
                    pm.register_as("timer", Around(clock.clone(), 1, 1)).unwrap();
                    pm.register_as("slow", Around(clock.clone(), before, after)).unwrap();
                    pm.register_as("wiki", Takes(clock.clone(), 3)).unwrap();
                    pm.register_as("quick", Takes(clock.clone(), 1)).unwrap();
                });
                assert_told(&told, "slow", true);
                assert_eq!(told.elapsed, [(before + after) * SECOND / 2]);
            }
        }
    }
}

#[test]
fn what_is_within_the_limit_is_no_failure_however_long_the_call_takes() {
    for of_point in [true, false] {
        let told = told("not late", of_point, FailurePolicy::FailFast, |pm, clock| {
            pm.register_as("outer", Around(clock.clone(), 2, 2)).unwrap();
            pm.register_as("inner", Around(clock.clone(), 4, 0)).unwrap();
            pm.register_as("a", Takes(clock.clone(), 4)).unwrap();
            pm.register_as("b", Takes(clock.clone(), 4)).unwrap();
        });
        assert!(told.places.iter().all(|(_, plugins)| plugins.is_empty()), "{told:?}");
        assert_eq!(told.answers, Some(2));
    }
}
