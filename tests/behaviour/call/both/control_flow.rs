//! Firstresult points that return a `ControlFlow`: each extension takes the argument, and answers or hands it on.

use std::ops::ControlFlow::{self, Break, Continue};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pluginkit::limits::FailurePolicy;
use pluginkit::points::Mode;
use pluginkit::prelude::*;
use pluginkit::{CallError, Options, PluginId};
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, adding, awaited, implement, wait};

/// Deliberately neither `Clone` nor `Copy`.
#[derive(Debug, PartialEq)]
struct Request(String);

#[derive(Debug, PartialEq)]
struct Response(u16);

/// A value that carries a lifetime.
#[derive(Debug, PartialEq)]
struct Data<'a>(Vec<&'a str>);

/// A context with a lifetime of its own.
struct Context<'a>(&'a mut Vec<String>);

type Handled = ControlFlow<Response, Request>;

#[extension_point]
trait Specs {
    #[extension_point(firstresult)]
    fn handle(&self, request: Request) -> ControlFlow<Response, Request>;
    #[extension_point(firstresult)]
    fn fallible(&self, by: u16, request: Request) -> Result<ControlFlow<Response, Request>, String>;
    #[extension_point(firstresult, fallible)]
    fn aliased(&self, request: Request) -> Outcome<ControlFlow<Response, Request>>;
    #[extension_point(firstresult)]
    fn first(&self, one: String, two: String) -> ControlFlow<u8, String>;
    #[extension_point(firstresult = "two")]
    fn second(&self, one: String, two: String) -> std::ops::ControlFlow<u8, String>;
    #[extension_point(firstresult)]
    fn borrowed<'a>(&self, data: Data<'a>, extra: &'a str) -> ControlFlow<Response, Data<'a>>;
    #[extension_point(firstresult)]
    fn elided(&self, data: Data<'_>, by: &str) -> Result<ControlFlow<Response, Data<'_>>, String>;
    #[extension_point(firstresult)]
    fn within(&self, request: Request, cx: &mut Context<'_>) -> ControlFlow<Response, Request>;
    #[extension_point(firstresult, on_failure = "skip")]
    fn cloned(&self, text: String) -> Result<ControlFlow<u8, String>, String>;
}

type Outcome<T> = Result<T, String>;

fn manager() -> Manager {
    let pm = Manager::new("web");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn request(path: &str) -> Request {
    Request(path.to_owned())
}

struct Router;

implement! {
    #[extension]
    impl Specs for Router {
        fn handle(&self, request: Request) -> ControlFlow<Response, Request> {
            if request.0 == "/" { Break(Response(200)) } else { Continue(Request(request.0 + "r")) }
        }
        fn fallible(&self, request: Request) -> Result<ControlFlow<Response, Request>, String> {
            match &*request.0 {
                "/" => Ok(Break(Response(200))),
                "err" => Err("refused".to_owned()),
                "panic" => panic!("router"),
                _ => Ok(Continue(request)),
            }
        }
        fn aliased(&self, request: Request) -> Outcome<ControlFlow<Response, Request>> {
            Ok(Continue(request))
        }
        fn first(&self, one: String, two: String) -> ControlFlow<u8, String> {
            Continue(one + &two)
        }
        fn second(&self, one: String, two: String) -> ControlFlow<u8, String> {
            Continue(two + &one)
        }
        fn borrowed<'a>(&self, data: Data<'a>, extra: &'a str) -> ControlFlow<Response, Data<'a>> {
            Continue(Data(data.0.into_iter().chain([extra]).collect()))
        }
        fn within(&self, request: Request, cx: &mut Context<'_>) -> ControlFlow<Response, Request> {
            cx.0.push(request.0.clone());
            Continue(request)
        }
        fn cloned(&self, text: String) -> Result<ControlFlow<u8, String>, String> {
            match &*text {
                "err" => Err(text),
                "panic" => panic!("router"),
                _ => Ok(Continue(text + "r")),
            }
        }
    }
}

/// Counts an answer, and wraps the argument of every call.
struct Counts;

implement! {
    #[extension]
    impl Specs for Counts {
        #[extension(wrapper)]
        fn handle(&self, request: Request, next: Next<'_>) -> ControlFlow<Response, Request> {
            if request.0 == "stop" {
                return Continue(request);
            }
            match awaited!(next.run(Request(request.0))) {
                Break(Response(status)) => Break(Response(status + 1)),
                Continue(request) => Continue(Request(request.0 + "w")),
            }
        }
        #[extension(wrapper)]
        fn fallible(&self, next: Next<'_>) -> Result<ControlFlow<Response, Request>, String> {
            awaited!(next.run()).or(Ok(Break(Response(500))))
        }
    }
}

#[test]
fn without_extensions_the_host_gets_its_argument_back() {
    let pm = manager();
    assert_eq!(wait!(pm.caller(Specs::handle).call(request("a"))), Continue(request("a")));
    assert_eq!(wait!(pm.caller(Specs::fallible).call(1, request("a"))), Ok(Continue(request("a"))));
    assert_eq!(wait!(pm.caller(Specs::handle).try_call(request("a"))).unwrap(), Continue(request("a")));
    assert_eq!(pm.caller(Specs::handle).extension_point().mode, Mode::FirstResult);
}

#[test]
fn each_extension_gets_what_the_one_before_handed_on() {
    let pm = manager();
    pm.register_fn("a", Specs::handle, |args| Continue(Request(args.request.0 + "a"))).unwrap();
    pm.register(Router).unwrap();
    pm.register_fn("b", Specs::handle, |args| Continue(Request(args.request.0 + "b"))).unwrap();
    let outcome: Handled = wait!(pm.caller(Specs::handle).call(request("-")));
    assert_eq!(outcome, Continue(request("-arb")));
    assert_eq!(wait!(pm.caller(Specs::handle).without(["a"]).call(request("-"))), Continue(request("-rb")));
    let extra = pm.caller(Specs::handle).extra(|args| Continue(Request(args.request.0 + "x")));
    assert_eq!(wait!(extra.call(request("-"))), Continue(request("-arbx")));
}

#[test]
fn the_first_answer_ends_the_call() {
    let (pm, log) = (manager(), Log::new());
    pm.register(Router).unwrap();
    let late = log.clone();
    pm.register_fn("late", Specs::handle, move |args| {
        late.push("late");
        Continue(args.request)
    })
    .unwrap();
    assert_eq!(wait!(pm.caller(Specs::handle).call(request("/"))), Break(Response(200)));
    assert!(log.take().is_empty());
    assert_eq!(wait!(pm.caller(Specs::handle).call(request("a"))), Continue(request("ar")));
    assert_eq!(log.take(), ["late"]);
}

#[test]
fn an_err_ends_the_call_and_names_its_plugin() {
    let pm = manager();
    pm.register(Router).unwrap();
    let fallible = pm.caller(Specs::fallible);
    assert_eq!(wait!(fallible.call(1, request("err"))), Err("refused".to_owned()));
    let failure = wait!(fallible.try_call(1, request("err"))).unwrap_err();
    assert_eq!(failure.to_string(), "plugin `Router` failed in `Specs::fallible`: refused");
    let failure = wait!(fallible.try_call(1, request("panic"))).unwrap_err();
    assert_eq!(failure.plugin().map(PluginId::as_str), Some("Router"));
    assert!(matches!(failure, CallError::Panicked { .. }));
    assert_eq!(wait!(fallible.try_call(1, request("/"))).unwrap(), Break(Response(200)));
    assert_eq!(wait!(pm.caller(Specs::aliased).call(request("a"))), Ok(Continue(request("a"))));
}

#[test]
fn the_first_argument_of_the_type_is_handed_on_unless_another_is_named() {
    let pm = manager();
    pm.register(Router).unwrap();
    pm.register_fn("b", Specs::first, |args| Continue(args.one + &args.two)).unwrap();
    pm.register_fn("b2", Specs::second, |args| Continue(args.two + &args.one)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::first).call("1".into(), "2".into())), Continue("122".to_owned()));
    assert_eq!(wait!(pm.caller(Specs::second).call("1".into(), "2".into())), Continue("211".to_owned()));
}

#[test]
fn an_argument_that_carries_a_lifetime_is_handed_on() {
    let pm = manager();
    pm.register(Router).unwrap();
    pm.register_fn("drop", Specs::borrowed, |args| match args.data.0.len() {
        0..3 => Continue(args.data),
        _ => Break(Response(413)),
    })
    .unwrap();
    let text = String::from("one two three");
    let data = |words: usize| Data(text.split(' ').take(words).collect());
    assert_eq!(wait!(pm.caller(Specs::borrowed).call(data(1), "x")), Continue(Data(vec!["one", "x"])));
    assert_eq!(wait!(pm.caller(Specs::borrowed).call(data(2), "x")), Break(Response(413)));
    pm.register_fn("elided", Specs::elided, |args| Ok(Continue(args.data))).unwrap();
    assert_eq!(wait!(pm.caller(Specs::elided).call(data(1), "x")), Ok(Continue(data(1))));
    let mut seen = Vec::new();
    let outcome = wait!(pm.caller(Specs::within).call(request("a"), &mut Context(&mut seen)));
    assert_eq!(outcome, Continue(request("a")));
    assert_eq!(seen, ["a"]);
}

#[test]
fn a_wrapper_gets_the_argument_and_returns_the_control_flow() {
    let pm = manager();
    pm.register(Router).unwrap();
    pm.register(Counts).unwrap();
    let handle = pm.caller(Specs::handle);
    assert_eq!(wait!(handle.call(request("/"))), Break(Response(201)));
    assert_eq!(wait!(handle.call(request("a"))), Continue(request("arw")));
    assert_eq!(wait!(handle.call(request("stop"))), Continue(request("stop")));
    assert_eq!(wait!(handle.try_call(request("a"))).unwrap(), Continue(request("arw")));
    let fallible = pm.caller(Specs::fallible);
    assert_eq!(wait!(fallible.call(1, request("err"))), Ok(Break(Response(500))));
    assert_eq!(wait!(fallible.call(1, request("a"))), Ok(Continue(request("a"))));
}

#[test]
fn an_extension_that_declines_leaves_the_argument_to_the_next() {
    let pm = manager();
    let builder = PluginBuilder::new(()).named("short");
    adding!(
        builder,
        Specs::handle,
        Options::new(),
        |_this, args| Continue::<Response, _>(Request(args.request.0 + "s")),
        |_, args| args.request.0.len() < 3
    )
    .register(&pm)
    .unwrap();
    pm.register(Router).unwrap();
    assert_eq!(wait!(pm.caller(Specs::handle).call(request("a"))), Continue(request("asr")));
    assert_eq!(wait!(pm.caller(Specs::handle).call(request("abc"))), Continue(request("abcr")));
}

#[test]
fn observers_see_each_extension_and_the_outcome() {
    let (pm, log) = (manager(), Log::new());
    pm.register(Router).unwrap();
    pm.register_fn("b", Specs::fallible, |args| Ok(Continue(args.request))).unwrap();
    let _guard = pm.observe(Show("", log.clone()));
    assert_eq!(wait!(pm.caller(Specs::fallible).call(1, request("/"))), Ok(Break(Response(200))));
    assert_eq!(log.line(), "fallible> Router> Router< fallible<");
    assert_eq!(wait!(pm.caller(Specs::fallible).call(1, request("err"))), Err("refused".into()));
    assert_eq!(log.line(), "fallible> Router> Router!refused fallible!refused");
}

#[test]
fn a_call_that_skips_failures_goes_on_with_a_clone_of_the_argument() {
    let pm = manager();
    pm.register(Router).unwrap();
    pm.register_fn("b", Specs::cloned, |args| match &*args.text {
        "answer" => Ok(Break(1)),
        _ => Ok(Continue(args.text + "b")),
    })
    .unwrap();
    let cloned = pm.caller(Specs::cloned);
    assert_eq!(wait!(cloned.try_call("x".into())).unwrap(), Continue("xrb".to_owned()));
    assert_eq!(wait!(cloned.try_call("err".into())).unwrap(), Continue("errb".to_owned()));
    assert_eq!(wait!(cloned.try_call("panic".into())).unwrap(), Continue("panicb".to_owned()));
    assert_eq!(wait!(cloned.without(["Router"]).try_call("answer".into())).unwrap(), Break(1));
    // What is not `Clone` is lost with the extension that failed.
    let lenient = pm.caller(Specs::fallible).on_failure(FailurePolicy::Skip);
    assert!(wait!(lenient.try_call(1, request("err"))).is_err());
}

/// Counts its drops and panics in each.
struct Panics(Arc<AtomicUsize>);

impl Drop for Panics {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("a destructor");
    }
}

