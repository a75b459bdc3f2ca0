//! Every name of the prelude, and `std` and `core`, mean something else here.

use pluginkit::{PluginManager, extension, extension_point};

macro_rules! shadow {
    ($($name:ident)*) => {
        $(
            #[allow(unused_macros, reason = "it is only in the way")]
            macro_rules! $name {
                () => {};
            }
        )*
    };
}

shadow! { compile_error concat file line column matches panic stringify unreachable vec write }

#[allow(dead_code, reason = "what is here is only in the way")]
mod decoys {
    pub(super) struct Result;
    pub(super) struct Option;
    pub(super) struct Vec;
    pub(super) struct String;
    pub(super) struct Box;
    pub(super) struct Arc;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) trait Send {}
    pub(super) trait Sync {}
    pub(super) trait Clone {}
    pub(super) trait Copy {}
    pub(super) trait Fn {}
    pub(super) trait FnMut {}
    pub(super) trait FnOnce {}
    pub(super) trait Into {}
    pub(super) trait Iterator {}
    pub(super) trait Default {}
    pub(super) trait Drop {}
    pub(super) const fn drop() {}
    pub(super) mod std {}
    pub(super) mod core {}
    pub(super) mod alloc {}
}

#[allow(unused_imports, reason = "what is here is only in the way")]
use decoys::*;
#[allow(unused_imports, reason = "explicitly, too, as a glob loses against some names")]
use decoys::{
    Arc, Box, Clone, Copy, Err, Fn, FnMut, FnOnce, Iterator, None, Ok, Option, Result, Send, Some, String,
    Sync, Vec, alloc, core, std,
};

type Text = ::std::string::String;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> Text;

    fn find(&self, topic: &str, page: ::core::option::Option<&u8>) -> ::core::option::Option<Text>;

    fn check(&self, log: &mut ::std::vec::Vec<Text>) -> ::core::result::Result<(), Text>;

    #[extension_point(firstresult)]
    fn deliver(&self, message: Text) -> ::core::result::Result<::core::option::Option<Text>, Text>;

    #[extension_point(pipeline)]
    fn transform(&self, text: Text) -> ::core::option::Option<Text>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str) -> ::core::result::Result<(), Text>;
}

struct Weather;

#[extension(priority = 1)]
impl Specs for Weather {
    #[extension(when = Self::short)]
    fn fetch(&self, topic: &str) -> Text {
        Text::from(topic)
    }

    fn find(&self, topic: &str) -> ::core::option::Option<Text> {
        ::core::option::Option::Some(Text::from(topic))
    }

    fn check(&self, log: &mut ::std::vec::Vec<Text>) -> ::core::result::Result<(), Text> {
        log.push(Text::from("checked"));
        ::core::result::Result::Ok(())
    }

    #[extension(wrapper)]
    fn deliver(
        &self,
        message: Text,
        next: pluginkit::Next<'_>,
    ) -> ::core::result::Result<::core::option::Option<Text>, Text> {
        next.run(message)
    }

    #[extension(wrapper)]
    fn transform(&self, next: pluginkit::Next<'_>) -> Text {
        next.run()
    }

    fn configure(self: ::std::sync::Arc<Self>, settings: &str) -> ::core::result::Result<(), Text> {
        if settings.is_empty() {
            return ::core::result::Result::Err(Text::from("empty"));
        }
        ::core::result::Result::Ok(())
    }
}

impl Weather {
    const fn short(_: &Self, topic: &str) -> bool {
        topic.len() < 10
    }
}

struct Tides;

#[extension]
impl Specs for Tides {
    async fn fetch(&self, topic: &str) -> Text {
        Text::from(topic)
    }
}

#[test]
fn names_of_the_prelude_may_be_taken() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    pm.register(Tides).unwrap_err();
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor"]);
    assert_eq!(pm.caller(Specs::find).call("harbor", ::core::option::Option::None), ["harbor"]);
    let mut log = ::std::vec::Vec::new();
    assert!(pm.caller(Specs::check).call(&mut log).is_ok());
    assert_eq!(log, ["checked"]);
    assert!(pm.caller(Specs::deliver).call(Text::from("hello")).unwrap().is_none());
    assert_eq!(pm.caller(Specs::transform).call(Text::from("text")), "text");
    assert_eq!(
        pm.caller(Specs::configure).call_historic(""),
        ::core::result::Result::Err(Text::from("empty"))
    );
    assert!(pm.caller(Specs::configure).call_historic("calm").is_ok());
}
