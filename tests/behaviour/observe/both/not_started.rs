//! A call tells that plugins wait for a start that nothing has begun.

use pluginkit::BoxError;
use pluginkit::prelude::*;

use super::kind::{Manager, implement, wait};
use crate::observe::tree::Tree;

#[extension_point]
trait Specs {
    fn fetch(&self) -> u32;
    fn store(&self) -> u32;
}

struct Store;

implement! {
    #[extension]
    impl Specs for Store {
        fn fetch(&self) -> u32 {
            1
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Store {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }
}

fn manager() -> Manager {
    let pm = Manager::new("shop");
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("store", Store).unwrap();
    pm.register_as("cellar", Store).unwrap();
    pm
}

const WARNING: &str = "
  - manager `shop`: calls leave out `store`, `cellar`, because nothing has started them: call `start_all()`
";

#[test]
fn the_first_call_tells_it_once() {
    let pm = manager();
    let call = || wait!(pm.caller(Specs::fetch).call());
    assert_eq!(Tree::drawn(|| assert!(wait!(pm.caller(Specs::store).call()).is_empty())), "\n");
    assert_eq!(Tree::drawn(|| assert!(call().is_empty())), WARNING);
    pm.register_as("late", Store).unwrap();
    assert_eq!(Tree::drawn(|| assert!(call().is_empty())), "\n");
    wait!(pm.start_all()).unwrap();
    assert_eq!(call(), [1, 1, 1]);
}

#[test]
fn a_guarded_call_and_a_view_tell_it_too() {
    let pm = manager();
    assert_eq!(Tree::drawn(|| drop(wait!(pm.caller(Specs::fetch).try_call()))), WARNING);
    let pm = manager();
    let view = pm.caller(Specs::fetch).without(["cellar"]);
    assert_eq!(Tree::drawn(|| drop(wait!(view.call()))), WARNING);
}

#[test]
fn to_look_at_calls_tells_nothing_and_leaves_it_to_the_first_call() {
    let pm = manager();
    let fetch = pm.caller(Specs::fetch);
    let view = fetch.without(["cellar"]);
    let looks = || {
        drop((pm.report(), pm.graph()));
        assert_eq!(fetch.implementations().len(), 0);
        assert_eq!(view.implementations().left_out().len(), 2);
    };
    assert_eq!(Tree::drawn(looks), "\n");
    assert_eq!(Tree::drawn(|| drop(wait!(view.call()))), WARNING);
    assert_eq!(Tree::drawn(|| drop(wait!(fetch.call()))), "\n");
    wait!(pm.start_all()).unwrap();
    assert_eq!((fetch.implementations().len(), view.implementations().len()), (2, 1));
}

#[test]
fn one_plugin_is_told_of_in_the_singular() {
    let pm = manager();
    pm.unregister("cellar").unwrap();
    let told = Tree::drawn(|| drop(wait!(pm.caller(Specs::fetch).call())));
    assert!(told.contains("calls leave out `store`, because nothing has started it: call"), "{told}");
}

#[test]
fn nothing_is_told_once_a_start_has_begun() {
    let pm = manager();
    wait!(pm.start_plugin("cellar")).unwrap();
    assert_eq!(Tree::drawn(|| assert_eq!(wait!(pm.caller(Specs::fetch).call()), [1])), "\n");
}

#[test]
fn nothing_is_told_of_plugins_that_left() {
    let pm = manager();
    pm.unregister("store").unwrap();
    pm.unregister("cellar").unwrap();
    pm.register_fn("other", Specs::fetch, |_| 1).unwrap();
    pm.disable("other", "for now").unwrap();
    assert_eq!(Tree::drawn(|| assert!(wait!(pm.caller(Specs::fetch).call()).is_empty())), "\n");
}