#[extension_point]
trait Dropped {
    #[extension_point(firstresult)]
    fn pass(&self, one: Panics, is_answered: bool) -> ControlFlow<Panics, Panics>;
}

#[test]
fn no_destructor_of_an_argument_or_an_answer_aborts() {
    let (pm, drops) = (Manager::new("drops"), Arc::new(AtomicUsize::new(0)));
    pm.add_extension_points(Dropped).unwrap();
    pm.register_fn("hands-on", Dropped::pass, |args| Continue(args.one)).unwrap();
    pm.register_fn("answers", Dropped::pass, |args| {
        if args.is_answered { Break(args.one) } else { Continue(args.one) }
    })
    .unwrap();
    let pass = pm.caller(Dropped::pass);
    for is_answered in [false, true] {
        let outcome = wait!(pass.call(Panics(Arc::clone(&drops)), is_answered));
        assert_eq!(drops.load(Ordering::SeqCst), 0);
        assert_eq!(outcome.is_break(), is_answered);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(outcome)));
        assert!(dropped.is_err());
        assert_eq!(drops.swap(0, Ordering::SeqCst), 1);
    }
    // The extension has the argument: nothing is left to drop.
    pm.register_fn("panics", Dropped::pass, |args| {
        std::mem::forget(args.one);
        panic!("an extension")
    })
    .unwrap();
    let ran = catch_unwind(AssertUnwindSafe(|| wait!(pass.call(Panics(Arc::clone(&drops)), false))));
    assert!(ran.is_err());
    assert!(wait!(pass.try_call(Panics(Arc::clone(&drops)), false)).is_err());
    assert_eq!(drops.load(Ordering::SeqCst), 0);
}

