//! Wrappers that are closures, registered with their options.

use pluginkit::Options;
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn order(&self) -> String;
}

struct Named(&'static str);

const NORMAL: Options = Options::new();

fn manager() -> PluginManager {
    let pm = PluginManager::new("builder wrappers");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn closures_as_wrappers_are_ordered_by_their_options() {
    let wrap = |pm: &PluginManager, name: &'static str, options: Options| {
        pm.plugin(Named(name))
            .named(name)
            .wrapper(Specs::order, options, |this, _, next| {
                let mut inner = next.run();
                inner.insert(0, format!("{}(", this.0));
                inner.push(")".into());
                inner
            })
            .register()
            .unwrap();
    };
    let pm = manager();
    wrap(&pm, "normal", NORMAL);
    wrap(&pm, "last", NORMAL.trylast());
    wrap(&pm, "first", NORMAL.tryfirst());
    wrap(&pm, "high", NORMAL.priority(3));
    wrap(&pm, "outer", NORMAL.before(&["first"]));
    pm.register_fn("x", Specs::order, |_| "x".into()).unwrap();
    assert_eq!(pm.caller(Specs::order).call().concat(), "outer(first(high(normal(last(x)))))");
}

#[test]
fn extensions_and_closures_as_wrappers_do_not_bind_each_other() {
    let pm = manager();
    pm.register_fn_with("x", Specs::order, NORMAL.after(&["w"]), |_| "x".into()).unwrap();
    pm.plugin(Named("w"))
        .named("w")
        .wrapper(Specs::order, NORMAL.after(&["x"]), |_, _, next| next.run())
        .register()
        .unwrap();
    assert_eq!(pm.caller(Specs::order).call(), ["x"]);
}
