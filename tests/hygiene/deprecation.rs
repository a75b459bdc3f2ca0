//! What is deprecated warns those who use it, and nobody else.

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    #[deprecated = "use `fetch_all`"]
    fn fetch(&self, topic: &str) -> String;

    fn fetch_all(&self, topic: &str) -> String;

    #[deprecated]
    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

struct Weather;

#[extension]
impl Specs for Weather {
    #[deprecated = "call the other"]
    fn fetch_all(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

struct Tides;

#[allow(deprecated, reason = "it supports old hosts")]
#[extension]
impl Specs for Tides {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[extension(wrapper, target = "fetch")]
    fn around(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(topic)
    }

    fn configure(&self) {}
}

#[test]
fn a_deprecated_point_warns_only_where_it_is_named() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    pm.register(Tides).unwrap();
    assert_eq!(pm.caller(Specs::fetch_all).call("harbor"), ["harbor"]);
    #[allow(deprecated, reason = "it supports old plugins")]
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("harbor"), ["harbor"]);
}
