//! The library under another name, by `extern crate`.

use pk::prelude::*;

#[pk::extension_point(crate = ::pk)]
trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(historic)]
    fn configure(&self, settings: String);
}

struct Weather;

#[extension(crate = ::pk, tryfirst)]
impl Specs for Weather {
    #[extension(wrapper)]
    fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(topic)
    }

    #[extension(wrapper, target = "fetch")]
    fn outside(&self, next: Next<'_>) -> Vec<String> {
        next.run()
    }

    fn configure(settings: String) {
        assert_eq!(settings, "calm");
    }
}

struct Tides;

#[pk::extension(crate = ::pk)]
impl Specs for Tides {
    async fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

#[test]
fn the_library_may_have_another_name_in_the_source() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    pm.register(Tides).unwrap_err();
    assert!(pm.caller(Specs::fetch).call("harbor").is_empty());
    pm.caller(Specs::configure).call_historic("calm".to_owned());
}
