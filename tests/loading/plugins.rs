//! The plugins of these tests, each of the project of its test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;
use serde::Deserialize;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
}

macro_rules! fetches {
    ($($type:ident: $text:expr;)*) => {$(
        #[extension]
        impl Specs for $type {
            fn fetch(&self, topic: &str) -> String {
                let text: &dyn Fn(&$type) -> String = &$text;
                format!("{}[{topic}]", text(self))
            }
        }
    )*};
}

// Of `discovery`.

#[plugin(id = "d-weather", project = "discovery")]
#[derive(Default)]
pub struct Weather;

#[plugin(id = "a-news", project = "discovery")]
#[derive(Default)]
pub struct News;

#[plugin(id = "c-made", project = "discovery", build = Built::new)]
pub struct Built(&'static str);

impl Built {
    fn new() -> Self {
        Self("built")
    }
}

#[plugin(id = "b-words", project = "discovery", extends = Specs::fetch)]
pub fn words(topic: &str) -> String {
    format!("words[{topic}]")
}

#[plugin(id = "elsewhere", project = "another-project")]
#[derive(Default)]
pub struct Elsewhere;

fetches! {
    Weather: |_| "weather".to_owned();
    News: |_| "news".to_owned();
    Built: |built| built.0.to_owned();
    Elsewhere: |_| "elsewhere".to_owned();
}

// Of `failing`: one works, each of the others does not in a way of its own.

#[plugin(id = "works", project = "failing")]
#[derive(Default)]
pub struct Works;

#[plugin(id = "fails", project = "failing", build = Fails::new)]
pub struct Fails;

#[derive(Debug, PartialEq, Eq)]
pub struct NoDisk;

impl std::fmt::Display for NoDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is no disk")
    }
}

impl std::error::Error for NoDisk {}

impl Fails {
    fn new() -> Result<Self, NoDisk> {
        Err(NoDisk)
    }
}

#[plugin(id = "panics", project = "failing", build = Panics::new)]
pub struct Panics;

impl Panics {
    fn new() -> Self {
        panic!("out of luck")
    }
}

#[plugin(id = "unmade", project = "failing")]
pub struct Unmade(#[expect(dead_code, reason = "what keeps it from having a default")] u8);

#[derive(Deserialize)]
pub struct Required {
    pub sky: String,
}

#[plugin(id = "unset", project = "failing", config = Required)]
pub struct Unset(Required);

impl From<Required> for Unset {
    fn from(settings: Required) -> Self {
        Self(settings)
    }
}

fetches! {
    Works: |_| "works".to_owned();
    Fails: |_| "fails".to_owned();
    Panics: |_| "panics".to_owned();
    Unmade: |_| "unmade".to_owned();
    Unset: |unset| unset.0.sky.clone();
}

// Of `doubles`: two of one id.

pub mod one {
    #[pluginkit::plugin(id = "double", project = "doubles")]
    #[derive(Default)]
    pub struct Double;
}

pub mod two {
    #[pluginkit::plugin(id = "double", project = "doubles")]
    #[derive(Default)]
    pub struct Double;
}

// Of `loading`: what configurations list.

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, schemars::JsonSchema)]
#[serde(default)]
pub struct CorsSettings {
    /// Whom to answer.
    pub origin: String,
    pub ages: BTreeMap<String, u32>,
}

/// Made of its settings by a function that may fail.
#[plugin(id = "cors", project = "loading", config = CorsSettings, build = Cors::new)]
pub struct Cors {
    pub settings: CorsSettings,
}

impl Cors {
    fn new(settings: CorsSettings) -> Result<Self, NoDisk> {
        if settings.origin == "nowhere" { Err(NoDisk) } else { Ok(Self { settings }) }
    }
}

/// Made by `TryFrom`, of settings without defaults.
#[plugin(id = "limiter", project = "loading", config = Limits)]
pub struct Limiter(pub u32);

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Limits {
    pub max_requests: u32,
}

impl TryFrom<Limits> for Limiter {
    type Error = String;

    fn try_from(limits: Limits) -> Result<Self, String> {
        if limits.max_requests == 0 {
            Err("nobody could ask".to_owned())
        } else {
            Ok(Self(limits.max_requests))
        }
    }
}

