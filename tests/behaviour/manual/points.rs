//! Points and plugins without the macros.

use std::sync::Arc;

use pluginkit::kind::Kind;
use pluginkit::manual::{
    Arguments, Bind, BindFn, BindMethod, BindWrapper, Callable, Direct, NoWrapper, PointTypes, Points,
    Remembered, Rest, Shared, Somes, Specs, Units, Values, WrapArguments, Wrappable,
};
use pluginkit::points::{Mode, PointInfo};
use pluginkit::{CallError, Error, Options, PluginBuilder, PluginManager, Settled, extension};
use pluginkit_tests::Log;

use super::PlainCaller;

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
    fn accepts_wrapper(&self, _: &dyn FetchWrapper) -> bool {
        self.topic != "bare"
    }

    fn wrap(self, wrapper: &dyn FetchWrapper, next: Rest<'_, Fetch>) -> Vec<String> {
        wrapper.wrap(self.topic, FetchNext(next))
    }
}

struct FetchNext<'n>(Rest<'n, Fetch>);

impl FetchNext<'_> {
    fn run(self, topic: &str) -> Vec<String> {
        self.0.collect::<Values, _, _>(FetchArgs { topic })
    }

    /// The same, for a wrapper that leaves the arguments out.
    fn bind(self, topic: &str) -> impl FnOnce() -> Vec<String> {
        move || self.run(topic)
    }
}

impl PointTypes for Fetch {
    type Specs = Feed;
    type Extension = dyn FetchExtension;
    type Wrapper = dyn FetchWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "fetch", Mode::Collecting, &["topic"]);
}

impl<K: Kind> Callable<K> for Fetch {
    type Caller = PlainCaller<Self, K>;
}

impl Wrappable for Fetch {
    type Next<'n> = FetchNext<'n>;
}

impl PlainCaller<Fetch> {
    fn call(&self, topic: &str) -> Vec<String> {
        self.0.dispatch().collect::<Values, _, _>(FetchArgs { topic })
    }
    fn iter<'a>(&self, topic: &'a str) -> impl Iterator<Item = String> + use<'a> {
        self.0.dispatch().results::<Values, _, _>(FetchArgs { topic })
    }
}

/// A closure that is an extension by itself.
struct Function<F>(F);

/// A plugin and the closure that makes it an extension or a wrapper.
struct Method<T, F> {
    this: Arc<T>,
    call: F,
}

impl<F: Fn(&str) -> String + Send + Sync + 'static> FetchExtension for Function<F> {
    fn fetch(&self, topic: &str) -> String {
        (self.0)(topic)
    }
}

impl<F: Fn(&str) -> String + Send + Sync + 'static> BindFn<F> for Fetch {
    fn bind_fn(call: F) -> Shared<dyn FetchExtension> {
        Shared::<dyn FetchExtension>::within(Arc::new(Function(call)), |bound| bound)
    }
}

impl<T: Send + Sync + 'static, F: Fn(&Arc<T>, &str) -> String + Send + Sync + 'static> FetchExtension
    for Method<T, F>
{
    fn fetch(&self, topic: &str) -> String {
        (self.call)(&self.this, topic)
    }
}

impl<T: Send + Sync + 'static, F: Fn(&Arc<T>, &str) -> String + Send + Sync + 'static> Bind<T, F> for Fetch {
    type When = ();
    fn bind(this: Arc<T>, call: F) -> Shared<dyn FetchExtension> {
        Shared::<dyn FetchExtension>::within(Arc::new(Method { this, call }), |bound| bound)
    }
    fn bind_when(this: Arc<T>, call: F, (): ()) -> Shared<dyn FetchExtension> {
        Shared::<dyn FetchExtension>::within(Arc::new(Method { this, call }), |bound| bound)
    }
}

impl<T, F> FetchWrapper for Method<T, F>
where
    T: Send + Sync + 'static,
    F: Fn(&Arc<T>, &mut dyn FnMut() -> Vec<String>) -> Vec<String> + Send + Sync + 'static,
{
    fn wrap(&self, topic: &str, next: FetchNext<'_>) -> Vec<String> {
        let mut next = Some(next.bind(topic));
        (self.call)(&self.this, &mut || next.take().map(|next| next()).unwrap_or_default())
    }
}

