//! Views with the implementations of a plugin that is not registered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pluginkit::limits::{BreakerPolicy, CircuitState};
use pluginkit::prelude::*;
use pluginkit::{Error, Options};

use super::kind::{Manager, adding, awaited, wait};

#[extension_point]
trait Specs {
    fn list(&self, topic: &str) -> String;
    fn other(&self) -> u8;
}

fn manager() -> Manager {
    let pm = Manager::new("extra");
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("a", Specs::list, |args| format!("a{}", args.topic)).unwrap();
    pm.register_fn("b", Specs::list, |args| format!("b{}", args.topic)).unwrap();
    pm
}

#[test]
fn a_view_has_extensions_and_wrappers_of_a_plugin_that_is_not_registered() {
    let pm = manager();
    let list = pm.caller(Specs::list);
    let builder = PluginBuilder::new(String::from("x"));
    let builder = adding!(builder, Specs::list, Options::new().tryfirst(), |this, args| format!(
        "{this}{}",
        args.topic
    ));
    let builder =
        adding!(builder, Specs::list, Options::new(), |this, args| format!("{this}!{}", args.topic));
    let builder = adding!(builder, Specs::other, Options::new(), |_this, _args| 1);
    let extra = list.extra_built(builder).unwrap();
    assert_eq!(wait!(extra.call("t")), ["xt", "at", "bt", "x!t"]);
    assert_eq!(wait!(extra.without(["a"]).try_call("t")).unwrap(), ["xt", "bt", "x!t"]);
    let names: Vec<_> = extra.implementations().iter().map(|each| each.plugin.to_string()).collect();
    assert_eq!(names, ["(extra)", "a", "b", "(extra)"]);
    // The caller itself is as before, and so is the other point.
    assert_eq!(wait!(list.call("t")), ["at", "bt"]);
    assert!(wait!(pm.caller(Specs::other).call()).is_empty());
    assert!(pm.plugin("x").is_none());
}

#[test]
fn options_order_an_extra_and_do_not_count_against_the_plugins() {
    let pm = manager();
    let list = pm.caller(Specs::list);
    let at = |options: Options| {
        let builder = PluginBuilder::new(()).named("x");
        let builder = adding!(builder, Specs::list, options, |_this, args| format!("x{}", args.topic));
        list.extra_built(builder).unwrap()
    };
    assert_eq!(wait!(at(Options::new().before(["b"])).call("")), ["a", "x", "b"]);
    assert_eq!(wait!(at(Options::new().before(["a"])).call("")), ["x", "a", "b"]);
    assert_eq!(wait!(at(Options::new().priority(1)).call("")), ["x", "a", "b"]);
    // `a` comes first: to come after `b` and before `a` is impossible.
    let torn = at(Options::new().after(["b"]).before(["a"]));
    let ordered = PluginBuilder::new(()).named("c");
    let ordered =
        adding!(ordered, Specs::list, Options::new().before(["b"]).after(["a"]), |_this, _args| "c".into());
    ordered.register(&pm).unwrap();
    assert_eq!(wait!(list.call("")), ["a", "c", "b"]);
    assert_eq!(wait!(torn.call("")), ["a", "c", "b", "x"]);
}

#[test]
fn an_extra_that_fails_is_named_as_its_builder_says() {
    #[extension_point]
    trait Failing {
        fn parse(&self) -> Result<u8, String>;
    }
    let pm = Manager::new("extra");
    pm.add_extension_points(Failing).unwrap();
    for name in [None, Some("draft")] {
        let builder = PluginBuilder::new(());
        let builder = if let Some(name) = name { builder.named(name) } else { builder };
        let builder = adding!(builder, Failing::parse, Options::new(), |_this, _args| Err("no".to_owned()));
        let error = wait!(pm.caller(Failing::parse).extra_built(builder).unwrap().try_call()).unwrap_err();
        assert_eq!(error.plugin().map(PluginId::as_str), Some(name.unwrap_or("(extra)")));
    }
}

