//! Writing a plugin: receivers, subsets, targets, blocks, visibility.

use std::sync::Arc;

use pluginkit::Options;
use pluginkit::points::Bucket;
use pluginkit::prelude::*;
use std::time::Duration;

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str, limit: usize) -> String;
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str, urgent: bool) -> Option<String>;
}

#[extension_point]
pub trait Others {
    fn fetch(&self, topic: &str) -> u32;
}

fn manager() -> Manager {
    let pm = Manager::new("extensions");
    pm.add_extension_points(Specs).unwrap();
    pm.add_extension_points(Others).unwrap();
    pm
}

#[test]
fn every_receiver_works() {
    struct Receivers;
    implement! {
        #[extension]
        impl Specs for Receivers {
            fn fetch(&self) -> String {
                "reference".into()
            }
            #[extension(target = "fetch")]
            fn shared(self: &Arc<Self>) -> String {
                format!("shared {}", Arc::strong_count(self))
            }
            #[extension(target = "fetch")]
            fn owned(self: Arc<Self>) -> String {
                format!("owned {}", Arc::strong_count(&self))
            }
            #[extension(target = "fetch")]
            fn absent(topic: &str) -> String {
                format!("absent {topic}")
            }
        }
    }
    let pm = manager();
    let plugin = Arc::new(Receivers);
    pm.register(Arc::clone(&plugin)).unwrap();
    let shared = Arc::strong_count(&plugin);
    let outcome = wait!(pm.caller(Specs::fetch).call("x", 1));
    assert_eq!(outcome[0], "reference");
    assert_eq!(outcome[1], format!("shared {shared}"));
    assert_eq!(outcome[2], format!("owned {}", shared + 1));
    assert_eq!(outcome[3], "absent x");
}

#[test]
fn arguments_are_matched_by_name_in_any_order_and_number() {
    struct Subset;
    implement! {
        #[extension]
        impl Specs for Subset {
            fn fetch(&self, limit: usize, topic: &str) -> String {
                format!("{topic}{limit}")
            }
            fn deliver(&self, urgent: bool) -> Option<String> {
                urgent.then(|| "urgent".into())
            }
        }
    }
    let pm = manager();
    pm.register(Subset).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("t", 3)), ["t3"]);
    assert_eq!(wait!(pm.caller(Specs::deliver).call("m", true)), Some("urgent".into()));
}

#[test]
fn a_leading_underscore_only_says_that_an_argument_is_not_used() {
    struct Unused;
    implement! {
        #[extension]
        impl Specs for Unused {
            fn fetch(&self, _topic: &str, _limit: usize) -> String {
                "unused".into()
            }
        }
    }
    let pm = manager();
    pm.register(Unused).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("t", 3)), ["unused"]);
}

#[test]
fn several_blocks_of_one_type_add_up_in_the_order_they_stand() {
    struct Blocks;
    #[extension]
    impl Specs for Blocks {
        fn fetch(&self) -> String {
            "first".into()
        }
    }
    implement! {
        #[extension]
        impl Specs for Blocks {
            #[extension(target = "fetch")]
            fn again(&self) -> String {
                "second".into()
            }
        }
    }
    implement! {
        #[extension]
        impl Others for Blocks {
            #[extension(target = "fetch")]
            fn count(&self, topic: &str) -> u32 {
                u32::try_from(topic.len()).unwrap()
            }
        }
    }
    let pm = manager();
    pm.register(Blocks).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x", 1)), ["first", "second"]);
    assert_eq!(wait!(pm.caller(Others::fetch).call("four")), [4]);
}

mod inner {
    use pluginkit::prelude::*;

    use super::{Specs, implement};

    pub struct Visible;

    implement! {
        #[extension]
        impl Specs for Visible {
            /// Kept.
            pub fn fetch(&self, topic: &str, limit: usize) -> String {
                topic[..limit].to_owned()
            }
        }
    }
}

#[test]
fn methods_stay_inherent_with_the_visibility_written_on_them() {
    assert_eq!(wait!(inner::Visible.fetch("harbor", 3)), "har");
}

