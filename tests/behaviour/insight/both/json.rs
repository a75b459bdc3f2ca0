//! Reports, graphs and descriptors as JSON.

use std::time::Duration;

use pluginkit::insight::Metrics;
use pluginkit::metadata::PluginMetadata;
use pluginkit::observe::{End, Event, Observer};
use pluginkit::points::PointInfo;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit::{Options, PluginId};
use serde_json::{Value, json};

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn parse(&self, text: &str) -> Option<u32>;
}

struct Around;

implement! {
    #[extension(wrapper)]
    impl Specs for Around {
        fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
            awaited!(next.run(topic))
        }
    }
}

struct News;

implement! {
    #[extension]
    impl Lifecycle for News {
        fn start(&self) -> Result<(), BoxError> {
            Err("no paper".into())
        }
    }
}

#[test]
fn reports_graphs_and_descriptors_have_a_stable_shape() {
    let (clock, metrics) = (FakeClock::new(), Metrics::new());
    let pm = Manager::builder("feed").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    let weather = PluginMetadata::new("weather").version("1.2.0").requires(["news >= 1"]);
    let weather = PluginBuilder::new(()).metadata(weather.optional_requires(["cache"]));
    let options = Options::new().before(["wether"]);
    let news = PluginBuilder::new(News).metadata(PluginMetadata::new("news").version("1.0.0"));
    news.extends(Lifecycle).register(&pm).unwrap();
    weather.extension(Specs::fetch, options, |_, _| String::new()).register(&pm).unwrap();
    pm.register_as("around", Around).unwrap();
    pm.register_fn("parser", Specs::parse, |args| args.text.parse().ok()).unwrap();
    pm.disable("parser", "too slow").unwrap();
    clock.advance(Duration::from_millis(1500));
    wait!(pm.start_plugin("news")).unwrap_err();

    pm.observe(metrics.clone()).forget();
    let fetch: &'static PointInfo = pm.caller(Specs::fetch).extension_point();
    let plugin = PluginId::from("weather");
    let own = metrics.within(&pm);
    for (milliseconds, end) in [(8, End::Returned), (2, End::Failed("no")), (8, End::TimedOut)] {
        let elapsed = Duration::from_millis(milliseconds);
        own.observe(&Event::ExtensionFinished {
            plugin: &plugin,
            point: fetch,
            elapsed,
            end,
            overran: false,
        });
    }

    let told = json!({
        "report": pm.report(),
        "graph": pm.graph(),
        "descriptors": pm.descriptors(),
        "calls": metrics.calls(),
    });
    let expected: Value = serde_json::from_str(include_str!("../shapes.json")).unwrap();
    assert_eq!(told, expected, "tests/behaviour/insight/shapes.json has another shape: {told:#}");
}
