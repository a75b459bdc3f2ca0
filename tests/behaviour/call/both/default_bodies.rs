//! Default bodies: what a point does if no extension answers.

use std::ops::ControlFlow::{self, Break, Continue};
use std::time::Duration;

use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit::reduce::Sum;
use pluginkit::{CallError, Options, PluginId};
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, adding, awaited, implement, lazily, wait};

#[derive(Debug, PartialEq)]
struct Request(String);

struct Context<'a>(&'a mut Vec<String>);

fn shout(text: &str) -> String {
    text.to_uppercase()
}

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String {
        format!("default[{topic}]")
    }
    fn find(&self, topic: &str) -> Option<String> {
        (topic != "none").then(|| shout(topic))
    }
    fn note(&self, log: &mut Vec<String>) {
        log.push("default".to_owned());
    }
    fn parse(&self, text: String, _: u8) -> Result<u32, String> {
        assert!(text != "boom", "the default body");
        text.parse().map_err(|_| format!("not({text})"))
    }
    fn check(&self, log: &mut Vec<String>) -> Result<(), String> {
        log.push("default".to_owned());
        if log.len() > 1 {
            return Err("too long".to_owned());
        }
        Ok(())
    }
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str) -> Option<String> {
        Some(format!("default[{message}]"))
    }
    #[extension_point(firstresult)]
    fn pick<'a>(&self, from: &'a [String], key: &str) -> Result<Option<&'a str>, String> {
        Ok(from.first().map(String::as_str).filter(|_| key != "none"))
    }
    #[extension_point(firstresult)]
    fn handle(&self, mut request: Request) -> ControlFlow<u16, Request> {
        request.0.push('d');
        if request.0.len() > 2 { Break(404) } else { Continue(request) }
    }
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String {
        text + "d"
    }
    #[extension_point(pipeline)]
    fn maybe(&self, text: String) -> Option<String> {
        Some(text + "d")
    }
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String) {
        text.push('d');
    }
    #[extension_point(reduce = Sum)]
    fn weigh(&self) -> Option<u32> {
        Some(100)
    }
    fn within(&self, cx: &mut Context<'_>, name: &str) -> usize {
        cx.0.push(name.to_owned());
        cx.0.len()
    }
}

fn manager() -> Manager {
    let pm = Manager::new("default");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn a_default_body_runs_if_there_is_no_extension() {
    let pm = manager();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("a")), ["default[a]"]);
    assert_eq!(wait!(pm.caller(Specs::find).call("a")), ["A"]);
    assert!(wait!(pm.caller(Specs::find).call("none")).is_empty());
    let mut log = Vec::new();
    wait!(pm.caller(Specs::note).call(&mut log));
    assert_eq!(log, ["default"]);
    assert_eq!(wait!(pm.caller(Specs::parse).call("7".into(), 1)), Ok(vec![7]));
    assert_eq!(wait!(pm.caller(Specs::parse).call("x".into(), 1)), Err("not(x)".to_owned()));
    assert_eq!(wait!(pm.caller(Specs::check).call(&mut log)), Err("too long".to_owned()));
    assert_eq!(wait!(pm.caller(Specs::deliver).call("m")).as_deref(), Some("default[m]"));
    let from = ["one".to_owned()];
    assert_eq!(wait!(pm.caller(Specs::pick).call(&from, "k")), Ok(Some("one")));
    assert_eq!(wait!(pm.caller(Specs::pick).call(&from, "none")), Ok(None));
    assert_eq!(wait!(pm.caller(Specs::handle).call(Request("a".into()))), Continue(Request("ad".into())));
    assert_eq!(wait!(pm.caller(Specs::handle).call(Request("ab".into()))), Break(404));
    assert_eq!(wait!(pm.caller(Specs::transform).call("a".into())), "ad");
    assert_eq!(wait!(pm.caller(Specs::maybe).call("a".into())), "ad");
    let mut text = "a".to_owned();
    wait!(pm.caller(Specs::edit).call(&mut text));
    assert_eq!(text, "ad");
    assert_eq!(wait!(pm.caller(Specs::weigh).call()), 100);
    assert_eq!(wait!(pm.caller(Specs::within).call(&mut Context(&mut log), "c")), [3]);
}

