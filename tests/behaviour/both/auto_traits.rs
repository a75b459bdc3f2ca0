//! Which types may cross threads, asserted when compiled.

use pluginkit::prelude::*;
use pluginkit::{Error, ImplementationInfo, ObserverGuard};

#[extension_point]
trait Specs {
    fn local(&self, shared: std::rc::Rc<u32>) -> std::rc::Rc<u32>;
}

const fn shared<T: Send + Sync + 'static>() {}
const fn callers_are_shared<P>(_: fn(&PluginManager) -> Caller<P>)
where
    P: pluginkit::manual::ExtensionPoint,
{
    shared::<Caller<P>>();
}

const _: () = {
    shared::<PluginManager>();
    shared::<PluginId>();
    shared::<Error>();
    shared::<ImplementationInfo>();
    shared::<ObserverGuard>();
    shared::<CallError<std::io::Error>>();
    callers_are_shared(|pm| pm.caller(Specs::local));
};

#[test]
fn a_point_with_arguments_that_are_not_send_works_on_the_sync_side() {
    let pm = PluginManager::new("local");
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("same", Specs::local, |args| args.shared).unwrap();
    assert_eq!(pm.caller(Specs::local).call(std::rc::Rc::new(3)), [std::rc::Rc::new(3)]);
}

#[test]
fn a_caller_outlives_its_manager() {
    let caller = {
        let pm = PluginManager::new("local");
        pm.add_extension_points(Specs).unwrap();
        pm.register_fn("same", Specs::local, |args| args.shared).unwrap();
        pm.caller(Specs::local)
    };
    assert_eq!(caller.call(std::rc::Rc::new(3)).len(), 1);
}
