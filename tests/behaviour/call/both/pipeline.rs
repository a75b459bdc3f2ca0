//! Pipeline: one argument passes through every extension.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, implement, wait};

/// Deliberately neither `Clone` nor `Copy`.
#[derive(Debug, PartialEq)]
struct Draft(String);

/// A value that carries a lifetime.
#[derive(Clone, Debug, PartialEq)]
struct Data<'a> {
    words: Vec<&'a str>,
}

#[extension_point]
trait Specs {
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn owned(&self, draft: Draft) -> Draft;
    #[extension_point(pipeline)]
    fn maybe(&self, text: String) -> Option<String>;
    #[extension_point(pipeline)]
    fn fallible(&self, draft: Draft) -> Result<Draft, String>;
    #[extension_point(pipeline)]
    fn both(&self, text: String) -> Result<Option<String>, String>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    #[extension_point(pipeline = "second")]
    fn chosen(&self, first: &str, second: u32, third: String) -> u32;
    #[extension_point(pipeline)]
    fn borrowed<'a>(&self, data: Data<'a>, extra: &'a str) -> Data<'a>;
    #[extension_point(pipeline)]
    fn edit_fallible(&self, text: &mut String, by: &str) -> Result<(), String>;
}

fn manager() -> Manager {
    let pm = Manager::new("pipeline");
    pm.add_extension_points(Specs).unwrap();
    pm
}

struct Appends;

implement! {
    #[extension]
    impl Specs for Appends {
        fn transform(&self, text: String) -> String {
            text + "p"
        }
        fn owned(&self, draft: Draft) -> Draft {
            Draft(draft.0 + "p")
        }
        fn maybe(&self, text: String) -> Option<String> {
            (text != "-").then(|| text + "p")
        }
        fn fallible(&self, draft: Draft) -> Result<Draft, String> {
            if draft.0.is_empty() { Err("empty".into()) } else { Ok(Draft(draft.0 + "p")) }
        }
        fn both(&self, text: String) -> Result<Option<String>, String> {
            if text.is_empty() { Err("empty".into()) } else { Ok((text != "-").then(|| text + "p")) }
        }
        fn edit(&self, text: &mut String) {
            text.push('p');
        }
        fn chosen(&self, first: &str, second: u32) -> u32 {
            second + u32::try_from(first.len()).unwrap()
        }
        fn borrowed<'a>(&self, data: Data<'a>, extra: &'a str) -> Data<'a> {
            Data { words: data.words.into_iter().chain([&extra[..1]]).collect() }
        }
        fn edit_fallible(&self, text: &mut String, by: &str) -> Result<(), String> {
            text.push_str(by);
            if text.len() > 2 { Err("too long".into()) } else { Ok(()) }
        }
    }
}

#[test]
fn an_empty_pipeline_returns_the_argument_unchanged() {
    let pm = manager();
    assert_eq!(wait!(pm.caller(Specs::transform).call("x".into())), "x");
    assert_eq!(wait!(pm.caller(Specs::owned).call(Draft("x".into()))), Draft("x".into()));
    assert_eq!(wait!(pm.caller(Specs::maybe).call("x".into())), "x");
    assert_eq!(wait!(pm.caller(Specs::fallible).call(Draft("x".into()))), Ok(Draft("x".into())));
    let mut text = String::from("x");
    wait!(pm.caller(Specs::edit).call(&mut text));
    assert_eq!(text, "x");
}

#[test]
fn each_extension_gets_what_the_one_before_returned() {
    let pm = manager();
    pm.register_fn("a", Specs::transform, |args| args.text + "a").unwrap();
    pm.register(Appends).unwrap();
    pm.register_fn("b", Specs::transform, |args| args.text + "b").unwrap();
    let outcome: String = wait!(pm.caller(Specs::transform).call("-".into()));
    assert_eq!(outcome, "-apb");
}

#[test]
fn a_value_that_is_not_clone_passes_through() {
    let pm = manager();
    pm.register_fn("a", Specs::owned, |args| Draft(args.draft.0 + "a")).unwrap();
    pm.register(Appends).unwrap();
    pm.register_fn("b", Specs::owned, |args| Draft(args.draft.0 + "b")).unwrap();
    assert_eq!(wait!(pm.caller(Specs::owned).call(Draft(String::new()))), Draft("apb".into()));
}

