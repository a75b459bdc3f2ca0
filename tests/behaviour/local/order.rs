//! The order of the extensions of a local manager is that of a sync manager.

use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginManager};

#[extension_point]
trait Specs {
    fn name(&self) -> &'static str;
}

const PLAIN: Options = Options::new();

#[test]
fn buckets_priorities_and_registrations_decide_then_before_and_after() -> Result<(), Error> {
    let options = [
        ("a", PLAIN),
        ("b", PLAIN.trylast()),
        ("c", PLAIN.priority(3)),
        ("d", PLAIN.tryfirst()),
        ("e", PLAIN.tryfirst().priority(-1)),
        ("f", PLAIN.before(&["c"])),
        ("g", PLAIN.after(&["b"])),
        ("h", PLAIN),
    ];
    let (local, sync) = (LocalPluginManager::new("feed"), PluginManager::new("feed"));
    local.add_extension_points(Specs)?;
    sync.add_extension_points(Specs)?;
    for (name, options) in options {
        local.register_fn_with(name, Specs::name, options.clone(), move |_| name)?;
        sync.register_fn_with(name, Specs::name, options, move |_| name)?;
        assert_eq!(local.caller(Specs::name).call(), sync.caller(Specs::name).call());
    }
    assert_eq!(local.caller(Specs::name).call(), ["d", "e", "f", "c", "a", "h", "b", "g"]);
    for name in ["c", "a", "b"] {
        assert!(local.unregister(name));
        assert!(sync.unregister(name).is_some());
        assert_eq!(local.caller(Specs::name).call(), sync.caller(Specs::name).call());
    }
    Ok(())
}

#[test]
fn an_impossible_order_is_refused_and_changes_nothing() -> Result<(), Error> {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs)?;
    pm.register_fn_with("a", Specs::name, PLAIN.before(&["b"]), |_| "a")?;
    let error = pm.register_fn_with("b", Specs::name, PLAIN.before(&["a"]), |_| "b").unwrap_err();
    assert!(matches!(error, Error::OrderCycle { .. }), "{error}");
    assert_eq!(pm.plugin_names(), ["a"]);
    assert_eq!(pm.caller(Specs::name).call(), ["a"]);
    pm.register_fn("b", Specs::name, |_| "b")?;
    assert_eq!(pm.caller(Specs::name).call(), ["a", "b"]);
    Ok(())
}

#[test]
fn a_disabled_plugin_keeps_its_place() -> Result<(), Error> {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs)?;
    for name in ["a", "b", "c"] {
        pm.register_fn(name, Specs::name, move |_| name)?;
    }
    pm.set_enabled("b", false)?;
    assert_eq!(pm.caller(Specs::name).call(), ["a", "c"]);
    pm.set_enabled("b", true)?;
    assert_eq!(pm.caller(Specs::name).call(), ["a", "b", "c"]);
    assert!(pm.set_enabled("d", true).unwrap_err().to_string().contains("no plugin is named `d`"));
    Ok(())
}