#[test]
fn it_does_not_run_if_an_extension_has_answered() {
    let pm = manager();
    pm.register_fn("a", Specs::fetch, |_| "a".to_owned()).unwrap();
    pm.register_fn("b", Specs::find, |_| Some("b".to_owned())).unwrap();
    pm.register_fn("c", Specs::note, |args| args.log.push("c".to_owned())).unwrap();
    pm.register_fn("d", Specs::parse, |_| Ok(1)).unwrap();
    pm.register_fn("e", Specs::deliver, |_| Some("e".to_owned())).unwrap();
    pm.register_fn("f", Specs::handle, |_| Break(200)).unwrap();
    pm.register_fn("g", Specs::transform, |args| args.text + "g").unwrap();
    pm.register_fn("h", Specs::maybe, |args| Some(args.text + "h")).unwrap();
    pm.register_fn("i", Specs::edit, |args| args.text.push('i')).unwrap();
    pm.register_fn("j", Specs::weigh, |_| Some(1)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["a"]);
    assert_eq!(wait!(pm.caller(Specs::find).call("x")), ["b"]);
    let mut log = Vec::new();
    wait!(pm.caller(Specs::note).call(&mut log));
    assert_eq!(log, ["c"]);
    assert_eq!(wait!(pm.caller(Specs::parse).call("7".into(), 1)), Ok(vec![1]));
    assert_eq!(wait!(pm.caller(Specs::deliver).call("m")).as_deref(), Some("e"));
    assert_eq!(wait!(pm.caller(Specs::handle).call(Request("a".into()))), Break(200));
    assert_eq!(wait!(pm.caller(Specs::transform).call("a".into())), "ag");
    assert_eq!(wait!(pm.caller(Specs::maybe).call("a".into())), "ah");
    let mut text = "a".to_owned();
    wait!(pm.caller(Specs::edit).call(&mut text));
    assert_eq!(text, "ai");
    assert_eq!(wait!(pm.caller(Specs::weigh).call()), 1);
}

#[test]
fn it_runs_if_each_extension_abstains() {
    let pm = manager();
    for name in ["a", "b"] {
        pm.register_fn(name, Specs::find, |_| None).unwrap();
        pm.register_fn(format!("{name}2"), Specs::deliver, |_| None).unwrap();
        pm.register_fn(format!("{name}3"), Specs::maybe, |_| None).unwrap();
        pm.register_fn(format!("{name}4"), Specs::handle, |args| Continue(Request(args.request.0 + "x")))
            .unwrap();
        pm.register_fn(format!("{name}5"), Specs::weigh, |_| None).unwrap();
        pm.register_fn(format!("{name}6"), Specs::pick, |_| Ok(None)).unwrap();
    }
    assert_eq!(wait!(pm.caller(Specs::find).call("a")), ["A"]);
    assert_eq!(wait!(pm.caller(Specs::deliver).call("m")).as_deref(), Some("default[m]"));
    assert_eq!(wait!(pm.caller(Specs::maybe).call("a".into())), "ad");
    assert_eq!(wait!(pm.caller(Specs::handle).call(Request(String::new()))), Break(404));
    assert_eq!(wait!(pm.caller(Specs::weigh).call()), 100);
    let from = ["one".to_owned()];
    assert_eq!(wait!(pm.caller(Specs::pick).call(&from, "k")), Ok(Some("one")));
}

