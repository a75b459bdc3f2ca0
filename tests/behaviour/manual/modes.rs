//! Points written by hand whose extensions hand an argument on, with a reducer, and with a default body.

use std::ops::ControlFlow::{self, Break, Continue};

use pluginkit::PluginManager;
use pluginkit::kind::Kind;
use pluginkit::manual::{
    Arguments, AsyncRest, BindFn, Callable, HandsOn, NoWrapper, Passing, PointTypes, Points, Reduces, Rest,
    Signature, Specs, ThreadsArgument, Values, WrapArguments,
};
use pluginkit::points::{Mode, PointInfo};
use pluginkit::reduce::Any;

use super::PlainCaller;

#[derive(Clone, Copy)]
struct Web;

#[expect(non_upper_case_globals, reason = "points are named like the methods they stand for")]
impl Web {
    const handle: Handle = Handle;
    const allows: Allows = Allows;
    const knows: Knows = Knows;
}

impl Specs for Web {
    const NAME: &'static str = "Web";
    const PROJECT: Option<&'static str> = None;
    fn declare(points: &mut Points) {
        points.add::<Handle>();
        points.set_default::<Handle>(Handle::bind_fn(|request: Request<String>| {
            if request.path.is_empty() { Break(404) } else { Continue(request.path) }
        }));
        points.add::<Allows>();
        points.add::<Knows>();
    }
}

struct Request<T> {
    path: T,
}

/// `fn handle(&self, path: String) -> ControlFlow<u16, String>`
#[derive(Clone, Copy, Debug)]
struct Handle;

impl Signature for Handle {
    type Specs = Web;
    type Form = HandsOn;
    type Shape = Values;
    type Return = ControlFlow<u16, String>;
    type Args<'a> = Request<String>;
    type Held<'a> = Request<Option<String>>;
    type Peeked<'x> = Request<&'x str>;
    type Next<'n> = Rest<'n, Self>;
    type AsyncNext<'n> = AsyncRest<'n, Self>;
    const INFO: &'static PointInfo = &PointInfo::new("Web", "handle", Mode::FirstResult, &["path"]);