#[test]
fn a_builder_without_an_implementation_of_the_point_is_refused() {
    let list = manager().caller(Specs::list);
    let builder = adding!(PluginBuilder::new(()).named("x"), Specs::other, Options::new(), |_this, _args| 1);
    let error = list.extra_built(builder).unwrap_err();
    assert_eq!(error.code(), "not_extended");
    let told = "plugin `x` does not extend `Specs::list`: options for this point, or a view of it with the plugin, would \
                have no effect; it extends `Specs::other`: name this point, or leave it out";
    assert_eq!(error.to_string(), told);
}

#[test]
fn options_for_the_point_count() {
    let list = manager().caller(Specs::list);
    let builder = adding!(PluginBuilder::new(()), Specs::list, Options::new(), |_this, _args| "x".into());
    let extra = list.extra_built(builder.options(Specs::list, Options::new().tryfirst())).unwrap();
    assert_eq!(wait!(extra.call("")), ["x", "a", "b"]);
}

#[test]
fn what_the_manager_cannot_run_is_refused() {
    let list = manager().caller(Specs::list);
    let requires =
        PluginBuilder::new(()).extension(Specs::list, Options::new().requires("9"), |_, _| String::new());
    assert!(list.extra_built(requires).is_err());
    let wrong: Error = if super::kind::PREFIX.is_empty() {
        let builder = PluginBuilder::new(())
            .async_extension(Specs::list, Options::new(), |_, _, slot| slot.put(async { String::new() }));
        list.extra_built(builder).unwrap_err()
    } else {
        let builder =
            PluginBuilder::new(()).wrapper(Specs::list, Options::new(), |_, args, next| next.run(args.topic));
        list.extra_built(builder).unwrap_err()
    };
    assert!(["async_extension", "wrapper_kind"].contains(&wrong.code()), "{wrong}");
}

#[test]
fn an_extra_is_not_a_plugin_of_its_name_to_circuits_and_views() {
    #[extension_point]
    trait Failing {
        fn parse(&self) -> Result<u8, String>;
    }
    let pm = Manager::new("extra");
    pm.add_extension_points(Failing).unwrap();
    let fails = Arc::new(AtomicBool::new(true));
    let own = Arc::clone(&fails);
    let answers = move || if own.load(Ordering::Relaxed) { Err("own".to_owned()) } else { Ok(1) };
    pm.register_fn("a", Failing::parse, move |_| answers()).unwrap();
    let breaker = pm.break_circuits(BreakerPolicy::new(2));
    let parse = pm.caller(Failing::parse);
    // One failure of its own, so that it has a circuit.
    wait!(parse.call()).unwrap_err();
    fails.store(false, Ordering::Relaxed);
    let builder = PluginBuilder::new(()).named("a");
    let builder = adding!(builder, Failing::parse, Options::new().tryfirst(), |_this, _args| Err::<u8, _>(
        "no".to_owned()
    ));
    let extra = parse.extra_built(builder).unwrap();
    for _ in 0..2 {
        wait!(extra.try_call()).unwrap_err();
        wait!(extra.call()).unwrap_err();
    }
    assert_eq!((breaker.state("a"), pm.is_enabled("a")), (CircuitState::Closed, true));
    assert_eq!(wait!(parse.call()), Ok(vec![1]));
}

#[test]
fn a_wrapper_of_an_extra_is_around_all_of_a_call_and_sees_what_other_views_leave() {
    let pm = manager();
    let list = pm.caller(Specs::list);
    let builder = PluginBuilder::new(()).named("x");
    let builder = adding!(builder, Specs::list, Options::new(), |_this, args, next| {
        let mut all = awaited!(next.run(args.topic));
        all.push(format!("<{}>", all.len()));
        all
    });
    let extra = list.extra_built(builder).unwrap();
    assert_eq!(wait!(extra.call("t")), ["at", "bt", "<2>"]);
    assert_eq!(wait!(extra.without(["a"]).call("t")), ["bt", "<1>"]);
    assert_eq!(wait!(extra.extra(|_| "y".to_owned()).try_call("t")).unwrap(), ["at", "bt", "y", "<3>"]);
    // The view follows the plugins.
    pm.unregister("b").unwrap();
    assert_eq!(wait!(extra.call("t")), ["at", "<1>"]);
    pm.set_enabled("a", false).unwrap();
    assert_eq!(wait!(extra.call("t")), ["<0>"]);
}