#[test]
fn it_runs_if_all_extensions_are_left_out() {
    let pm = manager();
    let builder = PluginBuilder::new(()).named("a");
    adding!(builder, Specs::fetch, Options::new().trylast(), |_this, _args| "a".to_owned(), |_, args| {
        args.topic.len() > 1
    })
    .register(&pm)
    .unwrap();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(wait!(fetch.call("ab")), ["a"]);
    assert_eq!(wait!(fetch.call("b")), ["default[b]"]);
    assert_eq!(wait!(fetch.without(["a"]).call("ab")), ["default[ab]"]);
    assert_eq!(wait!(fetch.only(["b"]).call("ab")), ["default[ab]"]);
    assert_eq!(wait!(fetch.extra(|_| "extra".to_owned()).call("b")), ["extra"]);
    assert!(wait!(fetch.without(["a", "(default)"]).call("ab")).is_empty());
    pm.set_enabled("a", false).unwrap();
    assert_eq!(wait!(fetch.call("ab")), ["default[ab]"]);
    pm.set_enabled("a", true).unwrap();
    assert_eq!(wait!(fetch.call("ab")), ["a"]);
    assert!(pm.unregister("a").is_some());
    assert_eq!(wait!(fetch.call("ab")), ["default[ab]"]);
}

#[test]
fn it_counts_as_the_plugin_default() {
    let (pm, log) = (manager(), Log::new());
    let parse = pm.caller(Specs::parse);
    assert_eq!(parse.implementations()[0].plugin, "(default)");
    assert!(parse.implementations()[0].is_default);
    assert!(!parse.implementations()[0].is_wrapper);
    assert!(pm.graph().edges.is_empty());
    assert!(!pm.is_registered("(default)"));
    assert!(pm.plugin_names().is_empty());
    let failure = wait!(parse.try_call("x".into(), 1)).unwrap_err();
    assert_eq!(failure.to_string(), "plugin `(default)` failed in `Specs::parse`: not(x)");
    let failure = wait!(parse.try_call("boom".into(), 1)).unwrap_err();
    assert!(matches!(&failure, CallError::Panicked { message, .. } if message == "the default body"));
    assert_eq!(failure.plugin().map(PluginId::as_str), Some("(default)"));
    let _guard = pm.observe(Show("", log.clone()));
    assert_eq!(wait!(parse.call("7".into(), 1)), Ok(vec![7]));
    assert_eq!(log.line(), "parse> (default)> (default)< parse<");
    pm.register_fn("a", Specs::parse, |_| Ok(1)).unwrap();
    assert_eq!(wait!(parse.call("7".into(), 1)), Ok(vec![1]));
    assert_eq!(log.line(), "parse> a> a< parse<");
    assert_eq!(parse.implementations().len(), 2);
    assert_eq!(wait!(parse.timeout(Duration::from_secs(60)).try_call("7".into(), 1)).unwrap(), [1]);
}

struct Wraps;

implement! {
    #[extension]
    impl Specs for Wraps {
        #[extension(wrapper)]
        fn fetch(&self, next: Next<'_>) -> Vec<String> {
            awaited!(next.run()).into_iter().map(|text| text + "!").collect()
        }
        #[extension(wrapper)]
        fn transform(&self, text: String, next: Next<'_>) -> String {
            awaited!(next.run(text + "w"))
        }
    }
}

#[test]
fn wrappers_run_around_it() {
    let pm = manager();
    pm.register(Wraps).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("a")), ["default[a]!"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).try_call("a")).unwrap(), ["default[a]!"]);
    assert_eq!(wait!(pm.caller(Specs::transform).call("a".into())), "awd");
}

#[test]
fn a_failure_that_is_skipped_is_no_answer() {
    let pm = manager();
    pm.register_fn("fails", Specs::parse, |_| Err("no".to_owned())).unwrap();
    let parse = pm.caller(Specs::parse);
    assert_eq!(wait!(parse.call("7".into(), 1)), Err("no".to_owned()));
    assert!(wait!(parse.try_call("7".into(), 1)).is_err());
    assert_eq!(wait!(parse.on_failure(FailurePolicy::Skip).try_call("7".into(), 1)).unwrap(), [7]);
}

