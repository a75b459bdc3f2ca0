//! Specs, plugins and the types of their arguments that only some may see.

use pluginkit::prelude::*;

mod inner {
    use pluginkit::prelude::*;

    struct Hidden(u8);

    #[extension_point]
    trait Private {
        fn count(&self, hidden: &Hidden) -> u8;
    }

    #[extension_point]
    pub(super) trait Parent {
        #[extension_point(firstresult)]
        fn find(&self, name: &str) -> Option<u8>;
    }

    #[extension_point]
    pub(in crate::visibility) trait Path {
        #[extension_point(pipeline)]
        fn transform(&self, text: String) -> String;
    }

    #[extension_point]
    pub(crate) trait Crate {
        #[extension_point(historic)]
        fn configure(&self, settings: &str);
    }

    #[extension_point]
    #[allow(unreachable_pub, reason = "it is as public as can be")]
    pub trait Public {
        fn fetch(&self, topic: &str) -> String;
    }

    struct Counter;

    #[extension]
    impl Private for Counter {
        fn count(&self, hidden: &Hidden) -> u8 {
            hidden.0
        }
    }

    pub(super) fn check(pm: &PluginManager) {
        pm.add_extension_points(Private).unwrap();
        pm.register(Counter).unwrap();
        assert_eq!(pm.caller(Private::count).call(&Hidden(3)), [3]);
    }
}

struct Weather;

#[extension]
impl inner::Parent for Weather {
    pub(crate) fn find(&self, name: &str) -> Option<u8> {
        name.bytes().next()
    }
}

#[extension]
impl inner::Path for Weather {
    fn transform(&self, text: String) -> String {
        text + "!"
    }
}

#[extension]
impl inner::Crate for Weather {
    fn configure(&self) {}
}

#[extension]
impl inner::Public for Weather {
    #[extension(wrapper)]
    fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(topic)
    }
}

#[test]
fn specs_may_have_any_visibility() {
    let pm = PluginManager::new("feed");
    inner::check(&pm);
    pm.add_extension_points(inner::Parent).unwrap();
    pm.add_extension_points(inner::Path).unwrap();
    pm.add_extension_points(inner::Crate).unwrap();
    pm.add_extension_points(inner::Public).unwrap();
    pm.register(Weather).unwrap();
    assert_eq!(pm.caller(inner::Parent::find).call("a"), Some(b'a'));
    assert_eq!(pm.caller(inner::Path::transform).call("a".to_owned()), "a!");
    pm.caller(inner::Crate::configure).call_historic("calm");
    assert!(pm.caller(inner::Public::fetch).call("harbor").is_empty());
    assert_eq!(Weather.find("b"), Some(b'b'));
}
