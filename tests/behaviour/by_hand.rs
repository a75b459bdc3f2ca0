//! Points and plugins without the macros.

use std::sync::Arc;

use pluginkit::manual::{
    Arguments, Bind, BindFn, BindMethod, Bound, BoundFn, BoundNext, Calls, ExtensionPoint, Handle, Many,
    NoWrapper, One, Points, RawNext, Remembered, Somes, Specs, Units, Values, WrapArguments, Wrappable,
};
use pluginkit::{Error, Mode, Options, PluginManager, PointInfo};
use pluginkit_tests::Log;

/// The specs.
#[derive(Clone, Copy)]
struct Feed;

#[expect(non_upper_case_globals, reason = "points are named like the methods they stand for")]
impl Feed {
    const fetch: Fetch = Fetch;
    const find: Find = Find;
    const configure: Configure = Configure;
}

impl Specs for Feed {
    const NAME: &'static str = "Feed";
    const PROJECT: Option<&'static str> = Some("by hand");

    fn declare(points: &mut Points) {
        points.add::<Fetch>();
        points.add::<Find>();
        points.add::<Configure>();
    }
}

// A collecting point, with wrappers and closures.

#[derive(Clone, Copy)]
struct Fetch;

trait FetchExtension: Send + Sync {
    fn fetch(&self, topic: &str) -> String;
}

trait FetchWrapper: Send + Sync {
    fn wrap(&self, topic: &str, next: FetchNext<'_>) -> Vec<String>;
}

struct FetchArgs<'a> {
    topic: &'a str,
}

impl Arguments<Fetch, String> for FetchArgs<'_> {
    fn call(&mut self, extension: &dyn FetchExtension, _last: bool) -> String {
        extension.fetch(self.topic)
    }
}

impl WrapArguments<Fetch, Vec<String>> for FetchArgs<'_> {
    fn wrap(self, wrapper: &dyn FetchWrapper, next: RawNext<'_, Fetch>) -> Vec<String> {
        wrapper.wrap(self.topic, FetchNext(next))
    }
}

struct FetchNext<'n>(RawNext<'n, Fetch>);

impl FetchNext<'_> {
    fn run(self, topic: &str) -> Vec<String> {
        self.0.collect::<Values, _, _>(FetchArgs { topic })
    }
}

impl ExtensionPoint for Fetch {
    type Specs = Feed;
    type Extension = dyn FetchExtension;
    type Wrapper = dyn FetchWrapper;
    type Calls = FetchCalls;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "fetch", Mode::Collecting, &["topic"]);
}

impl Wrappable for Fetch {
    type Next<'n> = FetchNext<'n>;
}

struct FetchCalls(Handle<Fetch>);

impl Calls<Fetch> for FetchCalls {
    fn new(handle: Handle<Fetch>) -> Self {
        Self(handle)
    }
    fn handle(&self) -> &Handle<Fetch> {
        &self.0
    }
}

impl FetchCalls {
    fn call(&self, topic: &str) -> Many<Values, String> {
        self.0.collect::<Values, _, _>(FetchArgs { topic })
    }
}

impl<F: Fn(&str) -> String + Send + Sync + 'static> FetchExtension for BoundFn<F> {
    fn fetch(&self, topic: &str) -> String {
        (self.0)(topic)
    }
}

impl<F: Fn(&str) -> String + Send + Sync + 'static> BindFn<F> for Fetch {
    fn bind_fn(call: F) -> Arc<dyn FetchExtension> {
        Arc::new(BoundFn(call))
    }
}

impl<T: Send + Sync + 'static, F: Fn(&Arc<T>, &str) -> String + Send + Sync + 'static> FetchExtension
    for Bound<T, F, ()>
{
    fn fetch(&self, topic: &str) -> String {
        (self.call)(&self.this, topic)
    }
}

impl<T: Send + Sync + 'static, F: Fn(&Arc<T>, &str) -> String + Send + Sync + 'static> Bind<T, F> for Fetch {
    type When = ();
    fn bind(this: Arc<T>, call: F) -> Arc<dyn FetchExtension> {
        Arc::new(Bound { this, call, when: None })
    }
    fn bind_when(this: Arc<T>, call: F, when: ()) -> Arc<dyn FetchExtension> {
        Arc::new(Bound { this, call, when: Some(when) })
    }
}

impl<T: Send + Sync + 'static, F: Fn(&T, &str) -> String + Send + Sync + 'static> BindMethod<T, F> for Fetch {
    fn bind_method(this: Arc<T>, call: F) -> Arc<dyn FetchExtension> {
        Self::bind(this, move |this, topic| call(this, topic))
    }
}

// A firstresult point, with the least there can be.

#[derive(Clone, Copy)]
struct Find;

trait FindExtension: Send + Sync {
    fn find(&self, key: &str) -> Option<u32>;
}

impl ExtensionPoint for Find {
    type Specs = Feed;
    type Extension = dyn FindExtension;
    type Wrapper = NoWrapper;
    type Calls = FindCalls;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "find", Mode::FirstResult, &["key"]);
}