#[test]
fn defaults_of_the_block_hold_unless_a_method_says_otherwise() {
    struct Defaults;
    #[extension(tryfirst, priority = -7, before = "x", timeout = "250ms")]
    impl Specs for Defaults {
        fn fetch(&self) -> String {
            String::new()
        }
        #[extension(trylast, priority = 4, after = ["y", "z"], timeout = "2s", blocking)]
        fn deliver(&self) -> Option<String> {
            None
        }
    }
    let pm = manager();
    pm.register(Defaults).unwrap();
    let fetch = pm.caller(Specs::fetch).implementations()[0].options.clone();
    let expected = Options::new()
        .tryfirst()
        .priority(-7)
        .before(["x"])
        .timeout(Duration::from_millis(250))
        .method("fetch");
    assert_eq!(fetch, expected);
    let deliver = pm.caller(Specs::deliver).implementations()[0].options.clone();
    assert_eq!((deliver.bucket, deliver.priority, deliver.blocking), (Bucket::Last, 4, true));
    assert_eq!(deliver.before, ["x"]);
    assert_eq!(deliver.after, ["y", "z"]);
    assert_eq!(deliver.timeout, Some(Duration::from_secs(2)));
}

struct Cached<T> {
    inner: T,
}

#[extension]
impl<T> Specs for Cached<T>
where
    T: Fn(&str) -> String + Send + Sync + 'static,
{
    fn fetch(&self, topic: &str) -> String {
        (self.inner)(topic)
    }
}

#[test]
fn a_generic_plugin_names_its_specs() {
    let pm = manager();
    let id = PluginBuilder::new(Cached { inner: |topic: &str| format!("cached {topic}") })
        .named("cached")
        .extends(Specs)
        .register(&pm)
        .unwrap();
    assert_eq!(id, "cached");
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x", 1)), ["cached x"]);
    let refused = pm.register(Cached { inner: |_: &str| String::new() }).unwrap_err();
    assert!(matches!(refused, pluginkit::Error::NoExtensions { .. }), "{refused}");
    let shared = Arc::new(Cached { inner: |_: &str| "shared".to_owned() });
    PluginBuilder::<Cached<_>>::new(Arc::clone(&shared))
        .named("shared")
        .extends(Specs)
        .register(&pm)
        .unwrap();
    assert_eq!(pm.plugin_name(&shared).unwrap(), "shared");
}

#[test]
fn a_builder_takes_texts_lists_and_boxes_as_they_are() {
    let pm = manager();
    let text = PluginBuilder::new("text").named("text");
    text.extension(Specs::fetch, Options::new(), |this, args| format!("{this} {}", args.topic))
        .register(&pm)
        .unwrap();
    let list = PluginBuilder::new(vec![1, 2]).named("list");
    list.extension(Specs::fetch, Options::new(), |this, _| this.len().to_string()).register(&pm).unwrap();
    let boxed = PluginBuilder::new(Box::new(3)).named("boxed");
    boxed.extension(Specs::fetch, Options::new(), |this, _| this.to_string()).register(&pm).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x", 1)), ["text x", "2", "3"]);
    assert_eq!(*pm.plugin_as::<&str>("text").unwrap(), "text");
}

#[test]
fn one_plugin_type_serves_two_managers() {
    struct Shared;
    #[extension]
    impl Specs for Shared {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }
    }
    let plugin = Arc::new(Shared);
    let (one, two) = (manager(), manager());
    one.register(Arc::clone(&plugin)).unwrap();
    two.register(Arc::clone(&plugin)).unwrap();
    one.set_enabled("Shared", false).unwrap();
    assert!(wait!(one.caller(Specs::fetch).call("x", 1)).is_empty());
    assert_eq!(wait!(two.caller(Specs::fetch).call("x", 1)), ["x"]);
    one.unregister("Shared").unwrap();
    assert!(two.is_registered("Shared"));
}

#[test]
fn equal_names_in_two_specs_are_two_points() {
    let pm = manager();
    pm.register_fn("text", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm.register_fn("number", Others::fetch, |_| 3).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x", 1)), ["x"]);
    assert_eq!(wait!(pm.caller(Others::fetch).call("x")), [3]);
}

#[test]
fn a_wrapper_and_an_extension_of_one_plugin_share_a_point() {
    struct Both;
    implement! {
        #[extension]
        impl Others for Both {
            fn fetch(&self, topic: &str) -> u32 {
                u32::try_from(topic.len()).unwrap()
            }
            #[extension(wrapper, target = "fetch")]
            fn twice(&self, topic: &str, next: Next<'_>) -> Vec<u32> {
                awaited!(next.run(&topic.repeat(2)))
            }
        }
    }
    let pm = manager();
    pm.register(Both).unwrap();
    assert_eq!(wait!(pm.caller(Others::fetch).call("ab")), [4]);
}
