//! The plugins that random configurations list: of settings of every shape.

use std::collections::BTreeMap;

use pluginkit::prelude::*;
use serde::Deserialize;

use crate::plugins::Specs;

/// Their ids, and the paths of some.
pub(super) const REFERENCES: [&str; 12] = [
    "alone",
    "text",
    "deep",
    "strict",
    "picky",
    "lives",
    "leans",
    "shout",
    "mine",
    "loading::fuzz::plugins::Deep",
    "loading::fuzz::plugins::Alone",
    "loading::fuzz::plugins::shout",
];

/// What is neither, or nothing that could be.
pub(super) const STRANGERS: [&str; 8] =
    ["nobody", "cors", "loading::fuzz::plugins::Nobody", "other_crate::Deep", "::", "a b", "", "dEEp"];

/// Without settings.
#[plugin(id = "alone", project = "fuzzing")]
#[derive(Default)]
pub struct Alone;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TextSettings {
    pub text: String,
    pub count: u8,
    pub ratio: f64,
}

#[plugin(id = "text", project = "fuzzing", config = TextSettings)]
pub struct Text(TextSettings);

impl From<TextSettings> for Text {
    fn from(settings: TextSettings) -> Self {
        Self(settings)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DeepSettings {
    pub inner: Inner,
    pub list: Vec<Item>,
    pub level: Level,
    pub maybe: Option<i64>,
    pub by_name: BTreeMap<String, Inner>,
    pub pair: (u8, String),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inner {
    pub on: bool,
    pub sizes: Vec<u16>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
#[expect(dead_code, reason = "shown")]
pub enum Item {
    Number(i64),
    Text(String),
    Inner(Inner),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "shown")]
pub enum Level {
    #[default]
    Low,
    High,
    Custom(u8),
    Range {
        from: u8,
        to: u8,
    },
}

#[plugin(id = "deep", project = "fuzzing", config = DeepSettings, build = Deep::new)]
pub struct Deep(DeepSettings);

impl Deep {
    fn new(settings: DeepSettings) -> Self {
        Self(settings)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "shown")]
pub struct StrictSettings {
    pub needed: u32,
    #[serde(default)]
    pub also: bool,
}

/// With a setting that must be given.
#[plugin(id = "strict", project = "fuzzing", config = StrictSettings)]
pub struct Strict(StrictSettings);

impl From<StrictSettings> for Strict {
    fn from(settings: StrictSettings) -> Self {
        Self(settings)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct PickySettings {
    pub fails: bool,
    pub panics: bool,
    pub wish: u8,
}

/// Whose factory fails and panics as it is told.
#[plugin(id = "picky", project = "fuzzing", config = PickySettings)]
pub struct Picky(PickySettings);

impl TryFrom<PickySettings> for Picky {
    type Error = String;

    fn try_from(settings: PickySettings) -> Result<Self, String> {
        assert!(!settings.panics, "meant to panic");
        if settings.fails { Err("meant to fail".to_owned()) } else { Ok(Self(settings)) }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LifeSettings {
    pub start_fails: bool,
    pub name: String,
}

macro_rules! living {
    ($($type:ident $id:literal [$($requires:literal)?];)*) => {$(
        #[plugin(id = $id, project = "fuzzing", config = LifeSettings, requires = [$($requires)?])]
        pub struct $type(LifeSettings);

        impl From<LifeSettings> for $type {
            fn from(settings: LifeSettings) -> Self {
                Self(settings)
            }
        }

        #[extension]
        impl Lifecycle for $type {
            fn start(&self) -> Result<(), BoxError> {
                if self.0.start_fails { Err("meant to fail".into()) } else { Ok(()) }
            }

            fn stop(&self) -> Result<(), BoxError> {
                Ok(())
            }
        }
    )*};
}

living! {
    Lives "lives" [];
    Leans "leans" ["lives"];
}

#[plugin(id = "shout", project = "fuzzing", extends = Specs::transform)]
pub fn shout(text: String) -> String {
    format!("{}!", text.to_uppercase())
}

macro_rules! fetches {
    ($($type:ident: $shown:expr;)*) => {$(
        #[extension]
        impl Specs for $type {
            fn fetch(&self, topic: &str) -> String {
                let shown: &dyn Fn(&$type) -> String = &$shown;
                format!("{topic} {} {}", stringify!($type), shown(self))
            }
        }
    )*};
}

fetches! {
    Alone: |_| String::new();
    Text: |text| format!("{:?}", text.0);
    Deep: |deep| format!("{:?}", deep.0);
    Strict: |strict| format!("{:?}", strict.0);
    Picky: |picky| format!("{:?}", picky.0);
    Lives: |lives| format!("{:?}", lives.0);
    Leans: |leans| format!("{:?}", leans.0);
}