struct FindCalls(Handle<Find>);

impl Calls<Find> for FindCalls {
    fn new(handle: Handle<Find>) -> Self {
        Self(handle)
    }
    fn handle(&self) -> &Handle<Find> {
        &self.0
    }
}

struct FindArgs<'a>(&'a str);

impl Arguments<Find, Option<u32>> for FindArgs<'_> {
    fn call(&mut self, extension: &dyn FindExtension, _last: bool) -> Option<u32> {
        extension.find(self.0)
    }
}

impl FindCalls {
    fn call(&self, key: &str) -> One<Somes, Option<u32>> {
        self.0.load().chain().extensions().first::<Somes, _, _>(FindArgs(key))
    }
}

// A historic point.

#[derive(Clone, Copy)]
struct Configure;

trait ConfigureExtension: Send + Sync {
    fn configure(&self, level: u32);
}

impl ExtensionPoint for Configure {
    type Specs = Feed;
    type Extension = dyn ConfigureExtension;
    type Wrapper = NoWrapper;
    type Calls = ConfigureCalls;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "configure", Mode::Historic, &["level"]);
}

struct ConfigureCalls(Handle<Configure>);

impl Calls<Configure> for ConfigureCalls {
    fn new(handle: Handle<Configure>) -> Self {
        Self(handle)
    }
    fn handle(&self) -> &Handle<Configure> {
        &self.0
    }
}

#[derive(Clone, Copy)]
struct Level(u32);

impl Arguments<Configure, ()> for Level {
    fn call(&mut self, extension: &dyn ConfigureExtension, _last: bool) {
        extension.configure(self.0);
    }
}

impl Remembered<Configure, ()> for Level {
    type Args<'e> = Level;

    fn recall(&self) -> Level {
        *self
    }
}

impl ConfigureCalls {
    fn call_historic(&self, level: u32) {
        self.0.historic::<Units, (), _, _>(Level(level), Level(level), |never| match never {});
    }
}

// A plugin.

struct Weather {
    sky: &'static str,
    log: Log,
}

impl FetchExtension for Weather {
    fn fetch(&self, topic: &str) -> String {
        format!("{topic}: {}", self.sky)
    }
}

impl FetchWrapper for Weather {
    fn wrap(&self, topic: &str, next: FetchNext<'_>) -> Vec<String> {
        let mut headlines = next.run(&topic.to_uppercase());
        headlines.push("wrapped".into());
        headlines
    }
}

impl FindExtension for Weather {
    fn find(&self, key: &str) -> Option<u32> {
        (key == self.sky).then_some(1)
    }
}

impl ConfigureExtension for Weather {
    fn configure(&self, level: u32) {
        self.log.push(level.to_string());
    }
}

fn manager() -> PluginManager {
    let pm = PluginManager::new("by hand");
    pm.add_extension_points(Feed).unwrap();
    pm
}

fn register(pm: &PluginManager, log: &Log) -> Result<pluginkit::PluginId, Error> {
    pm.plugin(Weather { sky: "clear", log: log.clone() })
        .named("weather")
        .object(Feed::fetch, Options::new().trylast(), |this| this)
        .object(Feed::find, Options::new(), |this| this)
        .object(Feed::configure, Options::new(), |this| this)
        .wrapper_object(Feed::fetch, Options::new(), |this| this)
        .register()
}

#[test]
fn hand_written_points_are_called_like_any_other() {
    let (pm, log) = (manager(), Log::new());
    pm.caller(Feed::configure).call_historic(3);
    register(&pm, &log).unwrap();
    pm.caller(Feed::configure).call_historic(4);
    assert_eq!(log.line(), "3 4");
    assert_eq!(pm.caller(Feed::find).call("clear"), Some(1));
    assert_eq!(pm.caller(Feed::find).call("cloudy"), None);
    assert_eq!(pm.caller(Feed::fetch).call("x"), ["X: clear", "wrapped"]);
    assert_eq!(pm.caller(Feed::fetch).without(["weather"]).call("x"), [""; 0]);
}

#[test]
fn hand_written_points_take_closures_in_the_shape_they_choose() {
    let (pm, log) = (manager(), Log::new());
    register(&pm, &log).unwrap();
    pm.register_fn("closure", Feed::fetch, |topic: &str| format!("closure {topic}")).unwrap();
    pm.plugin(5u32)
        .named("five")
        .extension(Feed::fetch, Options::new().tryfirst(), |this: &Arc<u32>, topic: &str| {
            format!("{this}{topic}")
        })
        .register()
        .unwrap();
    assert_eq!(pm.caller(Feed::fetch).call("x"), ["5X", "closure X", "X: clear", "wrapped"]);
}

#[test]
fn a_next_without_arguments_can_be_made_by_hand() {
    let mut runs = 0;
    let mut rest = || {
        runs += 1;
        vec![runs]
    };
    assert_eq!(BoundNext::new(&mut rest).run(), [1]);
}
