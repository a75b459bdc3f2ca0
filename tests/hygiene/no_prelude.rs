//! No prelude at all.
#![no_implicit_prelude]

#[::pluginkit::extension_point]
pub(crate) trait Specs {
    fn fetch(&self, topic: &str) -> ::std::string::String;

    fn find(&self) -> ::core::result::Result<::core::option::Option<u8>, ::std::string::String>;

    #[extension_point(firstresult)]
    fn deliver(&self, message: ::std::string::String, urgent: bool) -> ::core::option::Option<u8>;

    #[extension_point(pipeline)]
    fn transform(&self, text: ::std::string::String) -> ::std::string::String;

    #[extension_point(pipeline)]
    fn edit(&self, text: &mut ::std::string::String);

    #[extension_point(historic)]
    fn configure(&self, settings: &[u8], level: u8) -> ::core::result::Result<(), ::std::string::String>;
}

#[::pluginkit::extension_point(service, project = "feed")]
trait Formatter: ::core::marker::Send + ::core::marker::Sync {
    fn format(&self) -> u8;
}

#[::pluginkit::plugin(id = "weather", version = "1.0.0", name = "W", requires = ["core"], project = "feed")]
struct Weather;

#[::pluginkit::extension(service, priority = 3)]
impl Formatter for Weather {
    fn format(&self) -> u8 {
        7
    }
}

#[::pluginkit::extension]
impl ::pluginkit::lifecycle::Lifecycle for Weather {
    fn start(&self) -> ::core::result::Result<(), ::pluginkit::BoxError> {
        ::core::result::Result::Ok(())
    }
}

#[::pluginkit::extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> ::std::string::String {
        ::std::borrow::ToOwned::to_owned(topic)
    }

    fn find(&self) -> ::core::result::Result<::core::option::Option<u8>, ::std::string::String> {
        ::core::result::Result::Ok(::core::option::Option::None)
    }

    #[extension(wrapper, timeout = "1s", before = "audit", after = ["log"])]
    fn deliver(&self, next: ::pluginkit::Next<'_>) -> ::core::option::Option<u8> {
        next.run()
    }

    #[extension(when = Self::always)]
    fn transform(&self, text: ::std::string::String) -> ::std::string::String {
        text
    }

    fn edit(text: &mut ::std::string::String) {
        text.push('!');
    }

    fn configure(&self, level: u8) -> ::core::result::Result<(), ::std::string::String> {
        ::std::assert_eq!(level, 3);
        ::core::result::Result::Ok(())
    }
}

impl Weather {
    const fn always(_: &Self) -> bool {
        true
    }
}

struct Tides;

#[::pluginkit::extension]
impl Specs for Tides {
    async fn fetch(&self, topic: &str) -> ::std::string::String {
        ::std::borrow::ToOwned::to_owned(topic)
    }
}

#[::pluginkit::extension_point]
pub(crate) trait Generic<
    T: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync,
    E = ::std::string::String,
>
{
    fn owned(&self, value: T, _: u8) -> ::core::result::Result<T, E>;

    fn within(&self, value: ::core::option::Option<&mut T>) -> u8;

    fn longest<'a, 'b: 'a>(&self, value: &'a T, other: &'b T) -> &'a T;

    #[extension_point(pipeline)]
    fn thread(&self, value: T) -> ::core::option::Option<T>;

    #[extension_point(historic)]
    fn told(&self, value: &T, some: ::core::option::Option<&T>, all: &[T], given: T);
}

#[::pluginkit::extension]
impl<T: ::core::clone::Clone + ::core::marker::Send + ::core::marker::Sync, E> Generic<T, E> for Tides {
    fn owned(&self, value: T, _: u8) -> ::core::result::Result<T, E> {
        ::core::result::Result::Ok(value)
    }

    #[extension(wrapper)]
    fn thread(&self, next: ::pluginkit::Next<'_>) -> T {
        next.run()
    }

    fn told(&self, all: &[T], given: T) {
        ::std::assert_eq!(all.len(), 1);
        ::core::mem::drop(given);
    }
}

#[::pluginkit::extension_point(service)]
trait Store<K>: ::core::marker::Send + ::core::marker::Sync {
    fn get(&self) -> K;
}

#[::pluginkit::extension(service)]
impl<K: ::core::default::Default> Store<K> for Tides {
    fn get(&self) -> K {
        ::core::default::Default::default()
    }
}

#[::core::prelude::v1::test]
fn generic_specs_and_services_need_no_prelude() {
    let pm = ::pluginkit::PluginManager::new("feed");
    pm.add_extension_points(<Generic<u8>>::SPECS).unwrap();
    pm.caller(<Generic<u8>>::told).call_historic(&1, ::core::option::Option::None, &[1], 1);
    ::pluginkit::PluginBuilder::new(Tides)
        .extends(<Generic<u8>>::SPECS)
        .provides::<dyn Store<u16>>(1)
        .register(&pm)
        .unwrap();
    ::std::assert_eq!(pm.caller(<Generic<u8>>::owned).call(7, 1), ::core::result::Result::Ok(::std::vec![7]));
    ::std::assert_eq!(pm.caller(<Generic<u8>>::thread).call(7), 7);
    ::std::assert!(pm.caller(<Generic<u8>>::within).call(::core::option::Option::None).is_empty());
    ::std::assert!(pm.caller(<Generic<u8>>::longest).call(&1, &2).is_empty());
    ::std::assert_eq!(pm.service::<dyn Store<u16>>().map(|it| it.get()).unwrap(), 0);
}

#[::core::prelude::v1::test]
fn a_module_may_have_no_prelude() {
    let pm = ::pluginkit::PluginManager::builder("feed").calls_follow_states(false).build();
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    ::std::assert_eq!(pm.service::<dyn Formatter>().map(|it| it.format()).unwrap(), 7);
    ::std::assert_eq!(pm.descriptor("weather").unwrap().metadata.name, "W");
    ::std::assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor"]);
    ::std::assert!(pm.caller(Specs::find).call().unwrap().is_empty());
    ::std::assert!(pm.caller(Specs::deliver).call(::std::string::String::new(), true).is_none());
    let mut text = pm.caller(Specs::transform).call(::std::borrow::ToOwned::to_owned("text"));
    pm.caller(Specs::edit).call(&mut text);
    ::std::assert_eq!(text, "text!");
    pm.caller(Specs::configure).call_historic(&[1], 3).unwrap();
}
