//! Specs and plugins inside function bodies, and specs under another name.

use pluginkit::prelude::*;

mod feed {
    use pluginkit::prelude::*;

    #[extension_point]
    pub(crate) trait Specs {
        fn fetch(&self, topic: &str) -> String;
    }
}

mod news {
    use pluginkit::prelude::*;

    #[extension_point]
    pub(crate) trait Specs {
        fn fetch(&self, page: u32) -> u32;
    }
}

use feed::Specs as S;

struct Weather;

#[extension]
impl S for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

#[extension]
impl news::Specs for Weather {
    #[extension(wrapper, target = "fetch")]
    fn fetch_page(&self, page: u32, next: Next<'_>) -> Vec<u32> {
        next.run(page + 1)
    }
}

#[test]
fn specs_may_have_another_name_where_they_are_used() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(S).unwrap();
    pm.add_extension_points(news::Specs).unwrap();
    pm.register(Weather).unwrap();
    assert_eq!(pm.caller(S::fetch).call("harbor"), ["harbor"]);
    assert!(pm.caller(news::Specs::fetch).call(1).is_empty());
}

#[test]
fn specs_and_plugins_may_stand_in_a_function() {
    #[extension_point]
    trait Specs {
        fn fetch(&self, topic: &str) -> String;

        #[extension_point(historic)]
        fn configure(&self, settings: &str);
    }

    struct Weather;

    #[extension]
    impl Specs for Weather {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }

        fn configure(&self, settings: &str) {
            assert_eq!(settings, "calm");
        }
    }

    fn inner(pm: &PluginManager) {
        #[extension_point]
        trait Specs {
            fn fetch(&self) -> u8;
        }

        struct Weather;

        #[extension]
        impl Specs for Weather {
            fn fetch(&self) -> u8 {
                7
            }
        }

        pm.add_extension_points(Specs).unwrap();
        pm.register_as("inner", Weather).unwrap();
        assert_eq!(pm.caller(Specs::fetch).call(), [7]);
    }

    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    inner(&pm);
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor"]);
    pm.caller(Specs::configure).call_historic("calm");
}
