//! Metrics, reports and graphs of a manager.

use std::time::Duration;

use pluginkit::insight::Metrics;
use pluginkit::limits::BreakerPolicy;
use pluginkit::metadata::{LeftOut, PluginMetadata};
use pluginkit::observe::{End, Event, Observer};
use pluginkit::points::PointInfo;
use pluginkit::prelude::*;
use pluginkit::{Options, PluginId};
use pluginkit_tests::panic_of;

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn parse(&self, text: &str) -> Result<Option<u32>, String>;
}

struct Careful;

implement! {
    #[extension]
    impl Specs for Careful {
        fn parse(&self, text: &str) -> Result<Option<u32>, String> {
            match text {
                "panic" => panic!("boom"),
                text => text.parse().map(Some).map_err(|_| "no number".to_owned()),
            }
        }
    }
}

struct Around;

implement! {
    #[extension]
    impl Specs for Around {
        #[extension(wrapper)]
        fn fetch(&self, next: Next<'_>) -> Vec<String> {
            awaited!(next.run())
        }
    }
}

fn manager() -> Manager {
    let pm = Manager::new("insight");
    pm.add_extension_points(Specs).unwrap();
    pm
}

/// A manager with plugins that require each other, of which one is disabled and one is missing.
fn peopled() -> Manager {
    let pm = manager();
    let metadata = PluginMetadata::new("store").version("1.2.0");
    PluginBuilder::new(Careful).metadata(metadata).register(&pm).unwrap();
    pm.register_fn_with("late \"one\"", Specs::fetch, Options::new().trylast(), |_| String::new()).unwrap();
    pm.register(Around).unwrap();
    let metadata = PluginMetadata::new("news").requires(["store >= 1"]).optional_requires(["cache"]);
    let news = PluginBuilder::new(()).metadata(metadata);
    news.extension(Specs::fetch, Options::new(), |_, args| args.topic.to_owned()).register(&pm).unwrap();
    pm.register_fn("flaky", Specs::fetch, |_| String::new()).unwrap();
    pm.disable("flaky", "failed 3 times in a row").unwrap();
    pm
}

#[test]
fn every_end_is_counted_by_plugin_and_point() {
    let (pm, metrics) = (manager(), Metrics::new());
    pm.register(Careful).unwrap();
    let guard = pm.observe(metrics.clone());
    let parse = pm.caller(Specs::parse);
    for text in ["1", "2", "x"] {
        let _ = wait!(parse.call(text));
    }
    panic_of(|| wait!(parse.call("panic")));
    drop(guard);
    wait!(parse.call("3")).unwrap();
    let counted = metrics.of("Careful", Specs::parse).unwrap();
    assert_eq!((counted.calls, counted.errors, counted.panics), (4, 1, 1));
    assert_eq!((counted.timeouts, counted.cancelled), (0, 0));
    assert!(counted.max <= counted.total && counted.last <= counted.max);
    assert!(counted.mean() <= counted.max);
    assert!(metrics.of("Careful", Specs::fetch).is_none());
    let calls = metrics.calls();
    assert_eq!((calls.len(), calls[0].calls, calls[0].panics), (1, 4, 1));
    assert!(calls[0].total >= counted.total);
}

#[test]
fn guarded_calls_are_counted_as_they_come_out() {
    let pm = manager();
    let metrics = Metrics::new();
    let _guard = pm.observe(metrics.clone());
    pm.register_fn("fails", Specs::parse, |_| Err("bad".to_owned())).unwrap();
    let parse = pm.caller(Specs::parse);
    wait!(parse.on_failure(pluginkit::limits::FailurePolicy::Collect).try_call("x")).unwrap_err();
    wait!(parse.on_failure(pluginkit::limits::FailurePolicy::Skip).try_call("x")).unwrap();
    pm.register_fn("late", Specs::fetch, |_| {
        std::thread::sleep(Duration::from_millis(3));
        String::new()
    })
    .unwrap();
    let hurried = pm.caller(Specs::fetch).timeout(Duration::from_millis(1));
    wait!(hurried.try_call("x")).unwrap_err();
    let of = |point: &str| {
        let calls = metrics.calls();
        let calls = calls.iter().find(|call| call.point.name == point).unwrap();
        (calls.calls, calls.errors, calls.timeouts)
    };
    assert_eq!(of("parse"), (2, 1, 0));
    assert_eq!(of("fetch"), (1, 0, 1));
}

