//! Points, extensions and whole blocks that are configured away.

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    #[cfg(test)]
    fn fetch(&self, topic: &str) -> String;

    #[cfg(not(test))]
    fn fetch(&self, topic: Missing) -> Missing;

    #[cfg(not(test))]
    #[extension_point(historic)]
    fn gone(&self, missing: &Missing);

    #[extension_point(pipeline)]
    #[cfg(test)]
    fn transform(&self, text: String) -> String;
}

#[cfg(not(test))]
#[extension_point]
trait Gone {
    fn gone(&self) -> Missing;
}

#[extension_point]
#[cfg(not(test))]
trait GoneToo {
    fn gone(&self) -> Missing;
}

struct Weather;

#[extension]
impl Specs for Weather {
    #[cfg(not(test))]
    fn gone(&self, missing: &Missing) {}

    #[cfg(not(test))]
    #[extension(wrapper)]
    fn fetch(&self, topic: Missing, next: Next<'_>) -> Missing {
        next.run()
    }

    #[cfg(test)]
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[cfg(not(test))]
    #[extension(target = "fetch")]
    async fn fetch_later(&self) -> Missing {}

    #[extension(when = Self::always)]
    #[cfg(test)]
    fn transform(&self, text: String) -> String {
        text + "!"
    }
}

impl Weather {
    const fn always(_: &Self) -> bool {
        true
    }
}

#[cfg(not(test))]
#[extension]
impl Gone for Weather {
    fn gone(&self) -> Missing {}
}

#[extension]
#[cfg(not(test))]
impl GoneToo for Missing {
    fn gone(&self) -> Missing {}
}

#[test]
fn what_is_configured_away_leaves_nothing() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor"]);
    assert_eq!(pm.caller(Specs::transform).call("text".to_owned()), "text!");
    assert_eq!(pm.extension_points().len(), 2);
}