#[test]
fn it_is_the_last_of_settled_and_lazy_results() {
    let pm = manager();
    let settled = wait!(pm.caller(Specs::parse).settle("7".into(), 1));
    assert_eq!(settled[0].plugin, "(default)");
    let items: Vec<_> = lazily!(pm.caller(Specs::find), "a").collect();
    assert_eq!(items, ["A"]);
    pm.register_fn("none", Specs::find, |_| None).unwrap();
    let items: Vec<_> = lazily!(pm.caller(Specs::find), "a").collect();
    assert_eq!(items, ["A"]);
    pm.register_fn("b", Specs::find, |_| Some("b".to_owned())).unwrap();
    let items: Vec<_> = lazily!(pm.caller(Specs::find), "a").collect();
    assert_eq!(items, ["b"]);
    pm.register_fn("fails", Specs::parse, |_| Err("no".to_owned())).unwrap();
    let settled = wait!(pm.caller(Specs::parse).settle("7".into(), 1));
    assert_eq!(settled.iter().map(|each| each.result.is_ok()).collect::<Vec<_>>(), [false, true]);
    pm.register_fn("one", Specs::parse, |_| Ok(1)).unwrap();
    let settled = wait!(pm.caller(Specs::parse).settle("7".into(), 1));
    assert_eq!(settled.len(), 2);
    assert_eq!(wait!(pm.caller(Specs::deliver).settle("m")).len(), 1);
    let piped = wait!(pm.caller(Specs::maybe).settle("a".into()));
    assert_eq!(piped.value, "ad");
}

#[test]
fn it_stays_behind_extensions_that_name_an_order() {
    let pm = manager();
    for (name, options) in [
        ("late", Options::new().trylast()),
        ("later", Options::new().after(["late"])),
        ("first", Options::new().before(["(default)"])),
    ] {
        let builder = PluginBuilder::new(()).named(name);
        adding!(builder, Specs::find, options, |_this, _args| None::<String>).register(&pm).unwrap();
    }
    let find = pm.caller(Specs::find);
    let order: Vec<_> = find.implementations().into_iter().map(|each| each.plugin).collect();
    assert_eq!(order.last().unwrap(), "(default)");
    assert_eq!(order.len(), 4);
    assert_eq!(wait!(find.call("a")), ["A"]);
    assert_eq!(wait!(find.extra(|_| None).call("a")), ["A"]);
}

/// Two borrows, of which one may have to outlive the other.
#[derive(Clone, Debug, PartialEq)]
struct Pair<'a, 'b>(&'a str, &'b str);

#[extension_point]
trait Borrows {
    fn longest<'a, 'b: 'a>(&self, first: &'a str, second: &'b str) -> usize {
        let longest: &'a str = if first.len() > second.len() { first } else { second };
        longest.len()
    }
    fn keep<'a, 'b: 'a>(&self, cx: &mut Context<'a>, from: &'b str) -> usize {
        cx.0.push(from.to_owned());
        cx.0.len()
    }
    fn assign<'a, 'b: 'a>(&self, to: &mut Pair<'a, 'a>, from: &Pair<'b, 'a>) {
        to.0 = from.0;
    }
    #[extension_point(firstresult)]
    fn choose<'a, 'b: 'a>(&self, first: &'a str, second: &'b str) -> Option<&'a str> {
        Some(if first.is_empty() { second } else { first })
    }
    #[extension_point(firstresult)]
    fn hand_on<'a, 'b: 'a>(&self, pair: Pair<'a, 'b>) -> ControlFlow<usize, Pair<'a, 'b>> {
        let shorter: &'a str = pair.1;
        Continue(Pair(shorter, pair.1))
    }
    #[extension_point(pipeline)]
    fn cut<'a>(&self, text: &'a str) -> &'a str {
        let cut: &'a str = &text[1..];
        cut
    }
}

#[test]
fn it_names_the_lifetimes_of_its_point() {
    let pm = Manager::new("default");
    pm.add_extension_points(Borrows).unwrap();
    assert_eq!(wait!(pm.caller(Borrows::longest).call("a", "bc")), [2]);
    let mut log = Vec::new();
    assert_eq!(wait!(pm.caller(Borrows::keep).call(&mut Context(&mut log), "a")), [1]);
    let mut pair = Pair("a", "b");
    wait!(pm.caller(Borrows::assign).call(&mut pair, &Pair("c", "d")));
    assert_eq!(pair, Pair("c", "b"));
    assert_eq!(wait!(pm.caller(Borrows::choose).call("", "b")), Some("b"));
    assert_eq!(wait!(pm.caller(Borrows::hand_on).call(Pair("a", "b"))), Continue(Pair("b", "b")));
    assert_eq!(wait!(pm.caller(Borrows::cut).call("abc")), "bc");
}