/// Another name of the type that extensions hand on.
type Same<V> = Vec<V>;

#[extension_point(project = "server")]
trait Values<V: Send + Sync> {
    #[extension_point(firstresult = "values")]
    fn hand_on(&self, values: Same<V>, most: usize) -> ControlFlow<V, Vec<V>>;

    #[extension_point(firstresult = "count")]
    fn count(&self, value: &V, count: usize) -> Result<ControlFlow<Same<V>, usize>, String>;
}

#[test]
fn types_of_parameters_may_have_two_names() {
    let pm = Manager::new("server");
    pm.add_extension_points(Values::<u8>::SPECS).unwrap();
    pm.register_fn("take", Values::<u8>::hand_on, |mut args| {
        if args.values.len() > args.most { Break(args.values.remove(0)) } else { Continue(args.values) }
    })
    .unwrap();
    pm.register_fn("add", Values::<u8>::count, |args| Ok(Continue(args.count + usize::from(*args.value))))
        .unwrap();
    assert_eq!(wait!(pm.caller(Values::<u8>::hand_on).call(vec![1, 2], 1)), Break(1));
    assert_eq!(wait!(pm.caller(Values::<u8>::hand_on).call(vec![1, 2], 2)), Continue(vec![1, 2]));
    assert_eq!(wait!(pm.caller(Values::<u8>::count).call(&2, 3)), Ok(Continue(5)));
}
