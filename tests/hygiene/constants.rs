//! Constants whose names generated code might bind: a constant in scope turns a binding into a pattern.
#![allow(non_upper_case_globals, dead_code, reason = "constants are rarely called like variables")]

use pluginkit::prelude::*;

const args: u8 = 0;
const binder: u8 = 0;
const call: u8 = 0;
const chain: u8 = 0;
const error: u8 = 0;
const event: u8 = 0;
const extend: u8 = 0;
const extension: u8 = 0;
const extensions: u8 = 0;
const handle: u8 = 0;
const next: u8 = 0;
const parts: u8 = 0;
const points: u8 = 0;
const predicate: u8 = 0;
const rest: u8 = 0;
const sink: u8 = 0;
const slot: u8 = 0;
const step: u8 = 0;
const text: u8 = 0;
const this: u8 = 0;
const value: u8 = 0;
const visit: u8 = 0;
const when: u8 = 0;
const wrapper: u8 = 0;

#[extension_point]
trait Specs {
    fn check(&self, log: &mut Vec<u8>, topic: String, page: u8) -> Result<Option<u8>, String>;

    #[extension_point(firstresult)]
    fn find(&self, topic: &str) -> Option<u8>;

    #[extension_point(pipeline)]
    fn thread(&self, text_: String, count: String) -> Result<String, String>;

    #[extension_point(pipeline)]
    fn thread_some(&self, text_: String, count: String) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str, page: String, other: Option<&u8>) -> Result<(), String>;
}

struct Weather;

#[extension(after = ["log"])]
impl Specs for Weather {
    #[extension(when = Self::is_first(page))]
    fn check(&self, log: &mut Vec<u8>, page: u8) -> Result<Option<u8>, String> {
        log.push(page);
        Ok(Some(page))
    }

    #[extension(wrapper)]
    fn find(&self, topic: &str, rest_: Next<'_>) -> Option<u8> {
        rest_.run(topic)
    }

    #[extension(wrapper, when = Self::always)]
    fn thread(&self, rest_: Next<'_>) -> Result<String, String> {
        rest_.run()
    }

    fn thread_some(self: &std::sync::Arc<Self>, text_: String) -> Option<String> {
        Some(text_)
    }

    fn configure(&self, settings: &str) -> Result<(), String> {
        settings.is_empty().then_some(()).ok_or_else(|| settings.to_owned())
    }
}

impl Weather {
    const fn is_first(_: &Self, page: u8) -> bool {
        page == 1
    }

    const fn always(_: &Self) -> bool {
        true
    }
}

struct Tides;

#[extension]
impl Specs for Tides {
    async fn find(&self, topic: &str) -> Option<u8> {
        topic.bytes().next()
    }
}

#[test]
fn constants_may_be_called_like_variables_of_generated_code() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    pm.register(Tides).unwrap_err();
    let mut log = Vec::new();
    let check = pm.caller(Specs::check);
    assert_eq!(check.call(&mut log, String::new(), 1), Ok(vec![1]));
    assert_eq!(check.call(&mut log, String::new(), 2), Ok(vec![]));
    assert_eq!(log, [1]);
    assert_eq!(pm.caller(Specs::find).call("a"), None);
    assert_eq!(pm.caller(Specs::thread).call("a".to_owned(), String::new()), Ok("a".to_owned()));
    assert_eq!(pm.caller(Specs::thread_some).call("a".to_owned(), String::new()), "a");
    let configure = pm.caller(Specs::configure);
    assert_eq!(configure.call_historic("", String::new(), None), Ok(()));
    assert_eq!(configure.call_historic("a", String::new(), None), Err("a".to_owned()));
}