#[test]
fn wrappers_and_wrapped_extensions_are_counted_separately() {
    let (pm, metrics) = (manager(), Metrics::new());
    pm.register(Around).unwrap();
    pm.register_fn("inner", Specs::fetch, |_| String::new()).unwrap();
    let _guard = pm.observe(metrics.clone());
    wait!(pm.caller(Specs::fetch).call("x"));
    let order: Vec<_> = metrics.extensions().into_iter().filter_map(|each| each.plugin).collect();
    assert_eq!(order.len(), 2);
    assert_eq!(order[0], "Around", "it took at least as long as what it wraps");
}

fn took(metrics: &Metrics, plugin: &str, point: &'static PointInfo, milliseconds: u64, end: End<'_>) {
    let (plugin, elapsed) = (PluginId::from(plugin), Duration::from_millis(milliseconds));
    metrics.observe(&Event::ExtensionFinished { plugin: &plugin, point, elapsed, end, overran: false });
}

#[test]
fn metrics_can_be_reset_and_plugins_forgotten() {
    let (fetch, metrics) = (manager().caller(Specs::fetch).extension_point(), Metrics::new());
    took(&metrics, "a", fetch, 3, End::Returned);
    took(&metrics, "a", fetch, 5, End::TimedOut);
    took(&metrics, "a", fetch, 4, End::Cancelled);
    took(&metrics, "b", fetch, 1, End::Returned);
    let of_a = metrics.of("a", Specs::fetch).unwrap();
    let times = [of_a.total, of_a.max, of_a.last, of_a.mean()].map(|time| time.as_millis());
    assert_eq!(times, [12, 5, 4, 4]);
    assert_eq!((of_a.timeouts, of_a.cancelled, of_a.failures()), (1, 1, 1));
    let median = of_a.percentile(50.0);
    assert!((4_000..=4_500).contains(&median.as_micros()), "{median:?}");
    assert_eq!(of_a.percentile(100.0), of_a.max);
    metrics.forget("a");
    assert!(metrics.of("a", Specs::fetch).is_none());
    metrics.reset();
    assert!(metrics.extensions().is_empty());
    took(&metrics, "b", fetch, 7, End::Returned);
    assert_eq!(metrics.of("b", Specs::fetch).unwrap().total, Duration::from_millis(7));
}

#[test]
fn a_report_without_metrics_shows_states_and_order() {
    let expected = "\
plugins of `insight`: 5
plugin      version  state     place in calls      remark
store       1.2.0    loaded    parse #1
late \"one\"  0.0.0    loaded    fetch #2
Around      0.0.0    loaded    fetch #1 (wrapper)
news        0.0.0    loaded    fetch #1
flaky       0.0.0    disabled                      failed 3 times in a row
";
    assert_eq!(peopled().report().to_string(), expected);
}

#[test]
fn a_report_with_metrics_shows_the_slowest_first() {
    let (pm, metrics) = (peopled(), Metrics::new());
    let guard = pm.observe(metrics.clone());
    let fetch = pm.caller(Specs::fetch).extension_point();
    took(&metrics, "news", fetch, 20, End::Returned);
    took(&metrics, "news", fetch, 20, End::Failed("x"));
    took(&metrics, "late \"one\"", fetch, 30, End::Panicked);
    took(&metrics, "Around", fetch, 2500, End::TimedOut);
    let expected = "\
plugins of `insight`: 5
plugin      version  state     place in calls      remark
Around      0.0.0    loaded    fetch #1 (wrapper)
news        0.0.0    loaded    fetch #1
late \"one\"  0.0.0    loaded    fetch #2
store       1.2.0    loaded    parse #1
flaky       0.0.0    disabled                      failed 3 times in a row

slowest first
plugin      point         calls  errors  panics  timeouts    total     mean      p50      p99      max
Around      Specs::fetch      1       0       0         1   2.50 s   2.50 s   2.50 s   2.50 s   2.50 s
news        Specs::fetch      2       1       0         0  40.0 ms  20.0 ms  20.0 ms  20.0 ms  20.0 ms
late \"one\"  Specs::fetch      1       0       1         0  30.0 ms  30.0 ms  30.0 ms  30.0 ms  30.0 ms
";
    let report = pm.report();
    assert_eq!(report.to_string(), expected);
    assert_eq!((report.plugins[1].calls, report.plugins[1].failures), (2, 1));
    drop(guard);
    assert!(pm.report().extensions.is_empty(), "whoever does not observe any more has no say");
}

