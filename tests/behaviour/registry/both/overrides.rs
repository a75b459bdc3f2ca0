//! Options that are made at run time, and options that a registration sets over those of a plugin.

use std::sync::Arc;
use std::time::Duration;

use pluginkit::metadata::LeftOut;
use pluginkit::points::Bucket;
use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};

use super::kind::{Manager, adding, awaited, enter, implement, wait};

#[extension_point]
trait Specs {
    fn order(&self) -> String;
    #[extension_point(historic)]
    fn configure(&self, value: u8);
    fn other(&self);
}

#[extension_point]
trait Absent {
    fn absent(&self);
}

fn manager() -> Manager {
    let pm = Manager::new("overrides");
    pm.add_extension_points(Specs).unwrap();
    pm
}

struct Fixed;

implement! {
    #[extension]
    impl Specs for Fixed {
        #[extension(trylast, priority = 7, before = "a", timeout = "250ms")]
        fn order(&self) -> String {
            "fixed".into()
        }
    }
}

fn add(pm: &Manager, name: &str, options: Options) {
    let answer = name.to_owned();
    pm.register_fn_with(name, Specs::order, options, move |_| answer.clone()).unwrap();
}

fn order(pm: &Manager) -> String {
    wait!(pm.caller(Specs::order).call()).join(" ")
}

#[test]
fn names_of_an_order_may_be_made_at_run_time() {
    let pm = manager();
    for n in 0..3 {
        add(&pm, &format!("p{n}"), Options::new());
    }
    let name = String::from("p0");
    add(&pm, "first", Options::new().before(format!("p{}", 0)));
    add(&pm, "between", Options::new().after(&name).before(vec![String::from("p1")]));
    add(&pm, "last", Options::new().after((1..3).map(|n| format!("p{n}")).collect::<Vec<_>>()));
    drop(name);
    assert_eq!(order(&pm), "first p0 between p1 p2 last");
    let ids = pm.plugin_names();
    add(&pm, "early", Options::new().before(ids.as_slice()));
    add(&pm, "earlier", Options::new().before(PluginId::from("early")));
    assert_eq!(order(&pm), "earlier early first p0 between p1 p2 last");
    let options = pm.caller(Specs::order).implementations()[0].options.clone();
    assert_eq!(options.before, ["early"]);
    assert_eq!(format!("{options:?}"), r#"Options { before: ["early"] }"#);
    // A second call replaces the names.
    assert_eq!(Options::new().before("a").before(["b"]).before, ["b"]);
    assert_eq!(Options::new().before(Vec::<String>::new()).before.len(), 0);
}

#[test]
fn a_registration_overrides_what_is_set_and_nothing_else() {
    let pm = manager();
    add(&pm, "a", Options::new());
    let of = |options: Options| {
        let pm = manager();
        PluginBuilder::new(Fixed).options(Specs::order, options).register(&pm).unwrap();
        pm.caller(Specs::order).implementations()[0].options.clone()
    };
    let fixed = of(Options::new());
    assert_eq!((fixed.bucket, fixed.priority), (Bucket::Last, 7));
    assert_eq!(fixed.before, ["a"]);
    assert_eq!(of(Options::new().tryfirst()).bucket, Bucket::First);
    assert_eq!(of(Options::new().bucket(Bucket::Normal)).bucket, Bucket::Normal);
    assert_eq!(of(Options::new().priority(0)).priority, 0);
    assert_eq!(of(Options::new().priority(9)).bucket, Bucket::Last);
    assert!(of(Options::new().before(["x"; 0])).before.is_empty());
    assert_eq!(of(Options::new().after("x")).before, ["a"]);
    assert_eq!(of(Options::new().timeout(Duration::from_secs(1))).timeout, Some(Duration::from_secs(1)));
    assert_eq!(of(Options::new().tryfirst()).timeout, Some(Duration::from_millis(250)));
    assert!(of(Options::new().optional()).optional);
    assert_eq!(of(Options::new().method("mine")).method, "order");
    // A field that is written counts as set, if it differs from the default.
    let mut written = Options::new();
    written.priority = 3;
    assert_eq!(of(written).priority, 3);
    // The last of several calls wins, option by option.
    let pm = manager();
    let builder = PluginBuilder::new(Fixed).options(Specs::order, Options::new().tryfirst().priority(1));
    builder.options(Specs::order, Options::new().priority(2)).register(&pm).unwrap();
    let options = pm.caller(Specs::order).implementations()[0].options.clone();
    assert_eq!((options.bucket, options.priority), (Bucket::First, 2));
}

#[test]
fn an_override_of_a_point_that_is_not_extended_is_refused() {
    let pm = manager();
    let refused = PluginBuilder::new(Fixed).options(Specs::other, Options::new().tryfirst()).register(&pm);
    let error = refused.unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("not_extended", "Fixed"));
    assert_eq!(error.extension_point().unwrap().name, "other");
    assert!(error.to_string().contains("it extends `Specs::order`"), "{error}");
    assert!(pm.plugin_names().is_empty());
    // Each point is named once.
    let mut plugin = PluginBuilder::new(()).named("b");
    for _ in 0..2 {
        plugin = adding!(plugin, Specs::order, Options::new(), |_this, _args| "b".to_owned());
        plugin = plugin.extension(Specs::configure, Options::new(), |_, _| ());
    }
    let refused = plugin.options(Specs::other, Options::new()).register(&pm).unwrap_err();
    assert!(
        refused.to_string().contains("it extends `Specs::order`, `Specs::configure`: name one"),
        "{refused}"
    );
    let bare = PluginBuilder::new(()).options(Specs::other, Options::new()).register(&pm).unwrap_err();
    assert!(bare.to_string().contains("it extends no point"), "{bare}");
}

