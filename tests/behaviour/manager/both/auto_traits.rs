//! Which types may cross threads, asserted when compiled.

use pluginkit::Error;
use pluginkit::observe::ObserverGuard;
use pluginkit::points::ImplementationInfo;
use pluginkit::prelude::*;

use super::kind::{Manager, wait};

#[extension_point]
trait Specs {
    fn local(&self, shared: std::rc::Rc<u32>) -> std::rc::Rc<u32>;
}

const fn shared<T: Send + Sync + 'static>() {}
const fn is_shared<C: Send + Sync + 'static>(_: fn(&Manager) -> C) {}

const _: () = {
    shared::<Manager>();
    shared::<PluginId>();
    shared::<Error>();
    shared::<ImplementationInfo>();
    shared::<ObserverGuard>();
    shared::<CallError<std::io::Error>>();
    is_shared(|pm| pm.caller(Specs::local));
};

#[test]
fn a_point_may_have_arguments_and_results_that_are_not_send() {
    let pm = Manager::new("local");
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("same", Specs::local, |args| args.shared).unwrap();
    assert_eq!(wait!(pm.caller(Specs::local).call(std::rc::Rc::new(3))), [std::rc::Rc::new(3)]);
}

#[test]
fn a_caller_outlives_its_manager() {
    let caller = {
        let pm = Manager::new("local");
        pm.add_extension_points(Specs).unwrap();
        pm.register_fn("same", Specs::local, |args| args.shared).unwrap();
        pm.caller(Specs::local)
    };
    assert_eq!(wait!(caller.call(std::rc::Rc::new(3))).len(), 1);
}
