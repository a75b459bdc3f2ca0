//! `fast_first`: the quickest extension runs first among those that declarations leave equal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pluginkit::Options;
use pluginkit::insight::Metrics;
use pluginkit::metadata::PluginMetadata;
use pluginkit::observe::{End, Event, Observer};
use pluginkit::prelude::*;

use super::kind::{Caller, Handle, Manager, Point, awaited, implement, lazily, wait};

/// After so many calls the times are looked at again.
const CALLS: usize = 64;

const NORMAL: Options = Options::new();

#[extension_point]
trait Specs {
    fn order(&self) -> String;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<String>;
    #[extension_point(historic)]
    fn configure(&self) -> String;
}

struct Around;

implement! {
    #[extension(wrapper)]
    impl Specs for Around {
        fn order(&self, next: Next<'_>) -> Vec<String> {
            awaited!(next.run())
        }
    }
}

fn manager(names: &[&'static str]) -> Manager {
    let pm = Manager::new("fast first");
    pm.add_extension_points(Specs).unwrap();
    for name in names {
        add(&pm, name, NORMAL);
    }
    pm
}

fn add(pm: &Manager, name: &'static str, options: Options) {
    pm.register_fn_with(name, Specs::order, options, move |_| name.to_owned()).unwrap();
}

/// A plugin that requires others.
fn needy(pm: &Manager, name: &'static str, requires: &[&str], uses: &[&str]) {
    let metadata =
        PluginMetadata::new(name).requires(requires.iter().copied()).optional_requires(uses.iter().copied());
    let plugin = PluginBuilder::new(()).metadata(metadata);
    plugin.extension(Specs::order, NORMAL, move |_, _| name.to_owned()).register(pm).unwrap();
}

/// What plugins take, in milliseconds.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<HashMap<&'static str, u64>>>);

impl Times {
    fn of(times: &[(&'static str, u64)]) -> Self {
        Self(Arc::new(Mutex::new(times.iter().copied().collect())))
    }
    fn set(&self, plugin: &'static str, time: u64) {
        self.0.lock().unwrap().insert(plugin, time);
    }
    fn view<P: Point>(&self, handle: &Handle<P>) -> Caller<P> {
        let times = self.clone();
        handle.fast_first_by(move |plugin| {
            times.0.lock().unwrap().get(plugin.as_str()).copied().map(Duration::from_millis)
        })
    }
}

fn shown<P: Point>(handle: &Handle<P>) -> String {
    let names: Vec<_> = handle.implementations().iter().map(ToString::to_string).collect();
    names.join(" ")
}

/// The order by such times, as it is shown, and as calls have it.
fn order(pm: &Manager, times: &[(&'static str, u64)]) -> String {
    let caller = Times::of(times).view(&pm.caller(Specs::order));
    let order = shown(&caller);
    let called = wait!(caller.call());
    assert_eq!(called.join(" "), order);
    order
}

#[test]
fn the_quickest_come_first_and_the_unknown_before_them() {
    let pm = manager(&["a", "b", "c", "d", "e"]);
    assert_eq!(order(&pm, &[("a", 5), ("b", 3), ("c", 4), ("d", 3), ("e", 1)]), "e b d c a");
    assert_eq!(order(&pm, &[("a", 5), ("c", 4), ("e", 4)]), "b d c e a");
    assert_eq!(order(&pm, &[]), "a b c d e");
    assert_eq!(wait!(pm.caller(Specs::order).call()).concat(), "abcde", "the view is another caller");
}

#[test]
fn buckets_and_priorities_are_not_left() {
    let pm = manager(&["a", "b"]);
    add(&pm, "last", NORMAL.trylast());
    add(&pm, "first", NORMAL.tryfirst());
    add(&pm, "first 2", NORMAL.tryfirst());
    add(&pm, "high", NORMAL.priority(1));
    let times = [("a", 9), ("b", 1), ("last", 0), ("first", 9), ("first 2", 8), ("high", 9)];
    let caller = Times::of(&times).view(&pm.caller(Specs::order));
    assert_eq!(wait!(caller.call()), ["first 2", "first", "high", "b", "a", "last"]);
}

#[test]
fn wrappers_and_extras_keep_their_places() {
    let pm = manager(&["a", "b"]);
    pm.register_as("outer", Around).unwrap();
    pm.register_as("inner", Around).unwrap();
    let caller = pm.caller(Specs::order).extra(|_| "x".to_owned()).extra(|_| "y".to_owned());
    let times = Times::of(&[("outer", 9), ("inner", 1), ("a", 9), ("b", 1), ("(extra)", 0)]);
    for view in [
        times.view(&caller),
        times.view(&pm.caller(Specs::order)).extra(|_| "x".to_owned()).extra(|_| "y".to_owned()),
    ] {
        assert_eq!(shown(&view), "outer (wrapper) inner (wrapper) b a (extra) (extra)");
        assert_eq!(wait!(view.call()), ["b", "a", "x", "y"]);
    }
}

#[test]
fn before_and_after_bind() {
    let pm = manager(&["a", "b"]);
    add(&pm, "before b", NORMAL.before(["b"]));
    add(&pm, "after a", NORMAL.after(["a"]));
    assert_eq!(wait!(pm.caller(Specs::order).call()), ["a", "before b", "b", "after a"]);
    let times = [("a", 9), ("b", 1), ("before b", 5), ("after a", 0)];
    let caller = Times::of(&times).view(&pm.caller(Specs::order));
    assert_eq!(wait!(caller.call()), ["before b", "b", "a", "after a"]);
}

#[test]
fn a_disabled_plugin_keeps_constrained_plugins_apart() {
    let pm = manager(&["b"]);
    add(&pm, "d", NORMAL.before(["b"]));
    add(&pm, "a", NORMAL.before(["d"]));
    add(&pm, "c", NORMAL);
    pm.set_enabled("d", false).unwrap();
    assert_eq!(order(&pm, &[]), "a b c");
    assert_eq!(order(&pm, &[("a", 9), ("b", 1), ("c", 5)]), "c a b");
    pm.unregister("d").unwrap();
    assert_eq!(order(&pm, &[("a", 9), ("b", 1), ("c", 5)]), "b c a");
}

#[test]
fn a_plugin_does_not_move_in_front_of_its_dependency() {
    let pm = manager(&[]);
    needy(&pm, "early", &["base"], &[]);
    needy(&pm, "base", &[], &[]);
    needy(&pm, "direct", &["base >= 0"], &[]);
    needy(&pm, "user", &[], &["base"]);
    needy(&pm, "free", &["nobody"], &[]);
    let times = [("early", 1), ("base", 9), ("direct", 2), ("user", 3), ("free", 4)];
    assert_eq!(
        order(&pm, &times),
        "early free base direct user",
        "`early` stands in front of `base` as registered"
    );
    assert_eq!(order(&pm, &[("base", 1), ("early", 9)]), "free base direct user early");
}

#[test]
fn indirect_dependencies_count_from_their_registration_on() {
    let pm = manager(&["base", "slow"]);
    needy(&pm, "far", &["bridge"], &[]);
    let times = Times::of(&[("base", 5), ("slow", 9), ("far", 1)]);
    let caller = times.view(&pm.caller(Specs::order));
    assert_eq!(wait!(caller.call()), ["far", "base", "slow"]);
    // It has nothing to do with the point itself.
    let bridge = PluginMetadata::new("bridge").requires(["base"]);
    PluginBuilder::new(())
        .metadata(bridge)
        .extension(Specs::find, NORMAL, |_, _| None)
        .register(&pm)
        .unwrap();
    assert_eq!(wait!(caller.call()), ["base", "far", "slow"]);
    pm.unregister("bridge").unwrap();
    assert_eq!(wait!(caller.call()), ["far", "base", "slow"]);
}

#[test]
fn times_are_looked_at_every_so_many_calls_and_when_plugins_change() {
    let pm = manager(&["a", "b"]);
    let times = Times::of(&[("a", 2), ("b", 1)]);
    let caller = times.view(&pm.caller(Specs::order));
    let clone = caller.clone();
    assert_eq!(wait!(caller.call()), ["b", "a"]);
    times.set("b", 3);
    for call in 1..CALLS {
        let caller = if call % 2 == 0 { &caller } else { &clone };
        assert_eq!(shown(caller), "b a");
        assert_eq!(wait!(caller.call()), ["b", "a"], "call {call}");
    }
    assert_eq!(shown(&caller), "a b", "what a call would run now");
    assert_eq!(wait!(caller.call()), ["a", "b"]);
    times.set("a", 9);
    assert_eq!(wait!(caller.call()), ["a", "b"]);
    add(&pm, "c", NORMAL);
    assert_eq!(wait!(caller.call()), ["c", "b", "a"]);
}

#[test]
fn historic_calls_and_results_one_by_one_are_calls() {
    let pm = manager(&["a", "b"]);
    for name in ["a 2", "b 2"] {
        pm.register_fn(name, Specs::configure, move |_| name.to_owned()).unwrap();
    }
    let times = Times::of(&[("a", 2), ("b", 1), ("a 2", 2), ("b 2", 1)]);
    let (each, told) = (times.view(&pm.caller(Specs::order)), times.view(&pm.caller(Specs::configure)));
    for call in 0..2 * CALLS {
        let is_late = call >= CALLS;
        assert_eq!(
            wait!(told.call_historic()),
            if is_late { ["a 2", "b 2"] } else { ["b 2", "a 2"] },
            "{call}"
        );
        let mut results = lazily!(each,);
        assert_eq!(results.next().unwrap(), if is_late { "a" } else { "b" }, "{call}");
        times.set("b", 3);
        times.set("b 2", 3);
    }
}

#[test]
fn metrics_decide_the_quickest_extension_once_they_observe() {
    let pm = manager(&[]);
    for name in ["disk", "cache"] {
        pm.register_fn(name, Specs::find, move |_| Some(name.to_owned())).unwrap();
    }
    let metrics = Metrics::new();
    let find = pm.caller(Specs::find).fast_first(&metrics);
    assert_eq!(wait!(find.call("x")).unwrap(), "disk", "nothing is measured");
    let point = find.extension_point();
    for (plugin, time) in [("disk", 7), ("cache", 2), ("disk", 1), ("cache", 3)] {
        let (plugin, elapsed) = (PluginId::from(plugin), Duration::from_millis(time));
        metrics.observe(&Event::ExtensionFinished {
            plugin: &plugin,
            point,
            elapsed,
            end: End::Returned,
            overran: false,
        });
    }
    let other = pm.caller(Specs::order).extension_point();
    let (plugin, elapsed) = (PluginId::from("cache"), Duration::from_secs(60));
    metrics.observe(&Event::ExtensionFinished {
        plugin: &plugin,
        point: other,
        elapsed,
        end: End::Returned,
        overran: false,
    });
    assert_eq!(
        wait!(pm.caller(Specs::find).fast_first(&metrics).call("x")).unwrap(),
        "cache",
        "2.5 ms and 4 ms"
    );
    metrics.reset();
    assert_eq!(shown(&pm.caller(Specs::find).fast_first(&metrics)), "disk cache");
}

#[test]
fn the_first_answer_does_not_keep_other_plugins_from_being_measured() {
    let pm = manager(&[]);
    for name in ["always", "never asked"] {
        pm.register_fn(name, Specs::find, move |_| Some(name.to_owned())).unwrap();
    }
    let metrics = Metrics::new();
    let _guard = pm.observe(metrics.clone());
    let find = pm.caller(Specs::find).fast_first(&metrics);
    for _ in 0..CALLS {
        assert_eq!(wait!(find.call("x")).unwrap(), "always");
    }
    assert_eq!(wait!(find.call("x")).unwrap(), "never asked");
}

#[test]
fn views_of_views_keep_the_order() {
    let pm = manager(&["a", "b", "c"]);
    let fast = Times::of(&[("a", 3), ("b", 2), ("c", 1)]).view(&pm.caller(Specs::order));
    assert_eq!(wait!(fast.without(["b"]).call()), ["c", "a"]);
    assert_eq!(wait!(fast.timeout(Duration::MAX).try_call()).unwrap(), ["c", "b", "a"]);
    let slow = Times::of(&[("a", 1), ("b", 2), ("c", 3)]).view(&fast);
    assert_eq!(wait!(slow.call()), ["a", "b", "c"], "the later one counts");
}

#[test]
fn a_view_without_its_manager_keeps_its_knowledge_of_the_plugins() {
    let pm = manager(&["a"]);
    needy(&pm, "b", &["a"], &[]);
    add(&pm, "c", NORMAL);
    let times = Times::of(&[("a", 3), ("b", 1), ("c", 2)]);
    let caller = pm.caller(Specs::order);
    let fast = times.view(&caller);
    assert_eq!(wait!(fast.call()), ["c", "a", "b"]);
    drop(pm);
    times.set("c", 9);
    for _ in 1..CALLS {
        assert_eq!(wait!(fast.call()), ["c", "a", "b"]);
    }
    assert_eq!(wait!(fast.call()), ["a", "b", "c"]);
    let late = Times::of(&[("a", 3), ("b", 1), ("c", 2)]).view(&caller);
    assert_eq!(wait!(late.call()), ["a", "b", "c"], "nobody knows who requires whom");
}
