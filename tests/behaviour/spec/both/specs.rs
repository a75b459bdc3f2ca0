//! The items that `#[extension_point]` adds to a trait.

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind};

use super::kind::{Caller, Handle, Manager, Point, awaited, implement, wait};

/// Specs of a project.
#[extension_point(project = "feed")]
pub trait Feed {
    fn fetch(&self) -> u32;
}

#[extension_point(project = "shop")]
pub trait Shop {
    fn sell(&self) -> u32;
}

#[extension_point]
pub trait Anywhere {
    fn anything(&self) -> u32;
    #[cfg(any())]
    fn absent(&self) -> TypeThatDoesNotExist;
}

struct Plugin;

implement! {
    #[extension]
    impl Anywhere for Plugin {
        fn anything(&self) -> u32 {
            1
        }
        #[cfg(any())]
        fn absent(&self) -> TypeThatDoesNotExist {
            unreachable!()
        }
    }
}

#[test]
fn specs_of_another_project_are_refused() {
    let pm = Manager::new("feed");
    pm.add_extension_points(Feed).unwrap();
    pm.add_extension_points(Anywhere).unwrap();
    let error = pm.add_extension_points(Shop).unwrap_err();
    assert!(matches!(error, Error::WrongProject { .. }));
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(
        error.to_string(),
        "the specs `Shop` belong to the project `shop`, but this manager is of the project `feed`; add them to a manager of their own project"
    );
    assert!(pm.try_caller(Shop::sell).is_err());
}

#[test]
fn a_point_that_is_configured_out_does_not_exist() {
    let pm = Manager::new("x");
    pm.add_extension_points(Anywhere).unwrap();
    assert_eq!(pm.extension_points().len(), 1);
    pm.register(Plugin).unwrap();
    assert_eq!(wait!(pm.caller(Anywhere::anything).call()), [1]);
}

#[test]
fn specs_work_under_another_name() {
    use self::Feed as F;
    struct Local;
    implement! {
        #[extension]
        impl F for Local {
            fn fetch(&self) -> u32 {
                3
            }
            #[extension(wrapper, target = "fetch")]
            fn around(&self, next: Next<'_>) -> Vec<u32> {
                awaited!(next.run())
            }
        }
    }
    let pm = Manager::new("feed");
    pm.add_extension_points(F).unwrap();
    pm.register(Local).unwrap();
    assert_eq!(wait!(pm.caller(F::fetch).call()), [3]);
}

#[test]
fn specs_and_plugins_may_stand_in_a_function_body() {
    #[extension_point]
    trait Inner {
        #[extension_point(firstresult)]
        fn find(&self, key: &str) -> Option<usize>;
    }
    struct Local;
    implement! {
        #[extension]
        impl Inner for Local {
            #[extension(wrapper)]
            fn find(&self, key: &str, next: Next<'_>) -> Option<usize> {
                awaited!(next.run(key)).or(Some(key.len()))
            }
        }
    }
    let pm = Manager::new("inner");
    pm.add_extension_points(Inner).unwrap();
    pm.register(Local).unwrap();
    assert_eq!(wait!(pm.caller(Inner::find).call("four")), Some(4));
}

#[test]
fn specs_are_ordinary_values() {
    let specs = Feed;
    let copy = specs;
    let pm = Manager::new("feed");
    pm.add_extension_points(specs).unwrap();
    pm.add_extension_points(copy).unwrap();
    let point = Feed::fetch;
    let _ = (pm.caller(point), pm.caller(point));
    assert_eq!(format!("{specs:?} {point:?}"), "Feed Feed::fetch");
}

#[test]
fn a_caller_has_a_type_that_can_be_named() {
    struct Host {
        fetch: Caller<pluginkit::point!(Feed::fetch)>,
        sell: Caller<pluginkit::point!(Shop::sell)>,
    }
    fn count<P: Point>(handle: &Handle<P>) -> usize {
        handle.implementations().len()
    }
    let (feed, shop) = (Manager::new("feed"), Manager::new("shop"));
    feed.add_extension_points(Feed).unwrap();
    shop.add_extension_points(Shop).unwrap();
    feed.register_fn("one", Feed::fetch, |_| 1).unwrap();
    let host = Host { fetch: feed.caller(Feed::fetch), sell: shop.caller(Shop::sell) };
    assert_eq!(wait!(host.fetch.call()), [1]);
    assert_eq!((count(&host.fetch), count(&host.sell)), (1, 0));
}

#[test]
fn specs_without_points_are_specs() {
    #[extension_point]
    trait Empty {}
    let pm = Manager::new("empty");
    pm.add_extension_points(Empty).unwrap();
    assert!(pm.extension_points().is_empty());
}
