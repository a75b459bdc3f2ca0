//! A type without parameters that extends generic specs, or provides a generic service, for all types.

use std::sync::Arc;

use pluginkit::prelude::*;
use pluginkit::{Error, PluginBuilder};

use super::kind::{Manager, wait};

#[extension_point]
trait Plain {
    fn plain(&self) -> u8;
}

#[extension_point]
trait Typed<T: Send + Sync + 'static> {
    fn typed(&self) -> u8;
}

#[extension_point(service)]
trait Store<R: 'static>: Send + Sync {
    fn get(&self) -> R;
}

struct Both;

#[extension]
impl Plain for Both {
    fn plain(&self) -> u8 {
        1
    }
}

#[extension]
impl<T: Send + Sync + 'static> Typed<T> for Both {
    fn typed(&self) -> u8 {
        2
    }
}

struct Provider;

#[extension]
impl Plain for Provider {
    fn plain(&self) -> u8 {
        3
    }
}

#[extension(service)]
impl<R: Default + Send + Sync + 'static> Store<R> for Provider {
    fn get(&self) -> R {
        R::default()
    }
}

fn manager() -> Manager {
    let pm = Manager::new("generic-blocks");
    pm.add_extension_points(Plain).unwrap();
    pm.add_extension_points(Typed::<u8>::SPECS).unwrap();
    pm
}

#[test]
fn a_registration_is_refused_if_nothing_names_the_types_of_a_block() {
    let pm = manager();
    let error = pm.register(Both).unwrap_err();
    assert!(matches!(error, Error::GenericBlock { .. }), "{error}");
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("generic_block", "Both"));
    let message = error.to_string();
    assert!(message.starts_with("plugin `Both` extends `Typed<T>` for all types"), "{message}");
    let error = pm.register_as("provider", Provider).unwrap_err().to_string();
    assert!(error.starts_with("plugin `provider` provides `Store<R>` for all types"), "{error}");
    assert!(matches!(pm.register(Arc::new(Both)), Err(Error::GenericBlock { .. })));
    assert!(matches!(PluginBuilder::new(Both).register(&pm), Err(Error::GenericBlock { .. })));
    assert!(pm.plugin_names().is_empty());
}

#[test]
fn a_builder_names_the_types() {
    let pm = manager();
    PluginBuilder::new(Both).extends(Plain).extends(Typed::<u8>::SPECS).register(&pm).unwrap();
    assert_eq!(wait!(pm.caller(Plain::plain).call()), [1]);
    assert_eq!(wait!(pm.caller(Typed::<u8>::typed).call()), [2]);
    PluginBuilder::new(Provider).extends(Plain).provides::<dyn Store<u8>>(0).register(&pm).unwrap();
    assert_eq!(pm.service::<dyn Store<u8>>().unwrap().get(), 0);
}

#[test]
fn specs_that_are_named_twice_are_extended_once() {
    let pm = manager();
    let both = PluginBuilder::new(Both).extends(Typed::<u8>::SPECS).extends(Plain).extends(Plain);
    both.extends(Typed::<u8>::SPECS).register(&pm).unwrap();
    assert_eq!(wait!(pm.caller(Plain::plain).call()), [1]);
    assert_eq!(wait!(pm.caller(Typed::<u8>::typed).call()), [2]);
}
