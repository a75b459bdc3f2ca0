//! Specs and extensions that a `macro_rules!` writes.

use pluginkit::prelude::*;

macro_rules! specs {
    ($(#[$meta:meta])* $visibility:vis $name:ident { $($(#[$point:meta])* $method:ident($($arg:ident: $ty:ty),*) -> $returns:ty;)* }) => {
        $(#[$meta])*
        #[extension_point]
        $visibility trait $name {
            $($(#[$point])* fn $method(&self, $($arg: $ty),*) -> $returns;)*
        }
    };
}

specs! {
    /// What a feed host lets plugins extend.
    pub(crate) Specs {
        fetch(topic: &str) -> String;
        find(topic: &str, page: Option<&u8>) -> Option<u8>;
        check(log: &mut Vec<u8>, count: u8) -> Result<(), String>;
        #[extension_point(firstresult)]
        deliver(message: String) -> Result<Option<String>, String>;
        #[extension_point(pipeline)]
        transform(text: String) -> Option<String>;
        #[extension_point(pipeline)]
        edit(text: &mut String) -> ();
        #[extension_point(historic)]
        configure(settings: &str, page: Option<&u8>) -> ();
    }
}

macro_rules! plugin {
    ($name:ident: $specs:path, $priority:literal, $reply:expr, $when:path) => {
        struct $name;

        #[extension(priority = $priority)]
        impl $specs for $name {
            fn fetch(&self, topic: &str) -> String {
                format!("{topic}{}", $reply)
            }

            #[extension(when = $when)]
            fn find(&self, page: Option<&u8>) -> Option<u8> {
                page.copied()
            }

            fn check(&self, log: &mut Vec<u8>, count: u8) -> Result<(), String> {
                log.push(count);
                Ok(())
            }

            fn configure(&self, settings: &str) {
                assert_eq!(settings, "calm");
            }
        }
    };
    ($name:ident: $specs:path, $method:ident($($arg:ident: $ty:ty),*) -> $returns:ty $body:block) => {
        struct $name;

        #[extension]
        impl $specs for $name {
            fn $method(&self, $($arg: $ty),*) -> $returns $body
        }
    };
    ($name:ident: $specs:path, wrapper $method:ident $target:literal -> $returns:ty) => {
        struct $name;

        #[extension]
        impl $specs for $name {
            #[extension(wrapper, target = $target)]
            fn $method(&self, next: Next<'_>) -> $returns {
                next.run()
            }
        }
    };
}

const fn always<T>(_: &T) -> bool {
    true
}

plugin!(Low: Specs, -1, "low", always);
plugin!(High: self::Specs, 2, "high", self::always);
plugin!(Echo: Specs, deliver(message: String) -> Result<Option<String>, String> { Ok(Some(message)) });
plugin!(Shout: Specs, transform(text: String) -> Option<String> { Some(text + "!") });
plugin!(Edit: Specs, edit(text: &mut String) -> () { text.push('?') });
plugin!(Around: Specs, wrapper around "fetch" -> Vec<String>);

#[test]
fn specs_and_plugins_may_come_out_of_a_macro() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Low).unwrap();
    pm.register(High).unwrap();
    pm.register(Echo).unwrap();
    pm.register(Shout).unwrap();
    pm.register(Edit).unwrap();
    pm.register(Around).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("a-"), ["a-high", "a-low"]);
    assert_eq!(pm.caller(Specs::find).call("a", Some(&3)), [3, 3]);
    let mut log = Vec::new();
    assert_eq!(pm.caller(Specs::check).call(&mut log, 4), Ok(()));
    assert_eq!(log, [4, 4]);
    assert_eq!(pm.caller(Specs::deliver).call("a".to_owned()), Ok(Some("a".to_owned())));
    assert_eq!(pm.caller(Specs::transform).call("a".to_owned()), "a!");
    let mut text = "a".to_owned();
    pm.caller(Specs::edit).call(&mut text);
    assert_eq!(text, "a?");
    pm.caller(Specs::configure).call_historic("calm", None);
}

macro_rules! built {
    ($name:ident, $id:literal, $build:path) => {
        #[plugin(id = $id, project = "built", build = $build)]
        struct $name(&'static str);

        #[extension]
        impl Specs for $name {
            fn fetch(&self) -> String {
                self.0.to_owned()
            }
        }
    };
}

built!(Built, "built", Built::new);

impl Built {
    const fn new() -> Self {
        Self("built")
    }
}

#[test]
fn a_path_that_builds_a_plugin_may_come_out_of_a_macro() {
    let pm = PluginManager::new("built");
    pm.add_extension_points(Specs).unwrap();
    pm.discover_with(pluginkit::loading::Discovery::new().only(["built"])).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["built"]);
}