impl<T, F> BindWrapper<T, F> for Fetch
where
    T: Send + Sync + 'static,
    F: Fn(&Arc<T>, &mut dyn FnMut() -> Vec<String>) -> Vec<String> + Send + Sync + 'static,
{
    type When = ();
    fn bind_wrapper(this: Arc<T>, call: F, _: Option<()>) -> Shared<dyn FetchWrapper> {
        Shared::<dyn FetchWrapper>::within(Arc::new(Method { this, call }), |bound| bound)
    }
}

// A firstresult point, with the least there can be.

#[derive(Clone, Copy)]
struct Find;

trait FindExtension: Send + Sync {
    fn find(&self, key: &str) -> Option<u32>;
}

impl PointTypes for Find {
    type Specs = Feed;
    type Extension = dyn FindExtension;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "find", Mode::FirstResult, &["key"]);
}

impl<K: Kind> Callable<K> for Find {
    type Caller = PlainCaller<Self, K>;
}

struct FindArgs<'a> {
    key: &'a str,
}

impl Arguments<Find, Option<u32>> for FindArgs<'_> {
    fn call(&mut self, extension: &dyn FindExtension, _last: bool) -> Option<u32> {
        extension.find(self.key)
    }
}

impl WrapArguments<Find, Option<u32>> for FindArgs<'_> {
    fn wrap(self, wrapper: &NoWrapper, _: Rest<'_, Find>) -> Option<u32> {
        match *wrapper {}
    }
}

impl PlainCaller<Find> {
    fn call(&self, key: &str) -> Option<u32> {
        self.0.dispatch().first::<Somes, _, _>(FindArgs { key })
    }
    fn try_call(&self, key: &str) -> Result<Option<u32>, CallError> {
        self.0.dispatch().try_first::<Somes, _, _>(FindArgs { key })
    }
    fn settle(&self, key: &str) -> Vec<Settled<Option<u32>>> {
        self.0.dispatch().settle_first::<Somes, _, _>(FindArgs { key })
    }
    fn settle_all(&self, key: &str) -> Vec<Settled<Option<u32>>> {
        self.0.dispatch().settle::<Somes, _, _>(FindArgs { key })
    }
}

/// What a method of a block becomes: `args` has a field for each argument.
impl<T, F> FindExtension for Direct<T, F>
where
    T: Send + Sync + 'static,
    F: for<'a> Fn(&T, FindArgs<'a>) -> Option<u32> + Copy + Send + Sync + 'static,
{
    fn find(&self, key: &str) -> Option<u32> {
        (self.call)(&self.value, FindArgs { key })
    }
}

impl<T, F> BindMethod<T, F> for Find
where
    T: Send + Sync + 'static,
    F: for<'a> Fn(&T, FindArgs<'a>) -> Option<u32> + Copy + Send + Sync + 'static,
{
    fn bind_method(this: &T, call: F) -> &Self::Extension {
        Direct::of(this, call)
    }
}

// A historic point.

#[derive(Clone, Copy)]
struct Configure;

trait ConfigureExtension: Send + Sync {
    fn configure(&self, level: u32);
}

impl PointTypes for Configure {
    type Specs = Feed;
    type Extension = dyn ConfigureExtension;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "configure", Mode::Historic, &["level"]);
}