    fn open<'w, 'a: 'w>(held: Request<Option<String>>) -> Request<String> {
        Request { path: held.path.unwrap() }
    }
    fn close(args: Self::Args<'_>) -> Self::Held<'_> {
        Request { path: Some(args.path) }
    }
    fn peek<'x>(held: &'x Self::Held<'_>) -> Self::Peeked<'x> {
        Request { path: held.path.as_deref().unwrap() }
    }
    fn give<'s>(held: &'s mut Self::Held<'_>, _last: bool) -> Self::Args<'s> {
        Request { path: held.path.take().unwrap() }
    }
    fn next(rest: Rest<'_, Self>) -> Rest<'_, Self> {
        rest
    }
    fn async_next(rest: AsyncRest<'_, Self>) -> AsyncRest<'_, Self> {
        rest
    }
}

impl ThreadsArgument for Handle {
    fn threaded<'s>(held: &'s mut <Self as Signature>::Held<'_>) -> &'s mut Option<String> {
        &mut held.path
    }
}

impl<K: Kind> Callable<K> for Handle {
    type Caller = PlainCaller<Self, K>;
}

impl PlainCaller<Handle> {
    fn call(&self, path: &str) -> ControlFlow<u16, String> {
        self.0.dispatch().hand_on::<Values, _, _>(Passing::<Handle>::new(Request { path: path.to_owned() }))
    }
}

/// `fn allows(&self, path: &str) -> bool`, with a reducer.
#[derive(Clone, Copy, Debug)]
struct Allows;

impl Signature for Allows {
    type Specs = Web;
    type Form = Reduces<Any>;
    type Shape = Values;
    type Return = bool;
    type Args<'a> = Request<&'a str>;
    type Held<'a> = Request<&'a str>;
    type Peeked<'x> = Request<&'x &'x str>;
    type Next<'n> = Rest<'n, Self>;
    type AsyncNext<'n> = AsyncRest<'n, Self>;
    const INFO: &'static PointInfo = &PointInfo::new("Web", "allows", Mode::Collecting, &["path"]);

    fn open<'w, 'a: 'w>(held: Request<&'a str>) -> Request<&'w str> {
        held
    }
    fn close(args: Self::Args<'_>) -> Self::Held<'_> {
        args
    }
    fn peek<'x>(held: &'x Request<&str>) -> Request<&'x &'x str> {
        Request { path: &held.path }
    }
    fn give<'s>(held: &'s mut Request<&str>, _last: bool) -> Request<&'s str> {
        Request { path: held.path }
    }
    fn next(rest: Rest<'_, Self>) -> Rest<'_, Self> {
        rest
    }
    fn async_next(rest: AsyncRest<'_, Self>) -> AsyncRest<'_, Self> {
        rest
    }
}

impl<K: Kind> Callable<K> for Allows {
    type Caller = PlainCaller<Self, K>;
}

impl PlainCaller<Allows> {
    fn call(&self, path: &str) -> bool {
        self.0.dispatch().reduce::<Any, Values, _, _>(Passing::<Allows>::new(Request { path }))
    }
    fn try_call(&self, path: &str) -> bool {
        let args = Passing::<Allows>::new(Request { path });
        self.0.dispatch().try_reduce::<Any, Values, _, _>(args).unwrap()
    }
}

/// A reduced point written the long way.
#[derive(Clone, Copy)]
struct Knows;

trait KnowsExtension: Send + Sync {
    fn knows(&self, path: &str) -> bool;
}

impl PointTypes for Knows {
    type Specs = Web;
    type Extension = dyn KnowsExtension;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Web", "knows", Mode::Collecting, &["path"]);
}

impl Arguments<Knows, bool> for Request<&str> {
    fn call(&mut self, extension: &dyn KnowsExtension, _last: bool) -> bool {
        extension.knows(self.path)
    }
}

impl WrapArguments<Knows, bool> for Request<&str> {
    fn wrap(self, wrapper: &NoWrapper, _: Rest<'_, Knows>) -> bool {
        match *wrapper {}
    }
}

impl<K: Kind> Callable<K> for Knows {
    type Caller = PlainCaller<Self, K>;
}

struct Front;

impl KnowsExtension for Front {
    fn knows(&self, path: &str) -> bool {
        path == "/"
    }
}

#[test]
fn extensions_of_a_point_written_by_hand_hand_their_argument_on() {
    let pm = PluginManager::new("web");
    pm.add_extension_points(Web).unwrap();
    let handle = pm.caller(Web::handle);
    assert_eq!(handle.call(""), Break(404));
    assert_eq!(handle.call("x"), Continue("x".to_owned()));
    pm.register_fn("front", Web::handle, |args| {
        if args.path == "/" { Break(200) } else { Continue(args.path + "!") }
    })
    .unwrap();
    assert_eq!(handle.call("/"), Break(200));
    assert_eq!(handle.call("x"), Continue("x!".to_owned()));
    assert_eq!(handle.without(["(default)"]).call(""), Continue("!".to_owned()));
}

#[test]
fn a_point_written_by_hand_has_a_reducer() {
    let pm = PluginManager::new("web");
    pm.add_extension_points(Web).unwrap();
    let allows = pm.caller(Web::allows);
    assert!(!allows.call("/"));
    pm.register_fn("front", Web::allows, |args| args.path == "/").unwrap();
    pm.register_fn("late", Web::allows, |args| {
        assert_ne!(args.path, "/", "the call has ended");
        false
    })
    .unwrap();
    assert!(allows.call("/"));
    assert!(!allows.try_call("x"));
    pluginkit::PluginBuilder::new(Front)
        .object(Web::knows, pluginkit::Options::new(), |this| this)
        .register(&pm)
        .unwrap();
    let knows = pm.caller(Web::knows);
    assert!(knows.0.dispatch().reduce::<Any, Values, _, _>(Request { path: "/" }));
}
