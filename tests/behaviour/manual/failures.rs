//! Points written by hand under failure policies: what they need not say, and what they may.

use std::any::Any;

use pluginkit::kind::Kind;
use pluginkit::limits::FailurePolicy;
use pluginkit::manual::{
    Arguments, AsyncRest, Callable, Collects, NoWrapper, Passing, PointTypes, Points, Rest, Signature, Specs,
    Threads, ThreadsArgument, TryValues, WrapArguments,
};
use pluginkit::points::{Mode, PointInfo};
use pluginkit::{CallError, Options, PluginBuilder, PluginManager};
use pluginkit_tests::{Log, Show};

use super::PlainCaller;

#[derive(Clone, Copy)]
struct Feed;

#[allow(non_upper_case_globals)]
impl Feed {
    const parse: Parse = Parse;
    const transform: Transform = Transform;
    const fetch: Fetch = Fetch;
}

impl Specs for Feed {
    const NAME: &'static str = "Feed";
    const PROJECT: Option<&'static str> = None;
    fn declare(points: &mut Points) {
        points.add::<Parse>();
        points.add::<Transform>();
        points.add::<Fetch>();
    }
}

struct Args<T> {
    text: T,
}

// A collecting point that says no more than it must.

#[derive(Clone, Copy)]
struct Parse;

