#![deny(warnings)]

use std::sync::Arc;

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str, page: u32) -> String;
    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub struct Weather;

#[extension(tryfirst, priority = -3, before = "audit", after = ["auth", "log"], optional)]
impl Specs for Weather {
    #[extension(trylast, priority = 0x10, before = ["a"], after = "b", blocking, timeout = "1h")]
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[extension(target = "fetch", when = Self::is_first)]
    fn by_page(&self, page: u32) -> String {
        page.to_string()
    }

    #[extension(target = "fetch", when = is_long(topic), timeout = "20 ns")]
    pub fn by_predicate(&self) -> String {
        String::new()
    }

    #[extension(wrapper, target = "fetch")]
    pub(crate) fn around(self: &Arc<Self>, topic: &str, page: u32, next: Next<'_>) -> Vec<String> {
        next.run(topic, page)
    }

    #[extension(wrapper)]
    #[extension(target = "fetch", when = Self::is_first(page))]
    fn outside(self: Arc<Self>, next: pluginkit::Next<'_>) -> Vec<String> {
        next.run()
    }

    fn configure() {}
}

impl Weather {
    fn is_first(&self, page: u32) -> bool {
        page == 1
    }
}

fn is_long(_: &Weather, topic: &str) -> bool {
    topic.len() > 10
}

#[extension]
impl Specs for Weather {
    #[extension(target = "fetch")]
    async fn later(&self, topic: &str, page: u32) -> String {
        format!("{topic}{page}")
    }

    #[extension(target = "configure")]
    async fn configure_later(self: Arc<Self>) {}
}