/// Made by `Default`; it finds its settings when it starts.
#[plugin(id = "store", project = "loading", config = StoreSettings)]
#[derive(Default)]
pub struct Store {
    pub seen: Mutex<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(default)]
pub struct StoreSettings {
    pub host: String,
    pub port: u16,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { host: "localhost".to_owned(), port: 6379 }
    }
}

#[extension]
impl Lifecycle for Store {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let settings = cx.config::<StoreSettings>().ok_or("no settings")?;
        self.seen.lock().unwrap().push(format!("{}:{}", settings.host, settings.port));
        Ok(())
    }
}

/// Without settings.
#[plugin(id = "auth", project = "loading")]
#[derive(Default)]
pub struct Auth;

#[plugin(id = "shout", project = "loading", extends = Specs::transform)]
pub fn shout(text: String) -> String {
    text.to_uppercase()
}

#[plugin(id = "greet", project = "loading", extends = Specs::transform)]
pub fn greet(text: String) -> String {
    format!("hello {text}")
}

fetches! {
    Cors: |cors| format!("cors {}", cors.settings.origin);
    Limiter: |limiter| format!("limiter {}", limiter.0);
    Store: |store| format!("store {}", store.seen.lock().unwrap().join(" "));
    Auth: |_| "auth".to_owned();
}

// Of `reloading`: plugins with a life.

/// What plugins do in their lives, in the state that they share.
#[derive(Default)]
pub struct Log(pub Mutex<Vec<String>>);

impl Log {
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn note(cx: &PluginContext, what: &str) {
    let log: Arc<Log> = cx.shared_state().get_or_insert_with(Log::default);
    log.0.lock().unwrap().push(format!("{what} {}", cx.id()));
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Life {
    pub sky: String,
    pub fails: bool,
    /// Whether it panics when it is dropped.
    pub bursts: bool,
}

macro_rules! living {
    ($($type:ident $id:literal [$($requires:literal)?];)*) => {$(
        #[plugin(id = $id, project = "reloading", config = Life, requires = [$($requires)?])]
        pub struct $type(pub Life);

        impl From<Life> for $type {
            fn from(life: Life) -> Self {
                Self(life)
            }
        }

        impl Drop for $type {
            fn drop(&mut self) {
                assert!(!self.0.bursts, "{} bursts", $id);
            }
        }

        #[extension]
        impl Lifecycle for $type {
            fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
                note(cx, "start");
                if self.0.fails { Err("it is to fail".into()) } else { Ok(()) }
            }

            fn stop(&self, cx: &PluginContext) -> Result<(), BoxError> {
                note(cx, "stop");
                Ok(())
            }
        }

        #[extension]
        impl Specs for $type {
            fn fetch(&self) -> String {
                format!("{} {}", $id, self.0.sky)
            }
        }
    )*};
}

living! {
    Core "core" [];
    Text "text" ["core"];
    Cache "cache" [];
}

// Of `inferred`, as the points they extend say.

#[extension_point(project = "inferred")]
pub trait Inferred {
    fn infer(&self) -> u8;
}

#[plugin(id = "says-nothing")]
#[derive(Default)]
pub struct SaysNothing;

#[extension]
impl Inferred for SaysNothing {
    fn infer(&self) -> u8 {
        1
    }
}

#[plugin(id = "left-to-hosts")]
pub struct LeftToHosts(#[expect(dead_code, reason = "what keeps it from having a default")] u8);

/// Plugins that require and provide services.
pub mod completing {
    use pluginkit::prelude::*;

    #[extension_point(service, project = "completing")]
    pub trait Store: Send + Sync {}

    #[extension_point(service, project = "completing")]
    pub trait Cache: Send + Sync {}

    #[plugin(id = "web", project = "completing", requires = [service(dyn Store), service(dyn Cache)])]
    #[derive(Default)]
    struct Web;

    #[plugin(id = "disk", project = "completing", requires = "driver")]
    #[derive(Default)]
    struct Disk;

    #[extension(service)]
    impl Store for Disk {}

    #[plugin(id = "driver", project = "completing")]
    #[derive(Default)]
    struct Driver;

    #[plugin(id = "redis", project = "completing", provides = service(dyn Cache))]
    #[derive(Default)]
    struct Redis;

    #[plugin(id = "memory", project = "completing")]
    #[derive(Default)]
    struct Memory;

    #[extension(service)]
    impl Cache for Memory {}
}
