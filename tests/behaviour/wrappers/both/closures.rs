//! Wrappers that are closures, registered with their options.

use pluginkit::Options;
use pluginkit::prelude::*;

use super::kind::{Manager, adding, awaited, wait};

#[extension_point]
trait Specs {
    fn order(&self) -> String;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<usize>;
}

struct Named(&'static str);

const NORMAL: Options = Options::new();

fn manager() -> Manager {
    let pm = Manager::new("builder wrappers");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn closures_as_wrappers_are_ordered_by_their_options() {
    let wrap = |pm: &Manager, name: &'static str, options: Options| {
        let plugin = PluginBuilder::new(Named(name)).named(name);
        adding!(plugin, Specs::order, options, |this, _args, next| {
            let mut inner = awaited!(next.run());
            inner.insert(0, format!("{}(", this.0));
            inner.push(")".into());
            inner
        })
        .register(pm)
        .unwrap();
    };
    let pm = manager();
    wrap(&pm, "normal", NORMAL);
    wrap(&pm, "last", NORMAL.trylast());
    wrap(&pm, "first", NORMAL.tryfirst());
    wrap(&pm, "high", NORMAL.priority(3));
    wrap(&pm, "outer", NORMAL.before(["first"]));
    pm.register_fn("x", Specs::order, |_| "x".into()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::order).call()).concat(), "outer(first(high(normal(last(x)))))");
}

#[test]
fn extensions_and_closures_as_wrappers_do_not_bind_each_other() {
    let pm = manager();
    pm.register_fn_with("x", Specs::order, NORMAL.after(["w"]), |_| "x".into()).unwrap();
    let plugin = PluginBuilder::new(Named("w")).named("w");
    adding!(plugin, Specs::order, NORMAL.after(["x"]), |_this, _args, next| awaited!(next.run()))
        .register(&pm)
        .unwrap();
    assert_eq!(wait!(pm.caller(Specs::order).call()), ["x"]);
}

#[test]
fn closures_as_wrappers_change_arguments_and_outcome_where_their_predicate_holds() {
    let pm = manager();
    let plugin = PluginBuilder::new(Named("w")).named("w");
    adding!(
        plugin,
        Specs::find,
        NORMAL,
        |this, args, next| {
            let key = format!("{}{}", args.key, this.0);
            awaited!(next.run(&key)).map(|found| found * 10)
        },
        |this, args| *args.key != this.0
    )
    .register(&pm)
    .unwrap();
    pm.register_fn("length", Specs::find, |args| Some(args.key.len())).unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("key")), Some(40));
    assert_eq!(wait!(pm.caller(Specs::find).call("w")), Some(1));
    let shown = pm.caller(Specs::find).implementations();
    assert_eq!(shown.iter().map(ToString::to_string).collect::<Vec<_>>(), ["w (wrapper)", "length"]);
}

#[test]
fn closures_as_extensions_run_where_their_predicate_holds() {
    let pm = manager();
    let plugin = PluginBuilder::new(Named("first")).named("first");
    adding!(plugin, Specs::find, NORMAL.tryfirst(), |this, args| Some(this.0.len() + args.key.len()))
        .register(&pm)
        .unwrap();
    let plugin = PluginBuilder::new(Named("picky")).named("picky");
    adding!(
        plugin,
        Specs::find,
        NORMAL.tryfirst().priority(1),
        |this, args| Some(this.0.len() * args.key.len()),
        |this, args| this.0.starts_with(args.key)
    )
    .register(&pm)
    .unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("x")), Some(6));
    assert_eq!(wait!(pm.caller(Specs::find).call("pi")), Some(10));
}