impl<K: Kind> Callable<K> for Configure {
    type Caller = PlainCaller<Self, K>;
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

impl PlainCaller<Configure> {
    fn call_historic(&self, level: u32) {
        self.0.dispatch().historic::<Units, (), _, _>(Level(level), Level(level), |never| match never {});
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
    PluginBuilder::new(Weather { sky: "clear", log: log.clone() })
        .named("weather")
        .object(Feed::fetch, Options::new().trylast(), |this| this)
        .object(Feed::find, Options::new(), |this| this)
        .object(Feed::configure, Options::new(), |this| this)
        .wrapper_object(Feed::fetch, Options::new(), |this| this)
        .register(pm)
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
    PluginBuilder::new(5u32)
        .named("five")
        .extension(Feed::fetch, Options::new().tryfirst(), |this: &Arc<u32>, topic: &str| {
            format!("{this}{topic}")
        })
        .register(&pm)
        .unwrap();
    assert_eq!(pm.caller(Feed::fetch).call("x"), ["5X", "closure X", "X: clear", "wrapped"]);
}

#[test]
fn a_hand_written_point_that_asks_no_predicates_runs_every_extension() {
    let pm = manager();
    PluginBuilder::new(5u32)
        .named("five")
        .extension_when(
            Feed::fetch,
            Options::new(),
            |this: &Arc<u32>, topic: &str| format!("{this}{topic}"),
            (),
        )
        .register(&pm)
        .unwrap();
    assert_eq!(pm.caller(Feed::fetch).call("x"), ["5x"]);
}

#[test]
fn hand_written_wrappers_may_leave_the_arguments_out() {
    let (pm, log) = (manager(), Log::new());
    register(&pm, &log).unwrap();
    let wrap = |this: &Arc<u32>, next: &mut dyn FnMut() -> Vec<String>| {
        let mut headlines = next();
        headlines.push(format!("{this} inside"));
        headlines
    };
    PluginBuilder::new(5u32)
        .named("five")
        .wrapper(Feed::fetch, Options::new().trylast(), wrap)
        .register(&pm)
        .unwrap();
    assert_eq!(pm.caller(Feed::fetch).call("x"), ["X: clear", "5 inside", "wrapped"]);
}

#[test]
fn a_hand_written_point_is_asked_only_about_wrappers_with_a_predicate() {
    let (pm, log) = (manager(), Log::new());
    register(&pm, &log).unwrap();
    let wrap = |this: &Arc<u32>, next: &mut dyn FnMut() -> Vec<String>| {
        let mut headlines = next();
        headlines.push(format!("{this} outside"));
        headlines
    };
    PluginBuilder::new(5u32)
        .named("five")
        .wrapper_when(Feed::fetch, Options::new().tryfirst(), wrap, ())
        .register(&pm)
        .unwrap();
    assert_eq!(pm.caller(Feed::fetch).call("x"), ["X: clear", "wrapped", "5 outside"]);
    assert_eq!(pm.caller(Feed::fetch).call("bare"), ["BARE: clear", "wrapped"]);
}

#[test]
fn hand_written_points_are_called_in_every_way_of_their_mode() {
    let (pm, log) = (manager(), Log::new());
    register(&pm, &log).unwrap();
    PluginBuilder::new(Finds(2))
        .named("two")
        .object(Feed::find, Options::new(), |this| this)
        .register(&pm)
        .unwrap();
    pm.register_fn("closure", Feed::fetch, |topic: &str| format!("closure {topic}")).unwrap();

    assert_eq!(pm.caller(Feed::fetch).iter("x").collect::<Vec<_>>(), ["closure x", "x: clear"]);
    let find = pm.caller(Feed::find);
    let told = |settled: Vec<Settled<Option<u32>>>| {
        settled.into_iter().map(|each| (each.plugin.to_string(), each.result.ok())).collect::<Vec<_>>()
    };
    assert_eq!(find.try_call("clear").unwrap(), Some(1));
    assert_eq!(told(find.settle("clear")), [("weather".to_owned(), Some(Some(1)))]);
    let both = [("weather".to_owned(), Some(Some(1))), ("two".to_owned(), Some(Some(2)))];
    assert_eq!(told(find.settle_all("clear")), both);

    assert!(find.try_call("panic").unwrap_err().to_string().contains("two"));
    let outcomes = told(find.settle_all("panic"));
    assert_eq!(outcomes, [("weather".to_owned(), Some(None)), ("two".to_owned(), None)]);
}

struct Finds(u32);

impl FindExtension for Finds {
    fn find(&self, key: &str) -> Option<u32> {
        assert_ne!(key, "panic");
        Some(self.0)
    }
}

struct Length;

#[extension]
impl Feed for Length {
    fn find(&self, key: &str) -> Option<u32> {
        u32::try_from(key.len()).ok()
    }
}

#[test]
fn hand_written_points_are_extended_by_blocks() {
    let pm = manager();
    pm.register(Length).unwrap();
    assert_eq!(pm.caller(Feed::find).call("four"), Some(4));
    assert_eq!(pm.caller(Feed::find).implementations()[0].plugin, "Length");
}