#[test]
fn none_passes_the_running_value_on() {
    let pm = manager();
    pm.register(Appends).unwrap();
    assert_eq!(wait!(pm.caller(Specs::maybe).call("-".into())), "-");
    pm.register_fn("a", Specs::maybe, |args| Some(args.text + "a")).unwrap();
    pm.register_fn("none", Specs::maybe, |_| None).unwrap();
    pm.register_fn("c", Specs::maybe, |args| Some(args.text + "c")).unwrap();
    let outcome: String = wait!(pm.caller(Specs::maybe).call("-".into()));
    assert_eq!(outcome, "-ac");
    assert_eq!(wait!(pm.caller(Specs::maybe).call("x".into())), "xpac");
}

#[test]
fn the_first_err_stops_the_pipeline() {
    let (pm, log) = (manager(), Log::new());
    pm.register(Appends).unwrap();
    pm.register_fn("a", Specs::fallible, |args| Ok(Draft(args.draft.0 + "a"))).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fallible).call(Draft("-".into()))), Ok(Draft("-pa".into())));
    pm.register_fn("err", Specs::fallible, |args| Err(args.draft.0 + "!")).unwrap();
    let late = log.clone();
    pm.register_fn("c", Specs::fallible, move |args| {
        late.push("c");
        Ok(args.draft)
    })
    .unwrap();
    assert_eq!(wait!(pm.caller(Specs::fallible).call(Draft("-".into()))), Err("-pa!".into()));
    assert_eq!(wait!(pm.caller(Specs::fallible).call(Draft(String::new()))), Err("empty".into()));
    assert!(log.take().is_empty());
}

#[test]
fn a_result_of_an_option_may_change_abstain_or_fail() {
    let pm = manager();
    pm.register(Appends).unwrap();
    pm.register_fn("a", Specs::both, |args| Ok(Some(args.text + "a"))).unwrap();
    pm.register_fn("none", Specs::both, |_| Ok(None)).unwrap();
    let outcome: Result<String, String> = wait!(pm.caller(Specs::both).call("-".into()));
    assert_eq!(outcome, Ok("-a".into()));
    assert_eq!(wait!(pm.caller(Specs::both).call("x".into())), Ok("xpa".into()));
    assert_eq!(wait!(pm.caller(Specs::both).call(String::new())), Err("empty".into()));
    pm.register_fn("err", Specs::both, |args| Err(args.text)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::both).call("-".into())), Err("-a".into()));
}

#[test]
fn a_mutable_argument_is_edited_in_place() {
    let pm = manager();
    pm.register_fn("a", Specs::edit, |args| args.text.push('a')).unwrap();
    pm.register(Appends).unwrap();
    pm.register_fn("b", Specs::edit, |args| args.text.push('b')).unwrap();
    let mut text = String::from("-");
    let () = wait!(pm.caller(Specs::edit).call(&mut text));
    assert_eq!(text, "-apb");
}

#[test]
fn editing_in_place_may_fail() {
    let pm = manager();
    pm.register_fn("a", Specs::edit_fallible, |args| {
        args.text.push_str(args.by);
        Ok(())
    })
    .unwrap();
    pm.register(Appends).unwrap();
    pm.register_fn("err", Specs::edit_fallible, |_| Err("no".into())).unwrap();
    pm.register_fn("c", Specs::edit_fallible, |_| unreachable!("stopped before")).unwrap();
    let mut text = String::new();
    assert_eq!(wait!(pm.caller(Specs::edit_fallible).call(&mut text, "x")), Err("no".into()));
    assert_eq!(text, "xx");
    assert_eq!(wait!(pm.caller(Specs::edit_fallible).call(&mut text, "y")), Err("too long".into()));
    assert_eq!(text, "xxyy");
}

#[test]
fn another_argument_than_the_first_can_be_threaded() {
    let pm = manager();
    pm.register_fn("a", Specs::chosen, |args| args.second + 1).unwrap();
    pm.register(Appends).unwrap();
    pm.register_fn("b", Specs::chosen, |args| args.second * 10).unwrap();
    let lens = |args: &str| u32::try_from(args.len()).unwrap();
    pm.register_fn("c", Specs::chosen, move |args| args.second + lens(args.first) + lens(&args.third))
        .unwrap();
    assert_eq!(wait!(pm.caller(Specs::chosen).call("ab", 1, "xyz".into())), 45);
}

#[test]
fn a_value_that_carries_a_lifetime_is_threaded() {
    let pm = manager();
    pm.register_fn("push", Specs::borrowed, |args| {
        let mut data = args.data;
        data.words.push(args.extra);
        data
    })
    .unwrap();
    pm.register(Appends).unwrap();
    let text = String::from("one two");
    let data = Data { words: text.split(' ').collect() };
    let extra = String::from("three");
    assert_eq!(wait!(pm.caller(Specs::borrowed).call(data, &extra)).words, ["one", "two", "three", "t"]);
}