impl Signature for Parse {
    type Specs = Feed;
    type Form = Collects;
    type Shape = TryValues;
    type Return = Result<u32, String>;
    type Args<'a> = Args<&'a str>;
    type Held<'a> = Args<&'a str>;
    type Peeked<'x> = Args<&'x &'x str>;
    type Next<'n> = Rest<'n, Self>;
    type AsyncNext<'n> = AsyncRest<'n, Self>;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "parse", Mode::Collecting, &["text"])
        .with_failure_policy(FailurePolicy::Collect);

    fn open<'w, 'a: 'w>(held: Self::Held<'a>) -> Self::Args<'w> {
        held
    }
    fn close(args: Self::Args<'_>) -> Self::Held<'_> {
        args
    }
    fn peek<'x>(held: &'x Self::Held<'_>) -> Self::Peeked<'x> {
        Args { text: &held.text }
    }
    fn give<'s>(held: &'s mut Self::Held<'_>, _last: bool) -> Self::Args<'s> {
        Args { text: held.text }
    }
    fn next(rest: Rest<'_, Self>) -> Self::Next<'_> {
        rest
    }
    fn async_next(rest: AsyncRest<'_, Self>) -> Self::AsyncNext<'_> {
        rest
    }
}

impl<K: Kind> Callable<K> for Parse {
    type Caller = PlainCaller<Self, K>;
}

impl PlainCaller<Parse> {
    fn call(&self, text: &str) -> Result<Vec<u32>, String> {
        self.0.dispatch().collect::<TryValues, _, _>(Passing::<Parse>::new(Args { text }))
    }
    fn try_call(&self, text: &str) -> Result<Vec<u32>, CallError<String>> {
        self.0.dispatch().try_collect::<TryValues, _, _>(Passing::<Parse>::new(Args { text }))
    }
}

// A pipeline that says how to go on.

#[derive(Clone, Copy)]
struct Transform;

impl Signature for Transform {
    type Specs = Feed;
    type Form = Threads;
    type Shape = TryValues;
    type Return = Result<String, String>;
    type Args<'a> = Args<String>;
    type Held<'a> = Args<Option<String>>;
    type Peeked<'x> = Args<&'x String>;
    type Next<'n> = Rest<'n, Self>;
    type AsyncNext<'n> = AsyncRest<'n, Self>;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "transform", Mode::Pipeline, &["text"]);

    fn open<'w, 'a: 'w>(held: Self::Held<'a>) -> Self::Args<'w> {
        Args { text: held.text.unwrap() }
    }
    fn close(args: Self::Args<'_>) -> Self::Held<'_> {
        Args { text: Some(args.text) }
    }
    fn peek<'x>(held: &'x Self::Held<'_>) -> Self::Peeked<'x> {
        Args { text: held.text.as_ref().unwrap() }
    }
    fn give<'s>(held: &'s mut Self::Held<'_>, _last: bool) -> Self::Args<'s> {
        Args { text: held.text.take().unwrap() }
    }
    fn next(rest: Rest<'_, Self>) -> Self::Next<'_> {
        rest
    }
    fn async_next(rest: AsyncRest<'_, Self>) -> Self::AsyncNext<'_> {
        rest
    }
    fn keep(error: String) -> Result<Box<dyn Any + Send>, String> {
        Ok(Box::new(error))
    }
}

impl<K: Kind> Callable<K> for Transform {
    type Caller = PlainCaller<Self, K>;
}

impl ThreadsArgument for Transform {
    fn threaded<'s>(held: &'s mut Self::Held<'_>) -> &'s mut Option<String> {
        &mut held.text
    }
    fn spare(held: &Self::Held<'_>) -> Option<String> {
        // Of what is long there shall be no copies.
        held.text.clone().filter(|text| text.len() < 10)
    }
}

impl PlainCaller<Transform> {
    fn try_call(&self, text: String) -> Result<String, CallError<String>> {
        self.0.dispatch().try_thread::<TryValues, _, _>(Passing::<Transform>::new(Args { text }))
    }
}

// A collecting point written in full.

#[derive(Clone, Copy)]
struct Fetch;

trait FetchExtension: Send + Sync {
    fn fetch(&self, text: &str) -> Result<u32, String>;
}

impl PointTypes for Fetch {
    type Specs = Feed;
    type Extension = dyn FetchExtension;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "fetch", Mode::Collecting, &["text"]);
}

impl<K: Kind> Callable<K> for Fetch {
    type Caller = PlainCaller<Self, K>;
}

impl Arguments<Fetch, Result<u32, String>> for Args<&str> {
    fn call(&mut self, extension: &dyn FetchExtension, _last: bool) -> Result<u32, String> {
        extension.fetch(self.text)
    }
    fn keep(returned: Result<u32, String>) -> Result<Box<dyn Any + Send>, Result<u32, String>> {
        match returned {
            Ok(number) => Err(Ok(number)),
            Err(error) => Ok(Box::new(error)),
        }
    }
    fn kept(error: Box<dyn Any + Send>) -> Option<Result<u32, String>> {
        Some(Err(*error.downcast().ok()?))
    }
}

impl WrapArguments<Fetch, Result<Vec<u32>, String>> for Args<&str> {
    fn wrap(self, wrapper: &NoWrapper, _: Rest<'_, Fetch>) -> Result<Vec<u32>, String> {
        match *wrapper {}
    }
}

impl PlainCaller<Fetch> {
    fn call(&self, text: &str) -> Result<Vec<u32>, String> {
        self.0.dispatch().collect::<TryValues, _, _>(Args { text })
    }
    fn try_call(&self, text: &str) -> Result<Vec<u32>, CallError<String>> {
        self.0.dispatch().try_collect::<TryValues, _, _>(Args { text })
    }
}

struct Fails(&'static str);

impl FetchExtension for Fails {
    fn fetch(&self, text: &str) -> Result<u32, String> {
        Err(format!("{}{text}", self.0))
    }
}

fn manager() -> PluginManager {
    let pm = PluginManager::new("by hand");
    pm.add_extension_points(Feed).unwrap();
    pm
}

#[test]
fn a_point_that_says_nothing_of_its_errors_has_them_told() {
    let pm = manager();
    for id in ["a", "b"] {
        pm.register_fn(id, Feed::parse, move |args| Err(format!("no {}", args.text))).unwrap();
    }
    let error = pm.caller(Feed::parse).try_call("x").unwrap_err();
    assert!(
        error.failures().all(|each| matches!(each, CallError::Described { .. })),
        "as declared: {error:?}"
    );
    assert_eq!(error.failures().count(), 2);
    let skips = pm.caller(Feed::parse).on_failure(FailurePolicy::Skip);
    assert!(skips.try_call("x").unwrap().is_empty());
}

#[test]
fn a_pipeline_goes_on_as_far_as_it_says_that_its_value_can_be_spared() {
    let pm = manager();
    pm.register_fn("a", Feed::transform, |args| Err(args.text + "!")).unwrap();
    pm.register_fn("b", Feed::transform, |args| Ok(args.text + "b")).unwrap();
    pm.register_fn("c", Feed::transform, |args| Err(args.text + "?")).unwrap();
    let transform = pm.caller(Feed::transform);
    let skips = transform.on_failure(FailurePolicy::Skip);
    assert_eq!(skips.try_call("x".into()).unwrap(), "xb");
    assert_eq!(skips.try_call("x".repeat(10)).unwrap_err().into_inner().unwrap(), "xxxxxxxxxx!");
    let collects = transform.on_failure(FailurePolicy::Collect);
    let errors = collects.try_call("x".into()).unwrap_err().into_failures();
    let errors: Vec<_> = errors.into_iter().filter_map(CallError::into_inner).collect();
    assert_eq!(errors, ["x!", "xb?"]);
    // The last is long: the call ends with it, and with the failure before.
    let errors = collects.try_call("x".repeat(9)).unwrap_err().into_failures();
    let errors: Vec<_> = errors.into_iter().filter_map(CallError::into_inner).collect();
    assert_eq!(errors, ["xxxxxxxxx!", "xxxxxxxxxb?"]);
}

#[test]
fn a_point_in_full_keeps_errors_as_it_says() {
    let pm = manager();
    for id in ["a", "b"] {
        PluginBuilder::new(Fails(id))
            .named(id)
            .object(Feed::fetch, Options::new(), |this| this)
            .register(&pm)
            .unwrap();
    }
    let error = pm.caller(Feed::fetch).on_failure(FailurePolicy::Collect).try_call("x").unwrap_err();
    let errors: Vec<_> = error.into_failures().into_iter().filter_map(CallError::into_inner).collect();
    assert_eq!(errors, ["ax", "bx"]);
}

#[test]
fn observers_see_a_success_where_a_point_has_no_text_for_its_errors() {
    let (pm, log) = (manager(), Log::new());
    pm.register_fn("a", Feed::parse, |_| Err("no".to_owned())).unwrap();
    let _guard = pm.observe(Show("", log.clone()));
    assert_eq!(pm.caller(Feed::parse).call("x"), Err("no".to_owned()));
    assert_eq!(log.line(), "parse> a> a< parse<");
    PluginBuilder::new(Fails("no"))
        .named("b")
        .object(Feed::fetch, Options::new(), |this| this)
        .register(&pm)
        .unwrap();
    assert_eq!(pm.caller(Feed::fetch).call("x"), Err("nox".to_owned()));
    assert_eq!(log.line(), "fetch> b> b< fetch<");
}

#[test]
fn held_arguments_are_shown_by_their_point() {
    let passing = Passing::<Parse>::new(Args { text: "x" });
    assert_eq!(format!("{passing:?}"), "Passing { point: Feed::parse }");
}