#[test]
fn enabling_a_plugin_takes_the_reason_away() {
    let pm = peopled();
    assert_eq!(pm.disabled_reason("flaky").as_deref(), Some("failed 3 times in a row"));
    pm.set_enabled("flaky", true).unwrap();
    assert_eq!(pm.disabled_reason("flaky"), None);
    assert_eq!(pm.disabled_reason("nobody"), None);
    assert!(pm.disable("nobody", "x").is_err());
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["x", "", ""]);
}

#[test]
fn a_graph_is_drawn_by_mermaid() {
    let expected = r#"flowchart LR
    plugin0["store<br/>loaded"]
    plugin1["late #quot;one#quot;<br/>loaded"]
    plugin2["Around<br/>loaded"]
    plugin3["news<br/>loaded"]
    plugin4["flaky<br/>disabled"]
    plugin5["cache<br/>missing"]
    point0(["Specs::fetch<br/>collecting"])
    point1(["Specs::parse<br/>firstresult"])
    plugin2 == wraps 1 ==> point0
    plugin3 -- 1 --> point0
    plugin1 -- 2 --> point0
    plugin0 -- 1 --> point1
    plugin3 -. requires .-> plugin0
    plugin3 -. uses .-> plugin5
    style plugin4 stroke-dasharray: 4
    style plugin5 stroke-dasharray: 4
"#;
    assert_eq!(peopled().graph().to_mermaid(), expected);
}

#[test]
fn a_graph_is_drawn_by_graphviz() {
    let expected = r#"digraph plugins {
    rankdir=LR;
    node [fontname="sans-serif"];
    edge [fontname="sans-serif", fontsize=10];
    plugin0 [shape=box, label="store\nloaded"];
    plugin1 [shape=box, label="late \"one\"\nloaded"];
    plugin2 [shape=box, label="Around\nloaded"];
    plugin3 [shape=box, label="news\nloaded"];
    plugin4 [shape=box, label="flaky\ndisabled", style=dashed];
    plugin5 [shape=box, label="cache\nmissing", style=dashed];
    point0 [shape=ellipse, label="Specs::fetch\ncollecting"];
    point1 [shape=ellipse, label="Specs::parse\nfirstresult"];
    plugin2 -> point0 [label="wraps 1", style=bold];
    plugin3 -> point0 [label="1"];
    plugin1 -> point0 [label="2"];
    plugin0 -> point1 [label="1"];
    plugin3 -> plugin0 [label="requires", style=dotted];
    plugin3 -> plugin5 [label="uses", style=dotted];
}
"#;
    assert_eq!(peopled().graph().to_dot(), expected);
}

/// A name with marks that reports and graphs read as their own.
const HOSTILE: &str = "a\nb\r\u{1b}[2J\u{2028}<br/>\"]; c --> d; %%{init}%% \\ &lt; #35; `e` | end";

fn hostile() -> Manager {
    let pm = Manager::new("in\nsight");
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn(HOSTILE, Specs::fetch, |_| String::new()).unwrap();
    pm.disable(HOSTILE, "no\n\u{7}reason").unwrap();
    pm
}

#[test]
fn a_name_with_line_breaks_stays_on_one_line_of_a_report() {
    let text = hostile().report().to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0], "plugins of `in\\nsight`: 1");
    assert!(lines[2].starts_with("a\\nb\\r\\u{1b}[2J\\u{2028}<br/>\"];"), "{text}");
    assert!(lines[2].ends_with("no \\u{7}reason"), "{text}");
    assert!(!text.contains(|each: char| each.is_control() && each != '\n'), "{text}");
}

#[test]
fn a_name_with_line_breaks_and_marks_keeps_its_node_in_a_graph() {
    let graph = hostile().graph();
    let mermaid = graph.to_mermaid();
    let expected = "    plugin0[\"a#92;nb#92;r#92;u{1b}[2J#92;u{2028}#lt;br/#gt;#quot;]#59; c --#gt; d#59; #37;#37;{init}#37;#37; #92; #amp;lt#59; #35;35#59; #96;e#96; | end<br/>disabled\"]";
    assert_eq!(mermaid.lines().nth(1), Some(expected));
    assert_eq!(mermaid.lines().count(), 5, "{mermaid}");
    let dot = graph.to_dot();
    let expected = r#"    plugin0 [shape=box, label="a\\nb\\r\\u{1b}[2J\\u{2028}<br/>\"]; c --> d; %%{init}%% \\ &amp;lt; #35; `e` | end\ndisabled", style=dashed];"#;
    assert_eq!(dot.lines().nth(4), Some(expected));
    assert_eq!(dot.lines().count(), 8, "{dot}");
}

