//! Firstresult: extensions run until one answers.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, implement, wait};

#[extension_point]
trait Specs {
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str, urgent: bool) -> Option<String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Result<Option<u32>, String>;
    #[extension_point(firstresult)]
    fn lend<'a>(&self, from: &'a [String], prefix: &str) -> Option<&'a str>;
    #[extension_point(firstresult, fallible)]
    fn alias(&self) -> Found;
}

type Found = Result<Option<u32>, String>;

fn manager() -> Manager {
    let pm = Manager::new("first");
    pm.add_extension_points(Specs).unwrap();
    pm
}

struct Answer(&'static str, Option<&'static str>, Log);

implement! {
    #[extension]
    impl Specs for Answer {
        fn deliver(&self) -> Option<String> {
            self.2.push(self.0);
            self.1.map(str::to_owned)
        }
    }
}

fn answer(pm: &Manager, log: &Log, name: &'static str, answer: Option<&'static str>) {
    pm.register_as(name, Answer(name, answer, log.clone())).unwrap();
}

#[test]
fn the_first_some_is_the_outcome_and_later_extensions_do_not_run() {
    let (pm, log) = (manager(), Log::new());
    answer(&pm, &log, "a", None);
    answer(&pm, &log, "b", Some("b"));
    answer(&pm, &log, "c", Some("c"));
    let outcome: Option<String> = wait!(pm.caller(Specs::deliver).call("hi", true));
    assert_eq!(outcome.as_deref(), Some("b"));
    assert_eq!(log.line(), "a b");
}

#[test]
fn if_all_abstain_the_outcome_is_none() {
    let (pm, log) = (manager(), Log::new());
    assert_eq!(wait!(pm.caller(Specs::deliver).call("hi", true)), None);
    answer(&pm, &log, "a", None);
    assert_eq!(wait!(pm.caller(Specs::deliver).call("hi", true)), None);
    assert_eq!(log.line(), "a");
}

#[test]
fn a_falsy_answer_is_an_answer() {
    let (pm, log) = (manager(), Log::new());
    answer(&pm, &log, "empty", Some(""));
    answer(&pm, &log, "full", Some("full"));
    assert_eq!(wait!(pm.caller(Specs::deliver).call("hi", true)).as_deref(), Some(""));
    pm.register_fn("zero", Specs::find, |_| Ok(Some(0))).unwrap();
    pm.register_fn("one", Specs::find, |_| Ok(Some(1))).unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("k")), Ok(Some(0)));
}

#[test]
fn the_first_err_stops_the_call() {
    let pm = manager();
    pm.register_fn("none", Specs::find, |_| Ok(None)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("k")), Ok(None));
    pm.register_fn("err", Specs::find, |args| Err(format!("no {}", args.key))).unwrap();
    pm.register_fn("some", Specs::find, |_| Ok(Some(1))).unwrap();
    assert_eq!(wait!(pm.caller(Specs::find).call("k")), Err("no k".into()));
}

#[test]
fn an_answer_may_borrow_from_an_argument_and_outlive_the_others() {
    let pm = manager();
    pm.register_fn("prefix", Specs::lend, |args| {
        args.from.iter().map(String::as_str).find(|each| each.starts_with(args.prefix))
    })
    .unwrap();
    let lines = vec!["alpha".to_owned(), "beta".to_owned()];
    let found;
    {
        let prefix = String::from("b");
        found = wait!(pm.caller(Specs::lend).call(&lines, &prefix));
    }
    assert_eq!(found, Some("beta"));
}

#[test]
fn an_alias_of_a_result_of_an_option_works() {
    let pm = manager();
    pm.register_fn("none", Specs::alias, |_| Ok(None)).unwrap();
    pm.register_fn("some", Specs::alias, |_| Ok(Some(4))).unwrap();
    assert_eq!(wait!(pm.caller(Specs::alias).call()), Ok(Some(4)));
}