#[test]
fn an_override_is_for_closures_and_wrappers_too() {
    let pm = manager();
    add(&pm, "a", Options::new());
    let mut plugin = PluginBuilder::new(()).named("b");
    plugin = adding!(plugin, Specs::order, Options::new(), |_this, _args| "b".to_owned());
    plugin =
        adding!(plugin, Specs::order, Options::new().priority(1), |_this, _args, next| awaited!(next.run()));
    plugin.options(Specs::order, Options::new().tryfirst()).register(&pm).unwrap();
    assert_eq!(order(&pm), "b a");
    let all = pm.caller(Specs::order).implementations();
    assert!(all.iter().filter(|each| each.plugin == "b").all(|each| each.options.bucket == Bucket::First));
    assert_eq!(all[0].options.priority, 1);
}

#[test]
fn an_extension_that_is_off_keeps_its_plugin_and_its_order() {
    let pm = manager();
    add(&pm, "a", Options::new());
    PluginBuilder::new(Fixed).options(Specs::order, Options::new().enabled(false)).register(&pm).unwrap();
    add(&pm, "b", Options::new().before("Fixed"));
    // `b` runs before `Fixed`, which runs before `a`.
    assert_eq!(order(&pm), "b a");
    assert!(pm.is_enabled("Fixed") && pm.is_registered("Fixed"));
    let implementations = pm.caller(Specs::order).implementations();
    assert!(implementations.iter().all(|each| each.plugin != "Fixed"));
    let left_out = implementations.left_out().iter().map(|(each, why)| format!("{}: {why}", each.plugin));
    assert_eq!(left_out.collect::<Vec<_>>(), ["Fixed: turned off by its options"]);
    assert_eq!(pm.caller(Specs::order).left_out()[0].1, LeftOut::Options);
    assert_eq!(pm.descriptor("Fixed").unwrap().left_out, None);
    pm.set_enabled("Fixed", false).unwrap();
    assert_eq!(pm.caller(Specs::order).left_out()[0].1, LeftOut::Disabled(None));
    pm.set_enabled("Fixed", true).unwrap();
    assert_eq!(order(&pm), "b a");
}

#[test]
fn an_optional_override_waits_for_its_specs() {
    let pm = manager();
    let late = || PluginBuilder::new(()).named("late").extension(Absent::absent, Options::new(), |_, _| ());
    assert_eq!(late().register(&pm).unwrap_err().code(), "unknown_specs");
    late().options(Absent::absent, Options::new().optional().priority(4)).register(&pm).unwrap();
    pm.add_extension_points(Absent).unwrap();
    assert_eq!(pm.caller(Absent::absent).implementations()[0].options.priority, 4);
}

#[test]
fn past_calls_are_not_replayed_to_an_extension_that_is_off() {
    let pm = manager();
    wait!(pm.caller(Specs::configure).call_historic(1));
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let listener = |name: &'static str| {
        let seen = Arc::clone(&seen);
        PluginBuilder::new(()).named(name).extension(Specs::configure, Options::new(), move |_, args| {
            seen.lock().unwrap().push(format!("{name}{}", args.value));
        })
    };
    wait!(enter(&pm, listener("off").options(Specs::configure, Options::new().enabled(false)))).unwrap();
    wait!(enter(&pm, listener("on"))).unwrap();
    assert_eq!(*seen.lock().unwrap(), ["on1"]);
    // Without a replay, nothing is to be awaited.
    listener("silent").options(Specs::configure, Options::new().enabled(false)).register(&pm).unwrap();
    assert_eq!(*seen.lock().unwrap(), ["on1"]);
}

#[test]
fn a_cycle_through_an_override_is_refused_and_named() {
    let pm = manager();
    add(&pm, "a", Options::new().before("Fixed"));
    let error = PluginBuilder::new(Fixed).register(&pm).unwrap_err();
    assert!(matches!(error, Error::OrderCycle { .. }));
    PluginBuilder::new(Fixed).options(Specs::order, Options::new().before(["x"; 0])).register(&pm).unwrap();
    assert_eq!(order(&pm), "a fixed");
}