#[extension_point]
trait Values<V: Clone + ToString + Send + Sync> {
    fn show(&self, value: V) -> String {
        value.to_string()
    }
    fn join<'a, 'b: 'a>(&self, to: &mut Pair<'a, 'b>, value: V) -> String {
        to.0 = to.1;
        to.0.to_owned() + &value.to_string()
    }
    fn borrow<'a>(&self, value: &'a V) -> Option<&'a V> {
        Some(value)
    }
}

#[test]
fn it_names_the_parameters_of_its_specs() {
    let pm = Manager::new("default");
    pm.add_extension_points(Values::<u8>::SPECS).unwrap();
    assert_eq!(wait!(pm.caller(Values::<u8>::show).call(7)), ["7"]);
    let mut pair = Pair("a", "b");
    assert_eq!(wait!(pm.caller(Values::<u8>::join).call(&mut pair, 7)), ["b7"]);
    assert_eq!(wait!(pm.caller(Values::<u8>::borrow).call(&7)), [&7]);
}

#[extension_point]
trait Underscores {
    fn join(&self, _topic: &str, mut _text: String, _type: u8) -> String {
        _text.push_str(_topic);
        format!("{_text}{}", _type)
    }
    fn pick<'a>(&self, _first: &'a str, mut _second: &'a str) -> &'a str {
        _second = _first;
        _second
    }
}

#[test]
fn it_names_its_arguments_as_its_point_does() {
    let pm = Manager::new("default");
    pm.add_extension_points(Underscores).unwrap();
    assert_eq!(wait!(pm.caller(Underscores::join).call("b", "a".into(), 3)), ["ab3"]);
    assert_eq!(wait!(pm.caller(Underscores::pick).call("b", "a")), ["b"]);
}

#[extension_point]
trait Items {
    fn name(&self, topic: &str) -> String {
        self::shout(topic)
    }
    fn import(&self, topic: &str) -> String {
        use self::shout as loudly;
        loudly(topic)
    }
    fn functions(&self) -> u8 {
        mod inner {
            pub(self) fn one() -> u8 {
                1
            }
            pub(self) fn two() -> u8 {
                one() + self::one()
            }
            pub(super) fn three() -> u8 {
                one() + two()
            }
        }
        inner::three()
    }
    fn types(&self, depth: u8) -> u8 {
        struct Chain {
            next: Option<Box<Self>>,
        }
        impl Chain {
            fn of(depth: u8) -> Self {
                Self { next: (depth > 1).then(|| Box::new(Self::of(depth - 1))) }
            }
            fn depth(&self) -> u8 {
                1 + self.next.as_ref().map_or(0, |next| next.depth())
            }
        }
        struct Tuple(Option<Box<Self>>);
        enum Either {
            First(Box<Self>),
            Second,
        }
        let either = Either::First(Box::new(Either::Second));
        let is_nested = matches!(either, Either::First(inner) if matches!(*inner, Either::Second));
        let is_first = Tuple(Some(Box::new(Tuple(None)))).0.is_some();
        Chain::of(depth).depth() + u8::from(is_nested) + u8::from(is_first)
    }
}

#[test]
fn it_has_items_and_names_those_of_its_module() {
    let pm = Manager::new("default");
    pm.add_extension_points(Items).unwrap();
    assert_eq!(wait!(pm.caller(Items::name).call("a")), ["A"]);
    assert_eq!(wait!(pm.caller(Items::import).call("a")), ["A"]);
    assert_eq!(wait!(pm.caller(Items::functions).call()), [3]);
    assert_eq!(wait!(pm.caller(Items::types).call(3)), [5]);
}