#[test]
fn a_name_with_a_line_break_is_shown_on_one_line_in_errors() {
    let pm = hostile();
    let error = pm.register_fn(HOSTILE, Specs::fetch, |_| String::new()).unwrap_err();
    assert_eq!(error.plugin().map(PluginId::as_str), Some(HOSTILE));
    let error = [error.to_string(), pm.set_enabled("nobody", true).unwrap_err().to_string()];
    assert!(error.iter().all(|text| text.contains(r"a\nb\r") && text.lines().count() == 1), "{error:?}");
}

#[test]
fn a_report_says_why_a_plugin_takes_no_part_in_calls() {
    #[extension_point]
    trait Joins {
        #[extension_point(historic)]
        fn joined(&self, name: &str);
        fn down(&self) -> Result<u8, String>;
    }
    struct Waits;
    implement! {
        #[extension]
        impl Joins for Waits {
            fn joined(&self) {}
        }
    }
    implement! {
        #[extension]
        impl Lifecycle for Waits {
            fn start(&self) -> Result<(), BoxError> {
                Ok(())
            }
        }
    }
    let pm = Manager::new("reasons");
    pm.add_extension_points(Joins).unwrap();
    pm.register_as("waits", Waits).unwrap();
    pm.register_fn("down", Joins::down, |_| Err("no route".to_owned())).unwrap();
    let _breaker = pm.break_circuits(BreakerPolicy::new(1));
    wait!(pm.caller(Joins::down).call()).unwrap_err();
    let expected = "\
plugins of `reasons`: 2
plugin  version  state         place in calls        remark
waits   0.0.0    loaded        joined #1 (historic)  takes no part in calls: not started
down    0.0.0    circuit open                        failed by an error in `Joins::down`
";
    assert_eq!(pm.report().to_string(), expected);
    let left_out = pm.descriptor("down").unwrap().left_out.unwrap();
    assert!(
        matches!(&left_out, LeftOut::Circuit(Some(_))) && left_out.to_string().starts_with("circuit open: ")
    );
    // The host has the last word.
    pm.disable("down", "for now").unwrap();
    assert_eq!(pm.descriptor("down").unwrap().left_out, Some(LeftOut::Disabled(Some("for now".into()))));
    wait!(pm.start_all()).unwrap();
    wait!(pm.stop_all()).unwrap();
    assert!(pm.report().to_string().contains("takes no part in calls: stopped\n"), "{}", pm.report());
}

/// Specs that a manager gets late, if ever.
#[extension_point]
trait Extra {
    fn spell(&self) -> u8;
    fn check(&self) -> u8;
}

struct Optional;

implement! {
    #[extension(optional)]
    impl Extra for Optional {
        fn spell(&self) -> u8 {
            1
        }
        fn check(&self) -> u8 {
            2
        }
    }
}

#[test]
fn a_report_tells_which_optional_extensions_wait_for_their_specs() {
    let waiting = |pm: &Manager| {
        let report = pm.report();
        let of = |plugin: &pluginkit::insight::PluginReport| {
            (plugin.id.to_string(), plugin.waiting.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        report.plugins.iter().map(of).collect::<Vec<_>>()
    };
    let pm = manager();
    pm.register(Careful).unwrap();
    assert!(!pm.report().to_string().contains("wait for their specs"));
    pm.register_as("spelling", Optional).unwrap();
    pm.register_as("again", Optional).unwrap();
    let points = ["Extra::check", "Extra::spell"].map(str::to_owned).to_vec();
    let of = |name: &str, points: &[String]| (name.to_owned(), points.to_vec());
    assert_eq!(waiting(&pm), [of("Careful", &[]), of("spelling", &points), of("again", &points)]);
    let told = "\noptional extensions that wait for their specs\n\
                spelling: Extra::check, Extra::spell\nagain: Extra::check, Extra::spell\n";
    assert!(pm.report().to_string().contains(told), "{}", pm.report());

    // A disabled plugin waits, too.
    pm.set_enabled("again", false).unwrap();
    assert_eq!(waiting(&pm)[2].1, points);
    pm.unregister("spelling").unwrap();
    assert_eq!(waiting(&pm), [of("Careful", &[]), of("again", &points)]);
    pm.add_extension_points(Extra).unwrap();
    assert_eq!(waiting(&pm), [of("Careful", &[]), of("again", &[])]);
}
